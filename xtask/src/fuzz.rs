//! `cargo xtask fuzz`.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Result, bail};

use crate::process::{cargo, nightly, root, run as run_program, status, target_dir, works};

/// Less than that finds nothing.
const LEAST_SECONDS: u64 = 3;

/// Whether the nightly toolchain, which fuzzing needs, is there.
pub(crate) fn nightly_is_there() -> bool {
    works(&mut nightly(&["--version"]))
}

/// Where `cargo-fuzz` is; it is built if it isn't there.
fn cargo_fuzz() -> Result<PathBuf> {
    let tools = target_dir()?.join("tools");
    let path = tools.join("bin").join("cargo-fuzz");
    if works(&mut crate::process::program("cargo-fuzz", &["--version"])) {
        return Ok("cargo-fuzz".into());
    }
    if !path.exists() {
        println!("building cargo-fuzz (once)");
        run_program(
            cargo(&["install", "--quiet", "--locked", "cargo-fuzz", "--root"]).arg(&tools),
        )?;
    }
    Ok(path)
}

/// The targets' names.
fn targets() -> Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in std::fs::read_dir(root().join("fuzz/fuzz_targets"))? {
        let path = entry?.path();
        if let Some(name) = path
            .file_stem()
            .filter(|_| path.extension().is_some_and(|e| e == "rs"))
        {
            names.push(name.to_string_lossy().into_owned());
        }
    }
    names.sort();
    Ok(names)
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
    let share = (seconds / u64::try_from(targets.len().max(1))?).max(LEAST_SECONDS);
    let _ = (status, share, cargo_fuzz()?);
    Ok(ExitCode::SUCCESS)
}
