//! The package's types, `index.d.ts`: what the core's data look like is taken from the core's sources, with its
//! documentation; the functions and classes around it are written by hand.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::ops::Range;
use std::path::Path;

use anyhow::{Context, Result, bail, ensure};
use bananatech_model::{
    Core, Field, Object, Operation, Words, camel, capital, lower, snake, type_names,
};
use quote::ToTokens;
use syn::{GenericArgument, Type};

/// Core's values that are no objects, and what stands for them in a request and in everything else.
const SCALARS: &[(&str, &str, &str)] = &[
    ("ActivationPin", "string", "string"),
    ("Amount", "AmountInput", "Amount"),
    ("CardNumber", "string", "string"),
    ("Currency", "string", "string"),
    ("Cvv", "string", "string"),
    ("DisplayedNumber", "string", "string"),
    ("Expiry", "string", "string"),
    ("Json", "Json", "Json"),
    ("Personal", "string", "string"),
    ("Pin", "string", "string"),
    ("String", "string", "string"),
    ("Timestamp", "Timestamp", "Timestamp"),
    ("Url", "string", "string"),
    ("bool", "boolean", "boolean"),
    ("i64", "number", "number"),
    ("str", "string", "string"),
    ("u16", "number", "number"),
    ("u32", "number", "number"),
    ("u64", "number", "number"),
    ("u8", "number", "number"),
];

/// The codes that reading a value may end in.
const SCALAR_CODES: &[(&str, &[&str])] = &[
    ("ActivationPin", &["pin.digits", "pin.length"]),
    ("Amount", &["amount.format", "amount.range"]),
    ("CardNumber", &["card_number.digits", "card_number.length"]),
    ("Pin", &["pin.digits", "pin.length"]),
    ("Url", &["url.format"]),
];

/// Enums whose values cross as words.
const WORD_ENUMS: &[&str] = &[
    "Alter",
    "Brand",
    "CardAction",
    "Category",
    "Fee",
    "Fold",
    "KeyCodec",
    "Luhn",
    "Novelty",
    "OpenFailure",
    "PendingKind",
    "RejectionMeaning",
    "Weakness",
];

/// Enums that cross as objects: the field that tells the variants apart, and the one for a variant's bare value.
const TAGGED_ENUMS: &[(&str, &str, &str)] = &[
    ("Freshness", "verdict", "by_ms"),
    ("Outcome", "kind", ""),
    ("Settlement", "kind", ""),
];

/// Structs beside those of `object!`, and whether all their fields have a default.
const STRUCTS: &[(&str, bool)] = &[
    ("CardTemplates", false),
    ("Charge", false),
    ("Page", false),
    ("SettledOperation", false),
    ("TimeWindow", true),
];

/// Types whose methods cross as fields: the method, and the field if it has another name.
const GETTERS: &[(&str, &[(&str, &str)])] = &[
    (
        "CardNumber",
        &[
            ("luhn", "luhn"),
            ("masked", "masked"),
            ("last4", "last4"),
            ("bin6", "bin6"),
            ("bin8", "bin8"),
            ("brand", "brand"),
        ],
    ),
    ("Expiry", &[("month", "month"), ("year", "year")]),
    (
        "Rejection",
        &[
            ("status", "status"),
            ("message", "message"),
            ("body", "body"),
            ("is_authenticated", "authenticated"),
            ("meaning", "meaning"),
        ],
    ),
];

/// The stored form of what is a class in JavaScript.
const RENAMED: &[(&str, &str)] = &[("CardState", "CardStateData")];

/// What is said for Rust, and how it is said here. Each has to be found, so that none outlives what it was for.
const REPHRASED: &[(&str, &str)] = &[
    (
        "A card number (PAN): 16 to 19 digits (04-Physical-Cards).",
        "What may be shown of a card number (PAN), which has 16 to 19 digits (04-Physical-Cards).",
    ),
    (
        "`Debug` shows nothing of it, [`CardNumber::masked`] the last four digits.",
        "",
    ),
    (
        "`Display` and `Debug` hold only the status, since a message may repeat what was sent.",
        "The error's own `message` holds only the status, since BananaTech's words may repeat what was sent.",
    ),
    (
        "Take what the event brought and put it into `extra`.",
        "Add what the event brought as further fields.",
    ),
    (
        "`extra` holds what else came.",
        "what else came stands beside them.",
    ),
    (
        "The id isn't a whole number from 0 to 9223372036854775807.",
        "The id isn't a whole number from 0 to 9007199254740991, the largest that JavaScript holds exactly.",
    ),
];

/// What stands here for a method that documentation speaks of.
const FUNCTIONS: &[(&str, &str)] = &[("CardTemplate::check_recharge", "checkTemplate")];

/// How wide a line of documentation may be.
const WIDTH: usize = 120;

/// Said of every field that the core leaves as it came when it isn't what the contract makes one expect.
const GUESSED: &str = "Of another JSON type, null too, it is kept as it came.";

/// The whole text of `index.d.ts`: `hand_written`, which may use the names that the sources in `core_src` have, and then
/// what those sources say of the data. The text imports nothing, so the same file serves as `index.d.cts`.
pub(crate) fn generate(core_src: &Path, hand_written: &Path) -> Result<String> {
    let core = Core::read(core_src)?;
    let by_hand = fs::read_to_string(hand_written)
        .with_context(|| format!("cannot read {}", hand_written.display()))?;
    ensure!(
        !by_hand.contains("from \"") && !by_hand.contains("import("),
        "{} must not import anything",
        hand_written.display(),
    );
    for group in core.groups() {
        let calls = format!("{}Calls", capital(&group));
        ensure!(
            by_hand.contains(&calls),
            "{} has no `{calls}`",
            hand_written.display()
        );
    }
    Writer::new(&core, &by_hand).write()
}

/// Whether a value is on its way in, where more is taken, or out.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Way {
    In,
    Out,
}

/// A field's type, and whether the field may be missing.
struct Typed {
    text: String,
    optional: bool,
}

struct Writer<'a> {
    core: &'a Core,
    by_hand: &'a str,
    /// The objects that stand in requests only.
    requests: BTreeSet<String>,
    /// Every word by the path that Rust has for it, `Alter::Lock`.
    word_paths: BTreeMap<String, String>,
    /// The names that documentation can link to.
    exported: BTreeSet<String>,
    /// Which of [`REPHRASED`] were found.
    rephrased: BTreeSet<&'static str>,
    /// What documentation links to and isn't here.
    dangling: BTreeSet<String>,
    out: String,
}

impl<'a> Writer<'a> {
    fn new(core: &'a Core, by_hand: &'a str) -> Self {
        let mut writer = Self {
            core,
            by_hand,
            requests: BTreeSet::new(),
            word_paths: BTreeMap::new(),
            exported: exported(by_hand),
            rephrased: BTreeSet::new(),
            dangling: BTreeSet::new(),
            out: String::new(),
        };
        for operation in &core.operations {
            writer.add_request(&operation.name);
        }
        writer
    }

    /// Notes a request and the objects in it.
    fn add_request(&mut self, name: &str) {
        let Some(object) = self.core.object(name) else {
            return;
        };
        if self.requests.insert(name.to_owned()) {
            for field in &object.fields {
                for inner in type_names(&field.ty) {
                    self.add_request(&inner);
                }
            }
        }
    }

    fn write(mut self) -> Result<String> {
        let core = self.core;
        let enums = WORD_ENUMS
            .iter()
            .map(|name| core.word_enum(name))
            .collect::<Result<Vec<_>>>()?;
        self.learn_names(&enums)?;

        let mut text = self.by_hand.trim_end().to_owned();
        text.push_str("\n\n// From here on generated, from the core's sources.\n");
        self.operations()?;
        self.events()?;
        for (name, defaults) in STRUCTS {
            let object = core
                .structs
                .get(*name)
                .with_context(|| format!("the core has no struct `{name}`"))?;
            self.object(object, *defaults)?;
        }
        for object in core.objects.iter().filter(|object| object.public) {
            self.object(object, false)?;
        }
        for (name, tag, value) in TAGGED_ENUMS {
            self.tagged(name, tag, value)?;
        }
        for (name, methods) in GETTERS {
            self.getters(name, methods)?;
        }
        for words in &core.words {
            self.words(words, true);
        }
        for words in &enums {
            self.words(words, false);
        }
        for id in &core.ids {
            self.number(&id.name, &id.docs);
        }
        let pending_id = core.structs.get("PendingId");
        let pending_id = pending_id.context("the core has no struct `PendingId`")?;
        self.number(&pending_id.name, &pending_id.docs);
        self.codes();

        for (rust, _) in REPHRASED {
            ensure!(
                self.rephrased.contains(rust),
                "nothing says `{rust}` any more"
            );
        }
        ensure!(
            self.dangling.is_empty(),
            "documentation speaks of what JavaScript hasn't: {}",
            self.dangling.into_iter().collect::<Vec<_>>().join(", ")
        );
        text.push('\n');
        text.push_str(self.out.trim_end());
        text.push('\n');
        Ok(text)
    }

    fn number(&mut self, name: &str, about: &str) {
        self.comment("", about);
        let _ = writeln!(self.out, "export type {name} = number;\n");
    }

    /// Notes what documentation may speak of, before any is written.
    fn learn_names(&mut self, enums: &[Words]) -> Result<()> {
        let core = self.core;
        for words in core.words.iter().chain(enums) {
            for variant in &words.variants {
                let path = format!("{}::{}", words.name, variant.name);
                self.word_paths.insert(path, variant.text.clone());
            }
            self.exported.insert(words.name.clone());
        }
        for code in &core.codes {
            let path = format!("Code::{}", code.name);
            self.word_paths.insert(path, code.text.clone());
        }
        for (name, _, _) in TAGGED_ENUMS {
            for variant in &core.enumeration(name)?.variants {
                let path = format!("{name}::{}", variant.name);
                self.word_paths.insert(path, snake(&variant.name));
            }
        }
        let objects = core.objects.iter().filter(|object| object.public);
        self.exported
            .extend(objects.map(|object| ts_name(&object.name)));
        let others = TAGGED_ENUMS.iter().map(|(name, _, _)| *name);
        let others = others
            .chain(STRUCTS.iter().map(|(name, _)| *name))
            .chain(GETTERS.iter().map(|(name, _)| *name));
        self.exported.extend(others.map(str::to_owned));
        self.exported
            .extend(core.ids.iter().map(|id| id.name.clone()));
        self.exported
            .extend(["Operations", "ErrorCode", "KnownEvent"].map(str::to_owned));
        Ok(())
    }

    /// The TypeScript of a Rust type. What isn't known is an error, so that no field is forgotten.
    fn ts(&self, ty: &Type, way: Way, generics: &[String]) -> Result<Typed> {
        let unknown = || {
            let rust = ty.to_token_stream().to_string().replace(' ', "");
            anyhow::anyhow!("no TypeScript is known for the type `{rust}`")
        };
        let required = |text: String| Typed {
            text,
            optional: false,
        };
        let path = match ty {
            Type::Path(path) => &path.path,
            Type::Reference(reference) => return self.ts(&reference.elem, way, generics),
            _ => return Err(unknown()),
        };
        let segment = path.segments.last().ok_or_else(unknown)?;
        let name = segment.ident.to_string();
        let argument = match &segment.arguments {
            syn::PathArguments::AngleBracketed(arguments) => {
                match arguments.args.iter().collect::<Vec<_>>().as_slice() {
                    [GenericArgument::Type(argument)] => Some(argument),
                    _ => return Err(unknown()),
                }
            }
            _ => None,
        };
        if let Some(argument) = argument {
            let inner = self.ts(argument, way, generics)?;
            return match name.as_str() {
                "Option" if !inner.optional => Ok(Typed {
                    optional: true,
                    ..inner
                }),
                "Box" => Ok(inner),
                "Vec" if !inner.optional => Ok(required(format!("{}[]", inner.text))),
                "Page" if !inner.optional => Ok(required(format!("Page<{}>", inner.text))),
                _ => Err(unknown()),
            };
        }
        if let Some((_, taken, given)) = SCALARS.iter().find(|(scalar, _, _)| *scalar == name) {
            let text = if way == Way::In { taken } else { given };
            return Ok(required((*text).to_owned()));
        }
        let known = generics.contains(&name)
            || self.core.object(&name).is_some_and(|object| object.public)
            || self.core.words.iter().any(|words| words.name == name)
            || self.core.ids.iter().any(|id| id.name == name)
            || WORD_ENUMS.contains(&name.as_str())
            || STRUCTS.iter().any(|(known, _)| *known == name)
            || TAGGED_ENUMS.iter().any(|(known, _, _)| *known == name);
        if name == "PendingId" || known {
            return Ok(required(ts_name(&name)));
        }
        Err(unknown())
    }

    /// A field's line, with what is said of it.
    fn field(&mut self, indent: &str, field: &Field, typed: &Typed) {
        let mut about = field.docs.clone();
        if field.guess {
            about.push('\n');
            about.push_str(GUESSED);
        }
        self.comment(indent, &about);
        let mark = if typed.optional { "?" } else { "" };
        let _ = writeln!(self.out, "{indent}{}{mark}: {};", field.name, typed.text);
    }

    fn object(&mut self, object: &Object, defaults: bool) -> Result<()> {
        let way = if self.requests.contains(&object.name) {
            Way::In
        } else {
            Way::Out
        };
        self.comment("", &object.docs);
        let generics = if object.generics.is_empty() {
            String::new()
        } else {
            format!("<{} extends Json>", object.generics.join(" extends Json, "))
        };
        let name = ts_name(&object.name);
        let _ = writeln!(self.out, "export interface {name}{generics} {{");
        for field in &object.fields {
            let mut typed = self
                .ts(&field.ty, way, &object.generics)
                .with_context(|| format!("`{}.{}`", object.name, field.name))?;
            typed.optional |= defaults;
            self.field("  ", field, &typed);
        }
        if object.open {
            let about = if way == Way::In {
                "Fields that the contract doesn't name, sent as they are."
            } else {
                "Fields that the contract doesn't name, as they came."
            };
            self.comment("  ", about);
            self.out
                .push_str("  [unknown: string]: Json | undefined;\n");
        }
        self.out.push_str("}\n\n");

        // What comes out of a request is exact, whatever was taken in.
        if way == Way::In && self.has_amounts(object) {
            let about = format!("{{@link {name}}} as a plan holds it: amounts as text.");
            self.comment("", &about);
            let _ = writeln!(self.out, "export interface Planned{name} extends {name} {{");
            for field in &object.fields {
                if type_names(&field.ty).contains(&"Amount".to_owned()) {
                    let typed = self.ts(&field.ty, Way::Out, &object.generics)?;
                    self.field("  ", field, &typed);
                }
            }
            self.out.push_str("}\n\n");
        }
        Ok(())
    }

    fn has_amounts(&self, object: &Object) -> bool {
        let mut names = object.fields.iter().flat_map(|field| type_names(&field.ty));
        names.any(|name| name == "Amount")
    }

    fn tagged(&mut self, name: &str, tag: &str, value: &str) -> Result<()> {
        let found = self.core.enumeration(name)?;
        self.comment("", &found.docs);
        let _ = write!(self.out, "export type {name} =");
        for variant in &found.variants {
            self.out.push_str("\n  | {\n");
            self.comment("      ", &variant.docs);
            let word = snake(&variant.name);
            let _ = writeln!(self.out, "      {tag}: \"{word}\";");
            for field in &variant.fields {
                let typed = self
                    .ts(&field.ty, Way::Out, &[])
                    .with_context(|| format!("`{name}::{}`", variant.name))?;
                if field.name.is_empty() {
                    ensure!(
                        !value.is_empty(),
                        "`{name}::{}` has no field's name",
                        variant.name
                    );
                    let _ = writeln!(self.out, "      {value}: {};", typed.text);
                } else {
                    self.field("      ", field, &typed);
                }
            }
            self.out.push_str("    }");
        }
        self.out.push_str(";\n\n");
        Ok(())
    }

    fn getters(&mut self, name: &str, methods: &[(&str, &str)]) -> Result<()> {
        let about = self.core.structs.get(name);
        let about = about.with_context(|| format!("the core has no struct `{name}`"))?;
        self.comment("", &about.docs);
        let _ = writeln!(self.out, "export interface {name} {{");
        for (method, field) in methods {
            let key = (name.to_owned(), (*method).to_owned());
            let found = self.core.methods.get(&key);
            let found = found.with_context(|| format!("the core has no `{name}::{method}`"))?;
            let output = found.output.as_ref();
            let typed = output
                .with_context(|| format!("`{name}::{method}` returns nothing"))
                .and_then(|ty| self.ts(ty, Way::Out, &[]))
                .with_context(|| format!("`{name}::{method}`"))?;
            self.comment("  ", &found.docs);
            let null = if typed.optional { " | null" } else { "" };
            let _ = writeln!(self.out, "  {field}: {}{null};", typed.text);
        }
        self.out.push_str("}\n\n");
        Ok(())
    }

    /// A union of words, with what each means.
    fn words(&mut self, words: &Words, open: bool) {
        let mut about = format!("{}\n", words.docs);
        for variant in &words.variants {
            let meaning = variant.docs.replace('\n', " ");
            let _ = write!(about, "\n- `{}`: {meaning}", variant.text);
        }
        self.comment("", &about);
        let texts: Vec<_> = words
            .variants
            .iter()
            .map(|variant| format!("\"{}\"", variant.text))
            .collect();
        let name = &words.name;
        let line = texts.join(" | ");
        let lines = format!("\n  | {}", texts.join("\n  | "));
        let _ = match (open, line.len() < WIDTH - 30) {
            (true, true) => writeln!(self.out, "export type {name} = Open<{line}>;\n"),
            (true, false) => writeln!(self.out, "export type {name} = Open<{lines}\n>;\n"),
            (false, true) => writeln!(self.out, "export type {name} = {line};\n"),
            (false, false) => writeln!(self.out, "export type {name} ={lines};\n"),
        };
    }

    fn codes(&mut self) {
        self.comment(
            "",
            "The stable code of an error. The text never changes its meaning; new ones may be added.",
        );
        self.out.push_str("export type ErrorCode =");
        for code in &self.core.codes {
            self.out.push('\n');
            self.comment("  ", &code.docs);
            let _ = write!(self.out, "  | \"{}\"", code.text);
        }
        self.out.push_str(";\n\n");
    }

    fn events(&mut self) -> Result<()> {
        let core = self.core;
        let types = core.words.iter().find(|words| words.name == "EventType");
        let types = types.context("the core has no `EventType`")?;
        let events = core.enumeration("Event")?;
        let known: Vec<_> = events
            .variants
            .iter()
            .filter(|variant| variant.name != "Unknown")
            .collect();
        ensure!(
            known.len() == types.variants.len() && known.len() + 1 == events.variants.len(),
            "`Event` and `EventType` have different variants",
        );
        self.comment(
            "",
            "An event of a type that this library knows; narrows on `type`.",
        );
        self.out.push_str("export type KnownEvent =");
        for variant in known {
            let name = &variant.name;
            let word = types.variants.iter().find(|word| word.name == *name);
            let word = word.with_context(|| format!("`EventType` has no `{name}`"))?;
            let [field] = variant.fields.as_slice() else {
                bail!("`Event::{name}` has not one value");
            };
            let typed = self
                .ts(&field.ty, Way::Out, &[])
                .with_context(|| format!("`Event::{name}`"))?;
            self.out.push_str("\n  | {\n");
            self.comment("      ", &variant.docs);
            let _ = writeln!(self.out, "      type: \"{}\";", word.text);
            let _ = write!(self.out, "      data: {};\n    }}", typed.text);
        }
        self.out.push_str(";\n\n");

        let unknown = core.structs.get("UnknownEvent");
        let unknown = unknown.context("the core has no struct `UnknownEvent`")?;
        self.comment("", &unknown.docs);
        self.out.push_str("export interface UnknownEvent {\n");
        for field in &unknown.fields {
            match field.name.as_str() {
                "event_type" => {
                    self.comment("  ", &field.docs);
                    self.out.push_str("  type: UnknownEventType;\n");
                }
                _ => {
                    let typed = self
                        .ts(&field.ty, Way::Out, &[])
                        .with_context(|| format!("`UnknownEvent.{}`", field.name))?;
                    self.field("  ", field, &typed);
                }
            }
        }
        self.out.push_str("}\n\n");
        Ok(())
    }

    fn body(&self, operation: &Operation) -> Result<&'a Object> {
        self.core
            .object(&operation.name)
            .with_context(|| format!("the core has no object `{}`", operation.name))
    }

    fn operations(&mut self) -> Result<()> {
        let core = self.core;
        self.comment(
            "",
            "Every operation by its name: the body that it takes, the body as a plan holds it, the response, and what is \
             pending once it is sent (`null` where no event confirms it).",
        );
        self.out.push_str("export interface Operations {\n");
        for operation in &core.operations {
            let body = self.body(operation)?;
            let planned = if self.has_amounts(body) {
                "Planned"
            } else {
                ""
            };
            let response = self
                .ts(&operation.response, Way::Out, &[])
                .with_context(|| format!("the response of `{}`", operation.text))?;
            let pending = if core.confirmed(operation) {
                "Pending"
            } else {
                "null"
            };
            let name = &operation.name;
            self.comment("  ", &operation.docs);
            let _ = writeln!(
                self.out,
                "  \"{}\": {{ body: {name}; planned: {planned}{name}; response: {}; pending: {pending} }};",
                operation.text, response.text,
            );
        }
        self.out.push_str("}\n\n");

        self.comment(
            "",
            "The operations whose answers come in pages, and what a record of each is.",
        );
        self.out.push_str("export interface PagedOperations {\n");
        for (name, record) in &core.paged {
            let operation = core.operations.iter().find(|known| known.name == *name);
            let operation = operation.with_context(|| format!("no operation is `{name}`"))?;
            let record = self.ts(record, Way::Out, &[])?;
            let _ = writeln!(self.out, "  \"{}\": {};", operation.text, record.text);
        }
        self.out.push_str("}\n\n");

        for group in core.groups() {
            let title = capital(&group);
            self.comment("", &format!("Plans operations of the group `{group}`."));
            let _ = writeln!(self.out, "export interface {title}Plans {{");
            self.methods(&group, false)?;
            self.out.push_str("}\n\n");
            self.comment("", &format!("Seals operations of the group `{group}`."));
            let _ = writeln!(self.out, "export interface {title}Calls {{");
            self.methods(&group, true)?;
            self.out.push_str("}\n\n");
        }
        Ok(())
    }

    /// A group's methods: each makes a call, or a plan.
    fn methods(&mut self, group: &str, sealed: bool) -> Result<()> {
        let core = self.core;
        let mut first = true;
        for operation in core.operations.iter().filter(|known| known.group == group) {
            let body = self.body(operation)?;
            let mut required = Vec::new();
            let mut others = Vec::new();
            for field in &body.fields {
                let list = match self.ts(&field.ty, Way::In, &[])?.optional {
                    true => &mut others,
                    false => &mut required,
                };
                list.push(format!("`{}`", field.name));
            }
            if !first {
                self.out.push('\n');
            }
            first = false;

            let mut about = format!("{}\n\n@param body ", body.docs);
            match (required.as_slice(), others.as_slice()) {
                ([], []) => about.push_str("No field is known; others may be given."),
                ([], others) => {
                    let _ = write!(about, "All optional: {}.", listed(others));
                }
                (required, []) => {
                    let _ = write!(about, "{}.", listed(required));
                }
                (required, others) => {
                    let _ = write!(about, "{}; optional: {}.", listed(required), listed(others));
                }
            }
            if body.open && !body.fields.is_empty() {
                about.push_str(" Others may be given.");
            }
            let response = self.ts(&operation.response, Way::Out, &[])?.text;
            let confirmed = core.confirmed(operation);
            let _ = if sealed {
                about.push_str("\n@param options For tests: 16 bytes in place of randomness.");
                let store = if confirmed {
                    "add `call.pending(…)` to the pending operations and store them, "
                } else {
                    ""
                };
                write!(
                    about,
                    "\n@returns The call: {store}send it once with `fetch(call.url, call.init)`, and give the answer to \
                     `call.read`, which returns {{@link {}}}.",
                    response.split('<').next().unwrap_or_default(),
                )
            } else {
                write!(
                    about,
                    "\n@returns The plan, `{{operation: \"{}\", body: {{…}}}}`, for a backend to seal.",
                    operation.text,
                )
            };
            let _ = write!(
                about,
                "\n@throws {{BananaTechError}} Caused by the caller: {}{}.",
                if sealed { "`iv.length`, " } else { "" },
                listed(&self.body_codes(body)?),
            );
            let check = (operation.name.clone(), "check".to_owned());
            if let Some(check) = core.methods.get(&check) {
                let _ = write!(about, " {}", check.docs);
            }
            self.comment("  ", &about);

            let method = lower(&operation.name);
            let name = &operation.name;
            let mark = if required.is_empty() { "?" } else { "" };
            let text = &operation.text;
            let _ = if sealed {
                writeln!(
                    self.out,
                    "  {method}(body{mark}: {name}, options?: SealOptions): Call<\"{text}\">;",
                )
            } else {
                writeln!(
                    self.out,
                    "  {method}(body{mark}: {name}): PlanOf<\"{text}\">;"
                )
            };
        }
        Ok(())
    }

    /// The codes that reading a request's body may end in.
    fn body_codes(&self, body: &Object) -> Result<Vec<String>> {
        let mut codes: Vec<&str> = Vec::new();
        let mut add = |code: &'static str| -> Result<()> {
            let known = self.core.codes.iter().any(|known| known.text == code);
            ensure!(known, "the core has no code `{code}`");
            if !codes.contains(&code) {
                codes.push(code);
            }
            Ok(())
        };
        for field in &body.fields {
            if !self.ts(&field.ty, Way::In, &[])?.optional {
                add("field.required")?;
            }
        }
        add("field.type")?;
        if !body.open {
            add("field.unknown")?;
        }
        for field in &body.fields {
            for name in type_names(&field.ty) {
                if self.core.ids.iter().any(|id| id.name == name) {
                    add("id.range")?;
                }
                let scalar = SCALAR_CODES.iter().find(|(scalar, _)| *scalar == name);
                for code in scalar.map_or(&[][..], |(_, codes)| codes) {
                    add(code)?;
                }
            }
        }
        Ok(codes.iter().map(|code| format!("`{code}`")).collect())
    }

    /// Documentation as JSDoc.
    fn comment(&mut self, indent: &str, text: &str) {
        let mut text = text.to_owned();
        for (rust, javascript) in REPHRASED {
            while let Some(range) = find_words(&text, rust) {
                text.replace_range(range, javascript);
                self.rephrased.insert(rust);
            }
        }
        let text = self.prose(&text).replace("*/", "*\\/");
        let lines: Vec<String> = paragraphs(text.trim())
            .iter()
            .flat_map(|paragraph| wrapped(paragraph, WIDTH - indent.len()))
            .collect();
        match lines.as_slice() {
            [] => {}
            [line] => {
                let _ = writeln!(self.out, "{indent}/** {line} */");
            }
            lines => {
                let _ = writeln!(self.out, "{indent}/**");
                for line in lines {
                    let _ = writeln!(self.out, "{}", format!("{indent} * {line}").trim_end());
                }
                let _ = writeln!(self.out, "{indent} */");
            }
        }
    }

    /// Documentation with Rust's links turned into ones that lead somewhere here, or into plain words.
    fn prose(&mut self, text: &str) -> String {
        let mut out = String::with_capacity(text.len());
        let mut rest = text;
        while let Some(at) = rest.find(['`', '[']) {
            let (before, from) = rest.split_at(at);
            out.push_str(before);
            if let Some((label, target, after)) = link(from) {
                out.push_str(&self.resolved(label, target));
                rest = after;
                continue;
            }
            // Code, or a bracket that is no link: as it is.
            let end = match from.strip_prefix('`').and_then(|code| code.find('`')) {
                Some(end) => end + 2,
                None => 1,
            };
            let (copied, after) = from.split_at(end);
            out.push_str(copied);
            rest = after;
        }
        out.push_str(rest);
        out
    }

    /// What a link says here.
    fn resolved(&mut self, label: &str, target: Option<&str>) -> String {
        let code = label
            .strip_prefix('`')
            .and_then(|label| label.strip_suffix('`'));
        if target.is_some_and(|target| target.contains("//")) {
            return format!("[{label}]({})", target.unwrap_or_default());
        }
        let path = code.or(target).unwrap_or(label);
        let segments: Vec<&str> = path.trim_end_matches("()").split("::").collect();
        let is_type = |name: &str| name.starts_with(|c: char| c.is_ascii_uppercase());
        let reference = match segments.as_slice() {
            [.., owner, last] if is_type(owner) => {
                let path = format!("{owner}::{last}");
                let function = FUNCTIONS.iter().find(|(method, _)| *method == path);
                if let Some(word) = self.word_paths.get(&path) {
                    format!("`{word}`")
                } else if let Some((_, function)) = function {
                    format!("{{@link {function}}}")
                } else if let Some(member) = self.member(owner, last) {
                    format!("{{@link {owner}.{member}}}")
                } else if is_type(last) && self.exported.contains(*last) {
                    format!("{{@link {last}}}")
                } else {
                    self.dangling.insert(path);
                    return label.to_owned();
                }
            }
            [.., last] if is_type(last) && self.exported.contains(*last) => match code {
                Some(_) => format!("{{@link {last}}}"),
                None => format!("{{@link {last} | {label}}}"),
            },
            _ if code.is_some() => {
                self.dangling.insert(path.to_owned());
                return label.to_owned();
            }
            // A module, say: the words do without it.
            _ => return label.to_owned(),
        };
        if code.is_some() || reference.contains('|') {
            reference
        } else {
            label.to_owned()
        }
    }

    /// The member of a class or object that has a Rust method's name.
    fn member(&self, owner: &str, method: &str) -> Option<String> {
        let getters = GETTERS.iter().find(|(name, _)| *name == owner);
        if let Some((_, methods)) = getters {
            let found = methods.iter().find(|(name, _)| *name == method)?;
            return Some(found.1.to_owned());
        }
        let name = camel(method);
        let start = self.by_hand.find(&format!("export class {owner} "))?;
        let class = self.by_hand.get(start..)?.split("\n}").next()?;
        let is_there =
            class.contains(&format!("  {name}(")) || class.contains(&format!("  get {name}("));
        is_there.then_some(name)
    }
}

/// The paragraphs, items of lists and tags of a text, each as one line; empty lines between them as they are.
fn paragraphs(text: &str) -> Vec<String> {
    let mut all: Vec<String> = Vec::new();
    for line in text.lines() {
        let begins = line.is_empty() || line.starts_with("- ") || line.starts_with('@');
        match all.last_mut() {
            Some(last) if !begins && !last.is_empty() => {
                last.push(' ');
                last.push_str(line.trim_start());
            }
            _ => all.push(line.to_owned()),
        }
    }
    all
}

/// A line as lines of at most so many characters, where it can be broken outside of code and links.
fn wrapped(line: &str, width: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    let mut whole = String::new();
    for word in line.split(' ') {
        if !whole.is_empty() {
            whole.push(' ');
        }
        whole.push_str(word);
        let in_code = whole.matches('`').count() % 2 == 1;
        let in_link = whole.matches('{').count() > whole.matches('}').count();
        if in_code || in_link {
            continue;
        }
        if let Some(last) = lines.last_mut() {
            if last.is_empty() {
                last.push_str(&whole);
            } else if last.chars().count() + 1 + whole.chars().count() <= width {
                last.push(' ');
                last.push_str(&whole);
            } else {
                lines.push(std::mem::take(&mut whole));
            }
        }
        whole.clear();
    }
    if let (Some(last), false) = (lines.last_mut(), whole.is_empty()) {
        last.push(' ');
        last.push_str(&whole);
    }
    lines
}

/// A link at the beginning of a text: its label, its target if it has one, and what comes after.
fn link(text: &str) -> Option<(&str, Option<&str>, &str)> {
    let (label, after) = text.strip_prefix('[')?.split_once(']')?;
    if let Some((target, after)) = after
        .strip_prefix('(')
        .and_then(|text| text.split_once(')'))
    {
        return Some((label, Some(target), after));
    }
    (label.starts_with('`') && label.ends_with('`')).then_some((label, None, after))
}

/// The names that a hand-written text exports.
fn exported(by_hand: &str) -> BTreeSet<String> {
    let kinds = ["class", "const", "function", "interface", "type"];
    by_hand
        .lines()
        .filter_map(|line| {
            let mut words = line.strip_prefix("export ")?.split_whitespace();
            let kind = words.next()?;
            let name = words.next()?;
            kinds.contains(&kind).then_some(name)
        })
        .map(|name| {
            let end = name.find(|c: char| !c.is_ascii_alphanumeric());
            name[..end.unwrap_or(name.len())].to_owned()
        })
        .collect()
}

/// Where words stand in a text, however its lines are broken.
fn find_words(text: &str, words: &str) -> Option<Range<usize>> {
    let mut from = 0;
    while let Some(found) = text.get(from..)?.find(words.split(' ').next()?) {
        let start = from + found;
        let mut rest = text.get(start..)?;
        let mut fits = true;
        for (at, word) in words.split(' ').enumerate() {
            let trimmed = rest.trim_start();
            let spaced = at == 0 || trimmed.len() < rest.len();
            match trimmed.strip_prefix(word) {
                Some(after) if spaced => rest = after,
                _ => fits = false,
            }
        }
        if fits {
            return Some(start..text.len() - rest.len());
        }
        from = start + 1;
        while !text.is_char_boundary(from) {
            from += 1;
        }
    }
    None
}

fn ts_name(name: &str) -> String {
    let renamed = RENAMED.iter().find(|(rust, _)| *rust == name);
    renamed
        .map_or(name, |(_, javascript)| javascript)
        .to_owned()
}

/// `a`, `b` and `c`.
fn listed(items: &[String]) -> String {
    match items {
        [] => String::new(),
        [one] => one.clone(),
        [most @ .., last] => format!("{} and {last}", most.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;

    fn core() -> PathBuf {
        crate::process::root().join("core")
    }

    fn hand_written() -> PathBuf {
        crate::process::root().join("bindings-wasm/npm/index.d.ts")
    }

    fn generated() -> String {
        generate(&core(), &hand_written()).unwrap()
    }

    /// One object's text.
    fn object(source: &str) -> Result<String> {
        let mut core = Core::default();
        core.add(source)?;
        let mut writer = Writer::new(&core, "");
        for object in &core.objects {
            writer.object(object, false)?;
        }
        Ok(writer.out)
    }

    /// Documentation as it is written for one field, with what the real core and the real package have.
    fn prose(text: &str) -> (String, BTreeSet<String>) {
        let core = Core::read(&core()).unwrap();
        let by_hand = fs::read_to_string(hand_written()).unwrap();
        let mut writer = Writer::new(&core, &by_hand);
        let enums: Vec<_> = WORD_ENUMS
            .iter()
            .map(|name| core.word_enum(name).unwrap())
            .collect();
        writer.learn_names(&enums).unwrap();
        (writer.prose(text), writer.dangling)
    }

    #[test]
    fn a_field_of_an_unknown_type_is_an_error_that_names_it() {
        let source = "object! { closed pub struct Thing { pub when: Option<Vec<Instant>>, } }";
        let error = format!("{:#}", object(source).unwrap_err());
        assert!(error.contains("`Thing.when`"), "{error}");
        assert!(error.contains("`Instant`"), "{error}");
    }

    #[test]
    fn an_unknown_way_to_cross_is_an_error() {
        let source = "object! { open pub struct Thing { pub a: Option<bool> = sealed, } }";
        assert!(object(source).is_err());
    }

    #[test]
    fn an_option_is_an_optional_field_and_a_wire_name_counts() {
        let source = "object! { open
            /// A thing.
            pub struct Thing {
                /// One.
                pub a: bool,
                /// Two.
                pub other (\"type\"): Option<Vec<String>>,
                pub c: Option<u64> = guess,
            }
        }";
        let expected = "/** A thing. */
export interface Thing {
  /** One. */
  a: boolean;
  /** Two. */
  type?: string[];
  /** Of another JSON type, null too, it is kept as it came. */
  c?: number;
  /** Fields that the contract doesn't name, as they came. */
  [unknown: string]: Json | undefined;
}

";
        assert_eq!(object(source).unwrap(), expected);
    }

    #[test]
    fn a_request_takes_amounts_as_numbers_and_a_plan_holds_text() {
        let text = generated();
        assert!(text.contains("  amount: AmountInput;\n}\n"));
        let planned = "export interface PlannedRecharge extends Recharge {";
        let (_, planned) = text.split_once(planned).unwrap();
        let (planned, _) = planned.split_once("\n}").unwrap();
        assert!(planned.ends_with("  amount: Amount;"), "{planned}");
    }

    #[test]
    fn documentation_speaks_of_what_is_here() {
        let told = |text| {
            let (text, dangling) = prose(text);
            assert!(dangling.is_empty(), "{dangling:?}");
            text
        };
        assert_eq!(told("see [`Code::PinLength`]."), "see `pin.length`.");
        assert_eq!(
            told("[`Code::FieldType`](crate::Code::FieldType) if"),
            "`field.type` if"
        );
        assert_eq!(told("[`Alter::Lock`]"), "`LOCK`");
        assert_eq!(told("[`Settlement::Unclear`]"), "`unclear`");
        assert_eq!(told("[`Merchant::receive`]"), "{@link Merchant.receive}");
        assert_eq!(
            told("a [`Transaction`](crate::operations::card::Transaction)"),
            "a {@link Transaction}"
        );
        assert_eq!(
            told("[pending](PendingOperations)"),
            "{@link PendingOperations | pending}"
        );
        assert_eq!(told("an [operation](operations)"), "an operation");
        assert_eq!(
            told("`{\"data\": [1]}` and [1]"),
            "`{\"data\": [1]}` and [1]"
        );
        assert!(prose("[`Merchant::debug`]").1.contains("Merchant::debug"));
    }

    #[test]
    fn words_are_found_across_lines() {
        assert_eq!(find_words("say a\n  b c", "a b"), Some(4..9));
        assert_eq!(find_words("aa b", "a b"), Some(1..4));
        assert_eq!(find_words("ab", "a b"), None);
    }

    #[test]
    fn lines_break_outside_of_code_and_links() {
        assert_eq!(wrapped("a `b c d` e", 6), ["a", "`b c d`", "e"]);
        assert_eq!(
            wrapped("a {@link B | c}, d", 4),
            ["a", "{@link B | c},", "d"]
        );
        assert_eq!(
            paragraphs("a\nb\n\n- c\nd\n@e f"),
            ["a b", "", "- c d", "@e f"]
        );
    }

    /// The words between `from` and `to` in a source file that stand in quotes, one a line at most.
    fn quoted(file: &str, from: &str, to: &str) -> Vec<String> {
        let text = fs::read_to_string(core().join("src").join(file)).unwrap();
        let (_, text) = text.split_once(from).unwrap();
        let (text, _) = text.split_once(to).unwrap();
        text.lines()
            .filter(|line| !line.trim_start().starts_with("//"))
            .filter_map(|line| line.split('"').nth(1))
            .map(str::to_owned)
            .collect()
    }

    #[test]
    fn every_operation_event_and_code_of_the_core_is_there() {
        let text = generated();
        let operations = quoted("operation.rs", "\noperations! {", "\n}");
        assert_eq!(operations.len(), 15);
        for name in operations {
            for part in [
                format!("  \"{name}\": {{ body: "),
                format!("): PlanOf<\"{name}\">;"),
                format!("): Call<\"{name}\">;"),
            ] {
                assert!(text.contains(&part), "{part}");
            }
        }
        let events = quoted("event.rs", "pub enum EventType {", "\n    }");
        assert_eq!(events.len(), 12);
        for event in events {
            let part = format!("type: \"{event}\";");
            assert!(text.contains(&part), "{part}");
        }
        let codes = quoted("error.rs", "\ncodes! {", "\n}");
        assert!(codes.len() > 40);
        for code in codes {
            let part = format!("  | \"{code}\"");
            assert!(text.contains(&part), "{part}");
        }
    }

    #[test]
    fn nothing_is_any_and_every_link_leads_somewhere() {
        let text = generated();
        let code = text
            .lines()
            .filter(|line| !line.trim_start().starts_with(['*', '/']));
        for line in code {
            let mut words = line.split(|c: char| !c.is_ascii_alphanumeric());
            assert!(!words.any(|word| word == "any"), "{line}");
        }
        let names = exported(&text);
        for link in text.split("{@link ").skip(1) {
            let end = link.find(|c: char| !c.is_ascii_alphanumeric()).unwrap();
            assert!(names.contains(&link[..end]), "{}", &link[..end]);
        }
    }
}
