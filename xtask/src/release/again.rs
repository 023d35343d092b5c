//! Whether what is uploaded depends on the folder in which it was made.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, ensure};

use crate::files::{self, empty};
use crate::process::{cargo, output, program, root, run, target_dir};

use super::maven;

/// Makes everything once more, of a clone in another folder, and compares the files.
pub(super) fn compare(upload: &Path) -> Result<()> {
    let clone = empty(target_dir()?.join("again"))?.join("clone");
    run(program("git", &["clone", "--quiet"]).args([root(), &clone]))?;
    let rehearsed = clone.join("target/upload");
    let signing = target_dir()?.join(maven::SIGNING);
    if signing.exists() {
        // With its rights, which GnuPG looks at.
        fs::create_dir(clone.join("target"))?;
        run(program("cp", &["-R"]).args([signing, clone.join("target")]))?;
    }
    let uploaded = ["sbom", "crates", "binaries", "npm", "maven", "swift"];
    run(cargo(&["xtask", "release", "--dry-run"])
        .args(uploaded.map(|part| format!("--only={part}")))
        .current_dir(&clone)
        .env_remove("CARGO_TARGET_DIR")
        // A maintainer's signature has the time in it.
        .env_remove(maven::KEY))?;

    let made = files::all(upload)?;
    ensure!(
        made == files::all(&rehearsed)?,
        "another folder makes other files"
    );
    for file in &made {
        let same = fs::read(upload.join(file))? == fs::read(rehearsed.join(file))?;
        let same = same || {
            let signed = std::env::var_os(maven::KEY).is_some() && file.starts_with("maven");
            signed && content(&upload.join(file))? == content(&rehearsed.join(file))?
        };
        ensure!(same, "{} is another one in another folder", file.display());
    }
    println!(
        "all {} files are the same, made in another folder",
        made.len()
    );
    fs::remove_dir_all(clone).context("cannot remove the other folder")
}

/// The checksum and the name of each file in a zip that isn't a signature.
fn content(zip: &Path) -> Result<Vec<String>> {
    let list = output(program("unzip", &["-v"]).arg(zip))?;
    let lines = list.lines().filter(|line| !line.ends_with(".asc"));
    let words = lines.filter_map(|line| {
        line.split_whitespace()
            .nth(6)
            .zip(line.split_whitespace().nth(7))
    });
    Ok(words.map(|(sum, name)| format!("{sum} {name}")).collect())
}
