//! Uses the packages as a new project would: with the programs that the documentation shows.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};

use crate::node::copy_all;
use crate::process::{on_ci, output, program, root, run, target_dir};
use crate::steps::{Counts, Outcome};
use crate::swift_toolchain;
use crate::wasm::empty;
use crate::{java, kotlin, swift};

/// A Maven project with the jar, and a Swift package with ours.
pub(crate) fn test() -> Result<Outcome> {
    if !kotlin::is_there() {
        return Ok(Outcome::Missing("java, mvn".to_owned()));
    }
    let mut passed = 0;
    let mut ran = |what: &str, version: &str, how: &str| {
        passed += 1;
        is_listed(what, version, how)
    };
    let code = sample("QuickStart.kt")?;
    for kotlin in [OLDEST_KOTLIN, NEWEST_KOTLIN] {
        of_maven(&code, kotlin)?;
        ran("Kotlin", kotlin, "a new Maven project")?;
    }
    libraries(&target_dir()?.join("consumers/maven"))?;
    for java in [java::OLDEST, java::NEXT, java::NEWEST] {
        if let Some(program) = java.program()? {
            on_java(&program)?;
            ran("Java", java.release, "the same, as it was compiled")?;
        }
    }
    if has_jmods()? {
        shrunk()?;
        ran(
            "ProGuard",
            PROGUARD_VERSION,
            "the same, shrunk and renamed by the rules that Android apps get",
        )?;
    } else {
        ensure!(!on_ci(), "this JDK has no jmods, which ProGuard reads");
        println!("ProGuard skipped: this JDK has no jmods, which it reads");
    }
    let Some(toolchain) = swift_toolchain::find() else {
        return Ok(Outcome::Missing(swift_toolchain::missing()));
    };
    of_swift(&toolchain, &sample("QuickStart.swift")?)?;
    ran(
        "Swift",
        "6",
        "a new package that depends on a version, on Linux",
    )?;
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

/// A program of the documentation's quick start.
fn sample(name: &str) -> Result<String> {
    let path = root().join("docs/samples").join(name);
    fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))
}

/// The oldest compiler that can read the jar, as docs/kotlin-and-swift.md says: it stands for what `languageVersion` in the package's `pom.xml` promises.
const OLDEST_KOTLIN: &str = "1.9.25";
/// The newest that there is.
const NEWEST_KOTLIN: &str = "2.4.0";

fn of_maven(code: &str, kotlin: &str) -> Result<()> {
    let package = kotlin::package()?;
    let project = empty(target_dir()?.join("consumers/maven"))?;
    let sources = project.join("src/main/kotlin");
    fs::create_dir_all(&sources)?;
    fs::write(sources.join("QuickStart.kt"), code)?;
    let repository = package.join("repository");
    fs::write(
        project.join("pom.xml"),
        POM.replace("REPOSITORY", &repository.display().to_string())
            .replace("KOTLIN", kotlin)
            .replace("VERSION", env!("CARGO_PKG_VERSION")),
    )?;
    kotlin::forget_cached()?;
    let goals = ["compile", "exec:java", "-Dexec.mainClass=QuickStartKt"];
    let told = output(kotlin::mvn(&goals)?.current_dir(&project))?;
    ensure!(
        told.lines().any(|line| line.ends_with("true")),
        "it said:\n{told}"
    );
    Ok(())
}

/// Has Maven copy what a project depends on into a folder of it.
fn libraries(project: &Path) -> Result<()> {
    let copy = [
        "dependency:copy-dependencies",
        "-DoutputDirectory=libraries",
    ];
    run(kotlin::mvn(&copy)?.current_dir(project))
}

/// Runs the project of [`of_maven`] as it was compiled.
fn on_java(program: &Path) -> Result<()> {
    let mut java = Command::new(program);
    java.args(["-cp", "target/classes:libraries/*", "QuickStartKt"]);
    says_true(java.current_dir(target_dir()?.join("consumers/maven")))
}

/// Runs a program of Java's, which has to say at its end that it worked.
fn says_true(java: &mut Command) -> Result<()> {
    kotlin::load_from_jars(java)?;
    let told = output(java)?;
    ensure!(told.trim().ends_with("true"), "it said:\n{told}");
    Ok(())
}

/// Whether Java's own classes are there as files. Newer JDKs may lack them.
fn has_jmods() -> Result<bool> {
    let settings = "java -XshowSettings:properties -version 2>&1";
    let told = output(&mut program("sh", &["-c", settings]))?;
    let home = told
        .lines()
        .find_map(|line| line.trim().strip_prefix("java.home = "));
    Ok(home.is_some_and(|home| Path::new(home).join("jmods").exists()))
}

/// Has ProGuard take out of the project of [`of_maven`] what it doesn't use, and rename the rest, as an app for Android does.
fn shrunk() -> Result<()> {
    let (project, tool) = (
        target_dir()?.join("consumers/maven"),
        empty(target_dir()?.join("consumers/proguard"))?,
    );
    fs::write(
        tool.join("pom.xml"),
        PROGUARD.replace("VERSION", PROGUARD_VERSION),
    )?;
    libraries(&tool)?;
    // Its paths are of the folder that it is in.
    let config = project.join("shrink.pro");
    let rules = root().join("bindings-uniffi/android/consumer-rules.pro");
    fs::write(
        &config,
        SHRINK.replace("RULES", &rules.display().to_string()),
    )?;
    let tools = tool.join("libraries/*");
    run(program("java", &["-cp"])
        .arg(&tools)
        .arg("proguard.ProGuard")
        .arg(format!("@{}", config.display()))
        .current_dir(&project))?;
    let shrunk = &["-cp", "shrunk.jar", "QuickStartKt"];
    says_true(program("java", shrunk).current_dir(&project))
}

fn of_swift(toolchain: &swift_toolchain::Toolchain, code: &str) -> Result<()> {
    let package = swift::package()?;
    // On a Mac it has no XCFramework here, so SwiftPM takes it by its path only.
    let (folder, dependency) = if cfg!(target_os = "linux") {
        let repository = tagged(&package)?;
        let version = env!("CARGO_PKG_VERSION");
        let url = format!(
            r#"url: "file://{}", exact: "{version}""#,
            repository.display()
        );
        (repository, url)
    } else {
        let path = format!(r#"path: "{}""#, package.display());
        (package, path)
    };
    // The same version is another package each time.
    let project = empty(target_dir()?.join("consumers/swift"))?;
    let sources = empty(project.join("Sources/Try"))?;
    fs::write(sources.join("main.swift"), code)?;
    fs::write(
        project.join("Package.swift"),
        MANIFEST.replace("DEPENDENCY", &dependency),
    )?;
    let arguments = [
        "run",
        "--disable-dependency-cache",
        "--resolver-fingerprint-checking=warn",
        "Try",
    ];
    let told = output(&mut toolchain.command("swift", &arguments, &project, &[&folder], &[]))?;
    ensure!(
        told.lines().any(|line| line.ends_with("true")),
        "it said:\n{told}"
    );
    Ok(())
}

/// A repository of the package as it is released: SwiftPM takes by a version what is tagged with it.
fn tagged(package: &Path) -> Result<PathBuf> {
    let repository = empty(target_dir()?.join("consumers/repository/BananaTech"))?;
    copy_all(package, &repository)?;
    let tag = env!("CARGO_PKG_VERSION");
    // Whatever whoever runs this has set, or the hook of git that it runs in.
    let own = "-c user.name=- -c user.email=- -c commit.gpgSign=false -c tag.gpgSign=false -c core.hooksPath=/dev/null";
    let own: Vec<&str> = own.split(' ').collect();
    let of_git = std::env::vars_os().map(|(name, _)| name);
    let of_git = of_git.filter(|name| name.to_string_lossy().starts_with("GIT_"));
    let of_git: Vec<_> = of_git.collect();
    for arguments in [
        &["init", "--quiet"][..],
        &["add", "--all", "--force"],
        &["commit", "--quiet", "-m", "released"],
        &["tag", tag],
    ] {
        let mut git = program("git", &own);
        for name in &of_git {
            git.env_remove(name);
        }
        run(git.args(arguments).current_dir(&repository))?;
    }
    Ok(repository)
}

const POM: &str = r#"<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>example</groupId>
  <artifactId>try</artifactId>
  <version>1</version>
  <properties>
    <project.build.sourceEncoding>UTF-8</project.build.sourceEncoding>
    <kotlin.compiler.daemon>false</kotlin.compiler.daemon>
  </properties>
  <repositories>
    <repository><id>bananatech</id><url>file://REPOSITORY</url></repository>
  </repositories>
  <dependencies>
    <dependency><groupId>space.bananatech</groupId><artifactId>bananatech</artifactId><version>VERSION</version></dependency>
  </dependencies>
  <build>
    <sourceDirectory>src/main/kotlin</sourceDirectory>
    <plugins>
      <plugin>
        <groupId>org.jetbrains.kotlin</groupId>
        <artifactId>kotlin-maven-plugin</artifactId>
        <version>KOTLIN</version>
        <executions><execution><goals><goal>compile</goal></goals></execution></executions>
      </plugin>
      <plugin>
        <groupId>org.codehaus.mojo</groupId>
        <artifactId>exec-maven-plugin</artifactId>
        <version>3.5.1</version>
      </plugin>
    </plugins>
  </build>
</project>
"#;

const PROGUARD_VERSION: &str = "7.8.0";
const PROGUARD: &str = r#"<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>example</groupId>
  <artifactId>shrink</artifactId>
  <version>1</version>
  <dependencies>
    <dependency><groupId>com.guardsquare</groupId><artifactId>proguard-base</artifactId><version>VERSION</version></dependency>
  </dependencies>
</project>
"#;

/// As Gradle has it for an app: all jars go in, and what the program's beginning doesn't reach stays out.
const SHRINK: &str = "
-injars target/classes
-injars libraries(!META-INF/versions/**,!META-INF/maven/**,!META-INF/MANIFEST.MF,!META-INF/LICENSE*,!module-info.class)
-outjars shrunk.jar
-libraryjars <java.home>/jmods/java.base.jmod(!**.jar;!module-info.class)
-libraryjars <java.home>/jmods/java.desktop.jmod(!**.jar;!module-info.class)
-libraryjars <java.home>/jmods/java.logging.jmod(!**.jar;!module-info.class)
-libraryjars <java.home>/jmods/java.net.http.jmod(!**.jar;!module-info.class)
-include RULES
-keep class QuickStartKt { public static void main(java.lang.String[]); }
-dontnote
";

const MANIFEST: &str = r#"// swift-tools-version:6.0
import PackageDescription

let package = Package(
    name: "Try",
    platforms: [.macOS(.v12)],
    dependencies: [.package(DEPENDENCY)],
    targets: [.executableTarget(name: "Try", dependencies: [.product(name: "BananaTech", package: "BananaTech")])]
)
"#;
