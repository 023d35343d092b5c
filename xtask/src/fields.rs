//! What `bananatech/forms` takes from the core's fields when it is built, so that it is written once: codes and brands.

use anyhow::{Result, ensure};
use bananatech_fields::{Brand, FieldReason, Weakness};
use serde::Serialize;

#[derive(Serialize)]
struct Words {
    brands: [Card; Brand::ALL.len()],
    reasons: [&'static str; FieldReason::ALL.len()],
    weaknesses: [&'static str; Weakness::ALL.len()],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Card {
    r#type: &'static str,
    nice_type: &'static str,
    lengths: &'static [u8],
    gaps: &'static [u8],
    code: Code,
}

#[derive(Serialize)]
struct Code {
    name: &'static str,
    size: u8,
}

/// The lists that the WebAssembly module names by places in them, as JSON.
pub(crate) fn words() -> Result<String> {
    let brands = Brand::ALL.map(|brand| Card {
        r#type: brand.as_str(),
        nice_type: brand.name(),
        lengths: brand.lengths(),
        gaps: brand.gaps(),
        code: Code {
            name: brand.security_code(),
            size: brand.security_code_length(),
        },
    });
    Ok(serde_json::to_string(&Words {
        brands,
        reasons: FieldReason::ALL.map(FieldReason::as_str),
        weaknesses: Weakness::ALL.map(Weakness::as_str),
    })?)
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
