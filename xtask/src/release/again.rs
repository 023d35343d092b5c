//! Whether what is uploaded depends on the folder in which it was made.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, ensure};

use crate::files::empty;
use crate::process::{cargo, output, program, root, run, target_dir};

use super::maven;

/// Makes everything once more, of a clone in another folder, and compares the files.
pub(super) fn compare(upload: &Path) -> Result<()> {
    let clone = empty(target_dir()?.join("again"))?.join("clone");
    run(program("git", "clone --quiet").args([root(), &clone]))?;
    let rehearsed = clone.join("target/upload");
    let signing = target_dir()?.join(maven::SIGNING);
    if signing.exists() {
        // With its rights, which GnuPG looks at.
        fs::create_dir(clone.join("target"))?;
        run(program("cp", "-R").args([signing, clone.join("target")]))?;
    }
    let uploaded = ["sbom", "crates", "binaries", "npm", "maven", "swift"];
    run(cargo("xtask release --dry-run")
        .args(uploaded.map(|part| format!("--only={part}")))
        .current_dir(&clone)
        .env_remove("CARGO_TARGET_DIR")
        // A maintainer's signature has the time in it.
        .env_remove(maven::KEY))?;

    let mut diff = program("diff", "--recursive --brief");
    if std::env::var_os(maven::KEY).is_some() {
        let bundle = format!("maven/{}", maven::name());
        let is_same = content(&upload.join(&bundle))? == content(&rehearsed.join(&bundle))?;
        ensure!(is_same, "{bundle} has other files in it in another folder");
        diff.arg("--exclude").arg(maven::name());
    }
    run(diff.args([upload, &rehearsed])).context("made in another folder, files are others")?;
    println!("all files are the same, made in another folder");
    fs::remove_dir_all(clone).context("cannot remove the other folder")
}

/// The checksum and the name of each file in a zip that isn't a signature.
fn content(zip: &Path) -> Result<Vec<String>> {
    let list = output(program("unzip", "-v").arg(zip))?;
    let lines = list.lines().filter(|line| !line.ends_with(".asc"));
    let words = lines.map(|line| line.split_whitespace().skip(6));
    Ok(words
        .map(|words| words.collect::<Vec<_>>().join(" "))
        .collect())
}
