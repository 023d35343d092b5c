//! Why a body doesn't open: each step from the body to the event, for whoever operates the receiver.

use bananatech_cipher::{Mac32, bytes_from_base64, mac_from_hex};
use serde::Serialize;

use crate::credentials::{KeyCodec, SecretKey};
use crate::envelope::{Envelope, OpenFailure, Part, decrypt};
use crate::error::Code;
use crate::events::{Event, EventType};
use crate::json::Json;

/// A step on the way from a body to an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[non_exhaustive]
pub enum DiagnosisStep {
    /// The body is JSON text of one object.
    Body,
    /// It has the texts `encrypted_payload` and `hmac`.
    Envelope,
    /// The keys can be read by some codec.
    Keys,
    /// The signature is 64 hexadecimal digits.
    MacFormat,
    /// A key makes this signature.
    Mac,
    /// The payload is base64.
    Base64,
    /// The payload is an IV and whole blocks.
    Length,
    /// The padding is right.
    Padding,
    /// The plaintext is UTF-8.
    Utf8,
    /// The plaintext is JSON.
    Json,
    /// The envelope has a `type` that is known.
    Type,
    /// The data have the fields of that type.
    Fields,
}

impl DiagnosisStep {
    /// A stable name.
    ///
    /// ```
    /// assert_eq!(bananatech_core::DiagnosisStep::MacFormat.as_str(), "mac_format");
    /// ```
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Body => "body",
            Self::Envelope => "envelope",
            Self::Keys => "keys",
            Self::MacFormat => "mac_format",
            Self::Mac => "mac",
            Self::Base64 => "base64",
            Self::Length => "length",
            Self::Padding => "padding",
            Self::Utf8 => "utf8",
            Self::Json => "json",
            Self::Type => "type",
            Self::Fields => "fields",
        }
    }
}

/// What was found at one step.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct Finding {
    /// The step.
    pub step: DiagnosisStep,
    /// Whether it holds.
    pub holds: bool,
    /// What was found, and what may be the cause, in English. Nothing of the key or of the content is in it.
    pub says: String,
}

/// What [`diagnose`] found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct Diagnosis {
    /// The steps in their order, up to the first one that doesn't hold. A `type` that isn't known is the exception: reading goes on
    /// as far as it can.
    pub findings: Vec<Finding>,
    /// What was sealed, if it could be opened and is JSON. It may hold card numbers and personal data.
    pub content: Option<Json>,
}

impl Diagnosis {
    /// The first step that doesn't hold; `None` if all do.
    ///
    /// ```
    /// use bananatech_core::{DiagnosisStep, diagnose};
    /// assert_eq!(diagnose(b"", &[]).failed_at(), Some(DiagnosisStep::Body));
    /// ```
    pub fn failed_at(&self) -> Option<DiagnosisStep> {
        let failed = self.findings.iter().find(|finding| !finding.holds);
        failed.map(|finding| finding.step)
    }
}

/// Looks for the reason why a webhook's body doesn't open, for whoever operates the receiver: each step, with each key by each codec.
/// The keys are texts, as they were given at onboarding.
///
/// Never answer a webhook with what it says: it would help whoever forges one.
///
/// ```
/// use bananatech_core::{DiagnosisStep, diagnose};
/// let diagnosis = diagnose(br#"{"encrypted_payload":"AAAA","hmac":"AAAA"}"#, &["an example key of 32 characters!"]);
/// assert_eq!(diagnosis.failed_at(), Some(DiagnosisStep::MacFormat));
/// ```
pub fn diagnose(body: &[u8], keys: &[&str]) -> Diagnosis {
    let mut search = Search {
        findings: Vec::new(),
    };
    let content = search.look(body, keys);
    Diagnosis {
        findings: search.findings,
        content,
    }
}

struct Search {
    findings: Vec<Finding>,
}

/// A key's text by one codec.
struct Candidate {
    /// Its place among the keys, from 1 on.
    number: usize,
    codec: KeyCodec,
    key: SecretKey,
}

impl Candidate {
    fn name(&self) -> String {
        format!("key {} by the codec {}", self.number, self.codec.as_str())
    }
}

impl Search {
    fn note(&mut self, step: DiagnosisStep, holds: bool, says: impl Into<String>) {
        self.findings.push(Finding {
            step,
            holds,
            says: says.into(),
        });
    }

    fn holds(&mut self, step: DiagnosisStep, says: impl Into<String>) {
        self.note(step, true, says);
    }

    /// Notes that a step doesn't hold. There is nothing behind it.
    fn fails<T>(&mut self, step: DiagnosisStep, says: impl Into<String>) -> Option<T> {
        self.note(step, false, says);
        None
    }

    /// Goes as far as it gets; the content if it gets there.
    fn look(&mut self, body: &[u8], keys: &[&str]) -> Option<Json> {
        let envelope = self.body(body)?;
        let (payload, hmac) = self.envelope(&envelope)?;
        let candidates = self.keys(keys)?;
        let Some(mac) = mac_from_hex(hmac) else {
            return self.fails(DiagnosisStep::MacFormat, about_mac_format(hmac));
        };
        self.holds(DiagnosisStep::MacFormat, "`hmac` is 64 hexadecimal digits.");
        let signer = self.mac(payload, &mac, &candidates, keys)?;
        let content = self.opened(payload, signer)?;
        self.event(&envelope, &content);
        Some(content)
    }

    fn body<'a>(&mut self, body: &'a [u8]) -> Option<Envelope<'a>> {
        let Ok(text) = std::str::from_utf8(body) else {
            return self.fails(DiagnosisStep::Body, about_bytes(body));
        };
        match Envelope::from_text(text) {
            Ok(envelope) => {
                let says = format!("It is a JSON object of {} bytes.", body.len());
                self.holds(DiagnosisStep::Body, says);
                Some(envelope)
            }
            Err(error) if error.code() == Code::JsonDuplicateField => {
                let says = format!("The field `{}` stands in it twice.", error.field());
                self.fails(DiagnosisStep::Body, says)
            }
            Err(_) => self.fails(DiagnosisStep::Body, about_text(text)),
        }
    }

    fn envelope<'e>(&mut self, envelope: &'e Envelope<'_>) -> Option<(&'e str, &'e str)> {
        let (payload, hmac) = (&envelope.encrypted_payload, &envelope.hmac);
        if let (Some(payload), Some(hmac)) = (payload.text(), hmac.text()) {
            self.holds(
                DiagnosisStep::Envelope,
                "It has the texts `encrypted_payload` and `hmac`.",
            );
            return Some((payload, hmac));
        }
        let is = |part: &Part<'_>| match part {
            Part::Absent => "is missing",
            Part::NotText => "is no text",
            Part::Text(_) => "is there",
        };
        let mut says = format!(
            "`encrypted_payload` {}, and `hmac` {}.",
            is(payload),
            is(hmac)
        );
        says.push_str(match (payload.is_absent(), hmac.is_absent()) {
            (true, true) => {
                " It isn't what BananaTech sends. Perhaps something before the receiver opened it, or put it into another object."
            }
            (false, true) => {
                " A request has its signature in the header X-HMAC, a webhook in its body: is this a request?"
            }
            _ => "",
        });
        self.fails(DiagnosisStep::Envelope, says)
    }

    fn keys(&mut self, keys: &[&str]) -> Option<Vec<Candidate>> {
        let candidates = candidates(keys);
        let codecs = |number: usize| -> Vec<&str> {
            let of_it = candidates.iter().filter(|found| found.number == number);
            of_it.map(|found| found.codec.as_str()).collect()
        };
        let mut says: Vec<String> = Vec::new();
        for (number, text) in (1..).zip(keys) {
            let codecs = codecs(number);
            says.push(if text.is_empty() {
                format!("Key {number} is empty.")
            } else if codecs.is_empty() {
                format!("Key {number} can't be read by any codec.")
            } else {
                format!(
                    "Key {number} can be read by the codec {}.",
                    codecs.join(", ")
                )
            });
        }
        if candidates.is_empty() {
            says.push("There is no key to try.".to_owned());
            return self.fails(DiagnosisStep::Keys, says.join(" "));
        }
        self.holds(DiagnosisStep::Keys, says.join(" "));
        Some(candidates)
    }

    fn mac<'c>(
        &mut self,
        payload: &str,
        mac: &Mac32,
        candidates: &'c [Candidate],
        keys: &[&str],
    ) -> Option<&'c Candidate> {
        let signs = |found: &&Candidate, payload: &str| found.key.0.verify(payload, mac);
        if let Some(signer) = candidates.iter().find(|found| signs(found, payload)) {
            let says = format!("The signature is that of {}.", signer.name());
            self.holds(DiagnosisStep::Mac, says);
            return Some(signer);
        }
        let mut says = "No key makes this signature by any codec.".to_owned();
        let trimmed: Vec<&str> = keys.iter().map(|key| without_surroundings(key)).collect();
        let with_plus = payload.replace(' ', "+");
        let without_space: String = payload.split_whitespace().collect();
        let reads = |found: &&Candidate| {
            let opened = decrypt(&found.key.0, payload).ok();
            opened.is_some_and(|text| bananatech_json::check(&text).is_ok())
        };
        if let Some(signer) = candidates_of_changed(keys, &trimmed)
            .iter()
            .find(|found| signs(found, payload))
        {
            says.push_str(&format!(
                " It is that of {} without the white space or quotes around its text: take them away where the key is stored.",
                signer.name()
            ));
        } else if candidates.iter().any(|found| signs(&found, &with_plus)) {
            says.push_str(
                " It is right if each space of the payload is a `+`: whatever passed the body on decoded it as a form.",
            );
        } else if candidates.iter().any(|found| signs(&found, &without_space)) {
            says.push_str(
                " It is right without the white space in the payload: something broke its lines.",
            );
        } else if let Some(reader) = candidates.iter().find(reads) {
            says.push_str(&format!(
                " And yet the payload opens with {}: so the key is right, and the signature was made over something else, or of another \
                 message.",
                reader.name()
            ));
        } else {
            says.push_str(
                " Is it another merchant's key, one of the other environment (sandbox, production), or one that was replaced? Otherwise \
                 the payload was changed on its way, or somebody forged it.",
            );
        }
        self.fails(DiagnosisStep::Mac, says)
    }

    fn opened(&mut self, payload: &str, signer: &Candidate) -> Option<Json> {
        let steps = [
            (DiagnosisStep::Base64, "The payload is base64."),
            (DiagnosisStep::Length, "It is an IV and whole blocks."),
            (DiagnosisStep::Padding, "The padding is right."),
            (DiagnosisStep::Utf8, "The plaintext is UTF-8."),
            (DiagnosisStep::Json, "The plaintext is JSON."),
        ];
        let opened = decrypt(&signer.key.0, payload).and_then(|plaintext| {
            match bananatech_json::check(&plaintext) {
                Ok(_) => Ok(plaintext),
                Err(_) => Err(OpenFailure::NotJson),
            }
        });
        let failed = opened.as_ref().err().map(|failure| match failure {
            OpenFailure::PayloadNotBase64 => (
                DiagnosisStep::Base64,
                "The payload isn't base64 of the standard alphabet with padding, and its signature is right: the sender made it so.",
            ),
            OpenFailure::PayloadLength => (
                DiagnosisStep::Length,
                "The payload isn't an IV of 16 bytes and at least one whole block, and its signature is right: the sender made it so.",
            ),
            OpenFailure::Padding => (
                DiagnosisStep::Padding,
                "The padding isn't PKCS7's. Does the sender encrypt with another key or mode than it signs with?",
            ),
            OpenFailure::NotUtf8 => (
                DiagnosisStep::Utf8,
                "The plaintext isn't UTF-8. Does the sender encrypt with another key or mode than it signs with?",
            ),
            _ => (
                DiagnosisStep::Json,
                "The plaintext isn't JSON. Does the sender encrypt with another key or mode than it signs with?",
            ),
        });
        for (step, says) in steps {
            if let Some((failed, why)) = failed
                && failed == step
            {
                return self.fails(step, why);
            }
            self.holds(step, says);
        }
        opened.ok().map(Json::unchecked)
    }

    fn event(&mut self, envelope: &Envelope<'_>, content: &Json) {
        let word = match &envelope.event_type {
            Part::Text(word) => word,
            Part::Absent => {
                let says = "There is no `type`: this is an answer or a request, and no webhook.";
                return self.note(DiagnosisStep::Type, false, says);
            }
            Part::NotText => {
                return self.note(DiagnosisStep::Type, false, "`type` is no text.");
            }
        };
        match Event::read(word, content) {
            Event::Unknown(_) => self.note(
                DiagnosisStep::Type,
                false,
                "This version doesn't know the `type`. The receiver takes it, as an unknown event.",
            ),
            Event::Unrecognized(event) => {
                self.type_is_known(&event.event_type);
                let field = match event.field.as_str() {
                    "" => "The data".to_owned(),
                    field => format!("`{field}`"),
                };
                let says = format!(
                    "{field} can't be read as this type has it: expected {}. The receiver takes it, as an unrecognized event.",
                    event.expected
                );
                self.note(DiagnosisStep::Fields, false, says);
            }
            event => {
                self.type_is_known(&event.event_type());
                self.holds(
                    DiagnosisStep::Fields,
                    "The data have the fields of this type.",
                );
            }
        }
    }

    fn type_is_known(&mut self, event_type: &EventType) {
        let says = format!("It says that it is a {}.", event_type.as_str());
        self.holds(DiagnosisStep::Type, says);
    }
}

/// Each key by each codec that can read it.
fn candidates(keys: &[&str]) -> Vec<Candidate> {
    let mut found = Vec::new();
    for (number, text) in (1..).zip(keys) {
        for codec in KeyCodec::ALL {
            if let Ok(key) = SecretKey::from_text(text, codec) {
                found.push(Candidate { number, codec, key });
            }
        }
    }
    found
}

/// The same for the keys that were changed.
fn candidates_of_changed(keys: &[&str], changed: &[&str]) -> Vec<Candidate> {
    let mut found = candidates(changed);
    found.retain(|found| {
        let at = found.number.saturating_sub(1);
        keys.get(at) != changed.get(at)
    });
    found
}

fn without_surroundings(key: &str) -> &str {
    key.trim_matches(|char: char| char.is_whitespace() || matches!(char, '"' | '\'' | '\u{feff}'))
}

fn about_mac_format(hmac: &str) -> String {
    let mut says = "`hmac` isn't 64 hexadecimal digits.".to_owned();
    if bytes_from_base64(hmac).is_some_and(|bytes| bytes.len() == 32) {
        says.push_str(" It is 32 bytes as base64: the sender encodes it differently.");
    } else {
        says.push_str(&format!(" It has {} characters.", hmac.chars().count()));
    }
    says
}

fn about_bytes(body: &[u8]) -> &'static str {
    match body {
        [0x1f, 0x8b, ..] => {
            "The body is compressed (gzip). Something took away the header Content-Encoding."
        }
        [0xff, 0xfe, ..] | [0xfe, 0xff, ..] => "The body is UTF-16, not UTF-8.",
        _ => "The body isn't UTF-8.",
    }
}

fn about_text(text: &str) -> &'static str {
    let text = text.trim();
    let is_object = |json: &[u8]| {
        let text = std::str::from_utf8(json).unwrap_or_default().trim_start();
        text.starts_with('{') && bananatech_json::check(text).is_ok()
    };
    if text.is_empty() {
        "The body is empty. Something read its stream before, so nothing is left of it."
    } else if text.starts_with('\u{feff}') {
        "The body begins with a byte order mark. It was stored or edited by some program: hand over the bytes as they came."
    } else if text.contains("[object ") {
        "The body was parsed, and the object turned into a text. Hand over the bytes as they came."
    } else if bytes_from_base64(text).is_some_and(|decoded| is_object(&decoded)) {
        "The body is base64 of a JSON object: a gateway encodes bodies. Decode it once before the receiver."
    } else if text.starts_with("encrypted_payload=") || text.contains("&encrypted_payload=") {
        "The body is a form, not JSON: something turned it into one."
    } else if bananatech_json::check(text).is_err() {
        "The body isn't JSON. Was it cut off, or printed by a program that isn't made for it?"
    } else if text.starts_with('"') {
        "The body is JSON text within JSON text: it was serialised twice."
    } else {
        "The body is JSON, but no object."
    }
}
