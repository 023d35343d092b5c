//! Builds the libraries for Android with the NDK, and lays out the Gradle module that packs them.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result, bail, ensure};
use object::{Object, ObjectSegment};

use crate::mobile::{self, Language, SMALLER, WITHOUT_METADATA, metadata_apart, rustc};
use crate::process::{cargo, output, program, root, run, shipping_flags, target_dir};
use crate::wasm::empty;

const LIBRARY: &str = "libbananatech_uniffi.so";

/// The lowest level of Android's API, as in `build.gradle.kts`.
const MIN_SDK: &str = "26";

/// What Android calls a processor, and how code is made for it.
struct Abi {
    /// The folder's name in an APK.
    name: &'static str,
    /// The Rust target.
    target: &'static str,
    /// What the NDK's clang for it begins with.
    clang: &'static str,
    /// The largest page that a device may have, in bytes.
    page: u64,
}

const ABIS: [Abi; 4] = [
    Abi {
        name: "arm64-v8a",
        target: "aarch64-linux-android",
        clang: "aarch64-linux-android",
        page: 16384,
    },
    Abi {
        name: "armeabi-v7a",
        target: "armv7-linux-androideabi",
        clang: "armv7a-linux-androideabi",
        page: 4096,
    },
    Abi {
        name: "x86_64",
        target: "x86_64-linux-android",
        clang: "x86_64-linux-android",
        page: 16384,
    },
    Abi {
        name: "x86",
        target: "i686-linux-android",
        clang: "i686-linux-android",
        page: 4096,
    },
];

/// Lays out the Gradle module in `to`, anew: what is committed, the Kotlin sources, those that are generated, and a library
/// for each ABI.
pub(crate) fn build(to: &Path) -> Result<ExitCode> {
    let bin = ndk_programs(&find_ndk(|name| std::env::var_os(name))?)?;
    let missing = missing_targets()?;
    ensure!(
        missing.is_empty(),
        "missing: rustup target add {}",
        missing.join(" ")
    );

    empty(to.to_owned())?;
    let bindings = root().join("bindings-uniffi");
    copy_folder(&bindings.join("android"), to, &[])?;
    // Android has no java.net.http.
    let sources = bindings.join("kotlin/src/main/kotlin");
    copy_folder(&sources, &to.join("sources"), &["jdk"])?;

    for abi in &ABIS {
        let library = library(abi, &bin)?;
        let folder = empty(to.join("src/main/jniLibs").join(abi.name))?;
        // Equal for each; from one that isn't stripped yet, since they are made from its symbols.
        if !to.join("generated").exists() {
            mobile::sources(Language::Kotlin, &library, &to.join("generated"))?;
        }
        let shipped = folder.join(LIBRARY);
        run(program(
            bin.join("llvm-strip"),
            &["--strip-unneeded", WITHOUT_METADATA, "-o"],
        )
        .args([shipped.as_path(), library.as_path()]))?;
        check_pages(&fs::read(&shipped)?, abi.page).with_context(|| abi.name)?;
    }
    println!("next: gradle -p {} assembleRelease", to.display());
    Ok(ExitCode::SUCCESS)
}

/// Builds the library for one ABI; with its symbols.
fn library(abi: &Abi, bin: &Path) -> Result<PathBuf> {
    let clang = bin.join(format!("{}{MIN_SDK}-clang", abi.clang));
    ensure!(clang.is_file(), "the NDK has no {}", clang.display());
    let linker = format!(
        "CARGO_TARGET_{}_LINKER",
        abi.target.replace('-', "_").to_uppercase()
    );
    run(cargo(&["rustc", "--package=bananatech-uniffi", "--lib"])
        .args(["--crate-type=cdylib", "--profile=mobile"])
        .args(["--target", abi.target])
        .env(linker, clang)
        .env("CARGO_ENCODED_RUSTFLAGS", shipping_flags(&[], rustc)?)
        .arg("--")
        .args(SMALLER)
        .args(metadata_apart())
        // The NDK's own default, but only from r28 on.
        .arg(format!("-Clink-arg=-Wl,-z,max-page-size={}", abi.page)))?;
    Ok(target_dir()?.join(abi.target).join("mobile").join(LIBRARY))
}

/// The targets whose standard library isn't installed.
fn missing_targets() -> Result<Vec<&'static str>> {
    let mut missing = Vec::new();
    for abi in &ABIS {
        let folder = output(rustc().args(["--print=target-libdir", "--target", abi.target]))?;
        if !Path::new(folder.trim()).is_dir() {
            missing.push(abi.target);
        }
    }
    Ok(missing)
}

/// The NDK that the variables name, or the newest of the SDK that they name.
fn find_ndk(variable: impl Fn(&str) -> Option<OsString>) -> Result<PathBuf> {
    for name in ["ANDROID_NDK_HOME", "ANDROID_NDK_ROOT"] {
        if let Some(ndk) = variable(name) {
            let ndk = PathBuf::from(ndk);
            ensure!(ndk.is_dir(), "{name} is no folder: {}", ndk.display());
            return Ok(ndk);
        }
    }
    let Some(sdk) = variable("ANDROID_HOME") else {
        bail!("no Android NDK: set ANDROID_NDK_HOME, or ANDROID_HOME to an SDK with an NDK");
    };
    let all = Path::new(&sdk).join("ndk");
    let mut newest: Option<(Vec<u64>, PathBuf)> = None;
    for entry in fs::read_dir(&all).with_context(|| format!("no NDK in {}", all.display()))? {
        let entry = entry?;
        let name = entry.file_name();
        // Such as 28.2.13676358.
        let version: Result<Vec<u64>, _> = name
            .to_string_lossy()
            .split('.')
            .map(str::parse::<u64>)
            .collect();
        if let Ok(version) = version
            && newest.as_ref().is_none_or(|(other, _)| version > *other)
        {
            newest = Some((version, entry.path()));
        }
    }
    let (_, ndk) = newest.with_context(|| format!("no NDK in {}", all.display()))?;
    Ok(ndk)
}

/// The folder of the NDK's programs for this machine.
fn ndk_programs(ndk: &Path) -> Result<PathBuf> {
    let host = match std::env::consts::OS {
        "linux" => "linux-x86_64",
        // For every processor.
        "macos" => "darwin-x86_64",
        os => bail!("the Android libraries aren't built on {os}"),
    };
    let bin = ndk.join("toolchains/llvm/prebuilt").join(host).join("bin");
    ensure!(bin.is_dir(), "not an Android NDK: {}", ndk.display());
    Ok(bin)
}

/// Copies a folder, except the folders of these names.
fn copy_folder(from: &Path, to: &Path, except: &[&str]) -> Result<()> {
    fs::create_dir_all(to).context("cannot make a folder")?;
    for entry in fs::read_dir(from).with_context(|| format!("cannot read {}", from.display()))? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if !entry.file_type()?.is_dir() {
            fs::copy(entry.path(), &target)
                .with_context(|| format!("cannot copy {}", entry.path().display()))?;
        } else if !except.iter().any(|name| entry.file_name() == *name) {
            copy_folder(&entry.path(), &target, except)?;
        }
    }
    Ok(())
}

/// Whether a library can be loaded where pages are that large: each of its segments must begin at the start of a page.
fn check_pages(library: &[u8], page: u64) -> Result<()> {
    let file = object::File::parse(library).context("not a library")?;
    let mut segments = 0;
    for segment in file.segments() {
        let align = segment.align();
        ensure!(
            align >= page && align % page == 0,
            "a segment is aligned to {align} bytes, expected {page}"
        );
        segments += 1;
    }
    ensure!(segments > 0, "a library without segments");
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(target_os = "linux")]
    fn linked(page: u64) -> Result<Vec<u8>> {
        let folder = tempfile::tempdir()?;
        let source = folder.path().join("answer.c");
        fs::write(&source, "int answer = 42; int get(void) { return answer; }")?;
        let library = folder.path().join("libanswer.so");
        run(program(
            "cc",
            &[
                "-shared",
                "-fPIC",
                &format!("-Wl,-z,max-page-size={page}"),
                "-o",
            ],
        )
        .args([&library, &source]))?;
        Ok(fs::read(&library)?)
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn pages_of_16_kb_need_segments_that_are_aligned_to_them() -> Result<()> {
        let small = linked(4096)?;
        check_pages(&small, 4096)?;
        let Err(error) = check_pages(&small, 16384) else {
            bail!("4 KB passed for 16 KB");
        };
        assert_eq!(
            error.to_string(),
            "a segment is aligned to 4096 bytes, expected 16384"
        );
        let large = linked(16384)?;
        check_pages(&large, 16384)?;
        check_pages(&large, 4096)
    }

    #[test]
    fn what_is_no_library_is_told() {
        assert!(check_pages(b"no library", 4096).is_err());
    }

    #[test]
    fn the_newest_ndk_is_found() -> Result<()> {
        let sdk = tempfile::tempdir()?;
        for name in ["9.1.1", "28.2.13676358", "28.10.1", "side-by-side"] {
            fs::create_dir_all(sdk.path().join("ndk").join(name))?;
        }
        let home = |name: &str| (name == "ANDROID_HOME").then(|| sdk.path().into());
        assert_eq!(find_ndk(home)?, sdk.path().join("ndk/28.10.1"));
        let named = |name: &str| (name != "ANDROID_NDK_HOME").then(|| sdk.path().into());
        assert_eq!(find_ndk(named)?, sdk.path());
        assert!(ndk_programs(sdk.path()).is_err());
        Ok(())
    }

    #[test]
    fn without_an_ndk_it_says_what_to_set() {
        let error = find_ndk(|_| None).err().map(|error| error.to_string());
        assert!(error.is_some_and(|text| text.contains("ANDROID_NDK_HOME")));
    }

    #[test]
    fn the_lowest_level_is_that_of_the_module() -> Result<()> {
        let script = fs::read_to_string(root().join("bindings-uniffi/android/build.gradle.kts"))?;
        assert!(script.contains(&format!("minSdk = {MIN_SDK}\n")));
        Ok(())
    }
}
