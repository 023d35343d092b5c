//! The JVM's library for the platforms that this machine isn't, linked by Zig, which has what these systems' own linkers would need.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use object::Object as _;

use crate::mobile::{self, Build, Language};
use crate::process::{run, target_dir};

use super::zigbuild;

/// For each platform, the Rust target, and how the linker is told the oldest glibc; the folder that JNA looks in, and the library's name there.
const OTHERS: [(&str, &str, &str, &str); 4] = [
    (
        "aarch64-unknown-linux-gnu",
        ".2.34",
        "linux-aarch64",
        "libbananatech_uniffi.so",
    ),
    ("aarch64-apple-darwin", "", "darwin-aarch64", DYLIB),
    ("x86_64-apple-darwin", "", "darwin-x86-64", DYLIB),
    (
        "x86_64-pc-windows-gnu",
        "",
        "win32-x86-64",
        "bananatech_uniffi.dll",
    ),
];
const DYLIB: &str = "libbananatech_uniffi.dylib";

/// The oldest macOS on Apple's own processors, and the oldest that Rust supports on Intel's is older still.
const OLDEST_MACOS: &str = "11.0";

/// Builds all of them: where each goes within the jar, and where it lies.
pub(super) fn build() -> Result<Vec<(String, PathBuf)>> {
    ensure!(
        cfg!(all(target_os = "linux", target_arch = "x86_64")),
        "the jar for all platforms is made on Linux, on x86-64"
    );
    let expected = functions(&mobile::library(Build::Shipped, Language::Kotlin)?)?;
    ensure!(
        !expected.is_empty(),
        "the library for this machine has no function"
    );
    let mut built = Vec::new();
    for (target, glibc, folder, file) in OTHERS {
        let mut flags = vec!["-Cstrip=symbols"];
        if file == DYLIB {
            // Instead of the place where it was built.
            flags.push("-Clink-arg=-Wl,-install_name,@rpath/libbananatech_uniffi.dylib");
        }
        let mut command = zigbuild(target, &flags)?;
        command
            .args(["--profile=jvm", "--lib"])
            .args(["--package=bananatech-uniffi", "--features=backend"])
            .arg(format!("--target={target}{glibc}"))
            .env("MACOSX_DEPLOYMENT_TARGET", OLDEST_MACOS);
        run(&mut command)?;
        let library = target_dir()?.join(target).join("jvm").join(file);
        ensure!(
            functions(&library)? == expected,
            "the library for {target} has other functions than that for this machine"
        );
        if !glibc.is_empty() {
            mobile::check_glibc(&library)?;
        }
        built.push((format!("{folder}/{file}"), library));
    }
    Ok(built)
}

/// What a library offers to Kotlin.
fn functions(library: &Path) -> Result<BTreeSet<String>> {
    let bytes = fs::read(library).with_context(|| format!("cannot read {}", library.display()))?;
    let file = object::File::parse(&*bytes)?;
    let exports = file.exports()?.into_iter();
    let names = exports.map(|export| String::from_utf8_lossy(export.name()).into_owned());
    // Apple's have an underscore before each.
    let names = names.map(|name| name.trim_start_matches('_').to_owned());
    Ok(names
        .filter(|name| name.starts_with("uniffi_") || name.starts_with("ffi_"))
        .collect())
}
