//! The bundle for Maven Central: what its publisher portal takes as one zip, with all that its rules ask for.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};

use crate::files::{self, empty};
use crate::process::{program, run, target_dir, works};
use crate::{jvm, kotlin, sandbox};

use super::{REPOSITORY, archive, version, zig};

/// Names the key to sign with, in GnuPG's own folder. Without it, a key of the rehearsal signs.
pub(super) const KEY: &str = "BANANATECH_SIGNING_KEY";

/// Where the key of the rehearsal is, in the target directory.
pub(super) const SIGNING: &str = "signing";

/// What a POM has only when it is published.
const PUBLISHED: &str = include_str!("published-pom.xml");

/// The bundle's name.
pub(super) fn name() -> String {
    format!("maven-central-{}.zip", version::OURS)
}

/// Makes the bundle; says what is missing of it.
pub(super) fn pack(to: &Path) -> Result<Option<String>> {
    let ours = kotlin::package_for("kotlin-everywhere", &zig::libraries()?)?.join("repository");
    let sandbox = sandbox::pack_for_jvm(&zig::sandboxes()?)?;
    bundle(&[ours, sandbox], to)
}

/// Packs what lies in Maven repositories.
fn bundle(repositories: &[PathBuf], to: &Path) -> Result<Option<String>> {
    let staged = empty(to.join("staged"))?;
    for repository in repositories {
        take(repository, &staged)?;
    }
    let artifacts = files::all(&staged)?;
    check_kinds(&artifacts)?;
    let is_signed = works(&mut program("gpg", "--version"));
    run(program("sh", "-c")
        .args([include_str!("sign.sh"), "sign.sh"])
        .arg(target_dir()?.join(SIGNING))
        .args(artifacts.iter().map(|file| staged.join(file))))?;
    archive::pack(&staged, ".", &to.join(name()))?;
    fs::remove_dir_all(staged)?;
    Ok((!is_signed).then(|| "signatures of the Maven bundle: there is no gpg".to_owned()))
}

/// Copies the artifacts of a Maven repository, with the POMs as they are published.
fn take(repository: &Path, staged: &Path) -> Result<()> {
    for file in files::all(repository)? {
        let kind = file.extension().and_then(|kind| kind.to_str());
        if !matches!(kind, Some("jar" | "pom")) {
            continue;
        }
        let copy = staged.join(&file);
        fs::create_dir_all(copy.parent().context("a file without a folder")?)?;
        fs::copy(repository.join(&file), &copy)?;
        if kind == Some("pom") {
            fs::write(&copy, published(&fs::read_to_string(&copy)?)?)?;
            // Fails if Maven can't read it.
            run(jvm::mvn("validate")?.arg("--file").arg(copy))?;
        }
    }
    Ok(())
}

/// The POM as it is published: where the sources are stands in `Cargo.toml` alone.
fn published(pom: &str) -> Result<String> {
    let parts = pom.split_once("  <licenses>");
    let (before, after) = parts.context("a POM has no licenses")?;
    for needed in ["<name>", "<description>"] {
        ensure!(before.contains(needed), "a POM has no {needed}");
    }
    let added = PUBLISHED.replace("REPOSITORY", REPOSITORY);
    Ok(format!("{before}{added}  <licenses>{after}"))
}

/// Fails if an artifact lacks its sources or documentation.
fn check_kinds(artifacts: &[PathBuf]) -> Result<()> {
    let is_pom = |file: &&PathBuf| file.extension().is_some_and(|kind| kind == "pom");
    let mut count = 0;
    for pom in artifacts.iter().filter(is_pom) {
        let stem = pom.with_extension("");
        for kind in [".jar", "-sources.jar", "-javadoc.jar"] {
            let jar = PathBuf::from(format!("{}{kind}", stem.display()));
            ensure!(artifacts.contains(&jar), "there is no {}", jar.display());
        }
        count += 1;
    }
    // The sandbox, too.
    ensure!(count == 1 + jvm::ALL.len(), "there are {count} POMs");
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::process::root;

    #[test]
    fn a_published_pom_says_what_central_asks_for() {
        let source = fs::read_to_string(root().join("bindings-uniffi/kotlin/pom.xml")).unwrap();
        let pom = published(&source).unwrap();
        for element in [
            "name",
            "description",
            "url",
            "licenses",
            "scm",
            "developers",
            "connection",
        ] {
            assert!(pom.contains(&format!("<{element}>")), "{element}");
        }
        assert!(published("<project></project>").is_err());
    }
}
