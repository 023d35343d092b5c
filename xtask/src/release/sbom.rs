//! A bill of materials (CycloneDX) of each package that has compiled Rust in it. Which packages a program of another language brings along, its own
//! package manager knows.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};

use crate::process::{cargo, output};
use crate::wasm;

use super::version;

/// Each package's name, a platform that it is compiled for, and how cargo is told what is in it.
#[rustfmt::skip]
const PACKAGES: &[(&str, &str, &str)] = &[
    ("bananatech-npm", wasm::TARGET, "--package=bananatech-wasm --package=bananatech-forms"),
    ("bananatech-jvm", "x86_64-unknown-linux-gnu", "--package=bananatech-uniffi --features=backend"),
    ("bananatech-swift", "aarch64-apple-ios", "--package=bananatech-uniffi"),
    ("bananatech-sandbox", "x86_64-unknown-linux-musl", "--package=bananatech-sandbox"),
    ("bananatech-cli", "x86_64-unknown-linux-musl", "--package=bananatech-cli"),
];

/// Writes a file for each package.
pub(super) fn write(to: &Path) -> Result<()> {
    for (name, target, selected) in PACKAGES {
        // `cargo metadata`, which other tools read, mixes the features of all packages of a workspace; this tells those of the chosen ones.
        let how = "--edges=normal,no-proc-macro --prefix=none --format={p}|{l}";
        let tree = format!("tree --locked --target {target} {selected} {how}");
        let tree = output(&mut cargo(&tree))?;
        let bill = serde_json::to_string_pretty(&bill(name, &tree)?)?;
        fs::write(to.join(format!("{name}.cdx.json")), bill + "\n")?;
    }
    Ok(())
}

/// The bill of a package, by what cargo told of it.
fn bill(name: &str, tree: &str) -> Result<Value> {
    // A package that was listed before is marked so.
    let lines: BTreeSet<_> = tree
        .lines()
        .map(|line| line.trim_end_matches(" (*)"))
        .filter(|line| !line.is_empty())
        .collect();
    let components = lines
        .into_iter()
        .map(|line| component(line).with_context(|| format!("cargo told: {line}")))
        .collect::<Result<Vec<_>>>()?;
    Ok(json!({
        "bomFormat": "CycloneDX",
        "specVersion": "1.5",
        "version": 1,
        "metadata": {
            "component": { "type": "library", "name": name, "version": version::OURS },
        },
        "components": components,
    }))
}

/// A crate, of a line such as `aes v0.9.1|MIT OR Apache-2.0`. Behind the version may be where it lies on this machine.
fn component(line: &str) -> Result<Value> {
    let (package, license) = line.split_once('|').context("no license")?;
    let mut words = package.split(' ');
    let name = words.next().context("no name")?;
    let version = words.next().and_then(|word| word.strip_prefix('v'));
    let version = version.context("no version")?;
    ensure!(!license.is_empty(), "no license");
    // The old way to write OR, which the standard doesn't have.
    let license = license.replace('/', " OR ");
    let purl = format!("pkg:cargo/{name}@{version}");
    Ok(json!({
        "type": "library",
        "bom-ref": purl,
        "name": name,
        "version": version,
        "licenses": [{ "expression": license }],
        "purl": purl,
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bill_names_each_crate_once_and_no_place() {
        let tree = "bananatech-cli v0.1.0 (/some/where)|MIT OR Apache-2.0\n\
                    aes v0.9.1|MIT/Apache-2.0\n\nserde v1.0.0|MIT\naes v0.9.1|MIT/Apache-2.0 (*)\n";
        let bill = bill("bananatech-cli", tree).unwrap();
        let components = bill["components"].as_array().unwrap();
        assert_eq!(components.len(), 3);
        assert_eq!(components[0]["purl"], "pkg:cargo/aes@0.9.1");
        assert_eq!(
            components[0]["licenses"][0]["expression"],
            "MIT OR Apache-2.0"
        );
        assert!(!bill.to_string().contains("/some/where"));
        assert!(component("serde v1.0.0|").is_err());
        assert!(component("serde|MIT").is_err());
    }
}
