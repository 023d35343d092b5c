//! Builds the library for Apple's platforms and puts it together as an XCFramework, on any machine: neither Xcode nor a Mac
//! is needed. Nothing is linked here; the app's own build does that.

use std::collections::HashSet;
use std::fmt;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail, ensure};
use fat_macho::FatWriter;
use object::macho::{
    CPU_TYPE_ARM64, CPU_TYPE_X86_64, LC_VERSION_MIN_IPHONEOS, LC_VERSION_MIN_MACOSX, PLATFORM_IOS,
    PLATFORM_IOSSIMULATOR, PLATFORM_MACOS, VersionMinCommand,
};
use object::read::archive::ArchiveFile;
use object::read::macho::{FatArch, MachHeader, MachOFatFile32, MachOFile64};
use object::{Endianness, FileKind, Object, ObjectSymbol};
use serde::{Deserialize, Serialize};

use crate::check::has_target;
use crate::fuzz::nightly_is_there;
use crate::mobile::strip_to;
use crate::process::{
    RUST_SRC, cargo, nightly, output, program, run, shipping_flags, target_dir, works,
};
use crate::wasm::empty;

/// The module of the C functions, which the Swift sources import.
const MODULE: &str = "BananaTechFFI";

const LIBRARY: &str = "libbananatech_uniffi.a";

/// How the functions' names begin that the generator declares in its header.
const FUNCTIONS: [&str; 2] = ["ffi_bananatech_uniffi_", "uniffi_bananatech_uniffi_"];

/// The oldest systems that the library runs on: the first that Swift's concurrency was brought to. The compiler would go
/// lower, and a Swift package may ask for later ones. Cargo doesn't build anew when they change, so `check` looks at them.
const OLDEST: [(&str, &str); 2] = [
    ("IPHONEOS_DEPLOYMENT_TARGET", "13.0"),
    ("MACOSX_DEPLOYMENT_TARGET", "10.15"),
];

/// A Rust target, and what its objects say of themselves.
struct Target {
    triple: &'static str,
    /// As Apple calls it.
    arch: &'static str,
    cpu: u32,
    /// The oldest system that an object may ask for, major and minor: of `OLDEST`, or the first that there was.
    oldest: (u32, u32),
}

const fn arm64(triple: &'static str, oldest: (u32, u32)) -> Target {
    Target {
        triple,
        arch: "arm64",
        cpu: CPU_TYPE_ARM64,
        oldest,
    }
}

const fn x86_64(triple: &'static str, oldest: (u32, u32)) -> Target {
    Target {
        triple,
        arch: "x86_64",
        cpu: CPU_TYPE_X86_64,
        oldest,
    }
}

/// A platform's library.
struct Slice {
    identifier: &'static str,
    platform: &'static str,
    variant: Option<&'static str>,
    /// `LC_BUILD_VERSION` has this platform.
    number: u32,
    /// The command that said it before there was `LC_BUILD_VERSION`: objects for systems of that time still have it. It
    /// doesn't tell a simulator from a device.
    before: u32,
    targets: &'static [Target],
}

const SLICES: &[Slice] = &[
    Slice {
        identifier: "ios-arm64",
        platform: "ios",
        variant: None,
        number: PLATFORM_IOS,
        before: LC_VERSION_MIN_IPHONEOS,
        targets: &[arm64("aarch64-apple-ios", (13, 0))],
    },
    Slice {
        identifier: "ios-arm64_x86_64-simulator",
        platform: "ios",
        variant: Some("simulator"),
        number: PLATFORM_IOSSIMULATOR,
        before: LC_VERSION_MIN_IPHONEOS,
        targets: &[
            arm64("aarch64-apple-ios-sim", (14, 0)),
            x86_64("x86_64-apple-ios", (13, 0)),
        ],
    },
    Slice {
        identifier: "macos-arm64_x86_64",
        platform: "macos",
        variant: None,
        number: PLATFORM_MACOS,
        before: LC_VERSION_MIN_MACOSX,
        targets: &[
            arm64("aarch64-apple-darwin", (11, 0)),
            x86_64("x86_64-apple-darwin", (10, 15)),
        ],
    },
];

/// `Info.plist`, with its keys in the order in which Xcode writes them.
#[derive(Serialize, Deserialize)]
struct Info {
    #[serde(rename = "AvailableLibraries")]
    libraries: Vec<Library>,
    #[serde(rename = "CFBundlePackageType")]
    package_type: String,
    #[serde(rename = "XCFrameworkFormatVersion")]
    format: String,
}

/// A slice, as `Info.plist` names it.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Library {
    binary_path: String,
    headers_path: String,
    library_identifier: String,
    library_path: String,
    supported_architectures: Vec<String>,
    supported_platform: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    supported_platform_variant: Option<String>,
}

impl Slice {
    fn library(&self) -> Library {
        Library {
            binary_path: LIBRARY.to_owned(),
            headers_path: "Headers".to_owned(),
            library_identifier: self.identifier.to_owned(),
            library_path: LIBRARY.to_owned(),
            supported_architectures: self.targets.iter().map(|t| t.arch.to_owned()).collect(),
            supported_platform: self.platform.to_owned(),
            supported_platform_variant: self.variant.map(str::to_owned),
        }
    }
}

impl Info {
    fn new() -> Self {
        Self {
            libraries: SLICES.iter().map(Slice::library).collect(),
            package_type: "XFWK".to_owned(),
            format: "1.0".to_owned(),
        }
    }
}

/// The bytes of each target's library. What an app grows by is less: its linker leaves out what nothing calls.
pub(crate) struct Report {
    /// Targets and bytes.
    pub(crate) libraries: Vec<(&'static str, u64)>,
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (target, bytes) in &self.libraries {
            writeln!(f, "{target:<30} {bytes:>9}")?;
        }
        Ok(())
    }
}

/// Builds every target's library and puts them together as `to`, anew. `headers` has what the generator of the Swift sources
/// wrote: the header and its module map.
pub(crate) fn assemble(headers: &Path, to: &Path) -> Result<Report> {
    let headers = Headers::find(headers)?;
    let stripped = empty(target_dir()?.join("xcframework"))?;
    let to = empty(to.to_owned())?;
    let mut libraries = Vec::new();
    for slice in SLICES {
        let mut parts = Vec::new();
        for target in slice.targets {
            let part = stripped.join(format!("{}.a", target.triple));
            strip_to(STRIPPED, &build(target.triple)?, &part)?;
            libraries.push((target.triple, fs::metadata(&part)?.len()));
            parts.push(part);
        }
        let folder = to.join(slice.identifier);
        headers.copy(&folder.join("Headers").join(MODULE))?;
        merge(&parts, &folder.join(LIBRARY))
            .with_context(|| format!("cannot write the library of {}", slice.identifier))?;
    }
    plist::to_file_xml(to.join("Info.plist"), &Info::new()).context("cannot write Info.plist")?;
    Ok(Report { libraries })
}

/// The library of each target, as [`assemble`] left it.
pub(crate) fn parts_on_disk() -> Result<Vec<(&'static str, PathBuf)>> {
    let folder = target_dir()?.join("xcframework");
    let targets = SLICES.iter().flat_map(|slice| slice.targets);
    Ok(targets
        .map(|target| (target.triple, folder.join(format!("{}.a", target.triple))))
        .collect())
}

/// Where a target's standard library comes from. What is built of its source needs the compiler's unstable options.
#[derive(Clone, Copy)]
enum Std {
    Prebuilt,
    Source,
    /// By the nightly toolchain.
    NightlySource,
}

impl Std {
    /// The first that is to be had. The source of the stable one comes before nightly: all libraries are then by one compiler.
    fn of(target: &str) -> Result<Self> {
        if has_target(target)? {
            println!("{target}: with the prebuilt standard library");
            return Ok(Self::Prebuilt);
        }
        if Self::Source.has_source(&[])? {
            println!("{target}: with the standard library built from its source");
            return Ok(Self::Source);
        }
        if nightly_is_there() && Self::NightlySource.has_source(&["--toolchain=nightly"])? {
            println!("{target}: by nightly, with its standard library built from the source");
            return Ok(Self::NightlySource);
        }
        bail!("missing: the Rust target {target}, or else the component rust-src")
    }

    /// Its compiler.
    fn rustc(self) -> Command {
        match self {
            Self::Prebuilt | Self::Source => program("rustc", &[]),
            Self::NightlySource => program("rustup", &["run", "nightly", "rustc"]),
        }
    }

    /// Whether its source is there, which is fetched if rustup is.
    fn has_source(self, toolchain: &[&str]) -> Result<bool> {
        let sysroot = output(self.rustc().args(["--print", "sysroot"]))?;
        let lock = Path::new(sysroot.trim())
            .join(RUST_SRC)
            .join("library/Cargo.lock");
        Ok(lock.exists()
            || works(program("rustup", &["component", "add", "rust-src"]).args(toolchain)))
    }

    /// `cargo rustc` with it.
    fn cargo(self) -> Result<Command> {
        // std's default would be to abort on a panic in it.
        const BUILD_STD: &str = "-Zbuild-std=std,panic_unwind";
        let mut command = match self {
            Self::Prebuilt => cargo(&["rustc"]),
            Self::Source => {
                let mut command = cargo(&["rustc", BUILD_STD]);
                command.env("RUSTC_BOOTSTRAP", "1");
                command
            }
            Self::NightlySource => nightly(&["rustc", BUILD_STD]),
        };
        let flags = shipping_flags(&[], || self.rustc())?;
        command.env("CARGO_ENCODED_RUSTFLAGS", flags);
        Ok(command)
    }
}

/// Builds a target's library.
fn build(target: &str) -> Result<PathBuf> {
    let mut command = Std::of(target)?.cargo()?;
    command.args([
        "--package=bananatech-uniffi",
        "--lib",
        "--crate-type=staticlib",
        "--profile=mobile",
        "--target",
        target,
    ]);
    run(command.envs(OLDEST))?;
    Ok(target_dir()?.join(target).join("mobile").join(LIBRARY))
}

/// What takes out most of a static library's bytes: the prebuilt standard library's debug information, and the compiler's
/// intermediate code. `strip` in a profile changes nothing of static libraries.
const STRIPPED: &[&str] = &[
    "--strip-debug",
    "--remove-section=__LLVM,__bitcode",
    "--remove-section=__LLVM,__cmdline",
];

/// One library of several, for as many architectures.
fn merge(parts: &[PathBuf], to: &Path) -> Result<()> {
    if let [part] = parts {
        fs::copy(part, to)?;
        return Ok(());
    }
    let mut universal = FatWriter::new();
    for part in parts {
        universal.add_file(part)?;
    }
    universal.write_to(&mut File::create(to)?)?;
    Ok(())
}

/// What C needs to know of the library.
struct Headers {
    header: PathBuf,
    map: PathBuf,
}

impl Headers {
    fn find(dir: &Path) -> Result<Self> {
        let found = Self {
            header: dir.join(format!("{MODULE}.h")),
            map: dir.join(format!("{MODULE}.modulemap")),
        };
        for file in [&found.header, &found.map] {
            ensure!(file.is_file(), "there is no {}", file.display());
        }
        Ok(found)
    }

    /// Copies them into a folder of the module's own: Xcode puts the headers of all XCFrameworks of an app into one, where two
    /// module maps would collide. Clang looks into a folder of the module's name.
    fn copy(&self, to: &Path) -> Result<()> {
        fs::create_dir_all(to).context("cannot make the folder of the headers")?;
        fs::copy(&self.header, to.join(format!("{MODULE}.h"))).context("cannot copy the header")?;
        fs::copy(&self.map, to.join("module.modulemap")).context("cannot copy the module map")?;
        Ok(())
    }
}

/// Checks a finished XCFramework by reading it back: whether everything that it names is there, for the platforms and
/// architectures that it names, and whether each library has every function that its header declares.
pub(crate) fn check(xcframework: &Path) -> Result<()> {
    let info: Info = plist::from_file(xcframework.join("Info.plist")).context("Info.plist")?;
    ensure!(
        info.package_type == "XFWK" && info.format == "1.0",
        "Info.plist: not of an XCFramework"
    );
    ensure!(
        info.libraries.len() == SLICES.len(),
        "Info.plist: expected {} libraries",
        SLICES.len()
    );
    for slice in SLICES {
        let library = info
            .libraries
            .iter()
            .find(|library| library.library_identifier == slice.identifier);
        library
            .context("not in Info.plist")
            .and_then(|library| slice.check(library, &xcframework.join(slice.identifier)))
            .context(slice.identifier)?;
    }
    Ok(())
}

impl Slice {
    fn check(&self, told: &Library, folder: &Path) -> Result<()> {
        let expected = self.library();
        ensure!(
            told.supported_platform == expected.supported_platform
                && told.supported_platform_variant == expected.supported_platform_variant,
            "Info.plist: wrong platform"
        );
        ensure!(
            told.supported_architectures == expected.supported_architectures,
            "Info.plist: wrong architectures"
        );

        let headers = folder.join(&told.headers_path).join(MODULE);
        let map = fs::read_to_string(headers.join("module.modulemap")).context("module map")?;
        ensure!(
            map.contains(&format!("module {MODULE} ")) && map.contains(&format!("\"{MODULE}.h\"")),
            "the module map is not of {MODULE}"
        );
        let header = fs::read_to_string(headers.join(format!("{MODULE}.h"))).context("header")?;
        let functions = functions(&header);
        ensure!(!functions.is_empty(), "the header declares no function");

        ensure!(
            told.binary_path == told.library_path,
            "Info.plist: two libraries"
        );
        let data = fs::read(folder.join(&told.library_path)).context("library")?;
        let mut parts = parts(&data)?;
        ensure!(
            parts.len() == self.targets.len(),
            "the library has not the architectures that Info.plist tells"
        );
        for target in self.targets {
            let at = parts
                .iter()
                .position(|(cpu, _)| cpu.is_none_or(|cpu| cpu == target.cpu))
                .with_context(|| format!("the library has nothing for {}", target.arch))?;
            let (_, part) = parts.swap_remove(at);
            self.check_part(target, part, &functions)
                .context(target.arch)?;
        }
        Ok(())
    }

    /// Checks an architecture's library.
    fn check_part(&self, target: &Target, part: &[u8], functions: &[&str]) -> Result<()> {
        let archive = ArchiveFile::parse(part)?;
        let mut defined = HashSet::new();
        for member in archive.members() {
            let member = member?;
            let name = String::from_utf8_lossy(member.name());
            // Apple's linker takes no other.
            ensure!(
                member.file_range().0 % 8 == 0,
                "{name} lies at no multiple of 8 bytes"
            );
            let object = MachOFile64::<Endianness>::parse(member.data(part)?)
                .with_context(|| format!("{name} is no 64-bit Mach-O object"))?;
            self.check_object(target, &object)
                .with_context(|| name.into_owned())?;
            defined.extend(
                object
                    .symbols()
                    .filter(|symbol| symbol.is_global() && symbol.is_definition())
                    .filter_map(|symbol| symbol.name_bytes().ok()),
            );
        }

        // Whatever isn't in the index isn't found.
        let mut indexed = HashSet::new();
        for symbol in archive.symbols()?.context("the library has no index")? {
            indexed.insert(symbol?.name());
        }
        for function in functions {
            let symbol = format!("_{function}");
            ensure!(
                defined.contains(symbol.as_bytes()) && indexed.contains(symbol.as_bytes()),
                "the library lacks the function {function}"
            );
        }
        Ok(())
    }

    /// Whether an object is for the platform, the architecture, and systems no later than it should be.
    fn check_object(&self, target: &Target, object: &MachOFile64<Endianness>) -> Result<()> {
        let endian = object.endian();
        ensure!(
            object.macho_header().cputype(endian) == target.cpu,
            "wrong architecture"
        );
        let mut oldest = None;
        let mut commands = object.macho_load_commands()?;
        while let Some(command) = commands.next()? {
            if let Some(version) = command.build_version()? {
                ensure!(
                    version.platform.get(endian) == self.number,
                    "wrong platform"
                );
                oldest = Some(version.minos.get(endian));
            } else if command.cmd() == self.before {
                let version: &VersionMinCommand<Endianness> = command.data()?;
                oldest = Some(version.version.get(endian));
            }
        }
        let oldest = oldest.context("no platform")?;
        // Its bytes: two of the major version, the minor one, and a patch.
        let (major, minor) = (oldest >> 16, (oldest >> 8) & 0xff);
        ensure!(
            (major, minor) <= target.oldest,
            "needs version {major}.{minor} of the system"
        );
        Ok(())
    }
}

/// The libraries in a library, each with its architecture if that is told before it's looked into.
fn parts(data: &[u8]) -> Result<Vec<(Option<u32>, &[u8])>> {
    match FileKind::parse(data)? {
        FileKind::Archive => Ok(vec![(None, data)]),
        FileKind::MachOFat32 => MachOFatFile32::parse(data)?
            .arches()
            .iter()
            .map(|arch| Ok((Some(arch.cputype()), arch.data(data)?)))
            .collect(),
        other => bail!("the library is no archive but {other:?}"),
    }
}

/// The functions that a header declares.
fn functions(header: &str) -> Vec<&str> {
    let mut functions: Vec<_> = header
        .split(|c: char| !c.is_ascii_alphanumeric() && c != '_')
        .filter(|word| FUNCTIONS.iter().any(|prefix| word.starts_with(prefix)))
        .collect();
    functions.sort_unstable();
    functions.dedup();
    functions
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use ar_archive_writer::{
        ArchiveKind, DEFAULT_OBJECT_READER, NewArchiveMember, ObjectReader, write_archive_to_stream,
    };
    use object::write::{self, MachOBuildVersion, StandardSection, Symbol, SymbolSection};
    use object::{Architecture, BinaryFormat, SymbolFlags, SymbolKind, SymbolScope};
    use tempfile::TempDir;

    use super::*;

    static READER: ObjectReader = DEFAULT_OBJECT_READER;

    const HEADER: &str =
        "void ffi_bananatech_uniffi_free(void);\nint uniffi_bananatech_uniffi_fn_f(int a);\n";

    /// An object with a function.
    fn object(cpu: u32, platform: u32, (major, minor): (u32, u32), function: &str) -> Vec<u8> {
        let arch = if cpu == CPU_TYPE_ARM64 {
            Architecture::Aarch64
        } else {
            Architecture::X86_64
        };
        let mut object = write::Object::new(BinaryFormat::MachO, arch, object::Endianness::Little);
        let mut version = MachOBuildVersion::default();
        version.platform = platform;
        version.minos = major << 16 | minor << 8;
        object.set_macho_build_version(version);
        let text = object.section_id(StandardSection::Text);
        object.append_section_data(text, &[0; 4], 4);
        object.add_symbol(Symbol {
            name: function.into(),
            value: 0,
            size: 4,
            kind: SymbolKind::Text,
            scope: SymbolScope::Dynamic,
            weak: false,
            section: SymbolSection::Section(text),
            flags: SymbolFlags::None,
        });
        object.write().unwrap()
    }

    fn archive(kind: ArchiveKind, objects: Vec<Vec<u8>>) -> Vec<u8> {
        let members: Vec<_> = (0..)
            .zip(objects)
            .map(|(at, object)| NewArchiveMember::new(object, &READER, format!("{at}.o")))
            .collect();
        let mut bytes = Cursor::new(Vec::new());
        write_archive_to_stream(&mut bytes, &members, kind, false, None).unwrap();
        bytes.into_inner()
    }

    /// A target's library, which has the header's functions.
    fn library(target: &Target, platform: u32) -> Vec<u8> {
        let functions = functions(HEADER).into_iter();
        let objects = functions.map(|name| object(target.cpu, platform, target.oldest, name));
        archive(ArchiveKind::Darwin, objects.collect())
    }

    /// Writes a slice's library of these ones.
    fn write(xcframework: &Path, slice: &Slice, libraries: Vec<Vec<u8>>) {
        let temporary = TempDir::new().unwrap();
        let mut parts = Vec::new();
        for (at, library) in (0..).zip(libraries) {
            let part = temporary.path().join(format!("{at}.a"));
            fs::write(&part, library).unwrap();
            parts.push(part);
        }
        merge(&parts, &xcframework.join(slice.identifier).join(LIBRARY)).unwrap();
    }

    fn libraries(slice: &Slice) -> Vec<Vec<u8>> {
        let targets = slice.targets.iter();
        targets.map(|t| library(t, slice.number)).collect()
    }

    /// What `check` says of an XCFramework after a change.
    fn after(change: impl FnOnce(&Path)) -> String {
        let temporary = TempDir::new().unwrap();
        let headers = temporary.path().join("headers");
        fs::create_dir(&headers).unwrap();
        fs::write(headers.join("BananaTechFFI.h"), HEADER).unwrap();
        let map = "module BananaTechFFI {\n    header \"BananaTechFFI.h\"\n}";
        fs::write(headers.join("BananaTechFFI.modulemap"), map).unwrap();
        let headers = Headers::find(&headers).unwrap();

        let to = temporary.path().join("BananaTechFFI.xcframework");
        for slice in SLICES {
            let folder = to.join(slice.identifier);
            headers.copy(&folder.join("Headers").join(MODULE)).unwrap();
            write(&to, slice, libraries(slice));
        }
        plist::to_file_xml(to.join("Info.plist"), &Info::new()).unwrap();

        change(&to);
        check(&to).map_or_else(|error| format!("{error:#}"), |()| "fine".to_owned())
    }

    fn after_info(change: impl FnOnce(&mut Info)) -> String {
        after(|to| {
            let path = to.join("Info.plist");
            let mut info: Info = plist::from_file(&path).unwrap();
            change(&mut info);
            plist::to_file_xml(path, &info).unwrap();
        })
    }

    #[test]
    fn a_whole_one_is_fine() {
        assert_eq!(after(|_| {}), "fine");
    }

    #[test]
    fn a_wrong_list_is_found() {
        for (error, told) in [
            (
                "ios-arm64: Info.plist: wrong architectures",
                after_info(|info| {
                    info.libraries[0]
                        .supported_architectures
                        .push("x86_64".to_owned());
                }),
            ),
            (
                "ios-arm64_x86_64-simulator: Info.plist: wrong platform",
                after_info(|info| info.libraries[1].supported_platform_variant = None),
            ),
            (
                "Info.plist: expected 3 libraries",
                after_info(|info| info.libraries.truncate(2)),
            ),
            (
                "macos-arm64_x86_64: not in Info.plist",
                after_info(|info| info.libraries[2].library_identifier.push('x')),
            ),
            (
                "Info.plist: not of an XCFramework",
                after_info(|info| info.package_type = "FMWK".to_owned()),
            ),
        ] {
            assert_eq!(told, error);
        }
    }

    #[test]
    fn a_missing_file_is_found() {
        for file in [
            "Info.plist",
            "ios-arm64/libbananatech_uniffi.a",
            "ios-arm64/Headers/BananaTechFFI/BananaTechFFI.h",
            "macos-arm64_x86_64/Headers/BananaTechFFI/module.modulemap",
        ] {
            let told = after(|to| fs::remove_file(to.join(file)).unwrap());
            assert_ne!(told, "fine", "{file}");
        }
    }

    #[test]
    fn a_wrong_library_is_found() {
        let [device, simulator, _] = SLICES else {
            panic!("expected three slices");
        };
        let target = &device.targets[0];
        let names = functions(HEADER);
        let (platform, oldest) = (device.number, target.oldest);
        // What the device's library is instead.
        let all = |cpu, platform, oldest| {
            let objects = names.iter().map(|name| object(cpu, platform, oldest, name));
            objects.collect::<Vec<_>>()
        };
        let right = all(target.cpu, platform, oldest);
        for (error, library) in [
            (
                "wrong platform",
                archive(
                    ArchiveKind::Darwin,
                    all(target.cpu, PLATFORM_IOSSIMULATOR, oldest),
                ),
            ),
            (
                "wrong architecture",
                archive(ArchiveKind::Darwin, all(CPU_TYPE_X86_64, platform, oldest)),
            ),
            (
                "needs version 13.1 of the system",
                archive(ArchiveKind::Darwin, all(target.cpu, platform, (13, 1))),
            ),
            (
                "lacks the function uniffi_bananatech_uniffi_fn_f",
                archive(ArchiveKind::Darwin, right[..1].to_vec()),
            ),
            (
                "lies at no multiple of 8 bytes",
                archive(ArchiveKind::Gnu, vec![right[0].clone(), vec![0; 2]]),
            ),
            (
                "is no 64-bit Mach-O object",
                archive(ArchiveKind::Darwin, vec![vec![0; 64]]),
            ),
            ("no archive", right[0].clone()),
            ("magic", Vec::new()),
        ] {
            let told = after(|to| {
                fs::write(to.join(device.identifier).join(LIBRARY), library).unwrap();
            });
            assert!(told.contains(error), "{told:?}: expected {error:?}");
        }

        let thin = after(|to| write(to, simulator, vec![libraries(simulator).swap_remove(0)]));
        assert!(thin.contains("has not the architectures"), "{thin}");
    }

    #[test]
    fn the_plist_is_as_xcode_writes_it() {
        let mut xml = Vec::new();
        plist::to_writer_xml(&mut xml, &Info::new()).unwrap();
        let xml = String::from_utf8(xml).unwrap();
        let simulator = "\t\t<dict>
\t\t\t<key>BinaryPath</key>
\t\t\t<string>libbananatech_uniffi.a</string>
\t\t\t<key>HeadersPath</key>
\t\t\t<string>Headers</string>
\t\t\t<key>LibraryIdentifier</key>
\t\t\t<string>ios-arm64_x86_64-simulator</string>
\t\t\t<key>LibraryPath</key>
\t\t\t<string>libbananatech_uniffi.a</string>
\t\t\t<key>SupportedArchitectures</key>
\t\t\t<array>
\t\t\t\t<string>arm64</string>
\t\t\t\t<string>x86_64</string>
\t\t\t</array>
\t\t\t<key>SupportedPlatform</key>
\t\t\t<string>ios</string>
\t\t\t<key>SupportedPlatformVariant</key>
\t\t\t<string>simulator</string>
\t\t</dict>
";
        assert!(xml.contains(simulator), "{xml}");
        let end = "\t<key>CFBundlePackageType</key>
\t<string>XFWK</string>
\t<key>XCFrameworkFormatVersion</key>
\t<string>1.0</string>
</dict>
</plist>";
        assert!(xml.trim_end().ends_with(end), "{xml}");
    }
}
