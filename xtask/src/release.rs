//! `cargo xtask release --dry-run`: builds all that a release uploads, rehearses the uploads that can be rehearsed, and lists the files. It
//! uploads nothing.

mod again;
mod api;
mod archive;
mod binaries;
mod crates;
mod cross;
mod maven;
mod msrv;
mod sbom;
mod version;

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, ensure};
use clap::ValueEnum;

use crate::files::{self, copy_all, copy_files, copy_licenses, empty};
use crate::mobile::rustc;
use crate::needs::has_target;
use crate::process::{cargo, output, program, run as run_program, shipping_flags, target_dir};
use crate::{sandbox_npm, swift, tools, wasm};

/// What is uploaded to one place.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Part {
    /// The licenses and sources of what the crates are built of. Nothing is uploaded of it.
    Deny,
    /// That the oldest Rust which is promised compiles the crates. Nothing is uploaded of it.
    Msrv,
    /// That what the crates offer is as it is listed. Nothing is uploaded of it.
    Api,
    /// What the compiled packages are made of, for the page of the release.
    Sbom,
    /// For crates.io.
    Crates,
    /// The programs, for the page of the release.
    Binaries,
    /// For npm: the package, and the sandbox's.
    Npm,
    /// For Maven Central.
    Maven,
    /// For the Swift package's own repository, and the page of the release.
    Swift,
}

/// The version of cargo-deny.
const DENY: &str = "0.20.2";

/// Where the sources are, as `Cargo.toml` says.
const REPOSITORY: &str = env!("CARGO_PKG_REPOSITORY");

/// Makes the parts in `target/upload`, and lists them. Twice: makes all in another folder as well, and compares.
pub(crate) fn rehearse(only: &[Part], twice: bool) -> Result<()> {
    version::check()?;
    let upload = target_dir()?.join("upload");
    fs::create_dir_all(&upload)?;
    let mut skipped = Vec::new();
    for part in Part::value_variants() {
        if !only.is_empty() && !only.contains(part) {
            continue;
        }
        let name = part.to_possible_value().context("a part has a name")?;
        let name = name.get_name();
        println!("\n== {name}");
        let folder = || empty(upload.join(name));
        match part {
            Part::Deny => deny()?,
            Part::Msrv => msrv::check()?,
            Part::Api => skipped.extend(api::check()?),
            Part::Sbom => sbom::write(&folder()?)?,
            Part::Crates => crates::pack(&folder()?)?,
            Part::Binaries => binaries::pack(&folder()?)?,
            Part::Npm => npm(&folder()?)?,
            Part::Maven => skipped.extend(maven::pack(&folder()?)?),
            Part::Swift => swift_package(&folder()?)?,
        }
    }
    list(&upload)?;
    if twice {
        println!("\n== again, in another folder");
        again::compare(&upload)?;
    }
    for what in skipped {
        println!("skipped: {what}");
    }
    if REPOSITORY.contains(".example/") {
        println!("to do: `repository` in Cargo.toml is a placeholder, which no release may have");
    }
    println!("\nnothing was uploaded");
    Ok(())
}

/// Fails for a license that we can't ship with, and for a crate from elsewhere than crates.io.
fn deny() -> Result<()> {
    let path = tools::path_with("cargo-deny", DENY)?;
    // Its database of advisories is in a repository that it would have to fetch.
    let check = "deny check licenses bans sources";
    run_program(program("cargo", check).env("PATH", path))
}

/// The package, and the sandbox with a program for each platform.
fn npm(to: &Path) -> Result<()> {
    let mut packed = vec![wasm::package()?];
    packed.extend(sandbox_npm::pack(&binaries::for_npm()?)?);
    for tarball in packed {
        let name = tarball.file_name().context("a tarball without a name")?;
        let copy = to.join(name);
        fs::copy(&tarball, &copy)?;
        let publish = "publish --dry-run --access=public --loglevel=error";
        run_program(program("npm", publish).arg(&copy))?;
    }
    Ok(())
}

/// The package with all that it needs on Apple's platforms, and the library alone, whose checksum a `.binaryTarget` names.
fn swift_package(to: &Path) -> Result<()> {
    let package = swift::package()?;
    swift::package_xcframework(&package)?;
    let staged = to.join("staged");
    let own = empty(staged.join("BananaTech"))?;
    let library = "BananaTechFFI.xcframework";
    copy_files(&package, &["Package.swift"], &own)?;
    for folder in ["Sources", library] {
        copy_all(&package.join(folder), &own.join(folder))?;
    }
    copy_licenses(&own)?;
    archive::pack(&own, library, &to.join(format!("{library}.zip")))?;
    let name = format!("BananaTech-{}.zip", version::OURS);
    archive::pack(&staged, "BananaTech", &to.join(name))?;
    fs::remove_dir_all(staged)?;
    Ok(())
}

/// Prints every file with its size and checksum.
fn list(folder: &Path) -> Result<()> {
    println!("\n{:>10}  {:<64}  file", "bytes", "sha256");
    for file in files::all(folder)? {
        let path = folder.join(&file);
        let bytes = fs::metadata(&path)?.len();
        println!(
            "{bytes:>10}  {}  {}",
            sum("sha256sum", &path)?,
            file.display()
        );
    }
    Ok(())
}

/// A file's checksum, by one of the system's programs.
fn sum(by: &str, path: &Path) -> Result<String> {
    let told = output(program(by, "").arg(path))?;
    let sum = told.split(' ').next().unwrap_or_default();
    ensure!(!sum.is_empty(), "{by} told nothing");
    Ok(sum.to_owned())
}

/// `cargo build` with a linker, and a compiler of C, for any platform: Zig's.
fn zigbuild(target: &str, flags: &[&str]) -> Result<Command> {
    ensure!(has_target(target), "missing: the Rust target {target}");
    let python = tools::python("release-tools", &["-r", "xtask/release-tools.txt"])?;
    let programs = python.parent().context("a program without a folder")?;
    let mut command = cargo("zigbuild --locked");
    command
        .env("PATH", tools::path_before(programs)?)
        .env("CARGO_ENCODED_RUSTFLAGS", shipping_flags(flags, rustc)?);
    Ok(command)
}
