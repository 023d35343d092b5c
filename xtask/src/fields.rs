//! What `bananatech/forms` takes from the core's fields when it is built, so that it is written once: codes and brands.

use anyhow::{Result, ensure};
use bananatech_fields::{Brand, FieldReason, Weakness};
use serde_json::json;

fn reasons() -> [&'static str; FieldReason::ALL.len()] {
    FieldReason::ALL.map(FieldReason::as_str)
}

fn weaknesses() -> [&'static str; Weakness::ALL.len()] {
    Weakness::ALL.map(Weakness::as_str)
}

/// A JavaScript module of what the WebAssembly module answers by numbers, each at its place in the core's list.
pub(crate) fn script() -> String {
    let cards = Brand::ALL.map(|brand| {
        json!([
            brand.as_str(),
            brand.name(),
            brand.lengths(),
            brand.gaps(),
            brand.security_code_length(),
            brand.security_code(),
        ])
    });
    [
        ("reasons", json!(reasons())),
        ("weaknesses", json!(weaknesses())),
        ("cards", json!(cards)),
    ]
    .map(|(name, list)| format!("export const {name} = {list};\n"))
    .concat()
}

/// The types with the codes: `"…"` stands for them in what is written by hand.
pub(crate) fn types(template: &str) -> Result<String> {
    let mut types = template.to_owned();
    for (name, codes) in [
        ("Brand", &Brand::ALL.map(Brand::as_str)[..]),
        ("Reason", &reasons()),
        ("Weakness", &weaknesses()),
    ] {
        let blank = format!("export type {name} = \"…\";\n");
        ensure!(types.contains(&blank), "forms.d.ts: expected {blank}");
        let union: String = codes
            .iter()
            .map(|code| format!("\n  | \"{code}\""))
            .collect();
        types = types.replace(&blank, &format!("export type {name} ={union};\n"));
    }
    Ok(types)
}
