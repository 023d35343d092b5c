//! The steps of `cargo xtask test`, one function each.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::process::{Command, ExitCode};

use anyhow::{Context, Result, ensure};

use crate::bench::openssl_is_there;
use crate::process::{cargo, on_ci, output, program, root, run, status, target_dir, watch, works};
use crate::size;
use crate::steps::{Counts, Outcome};
use crate::wasm;

fn passed_if(command: &mut Command) -> Result<Outcome> {
    Ok(if status(command)?.success() {
        Outcome::Passed(None)
    } else {
        Outcome::Failed(None)
    })
}

pub(crate) fn fmt() -> Result<Outcome> {
    passed_if(&mut cargo(&["fmt", "--all", "--check"]))
}

pub(crate) fn ignored() -> Result<Outcome> {
    // Put together, so that this file doesn't find itself.
    let mark = concat!("#[", "ignore");
    let mut found = false;
    for file in output(&mut program("git", &["ls-files", "*.rs"]))?.lines() {
        // A file may be tracked and gone.
        let Ok(text) = std::fs::read_to_string(root().join(file)) else {
            continue;
        };
        for (at, line) in text.lines().enumerate() {
            if line.contains(mark) {
                println!("{file}:{}: {}", at + 1, line.trim());
                found = true;
            }
        }
    }
    Ok(if found {
        Outcome::Failed(None)
    } else {
        Outcome::Passed(None)
    })
}

pub(crate) fn clippy() -> Result<Outcome> {
    // In two goes: together, the benchmarks' peers would change the features of what the later steps build as well, and
    // everything would be built anew for them.
    let deny = ["--", "-D", "warnings"];
    let rest = passed_if(cargo(&["clippy", "--all-targets"]).args(deny))?;
    if !openssl_is_there() {
        if on_ci() {
            return Ok(Outcome::Missing("libssl-dev, pkg-config".to_owned()));
        }
        println!("without the benchmarks: libssl-dev or pkg-config is missing");
        return Ok(rest);
    }
    let benches = ["clippy", "--all-targets", "-p", "bananatech-benches"];
    match (rest, passed_if(cargo(&benches).args(deny))?) {
        (Outcome::Passed(_), benches) => Ok(benches),
        (failed, _) => Ok(failed),
    }
}

pub(crate) fn doc() -> Result<Outcome> {
    passed_if(cargo(&["doc", "--no-deps"]).env("RUSTDOCFLAGS", "-D warnings"))
}

/// Adds a line of a test runner's output to the counts, if it is one that counts.
fn count(line: &str, counts: &mut Counts) {
    // Node: `ℹ pass 3` or `# pass 3`.
    if let Some(told) = line.strip_prefix("ℹ ").or(line.strip_prefix("# ")) {
        match told.split_once(' ') {
            Some(("pass", number)) => counts.passed += number.parse().unwrap_or(0),
            Some(("fail", number)) => counts.failed += number.parse().unwrap_or(0),
            _ => {}
        }
    }
    // cargo: `test result: ok. 3 passed; 0 failed; …`, with colours or without.
    let Some((_, result)) = line.split_once("test result: ") else {
        return;
    };
    let number = |word: &str| -> u64 {
        let words: Vec<&str> = result.split([' ', ';']).collect();
        words
            .windows(2)
            .find_map(|pair| match pair {
                [number, unit] if *unit == word => number.parse().ok(),
                _ => None,
            })
            .unwrap_or(0)
    };
    counts.passed += number("passed");
    counts.failed += number("failed");
}

fn counted(command: &mut Command) -> Result<Outcome> {
    let mut counts = Counts::default();
    let success = watch(command, |line| count(line, &mut counts))?;
    // No test at all is no success.
    Ok(if success && counts.failed == 0 && counts.passed > 0 {
        Outcome::Passed(Some(counts))
    } else {
        Outcome::Failed(Some(counts))
    })
}

pub(crate) fn rust() -> Result<Outcome> {
    counted(&mut cargo(&["test", "--no-fail-fast"]))
}

/// A Python with what the vectors' generator needs: the machine's, or one of our own.
fn python() -> Result<Option<PathBuf>> {
    let imports = ["-c", "import cryptography"];
    let system = PathBuf::from("python3");
    if works(&mut program(&system, &imports)) {
        return Ok(Some(system));
    }
    if !works(&mut program(&system, &["-c", "import venv, ensurepip"])) {
        return Ok(None);
    }
    let venv = target_dir()?.join("venv");
    let own = venv.join("bin/python");
    if !works(&mut program(&own, &imports)) {
        run(program(&system, &["-m", "venv"]).arg(&venv))?;
        run(&mut program(
            &own,
            &[
                "-m",
                "pip",
                "install",
                "--quiet",
                "--disable-pip-version-check",
                "-r",
                "tests/vectors/requirements.txt",
            ],
        ))?;
    }
    Ok(Some(own))
}

pub(crate) fn vectors() -> Result<Outcome> {
    match python()? {
        Some(python) => passed_if(&mut program(
            python,
            &["tests/vectors/generate.py", "--check"],
        )),
        None => Ok(Outcome::Missing("python3 with venv".to_owned())),
    }
}

/// Whether the toolchain can build for a target; it is fetched if rustup is there.
pub(crate) fn has_target(target: &str) -> Result<bool> {
    let libraries = output(&mut program(
        "rustc",
        &["--print", "target-libdir", "--target", target],
    ))?;
    if PathBuf::from(libraries.trim()).exists() {
        return Ok(true);
    }
    Ok(works(&mut program("rustup", &["--version"]))
        && status(&mut program("rustup", &["target", "add", target]))?.success())
}

pub(crate) fn core_wasm() -> Result<Outcome> {
    if !has_target(wasm::TARGET)? {
        return Ok(Outcome::Missing(format!(
            "the Rust target {}",
            wasm::TARGET
        )));
    }
    // For the processor, and by the profile, that it ships for.
    passed_if(&mut wasm::cargo_build("bananatech-core")?)
}

/// The crates that one is built of, itself among them.
fn crates_of(package: &str) -> Result<Vec<String>> {
    let tree = output(&mut cargo(&[
        "tree",
        "-p",
        package,
        "-e",
        "normal",
        "--target",
        "all",
        "--prefix",
        "none",
        "--no-dedupe",
    ]))?;
    let names = tree.lines().filter_map(|line| line.split(' ').next());
    let names: BTreeSet<_> = names.filter(|name| !name.is_empty()).collect();
    Ok(names.into_iter().map(str::to_owned).collect())
}

pub(crate) fn core_tree() -> Result<Outcome> {
    const FORBIDDEN: &[&str] = &[
        "tokio",
        "wasm-bindgen",
        "uniffi",
        "js-sys",
        "reqwest",
        "hyper",
        "http",
        "rustls",
        "openssl",
        "native-tls",
        "ring",
        "aws-lc",
    ];
    let names = crates_of("bananatech-core")?;
    println!("{} crates: {}", names.len(), names.join(" "));
    // What every visitor of a page with card fields loads.
    let forms = crates_of("bananatech-forms")?;
    ensure!(
        forms == ["bananatech-fields", "bananatech-forms", "zeroize"],
        "bananatech-forms is built of {}",
        forms.join(" ")
    );
    let found: Vec<_> = names
        .iter()
        .filter(|name| {
            FORBIDDEN.iter().any(|word| {
                name.strip_prefix(word)
                    .is_some_and(|rest| rest.is_empty() || rest.starts_with('-'))
            })
        })
        .collect();
    if found.is_empty() {
        return Ok(Outcome::Passed(None));
    }
    println!("core must not depend on: {found:?}");
    Ok(Outcome::Failed(None))
}

/// Another of this program's commands, as a program of its own: so its output can be counted.
fn this_program(arguments: &[&str]) -> Result<Command> {
    let path = std::env::current_exe().context("cannot find this program's own path")?;
    Ok(program(path, arguments))
}

fn missing_of(programs: &[(&str, &str)]) -> Option<Outcome> {
    programs
        .iter()
        .find(|(name, question)| !works(&mut program(name, &[question])))
        .map(|(name, _)| Outcome::Missing((*name).to_owned()))
}

/// What building the npm package needs and isn't there.
fn missing_for_npm() -> Result<Option<Outcome>> {
    if let Some(missing) = missing_of(&[("node", "--version"), ("npm", "--version")]) {
        return Ok(Some(missing));
    }
    if has_target(wasm::TARGET)? {
        return Ok(None);
    }
    let what = format!("the Rust target {}", wasm::TARGET);
    Ok(Some(Outcome::Missing(what)))
}

pub(crate) fn node() -> Result<Outcome> {
    if let Some(missing) = missing_for_npm()? {
        return Ok(missing);
    }
    counted(&mut this_program(&["test-node"])?)
}

/// The packages' sizes against their limits.
pub(crate) fn size() -> Result<Outcome> {
    if let Some(missing) = missing_for_npm()? {
        return Ok(missing);
    }
    Ok(if size::run(false)? == ExitCode::SUCCESS {
        Outcome::Passed(None)
    } else {
        Outcome::Failed(None)
    })
}

pub(crate) fn runtimes() -> Result<Outcome> {
    if let Some(missing) = missing_for_npm()? {
        return Ok(missing);
    }
    counted(&mut this_program(&["test-runtimes"])?)
}

pub(crate) fn web() -> Result<Outcome> {
    if let Some(missing) = missing_for_npm()? {
        return Ok(missing);
    }
    if on_ci() && !crate::web::has_browser() {
        return Ok(Outcome::Missing("chromium".to_owned()));
    }
    counted(&mut this_program(&["test-web"])?)
}

pub(crate) fn kotlin() -> Result<Outcome> {
    if let Some(missing) = missing_of(&[("java", "-version"), ("mvn", "--version")]) {
        return Ok(missing);
    }
    // Maven runs quietly, so the numbers are in its reports; those of an earlier run don't count.
    let reports = target_dir()?.join("kotlin/maven/surefire-reports");
    if reports.exists() {
        std::fs::remove_dir_all(&reports)?;
    }
    let success = status(&mut this_program(&["test-kotlin"])?)?.success();
    let mut counts = Counts::default();
    if let Ok(entries) = std::fs::read_dir(&reports) {
        for entry in entries {
            let path = entry?.path();
            if path.extension().is_some_and(|extension| extension == "txt") {
                let report = std::fs::read_to_string(path)?;
                report
                    .lines()
                    .for_each(|line| count_maven(line, &mut counts));
            }
        }
    }
    Ok(if success && counts.failed == 0 && counts.passed > 0 {
        Outcome::Passed(Some(counts))
    } else {
        Outcome::Failed(Some(counts))
    })
}

/// A class's line in Maven's report: `Tests run: 3, Failures: 0, Errors: 0, Skipped: 0, Time elapsed: …`.
fn count_maven(line: &str, counts: &mut Counts) {
    let Some((_, told)) = line.split_once("Tests run: ") else {
        return;
    };
    let numbers: Vec<u64> = told
        .split(", ")
        .take(4)
        .filter_map(|part| part.rsplit(' ').next()?.parse().ok())
        .collect();
    if let [run, failures, errors, skipped] = *numbers.as_slice() {
        let failed = failures + errors;
        counts.passed += run.saturating_sub(failed + skipped);
        counts.failed += failed;
    }
}

pub(crate) fn fuzz() -> Result<Outcome> {
    if !crate::fuzz::nightly_is_there() {
        return Ok(Outcome::Missing("the nightly toolchain".to_owned()));
    }
    passed_if(&mut this_program(&["fuzz", "--seconds", "10"])?)
}
