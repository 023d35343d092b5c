//! `cargo xtask demo`.

use std::process::{Command, ExitCode};

use anyhow::Result;

use crate::process::{built, cargo, pass_through, program, run as run_program};

/// Builds the sandbox and the demo; the command that runs the one against the other.
pub(crate) fn prepared() -> Result<Command> {
    run_program(&mut cargo(&[
        "build",
        "-p",
        "bananatech-sandbox",
        "-p",
        "bananatech-demo",
    ]))?;
    let mut demo = program(built("bananatech-demo")?, &["--sandbox"]);
    demo.arg(built("bananatech-sandbox")?);
    Ok(demo)
}

/// Runs the demo; its exit code is this command's.
pub(crate) fn run() -> Result<ExitCode> {
    pass_through(&mut prepared()?)
}
