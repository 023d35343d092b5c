//! `cargo xtask fuzz`: builds the targets with `cargo-fuzz`, seeds them from the vectors, and runs each for a while.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Instant;

use anyhow::{Context, Result, bail};
use serde_json::Value;

use crate::process::{
    cargo, nightly, output, program, root, run as run_program, status, target_dir, works,
};

/// Less than that finds nothing.
const LEAST_SECONDS: u64 = 3;
/// Longer texts of the vectors are no seeds: they would only slow the fuzzer down.
const LONGEST_SEED: usize = 4096;

/// Whether the nightly toolchain, which fuzzing needs, is there.
pub(crate) fn nightly_is_there() -> bool {
    works(&mut nightly(&["--version"]))
}

/// Makes `cargo fuzz` a command: the machine's, or one that is built into the target directory.
fn tools() -> Result<PathBuf> {
    let tools = target_dir()?.join("tools");
    let own = tools.join("bin/cargo-fuzz");
    if !own.exists() && !works(&mut program("cargo-fuzz", &["--version"])) {
        println!("building cargo-fuzz (once)");
        // Unoptimised: it only starts other programs.
        let mut install = cargo(&["install", "--quiet", "--locked", "--debug", "cargo-fuzz"]);
        run_program(install.arg("--root").arg(&tools))?;
    }
    Ok(tools.join("bin"))
}

/// The targets' names.
fn targets() -> Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in fs::read_dir(root().join("fuzz/fuzz_targets"))? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "rs")
            && let Some(name) = path.file_stem()
        {
            names.push(name.to_string_lossy().into_owned());
        }
    }
    names.sort();
    Ok(names)
}

/// All texts in a JSON value, and each event and answer as a whole.
fn texts(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::String(text) => {
            found.insert(text.clone());
        }
        Value::Array(items) => items.iter().for_each(|item| texts(item, found)),
        Value::Object(fields) => {
            if let (Some(Value::String(name)), Some(Value::String(data))) =
                (fields.get("type"), fields.get("data"))
            {
                found.insert(format!(r#"{{"type":"{name}","data":{data}}}"#));
            }
            fields.values().for_each(|item| texts(item, found));
        }
        _ => {}
    }
}

/// The longest seed that a target gets: values are short, and sequences of steps aren't texts at all.
fn longest_seed(target: &str) -> usize {
    match target {
        "amount" | "fields" | "values" => 80,
        "card_state" | "pending" => 0,
        _ => LONGEST_SEED,
    }
}

/// Writes the vectors' texts as a target's seeds. The first byte chooses among a target's ways; for `receive`, 255 means
/// that the rest is a raw body.
fn seeds(target: &str, folder: &Path) -> Result<()> {
    let mut found = BTreeSet::new();
    for entry in fs::read_dir(root().join("tests/vectors"))? {
        let path = entry?.path();
        if path
            .extension()
            .is_some_and(|extension| extension == "json")
        {
            let value = serde_json::from_slice(&fs::read(&path)?)
                .with_context(|| format!("{} isn't JSON", path.display()))?;
            texts(&value, &mut found);
        }
    }
    if folder.exists() {
        fs::remove_dir_all(folder)?;
    }
    fs::create_dir_all(folder)?;
    let longest = longest_seed(target);
    found.retain(|text| text.len() <= longest);
    for (at, text) in found.iter().enumerate() {
        let raw = target == "receive" && text.contains("encrypted_payload");
        let first = if raw {
            u8::MAX
        } else {
            u8::try_from(at % 255)?
        };
        let mut seed = vec![first];
        seed.extend_from_slice(text.as_bytes());
        fs::write(folder.join(at.to_string()), seed)?;
    }
    Ok(())
}

/// Runs a target; whether it found nothing.
fn run_target(name: &str, seconds: u64, binaries: &Path, work: &Path) -> Result<bool> {
    let (corpus, log) = (
        work.join("corpus").join(name),
        work.join(format!("{name}.log")),
    );
    fs::create_dir_all(&corpus)?;
    let seeded = work.join("seeds").join(name);
    seeds(name, &seeded)?;
    let artifacts = root().join("fuzz/artifacts").join(name);
    fs::create_dir_all(&artifacts)?;
    let started = Instant::now();
    let mut fuzzer = program(
        binaries.join(name),
        &["-print_final_stats=1", "-timeout=10"],
    );
    fuzzer
        .arg(format!("-max_total_time={seconds}"))
        .arg(format!("-artifact_prefix={}/", artifacts.display()))
        .arg(&corpus)
        .arg(&seeded)
        .stderr(File::create(&log)?);
    let success = status(&mut fuzzer)?.success();
    let told = String::from_utf8_lossy(&fs::read(&log)?).into_owned();
    let runs = told
        .lines()
        .find_map(|line| line.strip_prefix("stat::number_of_executed_units:"))
        .map_or("?", str::trim);
    println!(
        "{name:<12} {:<8} {runs:>10} runs {:>6.1} s",
        if success { "ok" } else { "FAILED" },
        started.elapsed().as_secs_f64()
    );
    if !success {
        let lines: Vec<&str> = told.lines().collect();
        for line in lines.iter().skip(lines.len().saturating_sub(60)) {
            println!("    {line}");
        }
        println!("    what failed is kept in fuzz/artifacts/{name}");
    }
    Ok(success)
}

/// Fuzzes each target for its share of the seconds.
pub(crate) fn run(seconds: u64, only: &[String]) -> Result<ExitCode> {
    let mut targets = targets()?;
    if let Some(unknown) = only.iter().find(|name| !targets.contains(name)) {
        bail!("no target {unknown}; there are: {}", targets.join(", "));
    }
    if !only.is_empty() {
        targets.retain(|name| only.contains(name));
    }
    if !nightly_is_there() {
        bail!("fuzzing needs the nightly toolchain: rustup toolchain install nightly");
    }

    let tools = tools()?;
    let path = std::env::var_os("PATH").unwrap_or_default();
    let path = std::env::join_paths(std::env::split_paths(&path).chain([tools]))?;
    let work = target_dir()?.join("fuzz");
    let version = output(&mut program("rustc", &["-vV"]))?;
    let host = version
        .lines()
        .find_map(|line| line.strip_prefix("host: "))
        .context("rustc doesn't say its host")?;
    let mut build = nightly(&["fuzz", "build", "--target", host, "--target-dir"]);
    run_program(build.arg(&work).env("PATH", path))?;
    let binaries = work.join(host).join("release");

    let share = (seconds / u64::try_from(targets.len().max(1))?).max(LEAST_SECONDS);
    println!("{} targets, {share} s each", targets.len());
    let mut failed = 0_usize;
    for name in &targets {
        failed += usize::from(!run_target(name, share, &binaries, &work)?);
    }
    println!(
        "{} targets found nothing, {failed} found something",
        targets.len() - failed
    );
    Ok(if failed == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}
