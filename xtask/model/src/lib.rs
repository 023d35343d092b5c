//! What the core's sources declare: its objects, words, operations and codes, with their documentation. The bindings are
//! generated from it, so that nothing of the core has to be written down again.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail, ensure};
use syn::parse::{Parse, ParseStream};
use syn::{Attribute, Expr, Fields, GenericArgument, Ident, Item, Lit, LitStr, Pat, Token, Type};

/// Text of documentation: lines, without code.
pub type Docs = String;

/// `object!`, or a struct like it.
pub struct Object {
    /// Its name.
    pub name: String,
    /// What it says of itself.
    pub docs: Docs,
    /// Whether it leaves the core.
    pub public: bool,
    /// Its type parameters.
    pub generics: Vec<String>,
    /// Whether it keeps fields that it doesn't know, in `extra`.
    pub open: bool,
    /// The fields, `extra` aside.
    pub fields: Vec<Field>,
}

/// A field of an object.
pub struct Field {
    /// Its name in JSON.
    pub name: String,
    /// Its name in Rust.
    pub ident: String,
    /// What it says of itself.
    pub docs: Docs,
    /// Its type.
    pub ty: Type,
    /// Whether it is left as it came when it isn't of that type.
    pub guess: bool,
}

/// `words!`, or an enum like it: variants with their words.
pub struct Words {
    /// Its name.
    pub name: String,
    /// What it says of itself.
    pub docs: Docs,
    /// The words.
    pub variants: Vec<Word>,
}

/// A name of the source's, what it says of it, and the text that stands for it.
pub struct Word {
    /// Its name in Rust.
    pub name: String,
    /// What it says of itself.
    pub docs: Docs,
    /// The text.
    pub text: String,
}

/// An entry of `operations!`.
pub struct Operation {
    /// Its name in Rust.
    pub name: String,
    /// What it says of itself.
    pub docs: Docs,
    /// What it is an operation on.
    pub group: String,
    /// Its name for people: `card.recharge`.
    pub text: String,
    /// What its answer holds.
    pub response: Type,
}

impl Operation {
    /// The name of the page that its answer is, and of the records on it, if its answer comes in pages.
    pub fn page(&self) -> Option<(String, String)> {
        match type_names(&self.response).as_slice() {
            [page, record] if page == "Page" => Some((format!("{record}Page"), record.clone())),
            _ => None,
        }
    }

    /// The name of what its answer holds, where there are no generics.
    pub fn response_name(&self) -> String {
        match self.page() {
            Some((page, _)) => page,
            None => type_names(&self.response).remove(0),
        }
    }
}

/// An enum that isn't one of `words!`.
pub struct Enum {
    /// What it says of itself.
    pub docs: Docs,
    /// The variants.
    pub variants: Vec<Variant>,
}

/// A variant of an enum.
pub struct Variant {
    /// Its name.
    pub name: String,
    /// What it says of itself.
    pub docs: Docs,
    /// Its fields; without names in a tuple.
    pub fields: Vec<Field>,
}

/// A method: what it says, what it returns, and its body.
pub struct Method {
    /// What it says of itself.
    pub docs: Docs,
    /// What it returns.
    pub output: Option<Type>,
    /// Its body.
    pub block: syn::Block,
}

/// What stands in the bindings for a method that documentation speaks of.
const FUNCTIONS: &[(&str, &str)] = &[("CardTemplate::check_recharge", "checkTemplate")];

/// What the core's sources say.
#[derive(Default)]
pub struct Core {
    /// What `object!` declares.
    pub objects: Vec<Object>,
    /// What `words!` declares.
    pub words: Vec<Words>,
    /// What `ids!` declares.
    pub ids: Vec<Word>,
    /// What `operations!` declares.
    pub operations: Vec<Operation>,
    /// What `codes!` declares.
    pub codes: Vec<Word>,
    /// What `paged!` declares: the request, and its record.
    pub paged: Vec<(String, Type)>,
    /// All other enums.
    pub enums: BTreeMap<String, Enum>,
    /// All other structs.
    pub structs: BTreeMap<String, Object>,
    /// Methods, by type and name.
    pub methods: BTreeMap<(String, String), Method>,
}

impl Core {
    /// Reads all sources of the core, whose folder is given, and of its fields. An error names the file.
    pub fn read(core: &Path) -> Result<Self> {
        let mut paths = Vec::new();
        for folder in ["src", "fields/src"] {
            sources(&core.join(folder), &mut paths)?;
        }
        let mut core = Self::default();
        for path in paths {
            let text = fs::read_to_string(&path)?;
            core.add(&text)
                .with_context(|| format!("cannot read {}", path.display()))?;
        }
        Ok(core)
    }

    /// Takes one source file in.
    pub fn add(&mut self, text: &str) -> Result<()> {
        for item in syn::parse_file(text)?.items {
            match item {
                Item::Macro(item) => self.add_macro(&item.mac)?,
                Item::Struct(item) => {
                    let object = plain_struct(&item);
                    self.structs.insert(object.name.clone(), object);
                }
                Item::Enum(item) => {
                    let variants = item.variants.iter().map(|variant| Variant {
                        name: variant.ident.to_string(),
                        docs: docs(&variant.attrs),
                        fields: plain_fields(&variant.fields),
                    });
                    let found = Enum {
                        docs: docs(&item.attrs),
                        variants: variants.collect(),
                    };
                    self.enums.insert(item.ident.to_string(), found);
                }
                Item::Impl(item) => {
                    let Some(owner) = last_segment(&item.self_ty) else {
                        continue;
                    };
                    for item in &item.items {
                        let syn::ImplItem::Fn(method) = item else {
                            continue;
                        };
                        let output = match &method.sig.output {
                            syn::ReturnType::Default => None,
                            syn::ReturnType::Type(_, ty) => Some((**ty).clone()),
                        };
                        let found = Method {
                            docs: docs(&method.attrs),
                            output,
                            block: method.block.clone(),
                        };
                        self.methods
                            .insert((owner.clone(), method.sig.ident.to_string()), found);
                    }
                }
                _ => {}
            }
        }
        Ok(())
    }

    fn add_macro(&mut self, mac: &syn::Macro) -> Result<()> {
        let Some(name) = mac.path.segments.last() else {
            return Ok(());
        };
        match name.ident.to_string().as_str() {
            "object" => self.objects.push(mac.parse_body()?),
            "words" => self.words.push(mac.parse_body()?),
            "ids" => self.ids.extend(mac.parse_body::<Many<Word>>()?.0),
            "codes" => self.codes.extend(mac.parse_body::<Many<Word>>()?.0),
            "operations" => self.operations.extend(mac.parse_body::<Many<_>>()?.0),
            "paged" => {
                let entries = mac.parse_body::<Many<Paged>>()?.0;
                self.paged
                    .extend(entries.into_iter().map(|entry| (entry.0, entry.1)));
            }
            _ => {}
        }
        Ok(())
    }

    /// The object of that name.
    pub fn object(&self, name: &str) -> Option<&Object> {
        self.objects.iter().find(|object| object.name == name)
    }

    /// The enum of that name that isn't one of `words!`. An error says that there is none.
    pub fn enumeration(&self, name: &str) -> Result<&Enum> {
        self.enums
            .get(name)
            .with_context(|| format!("the core has no enum `{name}`"))
    }

    /// Documentation for a reader who doesn't see the core: its links are plain words, its codes and words the text that
    /// stands for them.
    pub fn plain(&self, docs: &str) -> String {
        let mut out = String::with_capacity(docs.len());
        let mut rest = docs;
        while let Some(at) = rest.find(['`', '[']) {
            let (before, from) = rest.split_at(at);
            out.push_str(before);
            if let Some((label, after)) = link(from) {
                out.push_str(&self.plain_label(label));
                rest = after;
            } else {
                // A bracket that is no link, or code up to its end.
                let end = match from.strip_prefix('`').and_then(|code| code.find('`')) {
                    Some(end) => end + 2,
                    None => 1,
                };
                out.push_str(&from[..end]);
                rest = &from[end..];
            }
        }
        out.push_str(rest);
        out
    }

    fn plain_label(&self, label: &str) -> String {
        let Some(path) = label
            .strip_prefix('`')
            .and_then(|label| label.strip_suffix('`'))
        else {
            return label.to_owned();
        };
        if let Some((_, function)) = FUNCTIONS.iter().find(|(method, _)| *method == path) {
            return format!("`{function}`");
        }
        let Some((owner, name)) = path.rsplit_once("::") else {
            return format!("`{path}`");
        };
        let mut words = self.codes.iter().filter(|_| owner == "Code").chain(
            self.words
                .iter()
                .filter(|words| words.name == owner)
                .flat_map(|words| &words.variants),
        );
        match words.find(|word| word.name == name) {
            Some(word) => format!("`{}`", word.text),
            // A variant, which is written otherwise in each language.
            None if name.starts_with(char::is_uppercase) => format!("`{}`", snake(name)),
            None => format!("`{owner}.{}`", camel(name)),
        }
    }

    /// Whether an event confirms an operation.
    pub fn confirmed(&self, operation: &Operation) -> bool {
        let method = (operation.name.clone(), "confirmed_by".to_owned());
        self.methods.contains_key(&method)
    }

    /// The groups of operations, in the order that they come.
    pub fn groups(&self) -> Vec<String> {
        let mut groups: Vec<String> = Vec::new();
        for operation in &self.operations {
            if !groups.contains(&operation.group) {
                groups.push(operation.group.clone());
            }
        }
        groups
    }

    /// An enum whose values are words: those of its `as_str`, or else its variants' names in snake_case.
    pub fn word_enum(&self, name: &str) -> Result<Words> {
        let found = self.enumeration(name)?;
        let texts = match self.methods.get(&(name.to_owned(), "as_str".to_owned())) {
            Some(method) => arms(&method.block),
            None => found
                .variants
                .iter()
                .map(|variant| (vec![variant.name.clone()], snake(&variant.name)))
                .collect(),
        };
        let mut variants = Vec::new();
        for (path, text) in texts {
            // `UpdateStatus(Alter::Lock)` says in `Alter` what it is.
            let (owner, variant) = match path.as_slice() {
                [variant] => (found, variant),
                [_, inner, variant] => (self.enumeration(inner)?, variant),
                _ => bail!("`{name}::as_str` has a pattern that isn't understood"),
            };
            let described = owner.variants.iter().find(|known| known.name == *variant);
            variants.push(Word {
                name: path.concat(),
                docs: described
                    .with_context(|| format!("`{name}` has no `{variant}`"))?
                    .docs
                    .clone(),
                text,
            });
        }
        ensure!(
            variants.len() >= found.variants.len(),
            "`{name}::as_str` doesn't tell all words"
        );
        Ok(Words {
            name: name.to_owned(),
            docs: found.docs.clone(),
            variants,
        })
    }
}

fn sources(folder: &Path, paths: &mut Vec<PathBuf>) -> Result<()> {
    let entries = fs::read_dir(folder)
        .with_context(|| format!("cannot read {}", folder.display()))?
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<std::io::Result<BTreeSet<_>>>()?;
    for path in entries {
        if path.is_dir() {
            sources(&path, paths)?;
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            paths.push(path);
        }
    }
    Ok(())
}

/// A path's last name.
pub fn last_segment(ty: &Type) -> Option<String> {
    match ty {
        Type::Path(path) => path
            .path
            .segments
            .last()
            .map(|segment| segment.ident.to_string()),
        _ => None,
    }
}

fn plain_struct(item: &syn::ItemStruct) -> Object {
    let mut fields = plain_fields(&item.fields);
    let before = fields.len();
    // What is flattened into the object.
    fields.retain(|field| last_segment(&field.ty).as_deref() != Some("Extra"));
    Object {
        name: item.ident.to_string(),
        docs: docs(&item.attrs),
        public: matches!(item.vis, syn::Visibility::Public(_)),
        generics: item
            .generics
            .type_params()
            .map(|param| param.ident.to_string())
            .collect(),
        open: fields.len() < before,
        fields,
    }
}

fn plain_fields(fields: &Fields) -> Vec<Field> {
    fields
        .iter()
        .map(|field| Field {
            name: field
                .ident
                .as_ref()
                .map(Ident::to_string)
                .unwrap_or_default(),
            ident: field
                .ident
                .as_ref()
                .map(Ident::to_string)
                .unwrap_or_default(),
            docs: docs(&field.attrs),
            ty: field.ty.clone(),
            guess: false,
        })
        .collect()
}

/// The words of a `match self { Self::A => "a", … }`, each with the names in its pattern.
fn arms(block: &syn::Block) -> Vec<(Vec<String>, String)> {
    let Some(syn::Stmt::Expr(Expr::Match(found), _)) = block.stmts.last() else {
        return Vec::new();
    };
    found
        .arms
        .iter()
        .filter_map(|arm| match &*arm.body {
            Expr::Lit(literal) => match &literal.lit {
                Lit::Str(text) => Some((names(&arm.pat), text.value())),
                _ => None,
            },
            _ => None,
        })
        .collect()
}

/// The names in a pattern, `Self` aside.
fn names(pattern: &Pat) -> Vec<String> {
    let path = |path: &syn::Path| -> Vec<String> {
        let names = path
            .segments
            .iter()
            .map(|segment| segment.ident.to_string());
        names.filter(|name| name != "Self").collect()
    };
    match pattern {
        Pat::Path(found) => path(&found.path),
        Pat::TupleStruct(found) => {
            let mut all = path(&found.path);
            all.extend(found.elems.iter().flat_map(names));
            all
        }
        _ => Vec::new(),
    }
}

/// A link at the start of a text: its label, and what follows it.
fn link(text: &str) -> Option<(&str, &str)> {
    let (label, after) = text.strip_prefix('[')?.split_once(']')?;
    match after.strip_prefix('(') {
        Some(target) => Some((label, target.split_once(')')?.1)),
        None => label.starts_with('`').then_some((label, after)),
    }
}

/// The documentation, without its code.
pub fn docs(attributes: &[Attribute]) -> Docs {
    let mut lines: Vec<String> = Vec::new();
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
        let line = text.strip_prefix(' ').unwrap_or(&text).trim_end();
        if line.trim_start().starts_with("```") {
            in_code = !in_code;
        } else if !in_code
            && (!line.is_empty() || lines.last().is_some_and(|last| !last.is_empty()))
        {
            lines.push(line.to_owned());
        }
    }
    lines.join("\n").trim_end().to_owned()
}

impl Parse for Object {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let mode: Ident = input.parse()?;
        let attributes = input.call(Attribute::parse_outer)?;
        let visibility: syn::Visibility = input.parse()?;
        input.parse::<Token![struct]>()?;
        let name: Ident = input.parse()?;
        let content;
        syn::braced!(content in input);
        Ok(Self {
            name: name.to_string(),
            docs: docs(&attributes),
            public: matches!(visibility, syn::Visibility::Public(_)),
            generics: Vec::new(),
            open: match mode.to_string().as_str() {
                "open" => true,
                "closed" => false,
                _ => return Err(syn::Error::new(mode.span(), "neither open nor closed")),
            },
            fields: Many::parse(&content)?.0,
        })
    }
}

impl Parse for Field {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let attributes = input.call(Attribute::parse_outer)?;
        input.parse::<syn::Visibility>()?;
        let name: Ident = input.parse()?;
        let mut wire = name.to_string();
        if input.peek(syn::token::Paren) {
            let content;
            syn::parenthesized!(content in input);
            wire = content.parse::<LitStr>()?.value();
        }
        input.parse::<Token![:]>()?;
        let ty = input.parse()?;
        let mut guess = false;
        if input.peek(Token![=]) {
            input.parse::<Token![=]>()?;
            let how: Ident = input.parse()?;
            match how.to_string().as_str() {
                "guess" => guess = true,
                // An amount in a request: the type says what is taken.
                "given" | "given_or_none" => {}
                _ => return Err(syn::Error::new(how.span(), "not known how this crosses")),
            }
        }
        Ok(Self {
            name: wire,
            ident: name.to_string(),
            docs: docs(&attributes),
            ty,
            guess,
        })
    }
}

impl Parse for Words {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let attributes = input.call(Attribute::parse_outer)?;
        input.parse::<syn::Visibility>()?;
        input.parse::<Token![enum]>()?;
        let name: Ident = input.parse()?;
        let content;
        syn::braced!(content in input);
        Ok(Self {
            name: name.to_string(),
            docs: docs(&attributes),
            variants: Many::parse(&content)?.0,
        })
    }
}

/// `Name = "text"`.
impl Parse for Word {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let attributes = input.call(Attribute::parse_outer)?;
        let name: Ident = input.parse()?;
        input.parse::<Token![=]>()?;
        Ok(Self {
            name: name.to_string(),
            docs: docs(&attributes),
            text: input.parse::<LitStr>()?.value(),
        })
    }
}

/// `Name: group, "text", "path", Certainty, Response`.
impl Parse for Operation {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let attributes = input.call(Attribute::parse_outer)?;
        let name: Ident = input.parse()?;
        input.parse::<Token![:]>()?;
        let group: Ident = input.parse()?;
        input.parse::<Token![,]>()?;
        let text: LitStr = input.parse()?;
        input.parse::<Token![,]>()?;
        input.parse::<LitStr>()?;
        input.parse::<Token![,]>()?;
        input.parse::<Ident>()?;
        input.parse::<Token![,]>()?;
        Ok(Self {
            name: name.to_string(),
            docs: docs(&attributes),
            group: group.to_string(),
            text: text.value(),
            response: input.parse()?,
        })
    }
}

/// `Request of Record`.
struct Paged(String, Type);

impl Parse for Paged {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let name: Ident = input.parse()?;
        let of: Ident = input.parse()?;
        if of != "of" {
            return Err(syn::Error::new(of.span(), "expected `of`"));
        }
        Ok(Self(name.to_string(), input.parse()?))
    }
}

/// Entries with a comma or semicolon after each but perhaps the last.
struct Many<T>(Vec<T>);

impl<T: Parse> Parse for Many<T> {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let mut all = Vec::new();
        while !input.is_empty() {
            all.push(input.parse()?);
            if input.peek(Token![,]) {
                input.parse::<Token![,]>()?;
            } else if !input.is_empty() {
                input.parse::<Token![;]>()?;
            }
        }
        Ok(Self(all))
    }
}

/// With a capital first letter.
pub fn capital(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map_or_else(String::new, |first| {
        first.to_uppercase().chain(letters).collect()
    })
}

/// With a small first letter.
pub fn lower(name: &str) -> String {
    let mut letters = name.chars();
    letters.next().map_or_else(String::new, |first| {
        first.to_lowercase().chain(letters).collect()
    })
}

/// `snake_case` of `CamelCase`.
pub fn snake(name: &str) -> String {
    let mut out = String::new();
    for (at, letter) in name.chars().enumerate() {
        if letter.is_ascii_uppercase() && at > 0 {
            out.push('_');
        }
        out.push(letter.to_ascii_lowercase());
    }
    out
}

/// `camelCase` of `snake_case`.
pub fn camel(name: &str) -> String {
    let mut words = name.split('_');
    let first = words.next().unwrap_or_default().to_owned();
    words.fold(first, |name, word| name + &capital(word))
}

/// All names in a type.
pub fn type_names(ty: &Type) -> Vec<String> {
    let mut names = Vec::new();
    if let Type::Path(path) = ty
        && let Some(segment) = path.path.segments.last()
    {
        names.push(segment.ident.to_string());
        if let syn::PathArguments::AngleBracketed(arguments) = &segment.arguments {
            for argument in &arguments.args {
                if let GenericArgument::Type(inner) = argument {
                    names.extend(type_names(inner));
                }
            }
        }
    }
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_in_documentation_is_left_out() {
        let item: syn::ItemStruct = syn::parse_str(
            "/// One.\n///\n/// ```\n/// let a = 1;\n/// ```\n///\n/// Two.\nstruct A;",
        )
        .unwrap();
        assert_eq!(docs(&item.attrs), "One.\n\nTwo.");
    }

    #[test]
    fn links_become_words() {
        let mut core = Core::default();
        core.add(
            r#"codes! { PinLength = "pin.length", } words! { pub enum Status { Done = "DONE", } }"#,
        )
        .unwrap();
        for (docs, plain) in [
            (
                "see [`Code::PinLength`](crate::Code::PinLength).",
                "see `pin.length`.",
            ),
            ("[`Status::Done`] is", "`DONE` is"),
            ("[`Registered`] only", "`Registered` only"),
            ("[`Alter::confirmed_by`]", "`Alter.confirmedBy`"),
            ("[pending](PendingOperations)", "pending"),
            (
                "`{\"data\": […]}`, [1] and `a",
                "`{\"data\": […]}`, [1] and `a",
            ),
        ] {
            assert_eq!(core.plain(docs), plain);
        }
    }
}
