//! Builds the library for Apple's platforms and lays it out as an XCFramework. It needs neither Xcode nor a Mac: nothing is
//! linked here, the app's own build does that.

use std::collections::HashSet;
use std::fs::{self, File};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use fat_macho::FatWriter;
use object::macho::{PLATFORM_IOS, PLATFORM_IOSSIMULATOR, PLATFORM_MACOS};
use object::read::archive::ArchiveFile;
use object::read::macho::MachOFile64;
use object::{Architecture, Endianness, Object};

use crate::files::{copy_files, empty};
use crate::mobile::{STATIC_LIBRARY, strip_to};
use crate::needs::has_target;
use crate::process::{cargo, program, root, run, shipping_flags, target_dir};
use crate::swift;

/// The module of the C functions, which the Swift sources import.
const MODULE: &str = "BananaTechFFI";

/// The oldest systems that the library runs on: the first that Swift's concurrency was brought to. Cargo doesn't build anew
/// when they change.
const OLDEST: [(&str, &str); 2] = [
    ("IPHONEOS_DEPLOYMENT_TARGET", "13.0"),
    ("MACOSX_DEPLOYMENT_TARGET", "10.15"),
];

/// The libraries: the folder, by the name that `bindings-uniffi/xcframework/Info.plist` lists it under; how an object says that it is for the
/// platform; and the Rust targets that are merged into it.
#[rustfmt::skip]
const SLICES: [(&str, u32, &[&str]); 3] = [
    ("ios-arm64", PLATFORM_IOS, &["aarch64-apple-ios"]),
    ("ios-arm64_x86_64-simulator", PLATFORM_IOSSIMULATOR, &["aarch64-apple-ios-sim", "x86_64-apple-ios"]),
    ("macos-arm64_x86_64", PLATFORM_MACOS, &["aarch64-apple-darwin", "x86_64-apple-darwin"]),
];

/// What takes out most of a static library's bytes: the prebuilt standard library's debug information, and the compiler's
/// intermediate code. `strip` in a profile changes nothing of static libraries.
const STRIPPED: &[&str] = &[
    "--strip-debug",
    "--remove-section=__LLVM,__bitcode",
    "--remove-section=__LLVM,__cmdline",
];

/// Builds and checks every target's library, and puts them together as `to`, anew. `generated` has the header and the module
/// map that UniFFI made with the Swift sources.
pub(crate) fn assemble(generated: &Path, to: &Path) -> Result<()> {
    let header = generated.join(format!("{MODULE}.h"));
    let functions = functions(&fs::read_to_string(&header).context("cannot read the header")?);
    ensure!(!functions.is_empty(), "the header declares no function");
    let to = empty(to.to_owned())?;
    let own = root().join("bindings-uniffi/xcframework");
    copy_files(&own, &["Info.plist"], &to)?;
    empty(target_dir()?.join("xcframework"))?;
    for (folder, platform, targets) in SLICES {
        let folder = to.join(folder);
        // In a folder of the module's own: Xcode puts the headers of all XCFrameworks of an app into one, where two module
        // maps would collide.
        swift::headers(generated, &folder.join("Headers").join(MODULE))?;

        let mut libraries = Vec::new();
        for target in targets {
            let library = part(target)?;
            strip_to(STRIPPED, &build(target)?, &library)?;
            check(&library, target, platform, &functions).context(*target)?;
            libraries.push(library);
        }
        merge(&libraries, &folder.join(STATIC_LIBRARY))?;
    }
    Ok(())
}

/// The library of each target, as [`assemble`] left it.
pub(crate) fn parts_on_disk() -> Result<Vec<(&'static str, PathBuf)>> {
    let targets = SLICES.iter().flat_map(|(_, _, targets)| *targets);
    targets.map(|target| Ok((*target, part(target)?))).collect()
}

fn part(target: &str) -> Result<PathBuf> {
    Ok(target_dir()?.join(format!("xcframework/{target}.a")))
}

/// Builds a target's library.
fn build(target: &str) -> Result<PathBuf> {
    let mut command = cargo("rustc --package=bananatech-uniffi --lib --crate-type=staticlib");
    command
        .args(["--profile=mobile", "--target", target])
        .env("CARGO_ENCODED_RUSTFLAGS", shipping_flags(&[])?)
        .envs(OLDEST);
    if !has_target(target) {
        println!("{target}: with the standard library built from its source");
        run(&mut program("rustup", "component add rust-src"))?;
        // Unstable, so the stable compiler has to be told. std's default would be to abort on a panic in it.
        command
            .arg("-Zbuild-std=std,panic_unwind")
            .env("RUSTC_BOOTSTRAP", "1");
    }
    run(&mut command)?;
    let made = target_dir()?.join(target).join("mobile");
    Ok(made.join(STATIC_LIBRARY))
}

/// One library of several, for as many processors.
fn merge(libraries: &[PathBuf], to: &Path) -> Result<()> {
    if let [library] = libraries {
        fs::copy(library, to)?;
        return Ok(());
    }
    let mut universal = FatWriter::new();
    for library in libraries {
        universal.add_file(library)?;
    }
    universal.write_to(&mut File::create(to)?)?;
    Ok(())
}

/// Checks what no linker here does: whether a library is for its platform and processor, and has the functions.
fn check(library: &Path, target: &str, platform: u32, functions: &[String]) -> Result<()> {
    let architecture = match target.split_once('-') {
        Some(("aarch64", _)) => Architecture::Aarch64,
        _ => Architecture::X86_64,
    };
    let data = fs::read(library).context("cannot read the library")?;
    let archive = ArchiveFile::parse(&*data)?;
    for member in archive.members() {
        let member = member?;
        let name = String::from_utf8_lossy(member.name());
        // Apple's linker takes no other.
        let is_aligned = member.file_range().0 % 8 == 0;
        ensure!(is_aligned, "{name} lies at no multiple of 8 bytes");
        let object = MachOFile64::<Endianness>::parse(member.data(&*data)?)?;
        let is_for_it = object.architecture() == architecture;
        ensure!(is_for_it, "{name} is for another processor");
        // Objects for systems from before there were simulators of this kind don't say it.
        if let Some(version) = object.build_version()? {
            let is_for_it = version.platform.get(object.endian()) == platform;
            ensure!(is_for_it, "{name} is for another platform");
        }
    }
    // Whatever isn't in the index isn't found.
    let symbols = archive.symbols()?.context("the library has no index")?;
    let indexed = symbols
        .map(|symbol| Ok(String::from_utf8_lossy(symbol?.name()).into_owned()))
        .collect::<Result<HashSet<_>>>()?;
    for function in functions {
        let is_there = indexed.contains(&format!("_{function}"));
        ensure!(is_there, "the library lacks the function {function}");
    }
    Ok(())
}

/// The functions that a header declares, by how the generator names them.
fn functions(header: &str) -> Vec<String> {
    let words = header.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
    let ours = ["ffi_bananatech_uniffi_", "uniffi_bananatech_uniffi_"];
    words
        .filter(|word| ours.iter().any(|start| word.starts_with(start)))
        .map(str::to_owned)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_names_every_slice() {
        let path = root().join("bindings-uniffi/xcframework/Info.plist");
        let list = fs::read_to_string(path).unwrap();
        for (folder, ..) in SLICES {
            assert!(list.contains(&format!("<string>{folder}</string>")));
        }
    }
}
