//! Builds the libraries for Android, and lays out the Gradle module that packs them. `cargo ndk` finds the NDK and links with
//! it, for pages of 16 KB where a device may have them.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, ensure};
use object::{Object, ObjectSegment};

use crate::files::{copy_all, empty};
use crate::mobile::{self, Language, WITHOUT_METADATA, for_llvms_linker, strip_to};
use crate::needs::has_target;
use crate::process::{cargo, root, run, shipping_flags, target_dir};
use crate::tools;

const LIBRARY: &str = "libbananatech_uniffi.so";

/// What Android calls a processor, and the Rust target.
const ABIS: [(&str, &str); 4] = [
    ("arm64-v8a", "aarch64-linux-android"),
    ("armeabi-v7a", "armv7-linux-androideabi"),
    ("x86_64", "x86_64-linux-android"),
    ("x86", "i686-linux-android"),
];

/// Lays out the Gradle module in `to`, anew: what is committed, the Kotlin sources, those that are generated, and a library
/// for each ABI.
pub(crate) fn build(to: &Path) -> Result<()> {
    build_libraries()?;
    empty(to.to_owned())?;
    let bindings = root().join("bindings-uniffi");
    copy_all(&bindings.join("android"), to)?;
    let sources = to.join("sources");
    copy_all(&bindings.join("kotlin/src/main/kotlin"), &sources)?;
    // Android has no java.net.http.
    fs::remove_dir_all(sources.join("space/bananatech/jdk"))?;

    for (abi, target) in ABIS {
        let library = target_dir()?.join(target).join("mobile").join(LIBRARY);
        // Equal for each; from one that isn't stripped yet, since they are made from its symbols.
        if !to.join("generated").exists() {
            mobile::sources(Language::Kotlin, &library, &to.join("generated"))?;
        }
        let shipped = empty(to.join("src/main/jniLibs").join(abi))?.join(LIBRARY);
        strip_to(&["--strip-unneeded", WITHOUT_METADATA], &library, &shipped)?;
        // Devices of 32 bits have pages of 4 KB.
        if abi.contains("64") {
            check_pages(&fs::read(&shipped)?).context(abi)?;
        }
    }
    println!("next: gradle -p {} assembleRelease", to.display());
    Ok(())
}

/// Builds the library for every ABI; with its symbols.
fn build_libraries() -> Result<()> {
    // The lowest level of Android's API stands in the module.
    let module = fs::read_to_string(root().join("bindings-uniffi/android/build.gradle.kts"))?;
    let mut lines = module.lines().map(str::trim);
    let level = lines.find_map(|line| line.strip_prefix("minSdk = "));
    let level = level.context("the module has no minSdk")?;
    let mut command = cargo(&format!("ndk --platform {level}"));
    for (_, target) in ABIS {
        ensure!(has_target(target), "missing: rustup target add {target}");
        command.args(["--target", target]);
    }
    let rustc_words =
        "rustc --package bananatech-uniffi --lib --crate-type=cdylib --profile=mobile --";
    command
        .args(rustc_words.split(' '))
        .args(for_llvms_linker())
        .env("CARGO_ENCODED_RUSTFLAGS", shipping_flags(&[])?)
        .env("PATH", tools::path_with("cargo-ndk", "^4.1")?);
    run(&mut command)
}

/// Whether a library can be loaded where pages have 16 KB: each of its segments must begin at the start of a page.
fn check_pages(library: &[u8]) -> Result<()> {
    let file = object::File::parse(library).context("not a library")?;
    let are_aligned = file.segments().all(|segment| segment.align() >= 16384);
    ensure!(are_aligned, "a segment isn't aligned to pages of 16 KB");
    Ok(())
}
