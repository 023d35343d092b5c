//! Prints the package's types: `bananatech-wasm-types INDEX.d.ts`. What is in that file, written by hand, comes first. The types
//! of the core's values follow, as ts-rs declares them, and the functions of each operation.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use anyhow::{Context, Result};
use bananatech_core::fields::{Brand, Weakness};
use bananatech_core::operations::merchant::{Charge, Fee};
use bananatech_core::{
    CardAction, CardState, Category, Code, Event, EventType, Exchange, Finding, Fold, Freshness,
    KeyCodec, Novelty, OpenFailure, OperationKind, OperationState, RejectionMeaning, Report,
};
use ts_rs::{Config, TS, TypeVisitor};

struct Printer {
    config: Config,
    text: String,
    /// The types that were met. Of those that aren't written by hand, what is to be printed: by name, since a type's dependencies come in an order that
    /// each build chooses anew.
    types: BTreeMap<String, Option<String>>,
}

impl TypeVisitor for Printer {
    /// Each type once, with those that it speaks of.
    fn visit<T: TS + 'static + ?Sized>(&mut self) {
        // What is built into TypeScript has none.
        if T::output_path().is_none() {
            return T::visit_dependencies(self);
        }
        let name = T::ident(&self.config);
        let is_written = name == "string"
            || ["type", "interface"]
                .iter()
                .any(|kind| self.text.contains(&format!("export {kind} {name} ")));
        if self.types.contains_key(&name) {
            return;
        }
        let declaration = || {
            let docs = T::docs().unwrap_or_default();
            format!("{docs}export {}", T::decl(&self.config))
        };
        let declaration = (!is_written).then(declaration);
        self.types.insert(name, declaration);
        T::visit_dependencies(self);
    }
}

impl Printer {
    fn put(&mut self, text: &str) {
        self.text.push('\n');
        let (mut in_example, mut indent) = (false, "");
        for line in text.lines().map(without_links) {
            let is_fence = line.contains("* ```");
            in_example ^= is_fence;
            if is_fence || in_example {
                continue;
            }
            // Where an example was left out.
            if line == " *" && self.text.ends_with(" *\n") {
                continue;
            }
            if line == " */" && self.text.ends_with(" *\n") {
                self.text.truncate(self.text.trim_end_matches(" *\n").len());
                self.text.push('\n');
            }
            if line.starts_with('}') {
                indent = "";
            }
            self.text.push_str(indent);
            self.text.push_str(line.trim_end());
            self.text.push('\n');
            if line.starts_with("export ") {
                indent = "  ";
            }
        }
    }

    fn words(&mut self, docs: &str, name: &str, words: &[&str]) {
        let words: Vec<_> = words.iter().map(|word| format!("{word:?}")).collect();
        let words = words.join(" | ");
        self.put(&format!("/** {docs} */\nexport type {name} = {words};"));
    }

    /// The functions of a group's operations: `given` is what they take, `made` what they answer.
    fn functions(&mut self, docs: &str, group: &str, suffix: &str, given: &str, made: &str) {
        let mut text = format!(
            "/** {docs} */\nexport interface {}{suffix} {{",
            capital(group)
        );
        for kind in OperationKind::ALL {
            let name = kind.name();
            if let Some(title) = name
                .strip_prefix(group)
                .and_then(|rest| rest.strip_prefix('.'))
            {
                let docs = Exchange::docs(*kind).unwrap_or_default();
                let docs = with_throws(&docs, *kind, suffix == "Calls");
                // Writing to a text can't fail.
                let _ = write!(
                    text,
                    "\n{docs}{}(...given: {given}<\"{name}\">): {made}<\"{name}\">;",
                    method(title)
                );
            }
        }
        self.put(&(text + "\n}"));
    }
}

/// The codes of an operation's own fields. Each may also lack a field, have one of another type, or one that isn't known.
fn codes(kind: OperationKind) -> &'static [Code] {
    use OperationKind as Kind;
    match kind {
        Kind::Recharge | Kind::Apply => &[
            Code::IdRange,
            Code::AmountFormat,
            Code::AmountRange,
            Code::AmountNotPositive,
        ],
        Kind::UpdateStatus => &[
            Code::IdRange,
            Code::PinDigits,
            Code::PinLength,
            Code::PinNotTaken,
        ],
        Kind::SetPin => &[Code::IdRange, Code::PinDigits, Code::PinLength],
        Kind::Assign => &[
            Code::IdRange,
            Code::CardNumberDigits,
            Code::CardNumberLength,
        ],
        Kind::SetWebhookUrl => &[Code::UrlFormat],
        Kind::Register
        | Kind::GetBalance
        | Kind::GetInformation
        | Kind::GetTransactions
        | Kind::Confirm3ds => &[Code::IdRange],
        Kind::GetAccountBalance
        | Kind::GetCardTemplates
        | Kind::GetWebhookRecords
        | Kind::GetUsers => &[],
    }
}

/// An operation's documentation, with what its functions throw.
fn with_throws(docs: &str, kind: OperationKind, is_sealed: bool) -> String {
    let always = [Code::FieldRequired, Code::FieldType, Code::FieldUnknown];
    let of_iv = is_sealed.then_some(Code::IvLength);
    let codes = always.iter().chain(codes(kind)).chain(&of_iv);
    let codes: Vec<_> = codes.map(|code| format!("`{code}`")).collect();
    let told = codes.join(", ");
    let docs = docs.trim_end().trim_end_matches("*/").trim_end();
    format!("{docs}\n *\n * @throws {{BananaTechError}} Caused by the caller: {told}.\n */\n")
}

/// ``[`Name`]`` and ``[`Type::field`](target)``, which only Rust has, as `Name` and `Type.field`.
fn without_links(line: &str) -> String {
    let Some((before, rest)) = line.split_once("[`") else {
        return line.to_owned();
    };
    let Some((name, after)) = rest.split_once("`]") else {
        return line.to_owned();
    };
    let after = match after
        .strip_prefix('(')
        .and_then(|target| target.split_once(')'))
    {
        Some((_, after)) => after,
        None => after,
    };
    let name = name.replace("::", ".");
    format!("{before}`{name}`{}", without_links(after))
}

fn capital(word: &str) -> String {
    let (first, rest) = word.split_at(1);
    first.to_uppercase() + rest
}

/// `get_balance` is `getBalance`; a name that begins with a digit has its first word last.
fn method(title: &str) -> String {
    let words: Vec<_> = title.split('_').collect();
    match words.as_slice() {
        [first, rest @ ..] if !first.starts_with(|c: char| c.is_ascii_digit()) => {
            first.to_string() + &rest.iter().map(|word| capital(word)).collect::<String>()
        }
        [first, rest @ ..] => rest.join("_") + first,
        [] => String::new(),
    }
}

fn main() -> Result<()> {
    let path = std::env::args()
        .nth(1)
        .context("the hand-written types' path is missing")?;
    let mut printer = Printer {
        config: Config::default().with_large_int("number"),
        text: std::fs::read_to_string(path)?
            + "\n// From here on generated, from the core's sources.\n",
        types: BTreeMap::new(),
    };
    for group in ["merchant", "user", "card"] {
        let docs = format!("Plans operations of the group `{group}`.");
        printer.functions(&docs, group, "Plans", "Given", "PlanOf");
        let docs = format!("Seals operations of the group `{group}`.");
        printer.functions(&docs, group, "Calls", "Sealing", "Call");
    }
    printer.visit::<Exchange>();
    printer.visit::<Event>();
    printer.visit::<EventType>();
    printer.visit::<Report>();
    printer.visit::<OperationState>();
    printer.visit::<CardState>();
    printer.visit::<CardAction>();
    printer.visit::<Fold>();
    printer.visit::<Charge>();
    printer.visit::<Fee>();
    printer.visit::<Freshness>();
    printer.visit::<Category>();
    printer.visit::<RejectionMeaning>();
    printer.visit::<KeyCodec>();
    printer.visit::<Novelty>();
    printer.visit::<OpenFailure>();
    printer.visit::<Finding>();
    for declaration in std::mem::take(&mut printer.types).into_values().flatten() {
        printer.put(&declaration);
    }
    let docs = "A card scheme, by the first digits of a number.";
    printer.words(docs, "Brand", &Brand::ALL.map(Brand::as_str));
    let docs = "Why a PIN is easily guessed.";
    printer.words(docs, "Weakness", &Weakness::ALL.map(Weakness::as_str));
    print!("{}", printer.text);
    Ok(())
}
