//! The library for Swift and Kotlin, and the sources that are generated from it.

use std::env::consts::{DLL_PREFIX, DLL_SUFFIX, EXE_SUFFIX};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};

use crate::files::empty;
use crate::process::{
    build, cargo, on_ci, output, program, root, run, rustc, shipping_flags, target_dir, works,
};

/// A language that the binding speaks.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Language {
    Kotlin,
    Swift,
}

impl Language {
    fn name(self) -> &'static str {
        match self {
            Self::Kotlin => "kotlin",
            Self::Swift => "swift",
        }
    }
}

/// How the library is built.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Build {
    /// For tests: the same code, there in a fraction of the time, and what only tests call.
    Testing,
    /// For benchmarks: as it is shipped, and what only benchmarks call.
    Measured,
    /// As it is shipped.
    Shipped,
}

/// Takes out what only the generator reads, in a section of its own: see `metadata.ld`. 80 kB.
pub(crate) const WITHOUT_METADATA: &str = "--remove-section=.uniffi_meta";

/// Puts it there. And functions of equal code become one, which spares a fifth of the library (Rust promises no function an address of its own).
/// Only LLVM's linker does either: Rust brings that along on x86-64 Linux, and Android's NDK links with it.
pub(crate) fn for_llvms_linker() -> [String; 3] {
    let script = root().join("bindings-uniffi/metadata.ld");
    let arguments = ["-Wl,--icf=all", "-T", &script.display().to_string()];
    arguments.map(|argument| format!("-Clink-arg={argument}"))
}

/// The library's name on this host.
pub(crate) fn library_name() -> String {
    format!("{DLL_PREFIX}bananatech_uniffi{DLL_SUFFIX}")
}

/// The static library's name.
pub(crate) const STATIC_LIBRARY: &str = "libbananatech_uniffi.a";

/// Builds the library for this host; where it lies. It isn't stripped: the sources are generated from its symbols. As it is
/// shipped, the static one for Swift comes out beside it. The one for the JVM, where a merchant's backend may run, has the backend in it.
pub(crate) fn library(kind: Build, language: Language) -> Result<PathBuf> {
    let mut features = Vec::new();
    if kind != Build::Shipped {
        features.push("bananatech-uniffi/testing");
    }
    if language == Language::Kotlin {
        features.push("bananatech-uniffi/backend");
    }
    let features = format!("--features={}", features.join(","));
    if kind == Build::Testing {
        // No package is named, for the reason that `process::build` has.
        run(&mut cargo(&format!("build --lib {features}")))?;
        return Ok(target_dir()?.join("debug").join(library_name()));
    }
    // The two kinds together, and the two libraries in folders of their own, since each would be compiled anew after the other.
    let (profile, kinds) = match language {
        Language::Kotlin => ("jvm", "cdylib"),
        Language::Swift => ("mobile", "cdylib,staticlib"),
    };
    let mut command = cargo("rustc --package=bananatech-uniffi --lib");
    command.arg(features);
    command.arg(format!("--profile={profile}"));
    command.arg(format!("--crate-type={kinds}"));
    command.env("CARGO_ENCODED_RUSTFLAGS", shipping_flags(&[])?);
    if cfg!(all(target_os = "linux", target_arch = "x86_64")) {
        command.arg("--").args(for_llvms_linker());
    }
    run(&mut command)?;
    Ok(target_dir()?.join(profile).join(library_name()))
}

/// Copies a dynamic library without what nobody needs who loads it: symbols, and what the sources were generated from.
pub(crate) fn strip(library: &Path, to: &Path) -> Result<()> {
    let options: &[&str] = if cfg!(target_os = "macos") {
        &["--discard-all"]
    } else {
        &["--strip-unneeded", WITHOUT_METADATA]
    };
    strip_to(options, library, to)
}

/// Copies a library without what no app has a use for. The compiler has the tool for it.
pub(crate) fn strip_to(options: &[&str], library: &Path, to: &Path) -> Result<()> {
    let libraries = output(rustc().args(["--print", "target-libdir"]))?;
    // lib/rustlib/HOST/lib
    let libraries = Path::new(libraries.trim());
    let host = libraries.parent().context("rustc has no folder")?;
    let lib = host.ancestors().nth(2).context("rustc has no folder")?;
    let objcopy = host.join(format!("bin/rust-objcopy{EXE_SUFFIX}"));
    let command = || {
        let mut command = program(&objcopy, "");
        // It finds LLVM only so.
        for variable in ["LD_LIBRARY_PATH", "DYLD_FALLBACK_LIBRARY_PATH"] {
            command.env(variable, lib);
        }
        command
    };
    if works(command().arg("--version")) {
        return run(command().args(options).args([library, to]));
    }
    ensure!(!on_ci(), "rustc came without rust-objcopy");
    println!("rustc came without rust-objcopy: the library stays as large as it is");
    fs::copy(library, to).context("cannot copy a library")?;
    Ok(())
}

/// The oldest glibc that a merchant's backend may have, as docs/kotlin-and-swift.md says: Debian 12, Ubuntu 22.04, RHEL 9. Whoever builds on a newer Linux
/// may link to newer functions.
const OLDEST_GLIBC: (u32, u32) = (2, 34);

/// Fails for a library of Linux that needs a newer glibc than is said.
pub(crate) fn check_glibc(library: &Path) -> Result<()> {
    let needed = glibc(&fs::read(library)?);
    ensure!(
        needed <= Some(OLDEST_GLIBC),
        "the library needs glibc {needed:?}, and the documentation says {OLDEST_GLIBC:?}"
    );
    Ok(())
}

/// The newest version of glibc that a library names; functions are linked by the version that they have had since.
fn glibc(library: &[u8]) -> Option<(u32, u32)> {
    let names = library.split(|byte| *byte == 0);
    let versions = names.filter_map(|name| {
        let version = std::str::from_utf8(name).ok()?.strip_prefix("GLIBC_")?;
        let mut parts = version.split('.').map(str::parse);
        Some((parts.next()?.ok()?, parts.next()?.ok()?))
    });
    versions.max()
}

/// Generates a language's sources from the library into a folder, which is emptied first.
pub(crate) fn sources(language: Language, library: &Path, to: &Path) -> Result<()> {
    empty(to.to_owned())?;
    run(generator(language.name())?.args([library, to]))
}

/// The dev profile: optimised, the generator takes minutes to build.
fn generator(what: &str) -> Result<Command> {
    Ok(program(build("bananatech-uniffi-bindgen")?, what))
}

/// Generates all languages' sources, to look at them.
pub(crate) fn all_sources(to: &Path) -> Result<()> {
    for language in [Language::Kotlin, Language::Swift] {
        let library = library(Build::Shipped, language)?;
        sources(language, &library, &to.join(language.name()))?;
    }
    Ok(())
}

/// Generates what the JVM's backend does with each operation.
pub(crate) fn backend_sources(to: &Path) -> Result<()> {
    run(generator("kotlin-backend")?.arg(to))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_library_needs_of_glibc_is_read() {
        let names = b"\x7fELF\0GLIBC_2.2.5\0memcpy\0GLIBC_2.34\0GLIBC_PRIVATE\0GLIBC_2.4\0\xff";
        assert_eq!(glibc(names), Some((2, 34)));
        assert_eq!(glibc(b"\x7fELF\0memcpy"), None);
        let page = fs::read_to_string(root().join("docs/kotlin-and-swift.md")).unwrap();
        let (major, minor) = OLDEST_GLIBC;
        assert!(page.contains(&format!("glibc {major}.{minor}")));
    }
}
