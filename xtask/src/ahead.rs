//! Work that `cargo xtask test` has done beside steps that mostly wait: each by a program of its own, begun some steps before the one that
//! needs it.

use std::fs::{self, File};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use anyhow::{Context, Result, ensure};

use crate::process::target_dir;
use crate::{fuzz, package};

type Work = fn() -> Result<Option<Command>>;

/// The step before which it is begun, the step that needs it, and what it is. Packing and fuzzers' linking mostly use one core.
const AHEAD: &[(&str, &str, Work)] = &[
    ("backend", "size", package::ahead),
    ("kotlin", "fuzz", fuzz::building),
];

/// What was begun, by the steps that need it.
#[derive(Default)]
pub(crate) struct Ahead(Vec<(&'static str, Child)>);

impl Ahead {
    /// Begins before a step what those of the chosen steps need that come later.
    pub(crate) fn begin(&mut self, step: &str, is_chosen: impl Fn(&str) -> bool) -> Result<()> {
        for (before, needed_by, work) in AHEAD {
            if *before == step
                && is_chosen(needed_by)
                && let Some(mut command) = work()?
            {
                let log = File::create(log(needed_by)?).context("cannot write what it says")?;
                command.stdin(Stdio::null()).stdout(log.try_clone()?);
                let child = command.stderr(log).spawn();
                let child = child.with_context(|| format!("cannot begin what {needed_by} needs"));
                self.0.push((needed_by, child?));
            }
        }
        Ok(())
    }

    /// Waits until what a step needs is done, if it was begun.
    pub(crate) fn finish(&mut self, step: &str) -> Result<()> {
        for (_, child) in self.0.iter_mut().filter(|(of, _)| *of == step) {
            let status = child.wait()?;
            if !status.success() {
                eprint!("{}", fs::read_to_string(log(step)?)?);
            }
            ensure!(status.success(), "what {step} needs ended with {status}");
        }
        Ok(())
    }
}

fn log(step: &str) -> Result<PathBuf> {
    Ok(target_dir()?.join(format!("ahead-of-{step}.log")))
}
