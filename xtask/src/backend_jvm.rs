//! Packs and tests the backend for the JVM, over the packed Kotlin package.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Result;

use crate::kotlin;
use crate::process::{built, cargo, root, run, target_dir};
use crate::wasm::empty;

/// Where Maven puts what it makes.
fn build_dir() -> Result<PathBuf> {
    Ok(target_dir()?.join("backend-jvm"))
}

/// Where the reports of the tests are.
pub(crate) fn reports() -> Result<PathBuf> {
    Ok(build_dir()?.join("surefire-reports"))
}

/// The name of its archive of a kind.
pub(crate) fn archive(kind: &str) -> String {
    format!("bananatech-backend-{}{kind}.jar", env!("CARGO_PKG_VERSION"))
}

/// Packs it into the Maven repository that has the Kotlin package already; the folder with its archives.
pub(crate) fn pack(repository: &Path) -> Result<PathBuf> {
    let to = empty(target_dir()?.join("backend-jvm-package"))?;
    let deploy = [
        "deploy",
        // `test` runs them.
        "-Dmaven.test.skip=true",
    ];
    let repository_option = format!(
        "-DaltDeploymentRepository=folder::file://{}",
        repository.display()
    );
    run(maven(repository, &to, &deploy)?.arg(repository_option))?;
    Ok(to)
}

/// Runs the tests against the sandbox, with the packed library.
pub(crate) fn test() -> Result<()> {
    run(&mut cargo(&["build", "--package=bananatech-sandbox"]))?;
    let repository = kotlin::package()?.join("repository");
    let sandbox = format!(
        "-Dbananatech.sandbox={}",
        built("bananatech-sandbox")?.display()
    );
    run(maven(&repository, &build_dir()?, &["test"])?.arg(sandbox))
}

/// Compiles a program that uses it, in a folder of this repository; the words of the command that starts it.
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

fn maven(repository: &Path, to: &Path, goals: &[&str]) -> Result<Command> {
    kotlin::forget_cached()?;
    let mut command = kotlin::mvn(goals)?;
    command
        .arg(format!("-Dbananatech.repository={}", repository.display()))
        .arg(format!("-DbuildDirectory={}", to.display()))
        .current_dir(root().join("backend/jvm"));
    Ok(command)
}
