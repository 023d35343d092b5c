//! Why bodies don't open: the vectors, and what mustn't be said.
#![allow(missing_docs)]

use bananatech_core::{DiagnosisStep, diagnose};
use bananatech_tests::diagnosis::cases;

#[test]
fn the_vectors() {
    for case in cases() {
        let keys: Vec<&str> = case.keys.iter().map(String::as_str).collect();
        let diagnosis = diagnose(&case.body(), &keys);
        let failed = diagnosis.failed_at().map(DiagnosisStep::as_str);
        assert_eq!(failed, case.step.as_deref(), "{}: {diagnosis:?}", case.name);
        let step = case.step.as_deref().unwrap_or("mac");
        let finding = diagnosis
            .findings
            .iter()
            .find(|finding| finding.step.as_str() == step);
        let says = &finding.unwrap().says;
        assert!(says.contains(&case.hint), "{}: {says}", case.name);
        // Nothing is tried behind what doesn't hold.
        let last = diagnosis.findings.last().unwrap();
        assert_eq!(last.holds, case.step.is_none(), "{}", case.name);
        let opens = matches!(case.step.as_deref(), None | Some("type" | "fields"));
        assert_eq!(diagnosis.content.is_some(), opens, "{}", case.name);
    }
}

#[test]
fn neither_the_key_nor_what_was_sent_is_repeated() {
    for case in cases() {
        let keys: Vec<&str> = case.keys.iter().map(String::as_str).collect();
        let diagnosis = diagnose(&case.body(), &keys);
        let said = format!("{diagnosis:?}");
        let secrets = case.keys.iter().filter(|key| !key.is_empty());
        for secret in secrets
            .map(String::as_str)
            .chain(["12345", "yesterday", "TELEPORT"])
        {
            assert!(!said.contains(secret), "{}: {said}", case.name);
        }
    }
}
