//! Reads what the core's sources declare: for `build.rs`, and for the generator of the Kotlin and Swift sources.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use quote::quote;
use syn::parse::{Parse, ParseStream};
use syn::punctuated::Punctuated;
use syn::{
    Attribute, Expr, Fields, GenericArgument, Ident, Item, ItemEnum, ItemStruct, Lit, LitStr,
    PathArguments, Token, Type, Visibility, parse_quote,
};

/// The core's public types. The words that stand for an enum's variants are their discriminants.
#[derive(Default)]
pub(crate) struct Source {
    pub(crate) structs: BTreeMap<String, ItemStruct>,
    pub(crate) enums: BTreeMap<String, ItemEnum>,
    /// The enums of words that may grow.
    pub(crate) open: BTreeSet<String>,
    /// The names of fields, as they are in Rust.
    fields: BTreeSet<String>,
}

impl Source {
    /// Reads all sources of the core, whose folder is given, and of its fields. An error names the file.
    pub(crate) fn read(core: &Path) -> Result<Self> {
        let mut source = Self::default();
        for folder in ["src", "fields/src"] {
            for path in files(&core.join(folder))? {
                source
                    .add(&fs::read_to_string(&path)?)
                    .with_context(|| format!("cannot read {}", path.display()))?;
            }
        }
        Ok(source)
    }

    fn add(&mut self, text: &str) -> syn::Result<()> {
        for item in syn::parse_file(text)?.items {
            match item {
                Item::Struct(item) => {
                    let fields = item.fields.iter().map(|field| &field.vis);
                    if all_public(fields.chain([&item.vis])) {
                        self.add_fields(&item.fields);
                        self.structs.insert(item.ident.to_string(), item);
                    }
                }
                Item::Enum(item) => self.add_enum(item),
                Item::Macro(item) if item.mac.path.is_ident("api_words") => {
                    let words: ItemEnum = item.mac.parse_body()?;
                    self.open.insert(words.ident.to_string());
                    self.add_enum(words);
                }
                Item::Macro(item) if item.mac.path.is_ident("codes") => {
                    let codes = item.mac.tokens;
                    self.add_enum(parse_quote!(pub enum Code { #codes }));
                }
                Item::Macro(item) if item.mac.path.is_ident("operations") => {
                    self.add_operations(&item.mac.parse_body::<Operations>()?.0);
                }
                _ => {}
            }
        }
        Ok(())
    }

    fn add_enum(&mut self, item: ItemEnum) {
        if all_public([&item.vis]) {
            for variant in &item.variants {
                self.add_fields(&variant.fields);
            }
            self.enums.insert(item.ident.to_string(), item);
        }
    }

    fn add_fields(&mut self, fields: &Fields) {
        let names = fields.iter().filter_map(|field| field.ident.as_ref());
        self.fields.extend(names.map(Ident::to_string));
    }

    /// The documentation as it is true in every language. Fields, and what is named with its type, are called as they are in Swift and
    /// Kotlin: `ask_at` is `askAt` there. Codes and the API's words stay.
    pub(crate) fn docs(&self, attributes: &[Attribute]) -> String {
        let text = docs(attributes);
        let parts = text.split('`').enumerate().map(|(at, part)| {
            let (of, name) = part.rsplit_once('.').unwrap_or(("", part));
            let is_typed = of.starts_with(|first: char| first.is_ascii_uppercase());
            let is_field = of.is_empty() && self.fields.contains(name);
            if at % 2 == 1 && (is_typed || is_field) {
                camel(part)
            } else {
                part.to_owned()
            }
        });
        parts.collect::<Vec<_>>().join("`")
    }

    fn add_operations(&mut self, all: &[Operation]) {
        let (mut kinds, mut operations, mut responses) = (vec![], vec![], vec![]);
        for Operation {
            docs,
            name,
            text,
            response,
        } in all
        {
            kinds.push(quote!(#(#docs)* #name = #text));
            operations.push(quote!(#(#docs)* #name(#name)));
            responses.push(quote!(#(#docs)* #name(#response)));
        }
        self.add_enum(parse_quote! {
            /// Which operation.
            pub enum OperationKind { #(#kinds,)* }
        });
        self.add_enum(parse_quote! {
            /// Any of the operations.
            pub enum AnyOperation { #(#operations,)* }
        });
        self.add_enum(parse_quote! {
            /// What the answer to any of the operations holds.
            pub enum AnyResponse { #(#responses,)* }
        });
    }
}

fn all_public<'a>(visibilities: impl IntoIterator<Item = &'a Visibility>) -> bool {
    visibilities
        .into_iter()
        .all(|visibility| matches!(visibility, Visibility::Public(_)))
}

/// The Rust sources in a folder and those below.
pub(crate) fn files(folder: &Path) -> Result<BTreeSet<PathBuf>> {
    let mut all = BTreeSet::new();
    let entries = fs::read_dir(folder);
    for entry in entries.with_context(|| format!("cannot read {}", folder.display()))? {
        let path = entry?.path();
        if path.is_dir() {
            all.extend(files(&path)?);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            all.insert(path);
        }
    }
    Ok(all)
}

/// A type's name where there are no generics: a `Page<Transaction>` is a `TransactionPage`.
pub(crate) fn local_name(ty: &Type) -> String {
    let Type::Path(path) = ty else {
        return String::new();
    };
    path.path.segments.last().map_or_else(String::new, |last| {
        let of = match &last.arguments {
            PathArguments::AngleBracketed(arguments) => arguments.args.iter().collect(),
            _ => vec![],
        };
        let of = of.into_iter().map(|argument| match argument {
            GenericArgument::Type(ty) => local_name(ty),
            _ => String::new(),
        });
        of.collect::<String>() + &last.ident.to_string()
    })
}

/// `lowerCamelCase` of `snake_case`; what has no underscores stays.
fn camel(name: &str) -> String {
    let mut parts = name.split('_');
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |name, part| {
        let (start, rest) = part.split_at(part.len().min(1));
        name + &start.to_ascii_uppercase() + rest
    })
}

/// The documentation as it is true in every language: without code, without sections that have a heading, links as plain words.
fn docs(attributes: &[Attribute]) -> String {
    let mut lines = Vec::new();
    let mut in_code = false;
    for attribute in attributes {
        let syn::Meta::NameValue(meta) = &attribute.meta else {
            continue;
        };
        let (true, Expr::Lit(literal)) = (meta.path.is_ident("doc"), &meta.value) else {
            continue;
        };
        let Lit::Str(text) = &literal.lit else {
            continue;
        };
        let text = text.value();
        let line = text.strip_prefix(' ').unwrap_or(&text);
        if line.starts_with("```") {
            in_code = !in_code;
        } else if !in_code && line.starts_with("# ") {
            break;
        } else if !in_code {
            lines.push(line.to_owned());
        }
    }
    unlinked(lines.join("\n").trim())
}

/// ``[`label`]`` and `[label](target)` become `label`.
fn unlinked(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, from)) = rest.split_once('[') {
        out.push_str(before);
        let (label, after) = from.split_once(']').unwrap_or((from, ""));
        let target = after
            .strip_prefix('(')
            .and_then(|target| target.split_once(')'));
        if target.is_some() || (label.starts_with('`') && label.ends_with('`')) {
            out.push_str(&label.replace("::", "."));
            rest = target.map_or(after, |(_, after)| after);
        } else {
            out.push('[');
            rest = from;
        }
    }
    out + rest
}

/// An entry of `operations!`: `Name: group, "text", "path", Certainty, Response`.
struct Operation {
    docs: Vec<Attribute>,
    name: Ident,
    text: LitStr,
    response: Type,
}

impl Parse for Operation {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let docs = input.call(Attribute::parse_outer)?;
        let name = input.parse()?;
        input.parse::<Token![:]>()?;
        input.parse::<Ident>()?;
        input.parse::<Token![,]>()?;
        let text = input.parse()?;
        input.parse::<Token![,]>()?;
        input.parse::<LitStr>()?;
        input.parse::<Token![,]>()?;
        input.parse::<Ident>()?;
        input.parse::<Token![,]>()?;
        let response = input.parse()?;
        Ok(Self {
            docs,
            name,
            text,
            response,
        })
    }
}

struct Operations(Vec<Operation>);

impl Parse for Operations {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let entries = Punctuated::<_, Token![;]>::parse_terminated(input)?;
        Ok(Self(entries.into_iter().collect()))
    }
}
