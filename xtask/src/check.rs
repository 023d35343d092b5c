//! The steps of `cargo xtask test` that are of no package.

use std::collections::BTreeSet;
use std::process::Command;

use anyhow::{Result, ensure};

use crate::bench::openssl_is_there;
use crate::process::{cargo, on_ci, output, program, run, status};
use crate::steps::{Outcome, counted};
use crate::tools;

fn passed_if(command: &mut Command) -> Result<Outcome> {
    run(command)?;
    Ok(Outcome::Passed(None))
}

pub(crate) fn fmt() -> Result<Outcome> {
    passed_if(&mut cargo("fmt --all --check"))
}

pub(crate) fn ignored() -> Result<Outcome> {
    let mut search = program("git", "grep -n #\\[ignore -- *.rs");
    // By this it says that it found nothing.
    let found_nothing = status(&mut search)?.code() == Some(1);
    ensure!(found_nothing, "a test is switched off");
    Ok(Outcome::Passed(None))
}

pub(crate) fn clippy() -> Result<Outcome> {
    // One after the other: together, the benchmarks' peers would change the features of what the later steps build as well, and
    // everything would be built anew for them.
    let clippy = |what: &[&str]| {
        let mut command = cargo("clippy --all-targets");
        run(command.args(what).args(["--", "-D", "warnings"]))
    };
    // With what only the JVM's library has, and only the tests call.
    clippy(&["--features=bananatech-uniffi/backend,bananatech-uniffi/testing"])?;
    if openssl_is_there() {
        clippy(&["--package=bananatech-benches", "--all-features"])?;
    } else if on_ci() {
        return Ok(Outcome::Missing("libssl-dev, pkg-config".to_owned()));
    } else {
        println!("without the benchmarks: libssl-dev or pkg-config is missing");
    }
    Ok(Outcome::Passed(None))
}

pub(crate) fn doc() -> Result<Outcome> {
    passed_if(cargo("doc --no-deps").env("RUSTDOCFLAGS", "-D warnings"))
}

pub(crate) fn rust() -> Result<Outcome> {
    let outcome = counted([&mut cargo("test --no-fail-fast")])?;
    if !bananatech_postgres::is_here() {
        // They end at once, and count as passed.
        println!("skipped: the tests on PostgreSQL, which isn't installed");
    }
    Ok(outcome)
}

pub(crate) fn vectors() -> Result<Outcome> {
    let python = tools::python("venv", &["-r", "tests/vectors/requirements.txt"])?;
    passed_if(&mut program(python, "tests/vectors/generate.py --check"))
}

/// The crates that one is built of, itself among them.
fn crates_of(package: &str) -> Result<BTreeSet<String>> {
    let tree = "tree -e normal --target all --prefix none --no-dedupe -p";
    let tree = output(cargo(tree).arg(package))?;
    let names = tree.lines().filter_map(|line| line.split(' ').next());
    Ok(names.map(str::to_owned).collect())
}

pub(crate) fn core_tree() -> Result<Outcome> {
    const FORBIDDEN: &str =
        "tokio wasm-bindgen uniffi js-sys reqwest hyper http rustls openssl native-tls ring aws-lc";
    let core = crates_of("bananatech-core")?;
    println!("{} crates: {core:?}", core.len());
    for word in FORBIDDEN.split(' ') {
        let found = core.iter().find(|name| name.starts_with(word));
        ensure!(found.is_none(), "core must not depend on {found:?}");
    }
    // What every visitor of a page with card fields loads.
    let forms = crates_of("bananatech-forms")?;
    let expected = ["bananatech-fields", "bananatech-forms", "zeroize"];
    let is_small = forms.iter().eq(expected);
    ensure!(is_small, "bananatech-forms is built of {forms:?}");
    Ok(Outcome::Passed(None))
}
