//! Declares the core's types to UniFFI, as remote ones, with the core's documentation: what the core's sources declare is
//! what Swift and Kotlin have.

use std::collections::{BTreeMap, BTreeSet};
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
    "CvvLength",
    "Event",
    "Fee",
    "FieldFormat",
    "FieldReason",
    "Fold",
    "Freshness",
    "KeyCodec",
    "Luhn",
    "Novelty",
    "Outcome",
    "PendingKind",
    "PinLength",
    "RejectionMeaning",
    "Settlement",
    "Validity",
    "Weakness",
];

/// Structs that cross as they are, beside those of `object!`.
const STRUCTS: &[&str] = &[
    "CardTemplates",
    "Charge",
    "ExpiryField",
    "ExpiryRules",
    "FieldVerdict",
    "NumberRules",
    "SettledOperation",
    "TimeWindow",
    "UnknownEvent",
];

/// Objects that cross otherwise: `values.rs` has them.
const BY_HAND: &[&str] = &["CardState"];

/// What a caller need not say, beside what is optional, and what it is then: as the core's `default` and `at` have it.
const DEFAULTS: &[(&str, &str, &str)] = &[
    ("ExpiryRules", "max_years", "19"),
    ("NumberRules", "luhn_unionpay", "false"),
    ("NumberRules", "skip_luhn", "false"),
];

/// What `fields.rs` takes out of structs that have private fields, so that the compiler doesn't say what was forgotten.
const PARTS: &[(&str, &[&str])] = &[(
    "NumberField",
    &["text", "verdict", "assignment", "brand", "brands", "luhn"],
)];

/// What is said for Rust, and how it is said here. Each has to be found, so that none outlives what it was for.
const REPHRASED: &[(&str, &str)] = &[
    ("When, in milliseconds since 1970.", "When it happened."),
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
    let core = PathBuf::from(std::env::var("CARGO_MANIFEST_DIR")?).join("../core");
    println!("cargo::rerun-if-changed={}", core.display());
    let to = Path::new(&std::env::var("OUT_DIR")?).join("remote.rs");
    let text = Writer::new(&Core::read(&core)?).write()?;
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
        for (name, parts) in PARTS {
            let found = core.structs.get(*name);
            let fields = found.map(|found| found.fields.iter().map(|field| field.ident.as_str()));
            anyhow::ensure!(
                fields.is_some_and(|fields| fields.eq(parts.iter().copied())),
                "the core's `{name}` has other fields than `fields.rs` takes"
            );
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
                    // Without defaults: these are only ever made by the library.
                    for field in fields {
                        self.docs(&field.docs);
                        let _ = writeln!(self.out, "{}: {},", field.ident, ty(field));
                    }
                    self.out.push('}');
                }
            }
            self.out.push_str(",\n");
        }
        self.out.push_str("}\n");
        Ok(())
    }

    fn record(&mut self, name: &str, docs: &str, fields: &[Field], open: bool) {
        self.record_of(name, docs, fields, open, "");
    }

    /// A record whose type parameter, if it has one, is `of`.
    fn record_of(&mut self, name: &str, docs: &str, fields: &[Field], open: bool, of: &str) {
        self.begin("Record", docs);
        let _ = writeln!(self.out, "pub struct {name} {{");
        for field in fields {
            self.docs(&field.docs);
            if type_names(&field.ty)
                .first()
                .is_some_and(|name| name == "Option")
            {
                self.out.push_str("#[uniffi(default)]\n");
            }
            let mut defaults = DEFAULTS.iter();
            if let Some((.., value)) =
                defaults.find(|(owner, ident, _)| (*owner, *ident) == (name, field.ident.as_str()))
            {
                let _ = writeln!(self.out, "#[uniffi(default = {value})]");
            }
            let ty = ty(field).replace("< T >", &format!("< {of} >"));
            let _ = writeln!(self.out, "pub {}: {ty},", field.ident);
        }
        if open {
            self.out.push_str(
                "/// Fields that the contract doesn't name, as they came.\n#[uniffi(default)]\npub extra: Extra,\n",
            );
        }
        self.out.push_str("}\n");
    }

    /// A page of each kind of record: UniFFI has no generics.
    fn pages(&mut self) -> Result<()> {
        let page = self
            .core
            .structs
            .get("Page")
            .context("the core has no struct `Page`")?;
        let pages: BTreeMap<_, _> = self
            .core
            .operations
            .iter()
            .filter_map(Operation::page)
            .collect();
        for (name, record) in pages {
            let _ = writeln!(self.out, "type {name} = Page<{record}>;");
            self.record_of(&name, &page.docs, &page.fields, page.open, &record);
        }
        Ok(())
    }

    fn operations(&mut self) {
        self.of_operations("OperationKind", "Which operation.", |_| String::new());
        self.of_operations("AnyOperation", "Any of the operations.", |operation| {
            format!("({})", operation.name)
        });
        self.of_operations(
            "AnyResponse",
            "What the answer to any of the operations holds.",
            |operation| format!("({})", operation.response_name()),
        );
    }

    /// An enum with a variant for each operation, which holds what `held` says.
    fn of_operations(&mut self, name: &str, docs: &str, held: impl Fn(&Operation) -> String) {
        self.begin("Enum", docs);
        let _ = writeln!(self.out, "pub enum {name} {{");
        for operation in &self.core.operations {
            self.docs(&operation.docs);
            let _ = writeln!(self.out, "{}{},", operation.name, held(operation));
        }
        self.out.push_str("}\n");
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
