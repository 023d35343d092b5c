//! One version: the workspace's. Files of other tools, which can't read it from there, must say the same.

use std::fs;

use anyhow::{Context, Result, ensure};

use crate::process::root;

/// The workspace's version.
pub(super) const OURS: &str = env!("CARGO_PKG_VERSION");

/// The files that say a version, and how: `VERSION` stands for ours, and white space is left out.
#[rustfmt::skip]
const SAID: &[(&str, &[&str])] = &[
    ("Cargo.toml", &[
        "path=\"core/cipher\",version=\"=VERSION\"",
        "path=\"core/json\",version=\"=VERSION\"",
        "path=\"core/fields\",version=\"=VERSION\"",
        "path=\"backend/rust\",version=\"VERSION\"",
        "path=\"core\",version=\"VERSION\"",
        "path=\"examples/sandbox\",version=\"VERSION\"",
    ]),
    ("bindings-wasm/npm/package.json", &["\"version\":\"VERSION\""]),
    ("examples/sandbox/npm/package.json", &[
        "\"version\":\"VERSION\"",
        "\"@bananatech/sandbox-linux-arm64\":\"VERSION\"",
        "\"@bananatech/sandbox-linux-x64\":\"VERSION\"",
    ]),
    ("bindings-uniffi/kotlin/pom.xml", LIBRARY),
    ("bindings-uniffi/kotlin-coroutines/pom.xml", &["<artifactId>bananatech-coroutines</artifactId><version>VERSION<"]),
    ("backend/jvm/pom.xml", BACKEND),
    ("examples/sandbox/jvm/pom.xml", &["<artifactId>bananatech-sandbox</artifactId><version>VERSION<"]),
    ("benches/jvm/pom.xml", BACKEND),
    ("examples/kotlin/pom.xml", BACKEND),
    ("tests/instances/jvm/pom.xml", BACKEND),
    ("docs/backend.md", BACKEND),
    ("docs/kotlin-and-swift.md", LIBRARY),
    ("docs/javascript.md", TARBALL),
    ("docs/quick-start.md", TARBALL),
    ("bindings-uniffi/swift/README.md", &["from:\"VERSION\""]),
    ("bindings-uniffi/android/build.gradle.kts", &["group=\"space.bananatech\"version=\"VERSION\""]),
];
const LIBRARY: &[&str] = &["<artifactId>bananatech</artifactId><version>VERSION<"];
const BACKEND: &[&str] = &["<artifactId>bananatech-backend</artifactId><version>VERSION<"];
const TARBALL: &[&str] = &["bananatech-VERSION.tgz"];

/// Fails if a file says another version.
pub(super) fn check() -> Result<()> {
    for (file, said) in SAID {
        let text = fs::read_to_string(root().join(file));
        let text = text.with_context(|| format!("cannot read {file}"))?;
        let text: String = text.split_whitespace().collect();
        for how in *said {
            let expected = how.replace("VERSION", OURS);
            ensure!(text.contains(&expected), "{file}: expected {expected}");
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    #[test]
    fn all_files_say_the_same_version() {
        super::check().unwrap();
    }
}
