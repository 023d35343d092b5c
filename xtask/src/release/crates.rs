//! The crates for crates.io.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};

use crate::process::{cargo, run, target_dir};

use super::version;

/// What a user needs, and what that is built of. Cargo finds the order.
const PUBLISHED: &[&str] = &[
    "bananatech-cipher",
    "bananatech-json",
    "bananatech-fields",
    "bananatech-core",
    "bananatech-sandbox",
    "bananatech-backend",
    "bananatech-cli",
];

/// Has cargo pack the crates, and compile each from its archive alone and from the archives of the others.
pub(super) fn pack(to: &Path) -> Result<()> {
    let mut publish = cargo(&["publish", "--dry-run", "--locked"]);
    for name in PUBLISHED {
        publish.args(["--package", name]);
    }
    run(&mut publish)?;
    // A rehearsal leaves its archives where `cargo package` doesn't.
    for name in PUBLISHED {
        let archive = format!("{name}-{}.crate", version::OURS);
        let made = target_dir()?.join("package/tmp-crate").join(&archive);
        fs::copy(&made, to.join(&archive))
            .with_context(|| format!("cargo made no {}", made.display()))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::process::output;

    /// A crate is published by its manifest, and is rehearsed by this list.
    #[test]
    fn the_list_has_what_can_be_published() {
        let told = output(&mut cargo(&[
            "metadata",
            "--no-deps",
            "--format-version=1",
            "--offline",
        ]))
        .unwrap();
        let metadata: serde_json::Value = serde_json::from_str(&told).unwrap();
        let packages = metadata["packages"].as_array().unwrap();
        // An empty list of registries is `publish = false`.
        let published = packages
            .iter()
            .filter(|package| package["publish"].is_null());
        let mut names: Vec<_> = published
            .map(|package| package["name"].as_str().unwrap())
            .collect();
        let mut listed = PUBLISHED.to_vec();
        names.sort_unstable();
        listed.sort_unstable();
        assert_eq!(names, listed);
    }
}
