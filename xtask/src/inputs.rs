//! What takes minutes to make isn't made again while nothing that it is made of has changed.

use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::Path;

use anyhow::{Context, Result};

use crate::files;

/// What something is made of.
pub(crate) struct Inputs(DefaultHasher);

impl Inputs {
    /// Files, and folders with all that is in them. This program is one of them, since it does the making.
    pub(crate) fn of<P: AsRef<Path>>(paths: impl IntoIterator<Item = P>) -> Result<Self> {
        let mut inputs = Self::only(std::env::current_exe()?)?;
        for path in paths {
            add(path.as_ref(), &mut inputs.0)?;
        }
        Ok(inputs)
    }

    /// One file or folder, and not this program.
    pub(crate) fn only(path: impl AsRef<Path>) -> Result<Self> {
        let mut hasher = DefaultHasher::new();
        add(path.as_ref(), &mut hasher)?;
        Ok(Self(hasher))
    }

    /// A text, too.
    pub(crate) fn with(mut self, text: &str) -> Self {
        text.hash(&mut self.0);
        self
    }

    /// Makes a folder, unless it was made of the same.
    pub(crate) fn make(self, folder: &Path, make: impl FnOnce() -> Result<()>) -> Result<()> {
        let (stamp, inputs) = (folder.with_extension("inputs"), self.0.finish().to_string());
        if fs::read_to_string(&stamp).is_ok_and(|of| of == inputs) && folder.exists() {
            return Ok(());
        }
        // What is half done must not pass for done.
        if stamp.exists() {
            fs::remove_file(&stamp)?;
        }
        make()?;
        fs::write(stamp, inputs)?;
        Ok(())
    }
}

fn add(path: &Path, hasher: &mut impl Hasher) -> Result<()> {
    path.hash(hasher);
    if path.is_dir() {
        for file in files::all(path)? {
            add(&path.join(file), hasher)?;
        }
        return Ok(());
    }
    let bytes = fs::read(path).with_context(|| format!("cannot read {}", path.display()));
    bytes?.hash(hasher);
    Ok(())
}
