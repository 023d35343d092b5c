//! Builds, tests and packs the Kotlin binding for the JVM: the library, the sources that are generated from it, and Maven.

use std::env::consts::{ARCH, DLL_PREFIX, DLL_SUFFIX, OS};
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::process::{cargo, output, program, root, run, target_dir};
use crate::wasm::empty;

/// The crate that is built.
pub(crate) const PACKAGE: &str = "--package=bananatech-uniffi";

/// Builds the library, generates its Kotlin, and runs the tests. Everything that is generated goes under `work_dir`.
pub(crate) fn test(work_dir: &Path) -> Result<()> {
    // The dev profile: what the tests run is the same code, and it is there in a fraction of the time.
    run(&mut cargo(&["build", PACKAGE, "--lib"]))?;
    prepare(work_dir, &target_dir()?.join("debug").join(library_name()))?;
    maven(work_dir, &["test"])
}

/// Builds what is published, tests it, and packs it: the folder `target/package/kotlin` with the archives, and with a
/// Maven repository that has them.
pub(crate) fn package() -> Result<PathBuf> {
    let target = target_dir()?;
    run(cargo(&["build", PACKAGE, "--lib", "--profile=mobile"])
        .env("CARGO_ENCODED_RUSTFLAGS", remapped()?))?;
    let work_dir = target.join("kotlin-package");
    let shipped = prepare(&work_dir, &target.join("mobile").join(library_name()))?;
    // Only now: the sources are generated from the symbols.
    let symbols = if OS == "macos" {
        "-x"
    } else {
        "--strip-unneeded"
    };
    run(program("strip", &[symbols]).arg(&shipped))?;

    let out = empty(target.join("package/kotlin"))?;
    let repository = format!(
        "-DaltDeploymentRepository=folder::file://{}",
        out.join("repository").display()
    );
    // No archive of an earlier build may stay for the lack of a new one.
    empty(work_dir.join("maven"))?;
    maven(&work_dir, &["deploy", &repository])?;
    for kind in ["", "-sources", "-javadoc"] {
        let name = format!("bananatech-{}{kind}.jar", env!("CARGO_PKG_VERSION"));
        fs::copy(work_dir.join("maven").join(&name), out.join(&name))
            .with_context(|| format!("Maven made no {name}"))?;
    }
    Ok(out)
}

/// Generates the sources, and puts the library where JNA looks for it. Returns the library's copy.
pub(crate) fn prepare(work_dir: &Path, library: &Path) -> Result<PathBuf> {
    generate(library, &empty(work_dir.join("kotlin"))?)?;
    let resources = empty(work_dir.join("resources"))?.join(jna_platform(OS, ARCH)?);
    fs::create_dir(&resources).context("cannot make the folder of the library")?;
    let copy = resources.join(library_name());
    fs::copy(library, &copy).context("cannot copy the library")?;
    Ok(copy)
}

/// Generates the sources of a library that isn't stripped, for whichever machine it was built.
pub(crate) fn generate(library: &Path, to: &Path) -> Result<()> {
    run(cargo(&[
        "run",
        "--quiet",
        PACKAGE,
        "--features=bindgen",
        "--bin=bananatech-uniffi-bindgen",
        "--",
        "generate",
        "--language=kotlin",
        "--no-format",
        "--out-dir",
    ])
    .args([to, library]))
}

/// Runs Maven on what was prepared; what it makes goes into `work_dir/maven`.
pub(crate) fn maven(work_dir: &Path, goals: &[&str]) -> Result<()> {
    run(program("mvn", &["-q", "-B"])
        .args(goals)
        .arg(format!("-Dbananatech.generated={}", work_dir.display()))
        .arg(format!(
            "-Dbananatech.vectors={}",
            root().join("tests/vectors").display()
        ))
        .arg(format!(
            "-DbuildDirectory={}",
            work_dir.join("maven").display()
        ))
        .current_dir(root().join("bindings-uniffi/kotlin")))
}

/// Flags for a library that is shipped. Panics name source files: whose machine built it is nobody's business, and must not
/// change its bytes.
pub(crate) fn remapped() -> Result<OsString> {
    let home = match std::env::var_os("CARGO_HOME") {
        Some(home) => home.into(),
        None => std::env::home_dir()
            .context("no home directory")?
            .join(".cargo"),
    };
    // The standard library's own sources, where they are installed.
    let toolchain = PathBuf::from(output(&mut rustc(&["--print=sysroot"]))?.trim());
    let mut flags = OsString::new();
    for (from, to) in [
        (home.as_path(), "cargo"),
        (toolchain.as_path(), "rust"),
        (root(), "bananatech"),
    ] {
        if !flags.is_empty() {
            flags.push("\u{1f}");
        }
        flags.push("--remap-path-prefix=");
        flags.push(from);
        flags.push(format!("={to}"));
    }
    Ok(flags)
}

/// The compiler that cargo runs.
pub(crate) fn rustc(arguments: &[&str]) -> Command {
    program(
        std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into()),
        arguments,
    )
}

/// The library's file on this machine.
fn library_name() -> String {
    format!("{DLL_PREFIX}bananatech_uniffi{DLL_SUFFIX}")
}

/// What JNA calls a platform: the folder that it looks for a library in.
fn jna_platform(os: &str, arch: &str) -> Result<&'static str> {
    Ok(match (os, arch) {
        ("linux", "x86_64") => "linux-x86-64",
        ("linux", "aarch64") => "linux-aarch64",
        ("macos", "x86_64") => "darwin-x86-64",
        ("macos", "aarch64") => "darwin-aarch64",
        _ => bail!("the Kotlin binding isn't built on {os} {arch}"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn platforms_are_named_as_jna_does() {
        assert_eq!(jna_platform("linux", "x86_64").ok(), Some("linux-x86-64"));
        assert_eq!(
            jna_platform("macos", "aarch64").ok(),
            Some("darwin-aarch64")
        );
        assert!(jna_platform("linux", "riscv64").is_err());
    }
}
