//! Declares the core's types to UniFFI, as remote ones, from the core's own sources and with their documentation: what the core
//! declares is what Swift and Kotlin have. A type that can't cross doesn't compile.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use quote::{ToTokens, format_ident, quote};
use syn::{
    Attribute, Expr, Fields, GenericArgument, Ident, Item, ItemEnum, ItemStruct, PathArguments,
    Type, parse_quote,
};

use source::{Source, files, local_name};

mod source;

/// Named by the binding's sources, which let them cross in their own way.
const OTHERWISE: &[&str] = &["Code", "Error", "Query", "Step"];

fn main() -> Result<()> {
    let here = std::env::var("CARGO_MANIFEST_DIR")?;
    let (core, own) = (
        Path::new(&here).join("../core"),
        Path::new(&here).join("src"),
    );
    for watched in [&core, &own, &Path::new(&here).join("source.rs")] {
        println!("cargo::rerun-if-changed={}", watched.display());
    }
    let source = Source::read(&core)?;
    let mut writer = Writer {
        source: &source,
        seen: OTHERWISE.iter().map(|name| (*name).to_owned()).collect(),
        out: String::new(),
    };
    let mut named = BTreeSet::new();
    for path in files(&own)? {
        let text = fs::read_to_string(path)?;
        let code = text
            .lines()
            .filter(|line| !line.trim_start().starts_with("//"));
        let words = code.flat_map(|line| line.split(|c: char| !c.is_alphanumeric()));
        named.extend(words.map(str::to_owned));
        // What the binding declares itself, as a record or as a text or number, is that.
        let items = syn::parse_file(&text)?.items.into_iter();
        writer.seen.extend(items.filter_map(|item| match item {
            Item::Struct(item) => Some(item.ident.to_string()),
            Item::Enum(item) => Some(item.ident.to_string()),
            Item::Macro(item) => Some(item.mac.tokens.into_iter().next()?.to_string()),
            _ => None,
        }));
    }
    for name in named {
        writer.take(&name);
    }
    let to = Path::new(&std::env::var("OUT_DIR")?).join("remote.rs");
    fs::write(&to, writer.out).with_context(|| format!("cannot write {}", to.display()))
}

/// Writes what crosses: the core's types that are named, and all that these hold.
struct Writer<'a> {
    source: &'a Source,
    seen: BTreeSet<String>,
    out: String,
}

impl Writer<'_> {
    fn take(&mut self, name: &str) {
        let source = self.source;
        if !self.seen.insert(name.to_owned()) {
            return;
        }
        if let Some(item) = source.structs.get(name)
            && item.generics.params.is_empty()
        {
            self.record(&item.ident, item, None);
        } else if let Some(item) = source.enums.get(name)
            && item.generics.params.is_empty()
        {
            self.enumeration(item);
        }
    }

    /// The type by its name here, with `of` for a parameter; what it leads to crosses, too.
    fn ty(&mut self, ty: &Type, of: Option<&Type>) -> Type {
        let Type::Path(path) = ty else {
            return ty.clone();
        };
        let (Some(mut last), mut held) = (path.path.segments.last().cloned(), None) else {
            return ty.clone();
        };
        if let Some(of) = of.filter(|_| last.ident == "T") {
            return of.clone();
        }
        if let PathArguments::AngleBracketed(arguments) = &mut last.arguments {
            for argument in &mut arguments.args {
                if let GenericArgument::Type(inner) = argument {
                    *inner = self.ty(inner, of);
                    held = Some(inner.clone());
                }
            }
        }
        let plain: Type = parse_quote!(#last);
        let name = last.ident.to_string();
        let source = self.source;
        if let (Some(item), Some(held)) = (source.structs.get(&name), held) {
            // UniFFI has no generics: a record for each use.
            let name = format_ident!("{}", local_name(&plain));
            if self.seen.insert(name.to_string()) {
                self.write(&quote!(type #name = #plain;));
                self.record(&name, item, Some(&held));
            }
            return parse_quote!(#name);
        }
        self.take(&name);
        plain
    }

    fn record(&mut self, name: &Ident, item: &ItemStruct, of: Option<&Type>) {
        let is_derive = |attribute: &&Attribute| attribute.path().is_ident("derive");
        let mut derives = item.attrs.iter().filter(is_derive);
        let all = derives.any(|derive| derive.to_token_stream().to_string().contains("Default"));
        let mut fields = Vec::new();
        for field in &item.fields {
            let (doc, ident, ty) = (
                doc(self.source, &field.attrs),
                &field.ident,
                self.ty(&field.ty, of),
            );
            // What a caller need not say.
            let named = |name: &str| ident.as_ref().is_some_and(|ident| ident == name);
            let default: Option<Attribute> = match &*local_name(&ty) {
                // Whether others act too is for the caller to say.
                _ if named("exclusive_since") => None,
                "Extra" => Some(parse_quote!(#[uniffi(default)])),
                name if all || name.ends_with("Option") => Some(parse_quote!(#[uniffi(default)])),
                _ if field.attrs.iter().any(is_serde_default) => {
                    Some(parse_quote!(#[uniffi(default)]))
                }
                // As the core's `ExpiryRules::at` and `Assumptions::shared` have it.
                _ if named("max_years") => Some(parse_quote!(#[uniffi(default = 19)])),
                _ if named("clock_tolerance_ms") => Some(parse_quote!(#[uniffi(default = 300000)])),
                _ if named("trust_type") => Some(parse_quote!(#[uniffi(default = false)])),
                _ => None,
            };
            fields.push((quote!(#doc #default), ident, ty));
        }
        let doc = doc(self.source, &item.attrs);
        let declared = fields.iter().map(|(before, ident, ty)| {
            let ty = signed(ty);
            quote!(#before pub #ident: #ty)
        });
        let declared = quote!(#doc pub struct #name { #(#declared,)* });
        if !fields.iter().any(|(_, _, ty)| signed(ty) != *ty) {
            self.write(&quote!(#[uniffi::remote(Record)] #declared));
            return;
        }
        let names: Vec<_> = fields.iter().map(|(_, ident, _)| ident).collect();
        let crossing = fields
            .iter()
            .filter_map(|(_, ident, ty)| Some(crossing(ident.as_ref()?, ty)));
        let (out, back): (Vec<_>, Vec<_>) = crossing.unzip();
        self.write_signed(
            name,
            &quote!(#[derive(uniffi::Record)] #declared),
            &quote!(let super::#name { #(#names,)* } = value; Self { #(#names: #out,)* }),
            &quote!(let signed::#name { #(#names,)* } = value; Ok(Self { #(#names: #back,)* })),
        );
    }

    /// A type with unsigned numbers, of which Java has none: declared once more with signed ones, by which it crosses.
    fn write_signed(
        &mut self,
        name: &Ident,
        declared: &impl ToTokens,
        out: &impl ToTokens,
        back: &impl ToTokens,
    ) {
        let module = format_ident!("signed_{name}");
        self.write(&quote! {
            #[allow(non_snake_case, clippy::redundant_field_names)]
            mod #module {
                use super::*;
                #declared
                impl From<super::#name> for #name {
                    fn from(value: super::#name) -> Self { #out }
                }
            }
            #[allow(clippy::redundant_field_names)]
            impl TryFrom<#module::#name> for #name {
                type Error = BananaTechError;
                fn try_from(value: #module::#name) -> Result<Self, BananaTechError> {
                    use #module as signed;
                    #back
                }
            }
            crosses_as!(#name, #module::#name);
        });
    }

    fn enumeration(&mut self, item: &ItemEnum) {
        let (mut variants, mut out, mut back) = (vec![], vec![], vec![]);
        let (type_name, mut has_unsigned) = (&item.ident, false);
        for variant in &item.variants {
            let mut fields = Vec::new();
            let (mut names, mut outs, mut backs) = (vec![], vec![], vec![]);
            for (at, field) in variant.fields.iter().enumerate() {
                let (doc, name, ty) = (
                    doc(self.source, &field.attrs),
                    field.ident.iter(),
                    self.ty(&field.ty, None),
                );
                let declared = signed(&ty);
                has_unsigned |= declared != ty;
                fields.push(quote!(#doc #(#name:)* #declared));
                let local = field
                    .ident
                    .clone()
                    .unwrap_or_else(|| format_ident!("held{at}"));
                let (there, here) = crossing(&local, &ty);
                names.push(local);
                outs.push(there);
                backs.push(here);
            }
            let name = &variant.ident;
            let (pattern, there, here) = match variant.fields {
                Fields::Unit => (None, None, None),
                Fields::Unnamed(_) => (
                    Some(quote!((#(#names),*))),
                    Some(quote!((#(#outs),*))),
                    Some(quote!((#(#backs),*))),
                ),
                Fields::Named(_) => (
                    Some(quote!({ #(#names),* })),
                    Some(quote!({ #(#names: #outs),* })),
                    Some(quote!({ #(#names: #backs),* })),
                ),
            };
            out.push(quote!(super::#type_name::#name #pattern => Self::#name #there));
            back.push(quote!(signed::#type_name::#name #pattern => Self::#name #here));
            let fields = match variant.fields {
                Fields::Unit => None,
                Fields::Unnamed(_) => Some(quote!((#(#fields),*))),
                Fields::Named(_) => Some(quote!({ #(#fields),* })),
            };
            let (doc, name) = (doc(self.source, &variant.attrs), &variant.ident);
            variants.push(quote!(#doc #name #fields));
        }
        if self.source.open.contains(&item.ident.to_string()) {
            variants.push(quote!(
                #[doc = "Another word, as it came."]
                Other(String)
            ));
        }
        let (doc, name) = (doc(self.source, &item.attrs), &item.ident);
        let declared = quote!(#doc pub enum #name { #(#variants,)* });
        if has_unsigned {
            self.write_signed(
                name,
                &quote!(#[derive(uniffi::Enum)] #declared),
                &quote!(match value { #(#out,)* }),
                &quote!(Ok(match value { #(#back,)* })),
            );
        } else {
            self.write(&quote!(#[uniffi::remote(Enum)] #declared));
        }
    }

    fn write(&mut self, item: &impl ToTokens) {
        self.out += &item.to_token_stream().to_string();
        self.out.push('\n');
    }
}

/// The signed number in an unsigned one's place; any other type as it is.
fn signed(ty: &Type) -> Type {
    match &*ty.to_token_stream().to_string() {
        "u8" | "u16" => parse_quote!(i32),
        "u32" | "u64" => parse_quote!(i64),
        "Option < u8 >" | "Option < u16 >" => parse_quote!(Option<i32>),
        "Option < u32 >" | "Option < u64 >" => parse_quote!(Option<i64>),
        _ => ty.clone(),
    }
}

/// What becomes of a value of a type on the way out, and on the way in.
fn crossing(name: &Ident, ty: &Type) -> (Expr, Expr) {
    if signed(ty) == *ty {
        (parse_quote!(#name), parse_quote!(#name))
    } else {
        let field = name.to_string();
        (
            parse_quote!(Unsigned::signed(#name)),
            parse_quote!(Unsigned::of(#name, #field)?),
        )
    }
}

/// Whether it is `#[serde(default)]`: what isn't said, as in JSON.
fn is_serde_default(attribute: &Attribute) -> bool {
    let list = attribute.meta.require_list();
    list.is_ok_and(|list| list.path.is_ident("serde") && list.tokens.to_string() == "default")
}

fn doc(source: &Source, attributes: &[Attribute]) -> Option<Attribute> {
    let text = source.docs(attributes);
    (!text.is_empty()).then(|| parse_quote!(#[doc = #text]))
}
