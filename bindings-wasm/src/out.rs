//! Values on their way to JavaScript.
//!
//! What the binding itself puts together goes out field by field ([`plain`]). The core's own values may hold exact JSON
//! (`extra`, undocumented events), which only serde_json can write: they are written once and parsed once, by the engine
//! ([`parsed`]). Where a long text goes with one, both go in one crossing ([`written`] and the package's `withText`).

use bananatech_core::{Invalid, json};
use serde::{Serialize, Serializer};
use wasm_bindgen::prelude::*;

#[wasm_bindgen]
extern "C" {
    /// The engine's own reader, of texts that are JSON for sure.
    #[wasm_bindgen(js_namespace = JSON)]
    fn parse(text: &str) -> JsValue;
}

/// The largest integer that JavaScript holds exactly, and so do all below it.
pub(crate) const LARGEST: u64 = 9_007_199_254_740_991;

/// A value of the binding's own: texts, small numbers, and what [`parsed`] made.
pub(crate) fn plain(value: &impl Serialize) -> JsValue {
    // Nothing of the kind can fail to be written.
    value
        .serialize(&serde_wasm_bindgen::Serializer::json_compatible())
        .unwrap_or_default()
}

/// A value of the core's, and whatever has many texts: each would be a crossing of its own.
///
/// Errors with [`Code::IdRange`](bananatech_core::Code::IdRange) for an integer that JavaScript would round.
pub(crate) fn parsed(value: &impl Serialize) -> Result<JsValue, Invalid> {
    Ok(parse(&written(value)?))
}

/// The same as the JSON that JavaScript parses. The allocator overwrites it, in less time than `Zeroizing` takes.
pub(crate) fn written(value: &impl Serialize) -> Result<String, Invalid> {
    let mut text = json::to_string_up_to(value, LARGEST)?;
    Ok(std::mem::take(&mut *text))
}

/// What the API said, for JavaScript: fields that the contract doesn't name stand apart in it.
pub(crate) struct Apart<T>(pub(crate) T);

impl<T: Serialize> Serialize for Apart<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        json::with_extra_apart(|| self.0.serialize(serializer))
    }
}

/// Refuses integers that JavaScript would round.
pub(crate) fn check(value: &impl Serialize) -> Result<(), Invalid> {
    written(value).map(drop)
}
