//! The committed listing of what the npm package's entries declare. Who changes a type changes it too, and so sees what users will see.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::process::{output, program, root, status, target_dir};
use crate::steps::Outcome;
use crate::{tools, wasm};

fn listing() -> PathBuf {
    root().join("bindings-wasm/npm/api.txt")
}

fn declared() -> Result<String> {
    let types = wasm::empty(target_dir()?.join("api"))?;
    let own = root().join("bindings-wasm/npm");
    wasm::write_types(&own, &types, &wasm::types()?)?;
    let tools = tools::install("build")?;
    output(program("node", &[]).args([&own.join("list-types.js"), &tools, &types]))
}

/// Writes the listing.
pub(crate) fn write() -> Result<()> {
    fs::write(listing(), declared()?).context("cannot write the listing")
}

/// Whether a listing has this text; shows the difference. With `BANANATECH_WRITE_API` set it is given that text first.
pub(crate) fn is_as_listed(listing: &Path, text: &str) -> Result<bool> {
    if std::env::var_os("BANANATECH_WRITE_API").is_some() {
        fs::write(listing, text)?;
    }
    let now = target_dir()?.join("api.txt");
    fs::write(&now, text)?;
    let mut diff = program("git", &["diff", "--no-index", "--exit-code"]);
    Ok(status(diff.args([listing, &now]))?.success())
}

/// Whether the listing is what the entries declare; shows the difference.
pub(crate) fn check() -> Result<Outcome> {
    let is_same = is_as_listed(&listing(), &declared()?)?;
    if !is_same {
        println!(
            "what the npm package declares has changed: if it shall, `cargo xtask api` writes {}",
            listing().display()
        );
    }
    Ok(Outcome::of(is_same))
}
