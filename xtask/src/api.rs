//! The committed listing of what the npm package's entries declare. Who changes a type changes it too, and so sees what users will see.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};

use crate::files::empty;
use crate::process::{output, program, root, status, target_dir};
use crate::steps::Outcome;
use crate::{tools, wasm};

fn listing() -> PathBuf {
    root().join("bindings-wasm/npm/api.txt")
}

fn declared() -> Result<String> {
    let types = empty(target_dir()?.join("api"))?;
    let own = root().join("bindings-wasm/npm");
    wasm::write_types(&own, &types, &wasm::types()?)?;
    let tools = tools::install("build")?;
    output(program("node", "").args([&own.join("list-types.js"), &tools, &types]))
}

/// Writes the listing.
pub(crate) fn write() -> Result<()> {
    fs::write(listing(), declared()?).context("cannot write the listing")
}

/// Fails if a listing doesn't have this text; shows the difference. With `BANANATECH_WRITE_API` set it is given that text first.
pub(crate) fn compare(listing: &Path, text: &str, write: &str) -> Result<()> {
    if std::env::var_os("BANANATECH_WRITE_API").is_some() {
        fs::write(listing, text)?;
    }
    let now = target_dir()?.join("api.txt");
    fs::write(&now, text)?;
    let is_same = is_same(listing, &now)?;
    let listing = listing.display();
    ensure!(is_same, "{listing} has changed: if it shall, run {write}");
    Ok(())
}

/// Whether a file is the same as another; shows the difference.
pub(crate) fn is_same(expected: &Path, found: &Path) -> Result<bool> {
    let mut diff = program("git", "diff --no-index --exit-code");
    Ok(status(diff.args([expected, found]))?.success())
}

/// Whether the listing is what the entries declare.
pub(crate) fn check() -> Result<Outcome> {
    compare(&listing(), &declared()?, "cargo xtask api")?;
    Ok(Outcome::Passed(None))
}
