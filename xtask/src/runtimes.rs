//! Runs the packed npm package on every runtime, in test runners and frameworks, through every bundler, and past the checkers.

use std::process::Command;

use anyhow::Result;

use crate::process::{program, root, run};
use crate::steps::{Outcome, counted};
use crate::{node, tools, wasm};

/// The drivers are JavaScript, in `bindings-wasm/npm/test/runtimes`. With `write`, the table goes to `docs/runtimes.md`.
fn drivers(write: bool) -> Result<Command> {
    let package = wasm::package()?;
    let mut drivers = program("node", "runtimes/main.js");
    if write {
        drivers.arg("--write").arg(root().join("docs/runtimes.md"));
    }
    drivers
        .current_dir(node::project(&package)?)
        .env("BANANATECH_PACKAGE", package)
        .env("BANANATECH_TOOLS_BUILD", tools::install("build")?)
        .env("BANANATECH_TOOLS_RUNTIMES", tools::install("runtimes")?)
        .env("BANANATECH_TOOLS_REACT_18", tools::install("react-18")?);
    Ok(drivers)
}

/// Runs them by themselves.
pub(crate) fn run_all(write: bool) -> Result<()> {
    run(&mut drivers(write)?)
}

pub(crate) fn test() -> Result<Outcome> {
    counted([&mut drivers(false)?])
}
