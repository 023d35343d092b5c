//! Builds, tests and packs the Kotlin package for the JVM: the library, the sources that are generated from it, and Maven.

use std::env::consts::{ARCH, OS};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::files::empty;
use crate::inputs::Inputs;
use crate::jvm::{self, LIBRARY, NEXT_JAVA, deploy};
use crate::mobile::{self, Build, Language, library_name};
use crate::process::{output, root, target_dir};
use crate::steps::{Outcome, counted_by_maven};

/// Builds the library, generates its Kotlin, and runs the tests, on a newer Java as well.
pub(crate) fn test() -> Result<Outcome> {
    let work_dir = target_dir()?.join("kotlin");
    let library = mobile::library(Build::Testing, Language::Kotlin)?;
    prepare(&work_dir, &library)?;
    // Maven leaves what isn't among the sources any more.
    empty(work_dir.join("maven/classes"))?;
    let mut runs = vec![maven(&work_dir, "test")?];
    if let Some(java) = NEXT_JAVA.program()? {
        println!("on the machine's Java, and on Java {}", NEXT_JAVA.release);
        let mut run = maven(&work_dir, "surefire:test")?;
        run.arg(format!("-Djvm={}", java.display()));
        runs.push(run);
    }
    counted_by_maven(work_dir.join("maven/surefire-reports"), &mut runs)
}

/// What is published, packed: the folder `target/package/kotlin` with the archives of the library and of what stands over it, and with a
/// Maven repository that has them.
pub(crate) fn package() -> Result<PathBuf> {
    package_for("kotlin", &[])
}

/// The Maven repository of [`package`].
pub(crate) fn repository() -> Result<PathBuf> {
    Ok(package()?.join("repository"))
}

/// The same by another name, with libraries for other platforms: where each goes within the jar, and where it lies.
pub(crate) fn package_for(name: &str, others: &[(String, PathBuf)]) -> Result<PathBuf> {
    let library = mobile::library(Build::Shipped, Language::Kotlin)?;
    let out = target_dir()?.join("package").join(name);
    let generator = ["bindgen", "source.rs", "uniffi.toml"];
    let generator = generator.map(|name| root().join("bindings-uniffi").join(name));
    let inputs = generator
        .into_iter()
        .chain(jvm::ALL.map(|artifact| root().join(artifact.folder)))
        .chain([library.clone()])
        .chain(others.iter().map(|(_, library)| library.clone()));
    // It takes Maven two minutes.
    Inputs::of(inputs)?.make(&out, || pack(&library, others, &empty(out.clone())?))?;
    Ok(out)
}

fn pack(library: &Path, others: &[(String, PathBuf)], out: &Path) -> Result<()> {
    let work_dir = target_dir()?.join("kotlin-package");
    let shipped = prepare(&work_dir, library)?;
    for (place, library) in others {
        let to = work_dir.join("resources").join(place);
        fs::create_dir(to.parent().context("a library without a folder")?)?;
        fs::copy(library, to).context("cannot copy a library")?;
    }
    // Only now: the sources are generated from the symbols.
    mobile::strip(library, &shipped)?;
    mobile::check_glibc(&shipped)?;

    // No archive of an earlier build may stay for the lack of a new one.
    let made = empty(work_dir.join("maven"))?;
    let repository = out.join("repository");
    deploy(&mut maven(&work_dir, "")?, &repository)?;
    LIBRARY.copy_archives(&made, out)?;
    for artifact in jvm::ALL.iter().skip(1) {
        artifact.copy_archives(&artifact.pack(&repository)?, out)?;
    }
    Ok(())
}

/// Builds the example; the command that runs it against the sandbox.
pub(crate) fn demo(sandbox: &Path) -> Result<Command> {
    let to = target_dir()?.join("demo-kotlin");
    let goals = "compile exec:java";
    let mut command = jvm::maven_with(&repository()?, "examples/kotlin", &to, goals)?;
    command.arg(format!("-Dexec.args=--sandbox {}", sandbox.display()));
    Ok(command)
}

/// Measures the package; what the benchmark says.
pub(crate) fn bench(quick: bool) -> Result<String> {
    let work_dir = target_dir()?.join("kotlin-measured");
    let library = mobile::library(Build::Measured, Language::Kotlin)?;
    mobile::strip(&library, &prepare(&work_dir, &library)?)?;
    // It is among the tests, and has what they have.
    let mut command = maven(&work_dir, "test-compile exec:java")?;
    command.arg("-Dexec.classpathScope=test");
    command.arg("-Dexec.mainClass=benchmark.BenchmarkKt");
    command.args(quick.then_some("-Dexec.args=--quick"));
    Ok(plain(&output(&mut command)?))
}

/// What a program said, without the ends of colours that Maven puts around it.
pub(crate) fn plain(told: &str) -> String {
    told.replace("\u{1b}[0m", "").replace("\u{1b}[m", "")
}

/// Generates the sources, and puts the library where JNA looks for it. Returns the library's copy.
fn prepare(work_dir: &Path, library: &Path) -> Result<PathBuf> {
    mobile::sources(Language::Kotlin, library, &work_dir.join("kotlin"))?;
    let resources = work_dir.join("resources");
    let folder = empty(resources)?.join(jna_platform(OS, ARCH)?);
    fs::create_dir(&folder).context("cannot make the folder of the library")?;
    let copy = folder.join(library_name());
    fs::copy(library, &copy).context("cannot copy the library")?;
    Ok(copy)
}

/// Maven on what was prepared; what it makes goes into `work_dir/maven`.
fn maven(work_dir: &Path, goals: &str) -> Result<Command> {
    let vectors = root().join("tests/vectors");
    let mut command = jvm::maven(LIBRARY.folder, &work_dir.join("maven"), goals)?;
    command.arg(format!("-Dbananatech.generated={}", work_dir.display()));
    command.arg(format!("-Dbananatech.vectors={}", vectors.display()));
    Ok(command)
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
        let named = |os, arch| jna_platform(os, arch).ok();
        assert_eq!(named("linux", "x86_64"), Some("linux-x86-64"));
        assert_eq!(named("macos", "aarch64"), Some("darwin-aarch64"));
        assert_eq!(named("linux", "riscv64"), None);
    }
}
