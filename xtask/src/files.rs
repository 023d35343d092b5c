//! Folders and copies.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::process::{program, root, run};

/// An empty folder.
pub(crate) fn empty(dir: PathBuf) -> Result<PathBuf> {
    if dir.exists() {
        fs::remove_dir_all(&dir).context("cannot empty a folder")?;
    }
    fs::create_dir_all(&dir).context("cannot make a folder")?;
    Ok(dir)
}

/// Copies a folder with all that is in it.
pub(crate) fn copy_all(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to).context("cannot make a folder")?;
    run(program("cp", "-R").arg(from.join(".")).arg(to))
}

/// Copies files, by their names in one folder, into another.
pub(crate) fn copy_files(from: &Path, names: &[&str], to: &Path) -> Result<()> {
    for name in names {
        fs::copy(from.join(name), to.join(name)).with_context(|| format!("cannot copy {name}"))?;
    }
    Ok(())
}

/// Copies both licenses into a folder.
pub(crate) fn copy_licenses(to: &Path) -> Result<()> {
    copy_files(root(), &["LICENSE-APACHE", "LICENSE-MIT"], to)
}

/// All files under a folder, by their paths in it, sorted.
pub(crate) fn all(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        let entries = fs::read_dir(&next);
        for entry in entries.with_context(|| format!("cannot read {}", next.display()))? {
            let path = entry?.path();
            if path.is_dir() {
                folders.push(path);
            } else {
                found.push(path.strip_prefix(folder)?.to_owned());
            }
        }
    }
    found.sort();
    Ok(found)
}

/// The files in a folder whose names have this ending, sorted.
pub(crate) fn with_ending(folder: &Path, ending: &str) -> Result<Vec<PathBuf>> {
    let mut found = all(folder)?;
    found.retain(|file| file.extension().is_some_and(|end| end == ending));
    Ok(found.iter().map(|file| folder.join(file)).collect())
}
