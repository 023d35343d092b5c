//! One version: the workspace's. Files of other tools, which can't read it from there, must say the same.

use std::fs;

use anyhow::{Context, Result, ensure};

use crate::process::root;

/// The documentation that shows how the packed npm package is installed.
const SHOWN: [&str; 2] = ["docs/javascript.md", "docs/quick-start.md"];

/// The workspace's version.
pub(super) const OURS: &str = env!("CARGO_PKG_VERSION");

/// The files that say a version, and the words before it. The next character is a quotation mark or the end of an XML element.
const SAID: &[(&str, &[&str])] = &[
    (
        "Cargo.toml",
        &[
            "path = \"core/cipher\", version = \"=",
            "path = \"core/json\", version = \"=",
            "path = \"core/fields\", version = \"=",
            "path = \"backend/rust\", version = \"",
            "path = \"core\", version = \"",
            "path = \"examples/sandbox\", version = \"",
        ],
    ),
    ("bindings-wasm/npm/package.json", &["\"version\": \""]),
    (
        "examples/sandbox/npm/package.json",
        &[
            "\"version\": \"",
            "\"@bananatech/sandbox-linux-arm64\": \"",
            "\"@bananatech/sandbox-linux-x64\": \"",
        ],
    ),
    ("bindings-uniffi/kotlin/pom.xml", OF_POM),
    ("bindings-uniffi/kotlin-coroutines/pom.xml", OF_POM),
    ("backend/jvm/pom.xml", OF_POM),
    ("examples/sandbox/jvm/pom.xml", OF_POM),
    ("benches/jvm/pom.xml", OF_USER),
    ("examples/kotlin/pom.xml", OF_USER),
    ("tests/instances/jvm/pom.xml", OF_USER),
    (
        "docs/backend.md",
        &["<artifactId>bananatech-backend</artifactId><version>"],
    ),
    (
        "docs/kotlin-and-swift.md",
        &["<artifactId>bananatech</artifactId><version>"],
    ),
    (
        "bindings-uniffi/android/build.gradle.kts",
        &["\nversion = \""],
    ),
];
/// What a project of ours depends on.
const OF_USER: &[&str] = &["<artifactId>bananatech-backend</artifactId>\n      <version>"];
/// The first version in it is the artifact's own.
const OF_POM: &[&str] = &["<version>"];

/// Fails if a file says another version.
pub(super) fn check() -> Result<()> {
    for (file, before) in SAID {
        let text =
            fs::read_to_string(root().join(file)).with_context(|| format!("cannot read {file}"))?;
        for words in *before {
            let said = text
                .split_once(words)
                .and_then(|(_, rest)| rest.split(['"', '<']).next());
            ensure!(
                said == Some(OURS),
                "{file}: the version after `{words}` is {said:?}, and Cargo.toml's is {OURS}"
            );
        }
    }
    for file in SHOWN {
        let text = fs::read_to_string(root().join(file))?;
        let name = format!("bananatech-{OURS}.tgz");
        ensure!(text.contains(&name), "{file} doesn't show {name}");
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
