//! `cargo xtask package`: everything that is shipped.

use std::env;
use std::process::Command;

use anyhow::Result;
use clap::ValueEnum;

use crate::process::program;
use crate::{jvm, kotlin, swift, wasm};

/// What is shipped.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Kind {
    /// npm's archive.
    Npm,
    /// The jar for this platform, with its sources and documentation, in a Maven repository.
    Kotlin,
    /// The Swift package for this platform.
    Swift,
    /// The library for Apple's platforms, within the Swift package.
    Xcframework,
}

/// Builds and packs; prints where each lies.
pub(crate) fn run(only: &[Kind]) -> Result<()> {
    let wanted = |kind| only.is_empty() || only.contains(&kind);
    if wanted(Kind::Npm) {
        println!("{}", wasm::package()?.display());
    }
    if wanted(Kind::Kotlin) {
        println!("{}", kotlin::package()?.display());
    }
    if wanted(Kind::Swift) || wanted(Kind::Xcframework) {
        let package = swift::package()?;
        println!("{}", package.display());
        if wanted(Kind::Xcframework) {
            swift::package_xcframework(&package)?;
        }
    }
    Ok(())
}

/// Packs for Swift and Kotlin, which takes minutes, beside other steps.
pub(crate) fn ahead() -> Result<Option<Command>> {
    let mut command = program(env::current_exe()?, "package --only swift");
    if jvm::is_there() {
        command.args(["--only", "kotlin"]);
    }
    Ok(Some(command))
}
