//! Runs the packed npm package on every runtime, in test runners and frameworks, through every bundler, and past the checkers.

use std::path::Path;

use anyhow::Result;

use crate::process::{program, root, run};
use crate::{node, tools};

/// The drivers are JavaScript, in `bindings-wasm/npm/test/runtimes`. With `write`, the table goes to `docs/runtimes.md`.
pub(crate) fn test(package: &Path, write: bool) -> Result<()> {
    let table = root().join("docs/runtimes.md");
    run(program("node", &["runtimes/main.js"])
        .args(write.then_some("--write"))
        .args(write.then_some(table))
        .current_dir(node::project(package)?)
        .env("BANANATECH_PACKAGE", package)
        .env("BANANATECH_TOOLS_BUILD", tools::install("build")?)
        .env("BANANATECH_TOOLS_RUNTIMES", tools::install("runtimes")?)
        .env("BANANATECH_TOOLS_REACT_18", tools::install("react-18")?))
}
