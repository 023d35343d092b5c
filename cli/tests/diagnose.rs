//! `bananatech diagnose` as a program.
#![allow(missing_docs)]

use std::fs;
use std::io::Write as _;
use std::process::{Command, Output, Stdio};

use bananatech_tests::diagnosis::cases;

fn bananatech(arguments: &[&str], key: Option<&str>, input: &[u8]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_bananatech"));
    command.arg("diagnose").args(arguments);
    match key {
        Some(key) => command.env("BANANATECH_SECRET_KEY", key),
        None => command.env_remove("BANANATECH_SECRET_KEY"),
    };
    command.stdin(Stdio::piped());
    let mut child = command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // It may end without reading all of it.
    let _ = child.stdin.take().unwrap().write_all(input);
    child.wait_with_output().unwrap()
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap()
}

#[test]
fn each_fault_is_found_at_its_step() {
    let mut faults = 0;
    for case in cases() {
        let folder = tempfile::tempdir().unwrap();
        let body = folder.path().join("body");
        fs::write(&body, case.body()).unwrap();
        let mut arguments = vec![body.to_str().unwrap().to_owned()];
        for (number, key) in case.keys.iter().enumerate() {
            let path = folder.path().join(format!("key-{number}"));
            fs::write(&path, format!("{key}\n")).unwrap();
            arguments.extend(["--key-file".to_owned(), path.to_str().unwrap().to_owned()]);
        }
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        let output = bananatech(&arguments, None, b"");
        let said = text(&output.stdout);
        let line = said.lines().find(|line| line.contains(" FAILS "));
        let step = line.and_then(|line| line.split(' ').next());
        assert_eq!(step, case.step.as_deref(), "{}: {said}", case.name);
        assert!(
            line.is_none_or(|line| line.contains(&case.hint)),
            "{}: {said}",
            case.name
        );
        assert_eq!(
            output.status.code(),
            Some(i32::from(step.is_some())),
            "{}",
            case.name
        );
        faults += usize::from(step.is_some());
    }
    assert!(faults >= 10);
}

fn good() -> (Vec<u8>, String) {
    let case = cases().remove(0);
    (case.body(), case.keys[0].clone())
}

#[test]
fn the_body_comes_from_standard_input_and_the_key_from_the_environment() {
    let (body, key) = good();
    for arguments in [&[][..], &["-"]] {
        let output = bananatech(arguments, Some(&key), &body);
        assert!(output.status.success(), "{}", text(&output.stdout));
    }
    let output = bananatech(&[], None, &body);
    assert_eq!(output.status.code(), Some(1));
    assert!(text(&output.stdout).contains("no key"));
}

#[test]
fn the_content_is_shown_only_if_it_is_asked_for() {
    let (body, key) = good();
    for form in [&[][..], &["--json"]] {
        let hidden = bananatech(form, Some(&key), &body);
        assert!(!text(&hidden.stdout).contains("receive_amount"));
        let shown = bananatech(&[form, &["--show"]].concat(), Some(&key), &body);
        assert!(text(&shown.stdout).contains("receive_amount"));
        assert!(!text(&shown.stdout).contains(&key));
    }
}

#[test]
fn json_has_each_step() {
    let (body, key) = good();
    let output = bananatech(&["--json"], Some(&key), &body);
    let value: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let steps: Vec<&str> = value["findings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|finding| finding["step"].as_str().unwrap())
        .collect();
    let all = "body envelope keys mac_format mac base64 length padding utf8 json type fields";
    assert_eq!(steps.join(" "), all);
    assert_eq!(value["content"], serde_json::Value::Null);
}

#[test]
fn what_cannot_be_read_is_said_and_is_another_exit_code() {
    let (body, key) = good();
    let output = bananatech(&["/nowhere/body"], Some(&key), b"");
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("/nowhere/body"));
    let output = bananatech(&["--key-file", "/nowhere/key"], None, &body);
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("/nowhere/key"));
    // A key as an argument is refused.
    let output = bananatech(&["--key", &key], None, &body);
    assert_eq!(output.status.code(), Some(2));
}
