//! The sandbox for projects without Rust, with the program for each platform. For npm: a launcher in JavaScript, and a package for each platform,
//! as esbuild has it; npm installs the one whose `os` and `cpu` fit. For tests on the JVM: an artifact with an extension of JUnit.

use std::env::consts::{ARCH, OS};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

use crate::files::{copy_all, copy_files, copy_licenses, empty};
use crate::jvm;
use crate::mobile::strip_to;
use crate::node::{check_types, installed};
use crate::process::{build, program, root, target_dir};
use crate::steps::{Outcome, counted, counted_by_maven};
use crate::wasm::{self, published};

const NAME: &str = "bananatech-sandbox";

/// What the launcher is made of.
const LAUNCHER: &[&str] = &["cli.js", "index.js", "index.cjs", "index.d.ts", "README.md"];

/// The program for a platform, and what Node and the JVM call that.
pub(crate) struct Program {
    pub(crate) node: &'static str,
    pub(crate) jvm: &'static str,
    pub(crate) path: PathBuf,
}

/// What Node and the JVM call this host, if there is a package for it.
pub(crate) fn host() -> Option<(&'static str, &'static str)> {
    match (OS, ARCH) {
        ("linux", "x86_64") => Some(("linux-x64", "linux-x86_64")),
        ("linux", "aarch64") => Some(("linux-arm64", "linux-aarch64")),
        _ => None,
    }
}

/// The program as the other tests have it, but for what only debuggers read: that would be packed and unpacked again and again.
fn for_this_host() -> Result<Program> {
    let (node, jvm) = host().context("there is no package for this platform")?;
    let path = target_dir()?.join("bananatech-sandbox-stripped");
    strip_to(&["--strip-debug"], &build(NAME)?, &path)?;
    Ok(Program { node, jvm, path })
}

fn source() -> PathBuf {
    root().join("examples/sandbox/npm")
}

/// Packs the launcher, and each platform's program.
pub(crate) fn pack_for_npm(programs: &[Program]) -> Result<Vec<PathBuf>> {
    let work = empty(target_dir()?.join("sandbox-npm"))?;
    let mut packed = vec![launcher(&work)?];
    for program in programs {
        packed.push(with_program(&work, program)?);
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

fn with_program(work: &Path, program: &Program) -> Result<PathBuf> {
    let platform = program.node.split_once('-');
    let (os, cpu) = platform.context("a platform is OS-CPU")?;
    let folder = empty(work.join(program.node))?;
    // With its right to be executed, which the archive keeps.
    fs::copy(&program.path, folder.join(NAME))?;
    let of = format!("The program of the npm package `{NAME}` for {os} on {cpu}.");
    fs::write(folder.join("README.md"), of + " Install that package.\n")?;
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

/// Installs the packed packages in an empty folder, and runs the program there.
pub(crate) fn test_npm() -> Result<Outcome> {
    let packed = pack_for_npm(&[for_this_host()?])?;
    let project = installed(&packed, "sandbox-npm-test")?;
    copy_all(&source().join("test"), &project)?;
    check_types(&project, "--exactOptionalPropertyTypes --target es2022")?;
    counted([program("node", "--test --test-timeout=60000").current_dir(&project)])
}

/// Packs the programs; the Maven repository that has the artifact.
pub(crate) fn pack_for_jvm(programs: &[Program]) -> Result<PathBuf> {
    let work = empty(target_dir()?.join("sandbox-jvm/package"))?;
    let repository = work.join("repository");
    jvm::deploy(&mut maven(programs, &work, "")?, &repository)?;
    Ok(repository)
}

/// Runs the tests on the JVM.
pub(crate) fn test_jvm() -> Result<Outcome> {
    let work = target_dir()?.join("sandbox-jvm");
    let tests = maven(&[for_this_host()?], &work, "test")?;
    counted_by_maven(work.join("maven/surefire-reports"), &mut [tests])
}

fn maven(programs: &[Program], work: &Path, goals: &str) -> Result<Command> {
    let folder = empty(work.join("programs"))?;
    for program in programs {
        let folder = empty(folder.join(program.jvm))?;
        fs::copy(&program.path, folder.join(NAME))?;
    }
    let mut command = jvm::maven("examples/sandbox/jvm", &work.join("maven"), goals)?;
    command.arg(format!("-Dbananatech.programs={}", folder.display()));
    Ok(command)
}
