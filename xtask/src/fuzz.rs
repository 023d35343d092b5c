//! `cargo xtask fuzz`: seeds each target from the vectors, and has `cargo fuzz` run it for a while.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, bail, ensure};
use serde_json::Value;

use crate::files::{self, empty};
use crate::process::{cargo_of, output, root, status, target_dir};
use crate::steps::Outcome;
use crate::{needs, tools};

/// Less than that finds nothing.
const LEAST_SECONDS: u64 = 3;
/// Longer texts of the vectors are no seeds: they would only slow the fuzzer down.
const LONGEST_SEED: usize = 4096;

fn cargo_fuzz(words: &str) -> Result<Command> {
    let mut command = cargo_of("nightly", "fuzz");
    command.args(words.split_whitespace());
    command.env("PATH", tools::path_with("cargo-fuzz", "^0.13")?);
    Ok(command)
}

/// No sanitizer: the core has no unsafe code in which it could find anything, and without it the targets build and run quicker.
const HOW: [&str; 2] = ["--sanitizer=none", "--target-dir"];

/// Builds all targets.
pub(crate) fn building() -> Result<Option<Command>> {
    if needs::nightly().is_some() {
        return Ok(None);
    }
    let mut command = cargo_fuzz("build")?;
    command.args(HOW).arg(target_dir()?.join("fuzz"));
    Ok(Some(command))
}

/// Fuzzes each target for its share of the seconds.
pub(crate) fn run(seconds: u64, only: &[String]) -> Result<()> {
    needs::require(&[needs::nightly])?;
    let listed = output(&mut cargo_fuzz("list")?)?;
    let mut targets: Vec<&str> = listed.lines().collect();
    if let Some(unknown) = only.iter().find(|name| !targets.contains(&name.as_str())) {
        bail!("no target {unknown}; there are: {}", targets.join(", "));
    }
    if !only.is_empty() {
        targets.retain(|target| only.iter().any(|name| name == target));
    }
    let share = (seconds / u64::try_from(targets.len().max(1))?).max(LEAST_SECONDS);
    println!("{} targets, {share} s each", targets.len());
    let texts = texts_of_vectors()?;
    let mut failed = Vec::new();
    for target in &targets {
        if !run_target(target, share, &texts)? {
            failed.push(*target);
        }
    }
    ensure!(failed.is_empty(), "found something: {}", failed.join(", "));
    println!("{} targets found nothing", targets.len());
    Ok(())
}

/// A short run.
pub(crate) fn test() -> Result<Outcome> {
    run(10, &[])?;
    Ok(Outcome::Passed(None))
}

/// Runs a target; whether it found nothing. What it finds is kept in `fuzz/artifacts`, and said how to run again.
fn run_target(target: &str, seconds: u64, texts: &BTreeSet<String>) -> Result<bool> {
    let work = target_dir()?.join("fuzz");
    let corpus = work.join("corpus").join(target);
    fs::create_dir_all(&corpus)?;
    let seeds = empty(work.join("seeds").join(target))?;
    write_seeds(target, texts, &seeds)?;
    let mut fuzzer = cargo_fuzz("run")?;
    fuzzer
        .arg(target)
        .args(HOW)
        .args([&work, &corpus, &seeds])
        .args(["--", "-verbosity=0", "-print_final_stats=1", "-timeout=10"])
        .arg(format!("-max_total_time={seconds}"));
    Ok(status(&mut fuzzer)?.success())
}

/// All texts of the vectors.
fn texts_of_vectors() -> Result<BTreeSet<String>> {
    let mut found = BTreeSet::new();
    for path in files::with_ending(&root().join("tests/vectors"), "json")? {
        let value = serde_json::from_slice(&fs::read(&path)?);
        let value = value.with_context(|| format!("{} isn't JSON", path.display()))?;
        collect(&value, &mut found);
    }
    Ok(found)
}

/// All texts in a JSON value, and each event and answer as a whole.
fn collect(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::String(text) => drop(found.insert(text.clone())),
        Value::Array(items) => items.iter().for_each(|item| collect(item, found)),
        Value::Object(fields) => {
            if let (Some(Value::String(name)), Some(Value::String(data))) =
                (fields.get("type"), fields.get("data"))
            {
                found.insert(format!(r#"{{"type":"{name}","data":{data}}}"#));
            }
            fields.values().for_each(|item| collect(item, found));
        }
        _ => {}
    }
}

/// Writes a target's seeds. The first byte chooses among a target's ways; for `receive`, 255 means that the rest is a raw body.
fn write_seeds(target: &str, texts: &BTreeSet<String>, folder: &Path) -> Result<()> {
    // Values are short, and sequences of steps aren't texts at all.
    let longest = match target {
        "amount" | "fields" | "values" => 80,
        "card_state" | "tracking" => 0,
        _ => LONGEST_SEED,
    };
    let texts = texts.iter().filter(|text| text.len() <= longest);
    for (at, text) in texts.enumerate() {
        let first = match target {
            "receive" if text.contains("encrypted_payload") => u8::MAX,
            _ => u8::try_from(at % 255)?,
        };
        let seed = [&[first], text.as_bytes()].concat();
        fs::write(folder.join(at.to_string()), seed)?;
    }
    Ok(())
}
