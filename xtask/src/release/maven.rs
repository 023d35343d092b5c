//! The bundle for Maven Central: what its publisher portal takes as one zip, with all that its rules ask for.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};

use crate::process::{program, run, target_dir, works};
use crate::{jvm, kotlin, sandbox_jvm, wasm};

use super::archive::{files, stage, zip_content};
use super::{REPOSITORY, binaries, cross, sum, version};

/// Names the key to sign with, in GnuPG's own folder. Without it, a key of the rehearsal signs.
pub(super) const KEY: &str = "BANANATECH_SIGNING_KEY";

/// Where the key of the rehearsal is, in the target directory.
pub(super) const SIGNING: &str = "signing";

/// What a POM has only when it is published.
const PUBLISHED: &str = include_str!("published-pom.xml");

/// Makes the bundle; says what is missing of it.
pub(super) fn pack(to: &Path) -> Result<Option<String>> {
    let ours = kotlin::package_for("kotlin-everywhere", &cross::build()?)?.join("repository");
    let sandbox = sandbox_jvm::pack(&binaries::for_jvm()?)?;
    bundle(&[ours, sandbox], to)
}

/// Packs what lies in Maven repositories.
fn bundle(repositories: &[PathBuf], to: &Path) -> Result<Option<String>> {
    let staged = stage(to)?;
    for repository in repositories {
        take(repository, &staged)?;
    }
    let artifacts = files(&staged)?;
    check_kinds(&artifacts)?;
    let is_signed = works(&mut program("gpg", &["--version"]));
    if is_signed {
        let signer = Signer::new()?;
        for file in &artifacts {
            signer.sign(&staged.join(file))?;
        }
    }
    for file in &artifacts {
        for kind in ["md5", "sha1", "sha256"] {
            let path = staged.join(file);
            fs::write(ending(&path, kind), sum(&format!("{kind}sum"), &path)?)?;
        }
    }
    zip_content(
        &staged,
        &to.join(format!("maven-central-{}.zip", version::OURS)),
    )?;
    fs::remove_dir_all(staged)?;
    Ok((!is_signed).then(|| "signatures of the Maven bundle: there is no gpg".to_owned()))
}

/// Copies the artifacts of a Maven repository, with the POMs as they are published.
fn take(repository: &Path, staged: &Path) -> Result<()> {
    for file in files(repository)? {
        let kind = file.extension().and_then(|kind| kind.to_str());
        if !matches!(kind, Some("jar" | "pom")) {
            continue;
        }
        let copy = staged.join(&file);
        fs::create_dir_all(copy.parent().context("a file without a folder")?)?;
        if kind == Some("pom") {
            fs::write(
                &copy,
                published(&fs::read_to_string(repository.join(&file))?)?,
            )?;
            validate(&copy)?;
        } else {
            fs::copy(repository.join(&file), &copy)?;
        }
    }
    Ok(())
}

/// The POM as it is published: where the sources are stands in `Cargo.toml` alone.
fn published(pom: &str) -> Result<String> {
    let (before, after) = pom
        .split_once("  <licenses>")
        .context("a POM has no licenses")?;
    for needed in ["<name>", "<description>"] {
        ensure!(before.contains(needed), "a POM has no {needed}");
    }
    let added = PUBLISHED.replace("REPOSITORY", REPOSITORY);
    Ok(format!("{before}{added}  <licenses>{after}"))
}

/// Fails for a POM that Maven can't read.
fn validate(pom: &Path) -> Result<()> {
    run(kotlin::mvn(&["validate"])?.arg("--file").arg(pom))
}

/// Fails if an artifact lacks its sources or documentation.
fn check_kinds(artifacts: &[PathBuf]) -> Result<()> {
    let poms = artifacts
        .iter()
        .filter(|file| file.extension().is_some_and(|kind| kind == "pom"));
    let mut count = 0;
    for pom in poms {
        let stem = pom.with_extension("");
        for kind in [".jar", "-sources.jar", "-javadoc.jar"] {
            let jar = PathBuf::from(format!("{}{kind}", stem.display()));
            ensure!(artifacts.contains(&jar), "there is no {}", jar.display());
        }
        count += 1;
    }
    // The library, the sandbox, and what stands over the library.
    ensure!(count == 2 + jvm::ALL.len(), "there are {count} POMs");
    Ok(())
}

/// A file's name with one more ending.
fn ending(path: &Path, kind: &str) -> PathBuf {
    PathBuf::from(format!("{}.{kind}", path.display()))
}

/// What signs.
struct Signer {
    /// GnuPG's folder and the key's name, unless a maintainer's key signs.
    rehearsal: Option<PathBuf>,
    key: String,
}

impl Signer {
    fn new() -> Result<Self> {
        if let Ok(key) = std::env::var(KEY) {
            let rehearsal = None;
            return Ok(Self { rehearsal, key });
        }
        // It stays from run to run, and its time stands still: so its signatures are the same each time.
        let home = target_dir()?.join(SIGNING);
        let key = "Nobody (rehearsal of a release)".to_owned();
        let is_new = !home.exists();
        if is_new {
            wasm::empty(home.clone())?;
            fs::set_permissions(&home, fs::Permissions::from_mode(0o700))?;
        }
        let signer = Self {
            rehearsal: Some(home),
            key,
        };
        if is_new {
            let make = [
                "--passphrase=",
                "--quick-generate-key",
                &signer.key,
                "rsa3072",
                "sign",
                "never",
            ];
            run(signer.gpg().args(make))?;
        }
        Ok(signer)
    }

    fn gpg(&self) -> Command {
        let mut gpg = program("gpg", &["--batch", "--quiet", "--yes"]);
        if let Some(home) = &self.rehearsal {
            gpg.arg("--homedir").arg(home);
            gpg.args([
                "--faked-system-time=20260101T000000!",
                "--pinentry-mode=loopback",
            ]);
        }
        gpg
    }

    /// Signs a file, and verifies what came out.
    fn sign(&self, path: &Path) -> Result<()> {
        let signature = ending(path, "asc");
        let sign = [
            "--armor",
            "--detach-sign",
            "--local-user",
            &self.key,
            "--output",
        ];
        run(self.gpg().args(sign).args([&signature, path]))?;
        run(self.gpg().arg("--verify").args([&signature, path]))
    }
}

impl Drop for Signer {
    /// GnuPG leaves an agent running.
    fn drop(&mut self) {
        if let Some(home) = &self.rehearsal {
            works(
                program("gpgconf", &["--homedir"])
                    .arg(home)
                    .args(["--kill", "all"]),
            );
        }
    }
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
