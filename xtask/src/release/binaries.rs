//! The sandbox and the tool, for Linux: static, so that they run on any distribution.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Result;

use crate::files::{copy_files, copy_licenses, empty};
use crate::process::{run, target_dir};
use crate::sandbox_jvm;

use super::{archive, version, zigbuild};

/// A platform: the Rust target, what Node calls it, and how Rust calls its processor.
const PLATFORMS: [(&str, &str, &str); 2] = [
    ("x86_64-unknown-linux-musl", "linux-x64", "x86_64"),
    ("aarch64-unknown-linux-musl", "linux-arm64", "aarch64"),
];

/// The programs, each by the name of its file.
const PROGRAMS: [&str; 2] = ["bananatech-sandbox", "bananatech"];

/// Builds the programs for a platform; the folder in which they are.
fn build(target: &str) -> Result<PathBuf> {
    let mut command = zigbuild(target, &["-Cstrip=symbols"])?;
    command.args(["--release", "--target", target]);
    command.args(["--package=bananatech-sandbox", "--package=bananatech-cli"]);
    run(&mut command)?;
    Ok(target_dir()?.join(target).join("release"))
}

/// The sandbox for each platform, by Node's name of it.
pub(super) fn for_npm() -> Result<Vec<(&'static str, PathBuf)>> {
    let built =
        PLATFORMS.map(|(target, platform, _)| Ok((platform, build(target)?.join(PROGRAMS[0]))));
    built.into_iter().collect()
}

/// The sandbox for each platform, by the JVM's name of it.
pub(super) fn for_jvm() -> Result<Vec<(String, PathBuf)>> {
    let built = PLATFORMS.map(|(target, _, arch)| {
        let platform = sandbox_jvm::platform("linux", arch);
        Ok((platform, build(target)?.join(PROGRAMS[0])))
    });
    built.into_iter().collect()
}

/// An archive of each program for each platform.
pub(super) fn pack(to: &Path) -> Result<()> {
    for (target, ..) in PLATFORMS {
        let built = build(target)?;
        for program in PROGRAMS {
            let name = format!("{program}-{}-{target}", version::OURS);
            let staged = to.join("staged");
            let folder = empty(staged.join(&name))?;
            copy_files(&built, &[program], &folder)?;
            copy_licenses(&folder)?;
            archive::pack(&staged, &name, &to.join(format!("{name}.tar.gz")))?;
            fs::remove_dir_all(staged)?;
        }
    }
    Ok(())
}
