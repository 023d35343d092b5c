//! Packs and tests what stands over the packed Kotlin package: the backend for the JVM, and what suspends.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::files::empty;
use crate::kotlin;
use crate::mobile;
use crate::process::{build, root, run, target_dir};
use crate::steps::{Outcome, counted_by_maven};
use anyhow::Result;

/// What is published as an artifact of its own.
pub(crate) struct Artifact {
    /// In this repository.
    pub(crate) folder: &'static str,
    pub(crate) name: &'static str,
}

/// A merchant's backend.
pub(crate) const BACKEND: Artifact = Artifact {
    folder: "backend/jvm",
    name: "bananatech-backend",
};

/// Senders that suspend, and lists as flows.
pub(crate) const COROUTINES: Artifact = Artifact {
    folder: "bindings-uniffi/kotlin-coroutines",
    name: "bananatech-coroutines",
};

/// All of them.
pub(crate) const ALL: [Artifact; 2] = [BACKEND, COROUTINES];

impl Artifact {
    /// The name of its archive of a kind.
    pub(crate) fn archive(&self, kind: &str) -> String {
        format!("{}-{}{kind}.jar", self.name, env!("CARGO_PKG_VERSION"))
    }

    /// Packs it into the Maven repository that has the Kotlin package already; the folder with its archives.
    pub(crate) fn pack(&self, repository: &Path) -> Result<PathBuf> {
        let to = empty(target_dir()?.join(format!("{}-package", self.name)))?;
        run(self
            .maven(repository, &to, &[])?
            .args(kotlin::deploy_to(repository)))?;
        Ok(to)
    }

    /// Runs the tests with the packed library.
    fn test(&self, options: &[&str]) -> Result<Outcome> {
        let repository = kotlin::package()?.join("repository");
        let made = target_dir()?.join(self.name);
        let mut maven = self.maven(&repository, &made, &["test"])?;
        maven.args(options);
        counted_by_maven(made.join("surefire-reports"), &mut [maven])
    }

    fn maven(&self, repository: &Path, to: &Path, goals: &[&str]) -> Result<Command> {
        kotlin::forget_cached()?;
        let mut command = kotlin::mvn(goals)?;
        command
            .arg(format!("-Dbananatech.repository={}", repository.display()))
            .arg(format!("-DbuildDirectory={}", to.display()))
            .current_dir(root().join(self.folder));
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

/// Runs the tests of what suspends.
pub(crate) fn test_coroutines() -> Result<Outcome> {
    COROUTINES.test(&[])
}

/// Compiles the backend's benchmark; the words of the command that starts it.
pub(crate) fn benchmark() -> Result<Vec<String>> {
    program("benches/jvm", "bench-jvm", "benchmark.BenchmarkKt")
}

/// Compiles a program that uses the backend, in a folder of this repository; the words of the command that starts it.
pub(crate) fn program(folder: &str, work: &str, class: &str) -> Result<Vec<String>> {
    let repository = kotlin::package()?.join("repository");
    kotlin::forget_cached()?;
    let to = target_dir()?.join(work);
    let mut maven = kotlin::mvn(&["compile"])?;
    maven
        .arg(format!("-Dbananatech.repository={}", repository.display()))
        .arg(format!("-DbuildDirectory={}", to.display()))
        .current_dir(root().join(folder));
    run(&mut maven)?;
    let class_path = format!("{0}/classes:{0}/libraries/*", to.display());
    Ok(["java", "-cp", &class_path, class]
        .map(str::to_owned)
        .into())
}
