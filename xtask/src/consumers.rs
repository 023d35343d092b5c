//! Uses the packages as a new project would: with the programs that the documentation shows.

use std::fs;

use anyhow::{Context, Result, ensure};

use crate::process::{output, root, target_dir};
use crate::steps::{Counts, Outcome};
use crate::swift_toolchain;
use crate::wasm::empty;
use crate::{kotlin, swift};

/// A Maven project with the jar, and a Swift package with ours.
pub(crate) fn test() -> Result<Outcome> {
    if !kotlin::is_there() {
        return Ok(Outcome::Missing("java, mvn".to_owned()));
    }
    let code = sample("QuickStart.kt")?;
    for kotlin in [OLDEST_KOTLIN, NEWEST_KOTLIN] {
        of_maven(&code, kotlin)?;
        println!("a new Maven project with Kotlin {kotlin} runs the quick start");
    }
    let Some(toolchain) = swift_toolchain::find() else {
        return Ok(Outcome::Missing(swift_toolchain::missing()));
    };
    of_swift(&toolchain, &sample("QuickStart.swift")?)?;
    println!("a new Swift package runs the quick start");
    Ok(Outcome::Passed(Some(Counts {
        passed: 3,
        failed: 0,
    })))
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

fn of_swift(toolchain: &swift_toolchain::Toolchain, code: &str) -> Result<()> {
    let package = swift::package()?;
    let project = target_dir()?.join("consumers/swift");
    let sources = empty(project.join("Sources/Try"))?;
    fs::write(sources.join("main.swift"), code)?;
    fs::write(
        project.join("Package.swift"),
        MANIFEST.replace("PACKAGE", &package.display().to_string()),
    )?;
    swift::relink(&project)?;
    let arguments = ["run", "--disable-build-manifest-caching", "Try"];
    let told = output(&mut toolchain.command("swift", &arguments, &project, &[&package], &[]))?;
    ensure!(
        told.lines().any(|line| line.ends_with("true")),
        "it said:\n{told}"
    );
    Ok(())
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

const MANIFEST: &str = r#"// swift-tools-version:6.0
import PackageDescription

let package = Package(
    name: "Try",
    platforms: [.macOS(.v12)],
    dependencies: [.package(path: "PACKAGE")],
    targets: [.executableTarget(name: "Try", dependencies: [.product(name: "BananaTech", package: "BananaTech")])]
)
"#;
