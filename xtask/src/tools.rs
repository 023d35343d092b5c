//! Programs from npm (at exact versions, `bindings-wasm/npm/tools`), crates.io and PyPI that other commands need.

use std::ffi::OsString;
use std::fs;
use std::iter;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::files::copy_files;
use crate::inputs::Inputs;
use crate::process::{cargo, program, root, run, target_dir, works};

/// A PATH with a subcommand of cargo: the machine's own, or one that is built into the target directory.
pub(crate) fn path_with(subcommand: &str, version: &str) -> Result<OsString> {
    let tools = target_dir()?.join("tools");
    let bin = tools.join("bin");
    if !bin.join(subcommand).exists() && !works(&mut program(subcommand, "--version")) {
        println!("building {subcommand} (once)");
        // Unoptimised: it only starts other programs.
        let mut install = cargo("install --quiet --locked --debug");
        install.args([subcommand, "--version", version, "--root"]);
        run(install.arg(&tools))?;
    }
    path_before(&bin)
}

/// A PATH with a folder before all others.
pub(crate) fn path_before(folder: &Path) -> Result<OsString> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders = iter::once(folder.to_owned()).chain(std::env::split_paths(&path));
    Ok(std::env::join_paths(folders)?)
}

/// Installs a list of `bindings-wasm/npm/tools`, unless it is installed as it stands. Answers the folder.
pub(crate) fn install(list: &str) -> Result<PathBuf> {
    let source = root().join("bindings-wasm/npm/tools").join(list);
    let dir = target_dir()?.join("npm-tools").join(list);
    let lock = source.join("package-lock.json");
    Inputs::only(lock)?.make(&dir, || {
        fs::create_dir_all(&dir).context("cannot make the tools' folder")?;
        copy_files(&source, &["package.json", "package-lock.json"], &dir)?;
        run(program("npm", "ci")
            .args(QUIETLY.split(' '))
            .current_dir(&dir))
    })?;
    Ok(dir)
}

/// The Python of an environment of its own, in which pip has installed something.
pub(crate) fn python(environment: &str, what: &[&str]) -> Result<PathBuf> {
    let environment = target_dir()?.join(environment);
    let python = environment.join("bin/python");
    if !python.exists() {
        run(program("python3", "-m venv").arg(&environment))?;
    }
    let pip = "-m pip --disable-pip-version-check install -q";
    run(program(&python, pip).args(what))?;
    Ok(python)
}

/// Options of npm that leave out what nobody reads here.
pub(crate) const QUIETLY: &str = "--no-audit --no-fund --prefer-offline --loglevel=error";
