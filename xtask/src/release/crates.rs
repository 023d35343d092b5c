//! The crates for crates.io: those whose manifests don't say `publish = false`.

use std::fs;
use std::path::Path;

use anyhow::Result;

use crate::process::{cargo, run, target_dir};
use crate::wasm::empty;

use super::archive::files;

/// Has cargo pack the crates in order, and compile each from its archive alone and from the archives of the others.
pub(super) fn pack(to: &Path) -> Result<()> {
    // Where a rehearsal leaves its archives.
    let made = empty(target_dir()?.join("package/tmp-crate"))?;
    run(&mut cargo(&[
        "publish",
        "--dry-run",
        "--locked",
        "--workspace",
    ]))?;
    for archive in files(&made)? {
        fs::copy(made.join(&archive), to.join(&archive))?;
    }
    Ok(())
}
