//! The web example: builds it with what it needs, runs it, and tests it in Node and in browsers.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};

use anyhow::{Context, Result, bail};

use crate::process::{built, cargo, on_ci, program, root, run, target_dir, works};
use crate::tools::QUIETLY;
use crate::wasm;

/// The browser of the tests, unless `CHROMIUM` names another.
const CHROMIUM: &str = "/usr/bin/chromium";

/// Builds package, sandbox and page. Answers the example's folder: a copy, so that nothing is installed among the sources.
fn prepared() -> Result<PathBuf> {
    run(&mut cargo(&["build", "--package", "bananatech-sandbox"]))?;
    let package = wasm::build()?;

    // Laid out as in the repository, because the example's lock names the package by its way there.
    let place = target_dir()?.join("web");
    let example = place.join("examples/web");
    let link = place.join("target/npm");
    fs::create_dir_all(place.join("target"))?;
    if !link.exists() {
        std::os::unix::fs::symlink(&package, &link).context("cannot link the package")?;
    }
    copy(&root().join("examples/web"), &example)?;

    let lock = fs::read_to_string(example.join("package-lock.json"))?;
    let stamp = place.join("installed");
    if !fs::read_to_string(&stamp).is_ok_and(|installed| installed == lock) {
        run(program("npm", &["ci"]).args(QUIETLY).current_dir(&example))?;
        fs::write(stamp, lock)?;
    }
    run(program("npm", &["run", "--silent", "build"]).current_dir(&example))?;
    Ok(example)
}

/// Copies the sources; what isn't a source any more goes.
fn copy(from: &Path, to: &Path) -> Result<()> {
    const INSTALLED: &[&str] = &["node_modules", "dist"];
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(to)? {
        let entry = entry?;
        let name = entry.file_name();
        if INSTALLED.iter().any(|installed| name == *installed) || from.join(&name).exists() {
            continue;
        }
        if entry.file_type()?.is_dir() {
            fs::remove_dir_all(entry.path())?;
        } else {
            fs::remove_file(entry.path())?;
        }
    }
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let name = entry.file_name();
        if INSTALLED.iter().any(|installed| name == *installed) {
            continue;
        }
        let target = to.join(&name);
        if entry.file_type()?.is_dir() {
            copy(&entry.path(), &target)?;
        } else {
            fs::copy(entry.path(), &target)
                .with_context(|| format!("cannot copy {}", name.display()))?;
        }
    }
    Ok(())
}

/// Runs the example until it is interrupted.
pub(crate) fn demo(port: u16) -> Result<ExitCode> {
    let example = prepared()?;
    let mut backend = program("node", &["backend/main.js", "--exit-with-stdin", "--port"])
        .arg(port.to_string())
        .arg("--sandbox")
        .arg(built("bananatech-sandbox")?)
        .current_dir(example)
        .stdin(Stdio::piped())
        .spawn()
        .context("cannot run node")?;
    // Held for as long as this program lives: when it closes, the backend ends, and with it the sandbox. (Waiting for a
    // child would close it.)
    let stdin = backend.stdin.take();
    let status = backend.wait()?;
    drop(stdin);
    Ok(if status.success() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

pub(crate) fn chromium() -> PathBuf {
    std::env::var_os("CHROMIUM").map_or_else(|| CHROMIUM.into(), PathBuf::from)
}

/// Whether there is a browser to test in.
pub(crate) fn has_browser() -> bool {
    works(&mut program(chromium(), &["--version"]))
}

/// Tests the backend, and the page in a browser if there is one.
pub(crate) fn test() -> Result<ExitCode> {
    let example = prepared()?;
    let node_test = |folder: &str| -> Result<Command> {
        let mut command = program("node", &["--test"]);
        command.arg(folder).current_dir(&example);
        command.env("BANANATECH_SANDBOX", built("bananatech-sandbox")?);
        Ok(command)
    };
    run(&mut node_test("backend-test/")?)?;
    if !has_browser() {
        if on_ci() {
            bail!("missing: {}", chromium().display());
        }
        println!(
            "without the page's tests: {} is missing",
            chromium().display()
        );
        return Ok(ExitCode::SUCCESS);
    }
    run(node_test("e2e/")?
        .env("CHROMIUM", chromium())
        .env(
            "BANANATECH_VECTORS",
            root().join("tests/vectors/fields.json"),
        )
        .env(
            "BANANATECH_SCREENSHOTS",
            target_dir()?.join("web/screenshots"),
        ))?;
    Ok(ExitCode::SUCCESS)
}
