//! Runs the packed npm package on every runtime, through every bundler, and past the checkers.

use std::path::Path;

use anyhow::Result;

use crate::process::{program, root, run};
use crate::{node, tools};

/// The drivers are JavaScript, in `bindings-wasm/npm/test/runtimes`. With `write`, the table goes to `docs/runtimes.md`.
pub(crate) fn test(package: &Path, write: bool) -> Result<()> {
    let project = node::project(package)?;
    let mut command = program("node", &["runtimes/main.js"]);
    command
        .current_dir(&project)
        .env("BANANATECH_PACKAGE", package)
        .env("BANANATECH_TOOLS_BUILD", tools::install("build")?)
        .env("BANANATECH_TOOLS_RUNTIMES", tools::install("runtimes")?);
    if write {
        command.arg("--write").arg(root().join("docs/runtimes.md"));
    }
    run(&mut command)
}
