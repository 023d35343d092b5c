//! Work that `cargo xtask test` has done beside steps that mostly wait: each by a program of its own, begun some steps before the one that
//! needs it.

use std::fs::{self, File};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::{Mutex, PoisonError};

use anyhow::{Context, Result, ensure};

use crate::process::target_dir;

static BEGUN: Mutex<Vec<(&'static str, Child)>> = Mutex::new(Vec::new());

fn log(step: &str) -> Result<PathBuf> {
    Ok(target_dir()?.join(format!("ahead-of-{step}.log")))
}

/// Begins what a later step needs.
pub(crate) fn begin(step: &'static str, mut command: Command) -> Result<()> {
    let log = File::create(log(step)?).context("cannot write what it says")?;
    let child = command
        .stdin(Stdio::null())
        .stdout(log.try_clone()?)
        .stderr(log)
        .spawn()
        .with_context(|| format!("cannot begin what `{step}` needs"))?;
    let mut begun = BEGUN.lock().unwrap_or_else(PoisonError::into_inner);
    begun.push((step, child));
    Ok(())
}

/// Waits until what a step needs is done, if it was begun.
pub(crate) fn finish(step: &str) -> Result<()> {
    let mut begun = BEGUN.lock().unwrap_or_else(PoisonError::into_inner);
    let Some(at) = begun.iter().position(|(of, _)| *of == step) else {
        return Ok(());
    };
    let (_, mut child) = begun.swap_remove(at);
    drop(begun);
    let status = child.wait()?;
    if !status.success() {
        eprint!("{}", fs::read_to_string(log(step)?)?);
    }
    ensure!(status.success(), "what `{step}` needs ended with {status}");
    Ok(())
}
