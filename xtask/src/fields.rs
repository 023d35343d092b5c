//! What `bananatech/forms` takes from the core's fields when it is built, so that it is written once: codes and brands.

use anyhow::{Result, ensure};
use bananatech_fields::{Brand, FieldReason, Weakness};
use serde_json::{Value, json};

/// What the WebAssembly module answers by numbers, each at its place in the core's list.
pub(crate) fn words() -> Value {
    let brands = Brand::ALL.map(|brand| {
        json!({
            "type": brand.as_str(),
            "niceType": brand.name(),
            "lengths": brand.lengths(),
            "gaps": brand.gaps(),
            "code": { "name": brand.security_code(), "size": brand.security_code_length() },
        })
    });
    json!({
        "brands": brands,
        "reasons": FieldReason::ALL.map(FieldReason::as_str),
        "weaknesses": Weakness::ALL.map(Weakness::as_str),
    })
}

/// The types with the codes: `"…"` stands for them in what is written by hand.
pub(crate) fn types(template: &str) -> Result<String> {
    let mut types = template.to_owned();
    for (name, codes) in [
        ("Brand", &Brand::ALL.map(Brand::as_str)[..]),
        ("Reason", &FieldReason::ALL.map(FieldReason::as_str)),
        ("Weakness", &Weakness::ALL.map(Weakness::as_str)),
    ] {
        let blank = format!("export type {name} = \"…\";\n");
        ensure!(types.contains(&blank), "forms.d.ts: expected {blank}");
        let union = format!("\n  | \"{}\"", codes.join("\"\n  | \""));
        types = types.replace(&blank, &format!("export type {name} ={union};\n"));
    }
    Ok(types)
}
