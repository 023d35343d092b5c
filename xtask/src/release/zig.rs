//! What is built for machines that this one isn't, and linked by Zig, which has what these systems' own linkers would need: the sandbox and the tool
//! for Linux, static, so that they run on any distribution; and the JVM's library.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};
use object::Object as _;

use crate::files::{copy_files, copy_licenses, empty};
use crate::mobile::{self, Build, Language};
use crate::needs::has_target;
use crate::process::{cargo, run, shipping_flags, target_dir};
use crate::{sandbox, tools};

use super::{archive, version};

/// `cargo build` with a linker, and a compiler of C, for any platform: Zig's.
fn zigbuild(target: &str, flags: &[&str]) -> Result<Command> {
    ensure!(has_target(target), "missing: the Rust target {target}");
    let python = tools::python("release-tools", &["-r", "xtask/release-tools.txt"])?;
    let programs = python.parent().context("a program without a folder")?;
    let mut command = cargo("zigbuild --locked");
    command
        .env("PATH", tools::path_before(programs)?)
        .env("CARGO_ENCODED_RUSTFLAGS", shipping_flags(flags)?);
    Ok(command)
}

/// The platforms of the programs: the Rust target, and what Node and the JVM call it.
const PLATFORMS: [(&str, &str, &str); 2] = [
    ("x86_64-unknown-linux-musl", "linux-x64", "linux-x86_64"),
    ("aarch64-unknown-linux-musl", "linux-arm64", "linux-aarch64"),
];

/// The programs, each by the name of its file.
const PROGRAMS: [&str; 2] = ["bananatech-sandbox", "bananatech"];

/// Builds the programs for a platform; the folder in which they are.
fn programs(target: &str) -> Result<PathBuf> {
    let mut command = zigbuild(target, &["-Cstrip=symbols"])?;
    command.args(["--release", "--target", target]);
    command.args(["--package=bananatech-sandbox", "--package=bananatech-cli"]);
    run(&mut command)?;
    Ok(target_dir()?.join(target).join("release"))
}

/// The sandbox for each platform.
pub(super) fn sandboxes() -> Result<Vec<sandbox::Program>> {
    let built = PLATFORMS.map(|(target, node, jvm)| {
        let path = programs(target)?.join(PROGRAMS[0]);
        Ok(sandbox::Program { node, jvm, path })
    });
    built.into_iter().collect()
}

/// An archive of each program for each platform.
pub(super) fn pack_programs(to: &Path) -> Result<()> {
    for (target, ..) in PLATFORMS {
        let built = programs(target)?;
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

/// The platforms of the JVM's library that this machine isn't: the Rust target, and how the linker is told the oldest glibc; the folder that JNA
/// looks in, and the library's name there.
#[rustfmt::skip]
const OTHERS: [(&str, &str, &str, &str); 4] = [
    ("aarch64-unknown-linux-gnu", ".2.34", "linux-aarch64", "libbananatech_uniffi.so"),
    ("aarch64-apple-darwin", "", "darwin-aarch64", DYLIB),
    ("x86_64-apple-darwin", "", "darwin-x86-64", DYLIB),
    ("x86_64-pc-windows-gnu", "", "win32-x86-64", "bananatech_uniffi.dll"),
];
const DYLIB: &str = "libbananatech_uniffi.dylib";

/// The oldest macOS on Apple's own processors, and the oldest that Rust supports on Intel's is older still.
const OLDEST_MACOS: &str = "11.0";

/// Builds the library for all of them: where each goes within the jar, and where it lies.
pub(super) fn libraries() -> Result<Vec<(String, PathBuf)>> {
    let is_here = cfg!(all(target_os = "linux", target_arch = "x86_64"));
    ensure!(is_here, "the jar for all platforms is made on x86-64 Linux");
    let expected = functions(&mobile::library(Build::Shipped, Language::Kotlin)?)?;
    let has_some = !expected.is_empty();
    ensure!(has_some, "the library for this machine has no function");
    let mut built = Vec::new();
    for (target, glibc, folder, file) in OTHERS {
        let mut flags = vec!["-Cstrip=symbols"];
        if file == DYLIB {
            // Instead of the place where it was built.
            flags.push("-Clink-arg=-Wl,-install_name,@rpath/libbananatech_uniffi.dylib");
        }
        let mut command = zigbuild(target, &flags)?;
        command
            .args(["--profile=jvm", "--lib"])
            .args(["--package=bananatech-uniffi", "--features=backend"])
            .arg(format!("--target={target}{glibc}"))
            .env("MACOSX_DEPLOYMENT_TARGET", OLDEST_MACOS);
        run(&mut command)?;
        let library = target_dir()?.join(target).join("jvm").join(file);
        ensure!(
            functions(&library)? == expected,
            "the library for {target} has other functions than that for this machine"
        );
        if !glibc.is_empty() {
            mobile::check_glibc(&library)?;
        }
        built.push((format!("{folder}/{file}"), library));
    }
    Ok(built)
}

/// What a library offers to Kotlin.
fn functions(library: &Path) -> Result<BTreeSet<String>> {
    let bytes = fs::read(library).with_context(|| format!("cannot read {}", library.display()))?;
    let file = object::File::parse(&*bytes)?;
    let exports = file.exports()?.into_iter();
    let names = exports.map(|export| String::from_utf8_lossy(export.name()).into_owned());
    // Apple's have an underscore before each.
    let names = names.map(|name| name.trim_start_matches('_').to_owned());
    Ok(names
        .filter(|name| name.starts_with("uniffi_") || name.starts_with("ffi_"))
        .collect())
}
