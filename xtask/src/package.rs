//! `cargo xtask package`: everything that is shipped.

use std::process::ExitCode;

use anyhow::Result;
use clap::ValueEnum;

use crate::{kotlin, swift, wasm};

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
pub(crate) fn run(only: &[Kind]) -> Result<ExitCode> {
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
    Ok(ExitCode::SUCCESS)
}
