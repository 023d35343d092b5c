//! Builds, tests and packs the Kotlin package for the JVM: the library, the sources that are generated from it, and Maven.

use std::env::consts::{ARCH, OS};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Mutex, PoisonError};

use crate::files::empty;
use crate::inputs::Inputs;
use crate::java;
use crate::jvm;
use crate::mobile::{self, Build, Language, library_name};
use crate::process::{output, program, root, run, target_dir, works};
use crate::steps::{Outcome, counted_by_maven};
use anyhow::{Context, Result, bail};

/// Builds the library, generates its Kotlin, and runs the tests, on a newer Java as well.
pub(crate) fn test() -> Result<Outcome> {
    let work_dir = target_dir()?.join("kotlin");
    let library = mobile::library(Build::Testing, Language::Kotlin)?;
    prepare(&work_dir, &library)?;
    // Maven leaves what isn't among the sources any more.
    empty(work_dir.join("maven/classes"))?;
    let mut runs = vec![maven(&work_dir, &["test"])?];
    if let Some(java) = java::NEXT.program()? {
        println!("on the machine's Java, and on Java {}", java::NEXT.release);
        let jvm = format!("-Djvm={}", java.display());
        runs.push(maven(&work_dir, &["surefire:test", &jvm])?);
    }
    counted_by_maven(work_dir.join("maven/surefire-reports"), &mut runs)
}

/// What is published, packed: the folder `target/package/kotlin` with the archives of the library and of what stands over it, and with a
/// Maven repository that has them.
pub(crate) fn package() -> Result<PathBuf> {
    package_for("kotlin", &[])
}

/// The same by another name, with libraries for other platforms: where each goes within the jar, and where it lies.
pub(crate) fn package_for(name: &str, others: &[(String, PathBuf)]) -> Result<PathBuf> {
    // Two steps may want it at the same time.
    static PACKING: Mutex<()> = Mutex::new(());
    let _packing = PACKING.lock().unwrap_or_else(PoisonError::into_inner);
    let library = mobile::library(Build::Shipped, Language::Kotlin)?;
    let out = target_dir()?.join("package").join(name);
    let over = jvm::ALL.iter().map(|artifact| artifact.folder.to_owned());
    let generator = ["bindgen", "source.rs", "uniffi.toml", "kotlin"];
    let sources = generator.map(|name| format!("bindings-uniffi/{name}"));
    let sources = sources.into_iter().chain(over);
    let inputs = sources
        .map(|name| root().join(name))
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
    mobile::strip(&shipped)?;
    mobile::check_glibc(&shipped)?;

    // No archive of an earlier build may stay for the lack of a new one.
    empty(work_dir.join("maven"))?;
    run(maven(&work_dir, &[])?.args(deploy_to(&out.join("repository"))))?;
    let kinds = ["", "-sources", "-javadoc"];
    let mut archives: Vec<_> = kinds
        .map(|kind| work_dir.join("maven").join(archive(kind)))
        .into();
    for artifact in jvm::ALL {
        let folder = artifact.pack(&out.join("repository"))?;
        archives.extend(kinds.map(|kind| folder.join(artifact.archive(kind))));
    }
    for archive in archives {
        let name = archive.file_name().context("an archive without a name")?;
        fs::copy(&archive, out.join(name))
            .with_context(|| format!("Maven made no {}", archive.display()))?;
    }
    Ok(())
}

/// Builds the example; the command that runs it against the sandbox.
pub(crate) fn demo(sandbox: &Path) -> Result<Command> {
    let repository = package()?.join("repository");
    forget_cached()?;
    let mut command = mvn(&["compile", "exec:java"])?;
    command
        .arg(format!("-Dbananatech.repository={}", repository.display()))
        .arg(format!(
            "-DbuildDirectory={}",
            target_dir()?.join("demo-kotlin").display()
        ))
        .arg(format!("-Dexec.args=--sandbox {}", sandbox.display()))
        .current_dir(root().join("examples/kotlin"));
    Ok(command)
}

/// Measures the package; what the benchmark says.
pub(crate) fn bench(quick: bool) -> Result<String> {
    let work_dir = target_dir()?.join("kotlin-measured");
    let library = prepare(
        &work_dir,
        &mobile::library(Build::Measured, Language::Kotlin)?,
    )?;
    mobile::strip(&library)?;
    // It is among the tests, and has what they have.
    let mut command = maven(&work_dir, &["test-compile", "exec:java"])?;
    command.args([
        "-Dexec.classpathScope=test",
        "-Dexec.mainClass=benchmark.BenchmarkKt",
    ]);
    if quick {
        command.arg("-Dexec.args=--quick");
    }
    Ok(plain(&output(&mut command)?))
}

/// What a program said, without the ends of colours that Maven puts around it.
pub(crate) fn plain(told: &str) -> String {
    told.replace("\u{1b}[0m", "").replace("\u{1b}[m", "")
}

/// The Maven project.
fn source() -> PathBuf {
    root().join("bindings-uniffi/kotlin")
}

/// Whether Java and Maven are there.
pub(crate) fn is_there() -> bool {
    works(&mut program("java", &["-version"])) && works(&mut program("mvn", &["--version"]))
}

/// Takes our own package out of Maven's cache on this machine: it never looks again for a version that it has.
pub(crate) fn forget_cached() -> Result<()> {
    let home = std::env::home_dir().context("no home directory")?;
    let cached = home.join(".m2/repository/space/bananatech");
    if cached.exists() {
        fs::remove_dir_all(cached).context("cannot take our package out of Maven's cache")?;
    }
    Ok(())
}

/// The name of the package's archive of a kind.
pub(crate) fn archive(kind: &str) -> String {
    format!("bananatech-{}{kind}.jar", env!("CARGO_PKG_VERSION"))
}

/// Generates the sources, and puts the library where JNA looks for it. Returns the library's copy.
fn prepare(work_dir: &Path, library: &Path) -> Result<PathBuf> {
    mobile::sources(Language::Kotlin, library, &work_dir.join("kotlin"))?;
    let resources = empty(work_dir.join("resources"))?.join(jna_platform(OS, ARCH)?);
    fs::create_dir(&resources).context("cannot make the folder of the library")?;
    let copy = resources.join(library_name());
    fs::copy(library, &copy).context("cannot copy the library")?;
    Ok(copy)
}

/// Has a program of the JVM take its libraries from jars. Cargo names its own folders in the environment, and JNA would take the library that
/// lies in them for the jar's.
pub(crate) fn load_from_jars(command: &mut Command) -> Result<()> {
    for variable in ["LD_LIBRARY_PATH", "DYLD_FALLBACK_LIBRARY_PATH"] {
        if let Some(paths) = std::env::var_os(variable) {
            let target = target_dir()?;
            let others = std::env::split_paths(&paths).filter(|path| !path.starts_with(&target));
            command.env(variable, std::env::join_paths(others)?);
        }
    }
    Ok(())
}

/// Maven, silent but for what goes wrong and what its programs say.
pub(crate) fn mvn(goals: &[&str]) -> Result<Command> {
    let mut command = program("mvn", &["-q", "-B", "-Dstyle.color=never"]);
    command.args(goals);
    load_from_jars(&mut command)?;
    Ok(command)
}

/// What has Maven pack an artifact into a repository that is a folder. Each artifact's tests are a step of `cargo xtask test`, with a library that has
/// what only tests call.
pub(crate) fn deploy_to(repository: &Path) -> [String; 3] {
    let folder = repository.display();
    [
        "deploy".to_owned(),
        "-Dmaven.test.skip=true".to_owned(),
        format!("-DaltDeploymentRepository=folder::file://{folder}"),
    ]
}

/// Maven on what was prepared; what it makes goes into `work_dir/maven`.
fn maven(work_dir: &Path, goals: &[&str]) -> Result<Command> {
    let mut command = mvn(goals)?;
    command
        .arg(format!("-Dbananatech.generated={}", work_dir.display()))
        .arg(format!(
            "-Dbananatech.vectors={}",
            root().join("tests/vectors").display()
        ))
        .arg(format!(
            "-DbuildDirectory={}",
            work_dir.join("maven").display()
        ))
        .current_dir(source());
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
        assert_eq!(jna_platform("linux", "x86_64").ok(), Some("linux-x86-64"));
        assert_eq!(
            jna_platform("macos", "aarch64").ok(),
            Some("darwin-aarch64")
        );
        assert!(jna_platform("linux", "riscv64").is_err());
    }
}
