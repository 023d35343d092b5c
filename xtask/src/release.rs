//! `cargo xtask release --dry-run`: builds all that a release uploads, rehearses the uploads that can be rehearsed, and lists the files. It
//! uploads nothing.

mod again;
mod archive;
mod crates;
mod maven;
mod sbom;
mod version;
mod zig;

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use clap::ValueEnum;

use crate::files::{self, copy_all, copy_files, copy_licenses, empty};
use crate::process::{output, program, run as run_program, target_dir};
use crate::{sandbox, swift, wasm};

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
            Part::Deny => crates::deny()?,
            Part::Msrv => crates::check_oldest_rust()?,
            Part::Api => skipped.extend(crates::check_listings()?),
            Part::Sbom => sbom::write(&folder()?)?,
            Part::Crates => crates::pack(&folder()?)?,
            Part::Binaries => zig::pack_programs(&folder()?)?,
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

/// The package, and the sandbox with a program for each platform.
fn npm(to: &Path) -> Result<()> {
    let mut packed = vec![wasm::package()?];
    packed.extend(sandbox::pack_for_npm(&zig::sandboxes()?)?);
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
    copy_files(&package, &["Package.swift", "README.md"], &own)?;
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
        let bytes = fs::metadata(folder.join(&file))?.len();
        // The checksum, and the file again.
        let told = output(program("sha256sum", "").arg(&file).current_dir(folder))?;
        println!("{bytes:>10}  {}", told.trim_end());
    }
    Ok(())
}
