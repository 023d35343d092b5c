//! Uses the packages as a new project would: with the README's own lines.

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
    let readme = fs::read_to_string(root().join("README.md"))?;
    let code = lines(&readme, "kotlin")?;
    for kotlin in [OLDEST_KOTLIN, NEWEST_KOTLIN] {
        of_maven(&code, kotlin)?;
        println!("a new Maven project with Kotlin {kotlin} runs the README's lines");
    }
    let Some(toolchain) = swift_toolchain::find() else {
        return Ok(Outcome::Missing(swift_toolchain::missing()));
    };
    of_swift(&toolchain, &lines(&readme, "swift")?)?;
    println!("a new Swift package runs the README's lines");
    Ok(Outcome::Passed(Some(Counts {
        passed: 3,
        failed: 0,
    })))
}

/// The README's one block of code in a language.
fn lines(readme: &str, language: &str) -> Result<String> {
    let (_, from) = readme
        .split_once(&format!("\n```{language}\n"))
        .with_context(|| format!("the README has no {language}"))?;
    let (code, _) = from.split_once("\n```").context("the README's code ends")?;
    Ok(format!("{code}\n"))
}

/// The oldest compiler that can read the jar, as the README says: it stands for what `languageVersion` in the package's `pom.xml` promises.
const OLDEST_KOTLIN: &str = "1.9.25";
/// The newest that there is.
const NEWEST_KOTLIN: &str = "2.4.0";

fn of_maven(code: &str, kotlin: &str) -> Result<()> {
    let package = kotlin::package()?;
    let project = empty(target_dir()?.join("consumers/maven"))?;
    let sources = project.join("src/main/kotlin");
    fs::create_dir_all(&sources)?;
    fs::write(sources.join("Try.kt"), code)?;
    let repository = package.join("repository");
    fs::write(
        project.join("pom.xml"),
        POM.replace("REPOSITORY", &repository.display().to_string())
            .replace("KOTLIN", kotlin)
            .replace("VERSION", env!("CARGO_PKG_VERSION")),
    )?;
    kotlin::forget_cached()?;
    let goals = ["compile", "exec:java", "-Dexec.mainClass=TryKt"];
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

#[cfg(test)]
mod tests {
    use super::lines;

    #[test]
    fn the_readmes_code_is_found() {
        let readme = "# A\n\n```js\na\n```\n\n```swift\nb\nc\n```\n";
        assert_eq!(lines(readme, "swift").unwrap(), "b\nc\n");
        assert!(lines(readme, "kotlin").is_err());
    }
}
