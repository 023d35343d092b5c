//! Uses the packages as a new project would: with the programs that the documentation shows. The projects are in `tests/consumers`.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Result, ensure};

use crate::files::{copy_all, empty};
use crate::jvm::{NEWEST_JAVA, NEXT_JAVA, OLDEST_JAVA};
use crate::process::{on_ci, output, program, root, run, target_dir};
use crate::steps::{Counts, Outcome};
use crate::swift_toolchain::{self, Toolchain};
use crate::{jvm, kotlin, needs, swift};

const VERSION: &str = env!("CARGO_PKG_VERSION");

/// The oldest compiler that can read the jar, as docs/kotlin-and-swift.md says: it stands for what `languageVersion` in the package's `pom.xml` promises.
const OLDEST_KOTLIN: &str = "1.9.25";
/// The newest that there is.
const NEWEST_KOTLIN: &str = "2.4.0";

const PROGUARD: &str = "7.8.0";

/// A Maven project with the jar, and a Swift package with ours.
pub(crate) fn test() -> Result<Outcome> {
    let mut passed = 0;
    let mut ran = |what: &str, version: &str, how: &str| {
        passed += 1;
        is_listed(what, version, how)
    };
    for kotlin in [OLDEST_KOTLIN, NEWEST_KOTLIN] {
        of_maven(kotlin)?;
        ran("Kotlin", kotlin, "a new Maven project")?;
    }
    for java in [OLDEST_JAVA, NEXT_JAVA, NEWEST_JAVA] {
        if let Some(program) = java.program()? {
            on_java(&program, "target/classes:libraries/*")?;
            ran("Java", java.release, "the same, as it was compiled")?;
        }
    }
    if has_jmods()? {
        shrunk()?;
        let how = "the same, shrunk and renamed by the rules that Android apps get";
        ran("ProGuard", PROGUARD, how)?;
    } else {
        ensure!(!on_ci(), "this JDK has no jmods, which ProGuard reads");
        println!("ProGuard skipped: this JDK has no jmods, which it reads");
    }
    if let Some(what) = needs::swift() {
        return Ok(Outcome::Missing(what));
    }
    of_swift(&swift_toolchain::find()?)?;
    let how = "a new package that depends on a version, on Linux";
    ran("Swift", "6", how)?;
    Ok(Outcome::Passed(Some(Counts { passed, failed: 0 })))
}

/// Says what ran the quick start. The documentation has to list it.
fn is_listed(what: &str, version: &str, how: &str) -> Result<()> {
    println!("{what} {version}: {how}");
    let row = format!("| {what} | {version} | {how} |");
    let listed = fs::read_to_string(root().join("docs/runtimes.md"))?;
    ensure!(listed.contains(&row), "docs/runtimes.md: expected {row}");
    Ok(())
}

fn folder(name: &str) -> Result<PathBuf> {
    Ok(target_dir()?.join("consumers").join(name))
}

/// A copy of a project, and a program of the documentation's quick start in it.
fn project(name: &str, sample: &str, main: &str) -> Result<PathBuf> {
    let project = empty(folder(name)?)?;
    copy_all(&root().join("tests/consumers").join(name), &project)?;
    let main = project.join(main);
    fs::create_dir_all(main.with_file_name(""))?;
    fs::copy(root().join("docs/samples").join(sample), main)?;
    Ok(project)
}

/// What a program told has to say that it worked.
fn says_true(told: &str) -> Result<()> {
    let is_true = told.lines().any(|line| line.ends_with("true"));
    ensure!(is_true, "it said:\n{told}");
    Ok(())
}

fn of_maven(kotlin: &str) -> Result<()> {
    let main = "src/main/kotlin/QuickStart.kt";
    let project = project("maven", "QuickStart.kt", main)?;
    let repository = kotlin::repository()?;
    jvm::forget_cached()?;
    run(jvm::mvn("compile dependency:copy-dependencies")?
        .arg("-DoutputDirectory=libraries")
        .arg(format!("-Dbananatech.repository={}", repository.display()))
        .arg(format!("-Dbananatech.version={VERSION}"))
        .arg(format!("-Dkotlin.version={kotlin}"))
        .current_dir(project))?;
    on_java(Path::new("java"), "target/classes:libraries/*")
}

/// Runs the project of [`of_maven`] as it was compiled.
fn on_java(java: &Path, class_path: &str) -> Result<()> {
    let mut java = program(java, &format!("-cp {class_path} QuickStartKt"));
    jvm::load_from_jars(&mut java)?;
    says_true(&output(java.current_dir(folder("maven")?))?)
}

/// Whether Java's own classes are there as files. Newer JDKs may lack them.
fn has_jmods() -> Result<bool> {
    let settings = "java -XshowSettings:properties -version 2>&1";
    let told = output(program("sh", "-c").arg(settings))?;
    let mut lines = told.lines().map(str::trim);
    let home = lines.find_map(|line| line.strip_prefix("java.home = "));
    Ok(home.is_some_and(|home| Path::new(home).join("jmods").exists()))
}

/// Has ProGuard take out of the project of [`of_maven`] what it doesn't use, and rename the rest, as an app for Android does.
fn shrunk() -> Result<()> {
    let tool = empty(folder("proguard")?)?;
    copy_all(&root().join("tests/consumers/proguard"), &tool)?;
    run(jvm::mvn("dependency:copy-dependencies")?
        .arg("-DoutputDirectory=libraries")
        .arg(format!("-Dproguard.version={PROGUARD}"))
        .current_dir(&tool))?;
    let rules = root().join("bindings-uniffi/android/consumer-rules.pro");
    run(program("java", "-cp")
        .arg(tool.join("libraries/*"))
        .arg(format!("-Dbananatech.rules={}", rules.display()))
        .args(["proguard.ProGuard", "@shrink.pro"])
        .current_dir(folder("maven")?))?;
    on_java(Path::new("java"), "shrunk.jar")
}

fn of_swift(toolchain: &Toolchain) -> Result<()> {
    let mut package = swift::package()?;
    // On a Mac it has no XCFramework here, so SwiftPM takes it by its path only.
    let has_version = cfg!(target_os = "linux");
    if has_version {
        package = tagged(&package)?;
    }
    let project = project("swift", "QuickStart.swift", "Sources/Try/main.swift")?;
    let mut swift = toolchain.command("swift", &project, &[&package]);
    swift
        .env("BANANATECH_SWIFT_PACKAGE", &package)
        .envs(has_version.then_some(("BANANATECH_SWIFT_VERSION", VERSION)))
        .arg("run")
        // The same version is another package each time.
        .arg("--disable-dependency-cache")
        .arg("--resolver-fingerprint-checking=warn")
        .arg("Try");
    says_true(&output(&mut swift)?)
}

/// A repository of the package as it is released: SwiftPM takes by a version what is tagged with it.
fn tagged(package: &Path) -> Result<PathBuf> {
    let repository = empty(folder("repository/BananaTech")?)?;
    copy_all(package, &repository)?;
    let script = "git init --quiet; git add --all --force; git commit --quiet -m released; git tag";
    let mut git = program("sh", "-ec");
    git.arg(format!("{script} {VERSION}"));
    // Nothing that whoever runs this has set, or the hook of git that it runs in.
    git.env_clear()
        .envs(env::vars_os().filter(|(name, _)| name == "PATH"))
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .env("GIT_AUTHOR_NAME", "-")
        .env("GIT_AUTHOR_EMAIL", "-")
        .env("GIT_COMMITTER_NAME", "-")
        .env("GIT_COMMITTER_EMAIL", "-");
    run(git.current_dir(&repository))?;
    Ok(repository)
}
