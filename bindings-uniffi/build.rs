//! Declares the core's types to UniFFI, as remote ones, with the core's documentation: what the core's sources declare is
//! what Swift and Kotlin have.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use bananatech_model::{Core, Field, Operation, type_names};
use quote::ToTokens;

/// Enums that cross as they are, beside those of `words!`.
const ENUMS: &[&str] = &[
    "Alter",
    "Brand",
    "CardAction",
    "Event",
    "Fee",
    "Fold",
    "Freshness",
    "KeyCodec",
    "Luhn",
    "Novelty",
    "Outcome",
    "PendingKind",
    "RejectionMeaning",
    "Settlement",
];

/// Structs that cross as they are, beside those of `object!`.
const STRUCTS: &[&str] = &[
    "CardTemplates",
    "Charge",
    "SettledOperation",
    "TimeWindow",
    "UnknownEvent",
];

/// Objects that cross otherwise: `values.rs` has them.
const BY_HAND: &[&str] = &["CardState"];

/// What is said for Rust, and how it is said here. Each has to be found, so that none outlives what it was for.
const REPHRASED: &[(&str, &str)] = &[
    (
        "wait for the event that\n[`Alter::confirmed_by`] names.",
        "wait for `CARD_ACTIVATE_RESULT`, `CARD_STATUS_CHANGE` (to lock or unlock) or `CARD_CLOSE_RESULT`.",
    ),
    (
        "[`CardTemplate::check_recharge`](crate::operations::merchant::CardTemplate::check_recharge)",
        "`checkTemplate`",
    ),
    ("When, in milliseconds since 1970.", "When it happened."),
    (" To go through all pages, see [`Pages`](crate::Pages).", ""),
    (
        "\n\nAs JSON it is `{\"kind\": \"settled\", \"operations\": […]}`, and so on.",
        "",
    ),
    (
        "\n\nAs JSON it is `{\"kind\": \"succeeded\", \"card_id\": …}` or `{\"kind\": \"failed\", \"reason\": …}`.",
        "",
    ),
];

fn main() -> Result<()> {
    let core_src = PathBuf::from(std::env::var("CARGO_MANIFEST_DIR")?).join("../core/src");
    println!("cargo::rerun-if-changed={}", core_src.display());
    let to = Path::new(&std::env::var("OUT_DIR")?).join("remote.rs");
    let text = Writer::new(&Core::read(&core_src)?).write()?;
    fs::write(&to, text).with_context(|| format!("cannot write {}", to.display()))
}

struct Writer<'a> {
    core: &'a Core,
    rephrased: BTreeSet<&'static str>,
    out: String,
}

impl<'a> Writer<'a> {
    fn new(core: &'a Core) -> Self {
        Self {
            core,
            rephrased: BTreeSet::new(),
            out: String::new(),
        }
    }

    fn write(mut self) -> Result<String> {
        let core = self.core;
        for words in &core.words {
            self.begin("Enum", &words.docs);
            let _ = writeln!(self.out, "pub enum {} {{", words.name);
            for word in &words.variants {
                self.docs(&word.docs);
                let _ = writeln!(self.out, "{},", word.name);
            }
            self.out
                .push_str("/// Another word, as it came.\nOther(String),\n}\n");
        }
        for name in ENUMS {
            self.enumeration(name)?;
        }
        for object in &core.objects {
            if object.public && !BY_HAND.contains(&object.name.as_str()) {
                self.record(&object.name, &object.docs, &object.fields, object.open);
            }
        }
        for name in STRUCTS {
            let object = core
                .structs
                .get(*name)
                .with_context(|| format!("the core has no struct `{name}`"))?;
            self.record(name, &object.docs, &object.fields, object.open);
        }
        self.pages()?;
        self.operations();
        for (rust, _) in REPHRASED {
            anyhow::ensure!(self.rephrased.contains(rust), "nothing says `{rust}`");
        }
        Ok(self.out)
    }

    fn begin(&mut self, kind: &str, docs: &str) {
        let _ = writeln!(self.out, "#[uniffi::remote({kind})]");
        self.docs(docs);
    }

    fn docs(&mut self, docs: &str) {
        let mut docs = docs.to_owned();
        for (rust, here) in REPHRASED {
            if docs.contains(rust) {
                docs = docs.replace(rust, here);
                self.rephrased.insert(rust);
            }
        }
        for line in self.core.plain(&docs).lines() {
            let _ = writeln!(self.out, "/// {line}");
        }
    }

    fn enumeration(&mut self, name: &str) -> Result<()> {
        let found = self.core.enumeration(name)?;
        self.begin("Enum", &found.docs);
        let _ = writeln!(self.out, "pub enum {name} {{");
        for variant in &found.variants {
            self.docs(&variant.docs);
            self.out.push_str(&variant.name);
            match variant.fields.as_slice() {
                [] => {}
                [one] if one.ident.is_empty() => {
                    let _ = write!(self.out, "({})", ty(one));
                }
                fields => {
                    self.out.push_str(" {\n");
                    fields.iter().for_each(|field| self.field(field, ""));
                    self.out.push('}');
                }
            }
            self.out.push_str(",\n");
        }
        self.out.push_str("}\n");
        Ok(())
    }

    fn record(&mut self, name: &str, docs: &str, fields: &[Field], open: bool) {
        self.begin("Record", docs);
        let _ = writeln!(self.out, "pub struct {name} {{");
        fields.iter().for_each(|field| self.field(field, "pub "));
        if open {
            self.out.push_str(
                "/// Fields that the contract doesn't name, as they came.\n#[uniffi(default)]\npub extra: Extra,\n",
            );
        }
        self.out.push_str("}\n");
    }

    fn field(&mut self, field: &Field, visibility: &str) {
        self.docs(&field.docs);
        // Variants' fields have no defaults: these are only ever made by the library.
        let optional = type_names(&field.ty)
            .first()
            .is_some_and(|name| name == "Option");
        if optional && !visibility.is_empty() {
            self.out.push_str("#[uniffi(default)]\n");
        }
        let _ = writeln!(self.out, "{visibility}{}: {},", field.ident, ty(field));
    }

    /// A page of each kind of record: UniFFI has no generics.
    fn pages(&mut self) -> Result<()> {
        let page = self
            .core
            .structs
            .get("Page")
            .context("the core has no struct `Page`")?;
        let mut done = BTreeSet::new();
        for operation in &self.core.operations {
            let Some((name, record)) = page_of(operation) else {
                continue;
            };
            if !done.insert(name.clone()) {
                continue;
            }
            let _ = writeln!(self.out, "type {name} = Page<{record}>;");
            self.begin("Record", &page.docs);
            let _ = writeln!(self.out, "pub struct {name} {{");
            for field in &page.fields {
                self.docs(&field.docs);
                let written = ty(field);
                let written = if written == "Vec < T >" {
                    format!("Vec<{record}>")
                } else {
                    self.out.push_str("#[uniffi(default)]\n");
                    written
                };
                let _ = writeln!(self.out, "pub {}: {written},", field.ident);
            }
            self.out.push_str(
                "/// Fields that the contract doesn't name, as they came.\n#[uniffi(default)]\npub extra: Extra,\n}\n",
            );
        }
        Ok(())
    }

    fn operations(&mut self) {
        let core = self.core;
        self.begin("Enum", "Which operation.");
        self.out.push_str("pub enum OperationKind {\n");
        for operation in &core.operations {
            self.docs(&operation.docs);
            let _ = writeln!(self.out, "{},", operation.name);
        }
        self.out.push_str("}\n");
        self.begin("Enum", "Any of the operations.");
        self.out.push_str("pub enum AnyOperation {\n");
        for operation in &core.operations {
            self.docs(&operation.docs);
            let _ = writeln!(self.out, "{0}({0}),", operation.name);
        }
        self.out.push_str("}\n");
        self.begin("Enum", "What the answer to any of the operations holds.");
        self.out.push_str("pub enum AnyResponse {\n");
        for operation in &core.operations {
            self.docs(&operation.docs);
            let response = match page_of(operation) {
                Some((name, _)) => name,
                None => type_names(&operation.response).remove(0),
            };
            let _ = writeln!(self.out, "{}({response}),", operation.name);
        }
        self.out.push_str("}\n");
    }
}

/// The name of an operation's page, and of the records on it.
fn page_of(operation: &Operation) -> Option<(String, String)> {
    match type_names(&operation.response).as_slice() {
        [page, record] if page == "Page" => Some((format!("{record}Page"), record.clone())),
        _ => None,
    }
}

/// A type without the path that leads to it in the core.
fn ty(field: &Field) -> String {
    field
        .ty
        .to_token_stream()
        .to_string()
        .replace("crate :: ", "")
}
