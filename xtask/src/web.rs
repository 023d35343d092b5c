//! The web example: builds it with what it needs, runs it, and tests it in Node and in browsers.

use std::os::unix::fs::symlink;
use std::path::PathBuf;
use std::process::Stdio;

use anyhow::{Context, Result, bail, ensure};

use crate::files::{copy_all, empty};
use crate::node::with_sqlite;
use crate::process::{build, on_ci, program, root, run, target_dir, works};
use crate::steps::{Outcome, counted};
use crate::tools::QUIETLY;
use crate::wasm;

/// Builds package, sandbox and page. Answers the example's folder: a copy, so that nothing is installed among the sources.
fn prepared() -> Result<PathBuf> {
    // Laid out as in the repository, because the example's lock names the package by its way there.
    let place = empty(target_dir()?.join("web"))?;
    let example = place.join("examples/web");
    copy_all(&root().join("examples/web"), &example)?;
    let link = empty(place.join("target"))?.join("npm");
    symlink(wasm::build()?, link).context("cannot link the package")?;
    run(program("npm", "ci")
        .args(QUIETLY.split(' '))
        .current_dir(&example))?;
    run(program("npm", "run --silent build").current_dir(&example))?;
    Ok(example)
}

/// Runs the example until it is interrupted.
pub(crate) fn demo(port: u16) -> Result<()> {
    let example = prepared()?;
    let mut backend = program(with_sqlite()?, "backend/main.js --exit-with-stdin")
        .arg(format!("--port={port}"))
        .arg("--sandbox")
        .arg(build("bananatech-sandbox")?)
        .current_dir(example)
        .stdin(Stdio::piped())
        .spawn()
        .context("cannot run node")?;
    // Held, since waiting closes it: when it closes because this program ends, the backend and the sandbox end too.
    let _stdin = backend.stdin.take();
    ensure!(backend.wait()?.success(), "the example's backend failed");
    Ok(())
}

/// The browser of the tests.
pub(crate) fn chromium() -> PathBuf {
    std::env::var_os("CHROMIUM").map_or_else(|| "/usr/bin/chromium".into(), PathBuf::from)
}

/// Whether there is a browser to test in.
pub(crate) fn has_browser() -> bool {
    works(&mut program(chromium(), "--version"))
}

/// Tests the backend, and the page in a browser if there is one.
pub(crate) fn test() -> Result<Outcome> {
    let example = prepared()?;
    let sandbox = build("bananatech-sandbox")?;
    let vectors = root().join("tests/vectors/fields.json");
    let mut folders = vec!["backend-test/"];
    let browser = chromium();
    if has_browser() {
        folders.push("e2e/");
    } else if on_ci() {
        bail!("missing: {}", browser.display());
    } else {
        println!("without the page's tests: {} is missing", browser.display());
    }
    let node = with_sqlite()?;
    let mut tests = Vec::new();
    for folder in folders {
        let mut test = program(&node, &format!("--test {folder}"));
        test.current_dir(&example)
            .env("CHROMIUM", &browser)
            .env("BANANATECH_SANDBOX", &sandbox)
            .env("BANANATECH_VECTORS", &vectors)
            .env("BANANATECH_SCREENSHOTS", example.join("../../screenshots"));
        tests.push(test);
    }
    counted(&mut tests)
}
