//! The sandbox for projects without Rust: a launcher in JavaScript, and a package with the program for each platform, as esbuild has it. npm
//! installs the one whose `os` and `cpu` fit.

use std::env::consts::{ARCH, OS};
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::files::{copy_all, copy_files, copy_licenses, empty};
use crate::mobile::strip_to;
use crate::node::{check_types, installed};
use crate::process::{build, program, root, target_dir};
use crate::steps::{Outcome, counted};
use crate::wasm::{self, published};

/// What the launcher is made of.
const LAUNCHER: &[&str] = &["cli.js", "index.js", "index.cjs", "index.d.ts", "README.md"];

fn source() -> PathBuf {
    root().join("examples/sandbox/npm")
}

/// Packs the launcher, and each platform's program; the platforms are named as Node does, such as `linux-x64`.
pub(crate) fn pack(programs: &[(&str, PathBuf)]) -> Result<Vec<PathBuf>> {
    let work = empty(target_dir()?.join("sandbox-npm"))?;
    let mut packed = vec![launcher(&work)?];
    for (platform, program) in programs {
        packed.push(with_program(&work, platform, program)?);
    }
    Ok(packed)
}

fn launcher(work: &Path) -> Result<PathBuf> {
    let folder = empty(work.join("launcher"))?;
    copy_files(&source(), LAUNCHER, &folder)?;
    // The same types, for `require`.
    fs::copy(source().join("index.d.ts"), folder.join("index.d.cts"))?;
    let manifest = fs::read_to_string(source().join("package.json"))?;
    npm_pack(work, &folder, &manifest)
}

fn with_program(work: &Path, platform: &str, program: &Path) -> Result<PathBuf> {
    let (os, cpu) = platform.split_once('-').context("a platform is OS-CPU")?;
    let folder = empty(work.join(platform))?;
    // With its right to be executed, which the archive keeps.
    fs::copy(program, folder.join("bananatech-sandbox"))?;
    let readme = format!(
        "The program of the npm package `bananatech-sandbox` for {os} on {cpu}. Install that package.\n"
    );
    fs::write(folder.join("README.md"), readme)?;
    // Yarn must leave it a file that can be run: `preferUnplugged`.
    let manifest = include_str!("sandbox-program.json")
        .replace("OS", os)
        .replace("CPU", cpu)
        .replace("VERSION", env!("CARGO_PKG_VERSION"));
    npm_pack(work, &folder, &manifest)
}

fn npm_pack(work: &Path, folder: &Path, manifest: &str) -> Result<PathBuf> {
    copy_licenses(folder)?;
    fs::write(folder.join("package.json"), published(manifest)?)?;
    wasm::pack(folder, work)
}

/// What Node calls this host, if there is a package for it.
pub(crate) fn host() -> Option<&'static str> {
    match (OS, ARCH) {
        ("linux", "x86_64") => Some("linux-x64"),
        ("linux", "aarch64") => Some("linux-arm64"),
        _ => None,
    }
}

/// Installs the packed packages in an empty folder, with the program as the tests have it, and runs it there.
pub(crate) fn test() -> Result<Outcome> {
    let platform = host().context("there is no package for this platform")?;
    // Packing what is only for debuggers takes long.
    let small = target_dir()?.join("bananatech-sandbox-stripped");
    strip_to(&["--strip-debug"], &build("bananatech-sandbox")?, &small)?;
    let packed = pack(&[(platform, small)])?;

    let project = installed(&packed, "sandbox-npm-test")?;
    copy_all(&source().join("test"), &project)?;
    check_types(&project, "--exactOptionalPropertyTypes --target es2022")?;
    counted([program("node", "--test --test-timeout=60000").current_dir(&project)])
}
