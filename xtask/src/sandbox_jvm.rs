//! The sandbox for tests on the JVM: an artifact with the program for each platform, and an extension of JUnit that runs it.

use std::env::consts::{ARCH, OS};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Result;

use crate::files::empty;
use crate::jvm;
use crate::mobile::strip_to;
use crate::process::{build, run, target_dir};
use crate::steps::{Outcome, counted_by_maven};

/// What the JVM calls a platform, for the artifact: `linux-x86_64`.
pub(crate) fn platform(os: &str, arch: &str) -> String {
    format!("{os}-{arch}")
}

fn work() -> Result<PathBuf> {
    Ok(target_dir()?.join("sandbox-jvm"))
}

/// Packs the programs; the Maven repository that has the artifact.
pub(crate) fn pack(programs: &[(String, PathBuf)]) -> Result<PathBuf> {
    let work = empty(work()?.join("package"))?;
    for (platform, program) in programs {
        put(program, &work.join("programs").join(platform))?;
    }
    let repository = work.join("repository");
    run(maven(&work, "")?.args(jvm::deploy_to(&repository)))?;
    Ok(repository)
}

/// Runs the tests with the program as the other tests have it.
pub(crate) fn test() -> Result<Outcome> {
    let programs = empty(work()?.join("programs"))?.join(platform(OS, ARCH));
    // What is only for debuggers would be unpacked again and again.
    let small = work()?.join("bananatech-sandbox");
    strip_to(&["--strip-debug"], &build("bananatech-sandbox")?, &small)?;
    put(&small, &programs)?;
    counted_by_maven(
        work()?.join("maven/surefire-reports"),
        &mut [maven(&work()?, "test")?],
    )
}

fn put(program: &Path, folder: &Path) -> Result<()> {
    fs::create_dir_all(folder)?;
    fs::copy(program, folder.join("bananatech-sandbox"))?;
    Ok(())
}

fn maven(work: &Path, goals: &str) -> Result<Command> {
    let programs = work.join("programs");
    let mut command = jvm::maven("examples/sandbox/jvm", &work.join("maven"), goals)?;
    command.arg(format!("-Dbananatech.programs={}", programs.display()));
    Ok(command)
}
