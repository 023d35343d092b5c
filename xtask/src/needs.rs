//! What commands need of the machine. Each function says what is missing, if it is.

use anyhow::{Result, bail};

use crate::process::{cargo_of, output, program, works};
use crate::{jvm, swift_toolchain, wasm};

pub(crate) type Need = fn() -> Option<String>;

/// What is missing of all that is needed.
pub(crate) fn missing(needs: &[Need]) -> Option<String> {
    needs.iter().find_map(|need| need())
}

/// Fails if something is missing.
pub(crate) fn require(needs: &[Need]) -> Result<()> {
    match missing(needs) {
        Some(what) => bail!("missing: {what}"),
        None => Ok(()),
    }
}

fn unless(is_there: bool, what: &str) -> Option<String> {
    (!is_there).then(|| what.to_owned())
}

pub(crate) fn npm() -> Option<String> {
    let there = |name| works(&mut program(name, "--version"));
    unless(there("node") && there("npm"), "node, npm")
}

/// What compiles for WebAssembly.
pub(crate) fn wasm() -> Option<String> {
    unless(has_target(wasm::TARGET), "the Rust target of WebAssembly")
}

pub(crate) fn java() -> Option<String> {
    unless(jvm::is_there(), "java, mvn")
}

pub(crate) fn swift() -> Option<String> {
    let missing = swift_toolchain::find().err();
    missing.map(|what| what.to_string())
}

pub(crate) fn postgres() -> Option<String> {
    unless(bananatech_postgres::is_here(), "PostgreSQL")
}

/// A platform that there are packages with the sandbox for.
pub(crate) fn sandbox() -> Option<String> {
    let is_here = crate::sandbox::host().is_some();
    unless(is_here, "a sandbox for this platform")
}

pub(crate) fn venv() -> Option<String> {
    let mut python = program("python3", "-c");
    unless(
        works(python.arg("import venv, ensurepip")),
        "python3 with venv",
    )
}

/// What fuzzing needs, and the listing of what the crates offer.
pub(crate) fn nightly() -> Option<String> {
    let mut cargo = cargo_of("nightly", "--version");
    let what = "the nightly toolchain: rustup toolchain install nightly";
    unless(works(&mut cargo), what)
}

/// Whether the toolchain can build for a target; it is fetched if rustup is there.
pub(crate) fn has_target(target: &str) -> bool {
    let question = format!("--print target-libdir --target {target}");
    let libraries = output(&mut program("rustc", &question)).unwrap_or_default();
    std::path::Path::new(libraries.trim()).exists()
        || works(&mut program("rustup", &format!("target add {target}")))
}
