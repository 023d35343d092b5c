//! Whether every language has what the core has: operations, events, error codes.

use std::collections::BTreeSet;
use std::fs;

use anyhow::{Context, Result};
use bananatech_model::{Core, lower, snake};

use crate::mobile::{self, Build, Language};
use crate::process::{root, target_dir};
use crate::steps::Counts;
use crate::types;

/// What a language has, by the core's names.
#[derive(Default)]
struct Offer {
    operations: BTreeSet<String>,
    events: BTreeSet<String>,
    codes: BTreeSet<String>,
}

impl Offer {
    fn parts(&self) -> [(&'static str, &BTreeSet<String>); 3] {
        [
            ("operations", &self.operations),
            ("events", &self.events),
            ("error codes", &self.codes),
        ]
    }
}

/// Compares, prints a line for each language and kind, and names what is missing or too many.
pub(crate) fn run() -> Result<Counts> {
    let core = Core::read(&root().join("core"))?;
    let dts = types::generate(
        &root().join("core"),
        &root().join("bindings-wasm/npm/index.d.ts"),
    )?;
    let folder = target_dir()?.join("parity");
    let library = mobile::library(Build::Testing)?;
    let mut sources = Vec::new();
    for (language, main) in [
        (Language::Kotlin, "space/bananatech/bananatech.kt"),
        (Language::Swift, "BananaTech.swift"),
    ] {
        let (to, layer, codes) = match language {
            Language::Kotlin => (
                folder.join("kotlin"),
                "space/bananatech/Operations.kt",
                "space/bananatech/ErrorCode.kt",
            ),
            Language::Swift => (folder.join("swift"), "Operations.swift", "ErrorCode.swift"),
        };
        mobile::sources(language, &library, &to)?;
        let text = |name: &str| -> Result<String> { Ok(fs::read_to_string(to.join(name))?) };
        sources.push((text(main)?, text(layer)?, text(codes)?));
    }
    let [kotlin, swift] = sources.as_slice() else {
        anyhow::bail!("two languages have sources");
    };
    let wanted = of_core(&core)?;
    let mut counts = Counts::default();
    for (language, offer) in [
        ("JavaScript", of_javascript(&core, &dts)),
        ("Kotlin", of_kotlin(&core, &kotlin.0, &kotlin.1, &kotlin.2)),
        ("Swift", of_swift(&core, &swift.0, &swift.1, &swift.2)),
    ] {
        for line in compared(language, &wanted, &offer) {
            match line {
                Ok(line) => {
                    counts.passed += 1;
                    println!("{line}");
                }
                Err(line) => {
                    counts.failed += 1;
                    println!("{line}");
                }
            }
        }
    }
    Ok(counts)
}

fn compared(language: &str, wanted: &Offer, offer: &Offer) -> Vec<Result<String, String>> {
    let pairs = wanted.parts().into_iter().zip(offer.parts());
    pairs
        .map(|((kind, wanted), (_, found))| {
            let missing: Vec<_> = wanted.difference(found).cloned().collect();
            let extra: Vec<_> = found.difference(wanted).cloned().collect();
            match (missing.is_empty(), extra.is_empty()) {
                (true, true) => Ok(format!("{language}: all {} {kind}", wanted.len())),
                (false, _) => Err(format!("{language} lacks {kind}: {}", missing.join(", "))),
                (true, false) => Err(format!(
                    "{language} has {kind} that the core hasn't: {}",
                    extra.join(", ")
                )),
            }
        })
        .collect()
}

fn of_core(core: &Core) -> Result<Offer> {
    let events = core
        .words
        .iter()
        .find(|words| words.name == "EventType")
        .context("the core has no `EventType`")?;
    Ok(Offer {
        operations: core.operations.iter().map(|op| op.text.clone()).collect(),
        events: events
            .variants
            .iter()
            .map(|word| word.text.clone())
            .collect(),
        codes: core.codes.iter().map(|code| code.text.clone()).collect(),
    })
}

/// The text of a declaration: from `head` to the line that closes it.
fn declaration<'a>(text: &'a str, head: &str) -> &'a str {
    let Some((_, from)) = text.split_once(head) else {
        return "";
    };
    from.split_once("\n}").map_or(from, |(inside, _)| inside)
}

/// What stands in quotes, per line the first.
fn quoted(text: &str) -> BTreeSet<String> {
    text.lines()
        .filter(|line| !line.trim_start().starts_with(['*', '/']))
        .filter_map(|line| line.split('"').nth(1))
        .map(str::to_owned)
        .collect()
}

fn of_javascript(core: &Core, dts: &str) -> Offer {
    let names = quoted(declaration(dts, "export interface Operations {"));
    let has = |name: &str, text: &str| {
        names.contains(text)
            && dts.contains(&format!("): PlanOf<\"{text}\">;"))
            && dts.contains(&format!("): Call<\"{text}\">;"))
            && dts.contains(&format!("export interface {name} "))
    };
    let codes = dts
        .split_once("export type ErrorCode =")
        .and_then(|(_, from)| from.split_once(';'))
        .map_or_else(BTreeSet::new, |(union, _)| quoted(union));
    let events = dts.lines().filter_map(|line| {
        let word = line.trim_start().strip_prefix("type: \"")?;
        word.strip_suffix("\";").map(str::to_owned)
    });
    Offer {
        operations: core
            .operations
            .iter()
            .filter(|op| has(&op.name, &op.text))
            .map(|op| op.text.clone())
            .chain(
                names
                    .iter()
                    .filter(|name| core.operations.iter().all(|op| op.text != **name))
                    .cloned(),
            )
            .collect(),
        events: events.collect(),
        codes,
    }
}

/// What of the core's a language has: the operations whose parts are all there, the events that have a variant.
fn of_variants(
    core: &Core,
    operation: impl Fn(&str) -> bool,
    event: impl Fn(&str) -> bool,
    codes: &str,
) -> Offer {
    let own = ["randomness.unavailable"];
    Offer {
        operations: core
            .operations
            .iter()
            .filter(|op| operation(&op.name))
            .map(|op| op.text.clone())
            .collect(),
        events: core
            .words
            .iter()
            .filter(|words| words.name == "EventType")
            .flat_map(|words| &words.variants)
            .filter(|word| event(&word.name))
            .map(|word| word.text.clone())
            .collect(),
        codes: quoted(codes)
            .into_iter()
            .filter(|code| !own.contains(&code.as_str()))
            .collect(),
    }
}

fn of_kotlin(core: &Core, main: &str, layer: &str, codes: &str) -> Offer {
    let event = declaration(main, "\nsealed class Event {");
    let operations = declaration(main, "\nsealed class AnyOperation {");
    let responses = declaration(main, "\nsealed class AnyResponse {");
    let kinds = declaration(main, "\nenum class OperationKind {");
    of_variants(
        core,
        |name| {
            let variant = format!("data class {name}(");
            operations.contains(&variant)
                && responses.contains(&variant)
                && kinds.contains(&format!("    {}", snake(name).to_uppercase()))
                && layer.contains(&format!("fun Merchant.call(operation: {name}, "))
                && layer.contains(&format!("fun plan(operation: {name}): Plan"))
        },
        |name| event.contains(&format!("data class {name}(")),
        codes,
    )
}

fn of_swift(core: &Core, main: &str, layer: &str, codes: &str) -> Offer {
    let event = declaration(main, "enum Event: ");
    let operations = declaration(main, "enum AnyOperation: ");
    let responses = declaration(main, "enum AnyResponse: ");
    let kinds = declaration(main, "enum OperationKind: ");
    of_variants(
        core,
        |name| {
            let case = format!("case {}", lower(name));
            operations.contains(&format!("{case}("))
                && responses.contains(&format!("{case}("))
                && kinds.lines().any(|line| line.trim() == case)
                && (layer.contains(&format!("extension {name}: TypedOperation"))
                    || layer.contains(&format!("extension {name}: PagedOperation")))
        },
        |name| event.contains(&format!("case {}(", lower(name))),
        codes,
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn core() -> Core {
        Core::read(&root().join("core")).unwrap()
    }

    fn dts() -> String {
        types::generate(
            &root().join("core"),
            &root().join("bindings-wasm/npm/index.d.ts"),
        )
        .unwrap()
    }

    fn found(dts: &str) -> Vec<Result<String, String>> {
        let core = core();
        compared("It", &of_core(&core).unwrap(), &of_javascript(&core, dts))
    }

    #[test]
    fn what_is_all_there_is_counted() {
        let lines = found(&dts());
        assert!(lines.iter().all(Result::is_ok), "{lines:?}");
        assert_eq!(lines[0].as_deref(), Ok("It: all 15 operations"));
        assert_eq!(lines[1].as_deref(), Ok("It: all 12 events"));
    }

    #[test]
    fn what_is_missing_is_named() {
        let dts = dts()
            .replace("): Call<\"card.recharge\">;", ");")
            .replace("type: \"CARD_3DS\";", "")
            .replace("| \"pin.length\"", "| \"pin.long\"");
        let lines = found(&dts);
        assert_eq!(
            lines,
            [
                Err("It lacks operations: card.recharge".to_owned()),
                Err("It lacks events: CARD_3DS".to_owned()),
                Err("It lacks error codes: pin.length".to_owned()),
            ]
        );
    }

    #[test]
    fn what_the_core_hasnt_is_named() {
        let dts = dts().replace("| \"pin.length\"", "| \"pin.length\"\n  | \"pin.long\"");
        let last = found(&dts).pop().unwrap();
        assert_eq!(
            last.unwrap_err(),
            "It has error codes that the core hasn't: pin.long"
        );
    }
}
