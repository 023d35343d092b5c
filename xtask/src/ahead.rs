//! Packing for Swift and Kotlin takes minutes in which mostly one core works: linking with optimisation, and Maven. `cargo xtask test`
//! has it done beside tests that mostly wait, by a program of its own.

use std::fs::{self, File};
use std::process::{Child, Command, Stdio};
use std::sync::{Mutex, PoisonError};

use anyhow::{Context, Result, ensure};

use crate::kotlin;
use crate::process::{program, target_dir};

static PACKING: Mutex<Option<Child>> = Mutex::new(None);

fn log() -> Result<std::path::PathBuf> {
    Ok(target_dir()?.join("package.log"))
}

/// Begins.
pub(crate) fn begin() -> Result<()> {
    let log = File::create(log()?).context("cannot write what packing says")?;
    let mut command: Command = program(std::env::current_exe()?, &["package", "--only", "swift"]);
    if kotlin::is_there() {
        command.args(["--only", "kotlin"]);
    }
    let child = command
        .stdin(Stdio::null())
        .stdout(log.try_clone()?)
        .stderr(log)
        .spawn()
        .context("cannot begin to pack")?;
    *PACKING.lock().unwrap_or_else(PoisonError::into_inner) = Some(child);
    Ok(())
}

/// Waits until it is done, if it was begun.
pub(crate) fn finish() -> Result<()> {
    let packing = PACKING
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .take();
    if let Some(mut child) = packing {
        let status = child.wait()?;
        if !status.success() {
            eprint!("{}", fs::read_to_string(log()?)?);
        }
        ensure!(status.success(), "packing ended with {status}");
    }
    Ok(())
}
