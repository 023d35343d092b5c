//! Why a body doesn't open.

use bananatech_core::Finding;
use serde::Serialize;
use wasm_bindgen::prelude::*;

use crate::error::Result;
use crate::merchant::with_text;
use crate::out::written;

#[derive(Serialize)]
struct Diagnosed<'a> {
    findings: &'a [Finding],
    failed_at: Option<&'static str>,
    is_open: bool,
}

/// Looks for the reason, step by step and with each key. What was sealed, if it opens, goes with it as a text.
#[wasm_bindgen]
pub fn diagnose(body: &[u8], keys: Vec<String>) -> Result {
    let keys: Vec<&str> = keys.iter().map(String::as_str).collect();
    let diagnosis = bananatech_core::diagnose(body, &keys);
    let content = diagnosis.content.as_ref().map(|content| content.as_str());
    let value = Diagnosed {
        findings: &diagnosis.findings,
        failed_at: diagnosis.failed_at().map(|step| step.as_str()),
        is_open: content.is_some(),
    };
    Ok(with_text(&written(&value)?, content.unwrap_or_default()))
}
