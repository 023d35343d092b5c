//! The crates for crates.io: those whose manifests don't say `publish = false`.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::files::{self, empty};
use crate::process::{cargo, run, target_dir};

/// Has cargo pack the crates in order, and compile each from its archive alone and from the archives of the others.
pub(super) fn pack(to: &Path) -> Result<()> {
    forget_rehearsals()?;
    // A folder of its own: cargo takes what it has compiled of a version for the same, too.
    let work = empty(target_dir()?.join("crates"))?;
    run(cargo("publish --dry-run --locked --workspace").env("CARGO_TARGET_DIR", &work))?;
    // Where a rehearsal leaves its archives.
    let made = work.join("package/tmp-crate");
    for archive in files::all(&made)? {
        fs::copy(made.join(&archive), to.join(&archive))?;
    }
    Ok(())
}

/// Cargo keeps what it has unpacked of a version, and takes it again. That of an earlier rehearsal is of older sources.
fn forget_rehearsals() -> Result<()> {
    let home = env::var_os("CARGO_HOME").map(PathBuf::from);
    let home = home.or_else(|| Some(env::home_dir()?.join(".cargo")));
    let unpacked = home.context("no home directory")?.join("registry/src");
    for registry in fs::read_dir(unpacked).into_iter().flatten() {
        for package in fs::read_dir(registry?.path())? {
            let package = package?;
            let name = package.file_name();
            if name.to_string_lossy().starts_with("bananatech-") {
                fs::remove_dir_all(package.path())?;
            }
        }
    }
    Ok(())
}
