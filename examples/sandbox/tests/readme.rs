//! The README's commands work as printed, and its magic values are the library's.

mod common;

use bananatech_sandbox::magic;
use bananatech_sandbox::seed::{MERCHANT_ID, SECRET_KEY};
use common::process::Sandbox;

const README: &str = include_str!("../README.md");

#[test]
fn the_commands_work_as_printed() {
    let sandbox = Sandbox::start(&[]);
    let block = README
        .split("```sh\n")
        .nth(1)
        .unwrap()
        .split("```")
        .next()
        .unwrap();
    assert!(block.lines().count() > 10);
    for line in block.lines() {
        // Only the port differs, and a refusal is to be an error.
        let line = line
            .replace("http://127.0.0.1:4010", &sandbox.base)
            .replace("curl -s ", "curl -sS --fail-with-body ");
        let output = std::process::Command::new("sh")
            .args(["-c", &line])
            .output()
            .unwrap();
        let said = String::from_utf8(output.stdout).unwrap();
        assert!(output.status.success(), "{line}\n{said}");
        assert!(!said.contains("\"status\":400"), "{line}\n{said}");
    }
}

#[test]
fn the_values_are_the_library_s() {
    let money = |amount: bananatech_sandbox::Money| format!("`{amount}`");
    for value in [
        MERCHANT_ID,
        SECRET_KEY,
        magic::CARD_NUMBER_NOT_FOUND,
        magic::CARD_NUMBER_ALREADY_ASSIGNED,
        magic::CARD_NUMBER_PROVIDER_TROUBLE,
        magic::CARD_NUMBER_ACTIVATION_REJECTED,
        magic::CARD_NUMBER_SILENT,
        magic::CARD_NUMBER_SLOW,
        magic::REASON_NOT_FOUND,
        magic::REASON_ALREADY_ASSIGNED,
        magic::REASON_PROVIDER,
        &money(magic::AMOUNT_REJECTED),
        &money(magic::AMOUNT_SILENT),
        &money(magic::AMOUNT_SLOW),
    ] {
        assert!(README.contains(value), "{value}");
    }
    for word in magic::EMAIL_WORDS {
        assert!(README.contains(&format!("`{word}@…`")), "{word}");
    }
    assert_eq!(SECRET_KEY.len(), 32);
}
