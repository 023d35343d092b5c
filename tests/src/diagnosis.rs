//! Bodies that don't open, each with the step that says why: `diagnosis.json`.

use serde::Deserialize;

/// A body, and where its diagnosis ends.
#[derive(Deserialize)]
pub struct Case {
    /// What is wrong with it.
    pub name: String,
    body: Option<String>,
    body_hex: Option<String>,
    /// The texts of the keys to try.
    pub keys: Vec<String>,
    /// The step that doesn't hold, if one doesn't.
    pub step: Option<String>,
    /// What is said of it holds these words.
    pub hint: String,
}

impl Case {
    /// The body: a text, or bytes that aren't one.
    ///
    /// # Panics
    /// If the case has neither.
    pub fn body(&self) -> Vec<u8> {
        match (&self.body, &self.body_hex) {
            (Some(text), _) => text.as_bytes().to_vec(),
            (None, Some(hex)) => base16ct::mixed::decode_vec(hex).expect("hexadecimal digits"),
            (None, None) => panic!("{} has no body", self.name),
        }
    }
}

/// All of them.
pub fn cases() -> Vec<Case> {
    crate::cases("diagnosis.json", "cases")
}
