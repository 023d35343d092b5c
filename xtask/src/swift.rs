//! The Swift package: put together from its sources, those that are generated from the library, and the library itself.

use std::collections::{BTreeSet, HashMap};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};
use serde::Deserialize;

use crate::api::compare;
use crate::files::{self, copy_all, copy_files, empty};
use crate::mobile::{self, Build, Language, STATIC_LIBRARY, library_name};
use crate::process::{output, root, run, target_dir};
use crate::steps::{Outcome, counted};
use crate::swift_toolchain::{self, Toolchain};
use crate::xcframework;

/// Puts the package together in a folder: what isn't part of it any more goes, except what Swift built.
fn assemble(library: &Path, to: &Path) -> Result<()> {
    let generated = target_dir()?.join("swift/generated");
    mobile::sources(Language::Swift, library, &generated)?;
    for part in ["Package.swift", "Sources", "Tests", "BananaTechFFI", "lib"] {
        let old = to.join(part);
        if old.is_dir() {
            fs::remove_dir_all(&old)?;
        } else if old.exists() {
            fs::remove_file(&old)?;
        }
    }
    let from = root().join("bindings-uniffi/swift");
    fs::create_dir_all(to)?;
    copy_files(&from, &["Package.swift"], to)?;
    for part in ["Sources", "Tests", "BananaTechFFI"] {
        copy_all(&from.join(part), &to.join(part))?;
    }
    let sources = empty(to.join("Sources/BananaTech/Generated"))?;
    let made = files::all(&generated)?;
    let made = made.iter().filter_map(|name| name.to_str());
    let made: Vec<_> = made.filter(|name| name.ends_with(".swift")).collect();
    copy_files(&generated, &made, &sources)?;
    headers(&generated, &to.join("BananaTechFFI/include"))
}

/// Copies the header and the module map of the functions underneath.
pub(crate) fn headers(generated: &Path, to: &Path) -> Result<()> {
    let to = empty(to.to_owned())?;
    copy_files(generated, &["BananaTechFFI.h"], &to)?;
    let map = generated.join("BananaTechFFI.modulemap");
    fs::copy(map, to.join("module.modulemap")).context("cannot copy the module map")?;
    Ok(())
}

/// The package as it is shipped, for this host: `target/package/swift/BananaTech`. A compiler of Swift isn't needed.
pub(crate) fn package() -> Result<PathBuf> {
    let package = target_dir()?.join("package/swift/BananaTech");
    release(Build::Shipped, &package)?;
    Ok(package)
}

/// Puts the package together with an optimised library.
fn release(build: Build, package: &Path) -> Result<()> {
    let library = mobile::library(build, Language::Swift)?;
    assemble(&library, package)?;
    // They need what a library that is shipped doesn't have.
    fs::remove_dir_all(package.join("Tests"))?;
    let folder = empty(package.join("lib"))?;
    mobile::strip_to(
        &["--strip-debug"],
        &library.with_file_name(STATIC_LIBRARY),
        &folder.join(STATIC_LIBRARY),
    )
}

/// Measures the package; what the benchmark says, where there is a compiler of Swift.
pub(crate) fn bench(quick: bool) -> Result<Option<String>> {
    let Some(toolchain) = swift_toolchain::find() else {
        return Ok(None);
    };
    let package = target_dir()?.join("measured/BananaTech");
    release(Build::Measured, &package)?;
    let project = copied("benches/swift", "measured/Benchmark")?;
    let mut arguments = vec![
        "run",
        "-c",
        "release",
        "--disable-build-manifest-caching",
        "-q",
        "Benchmark",
    ];
    if quick {
        arguments.push("--quick");
    }
    let environment = [("BANANATECH_SWIFT_PACKAGE", text(&package)?)];
    let told =
        output(&mut toolchain.command("swift", &arguments, &project, &[&package], &environment))?;
    // SwiftPM's own lines come first.
    let table = told.find("| |").context("the benchmark has no table")?;
    Ok(told.get(table..).map(str::to_owned))
}

/// Builds the example over the package as it is shipped; both folders.
fn built_example(toolchain: &Toolchain) -> Result<(PathBuf, PathBuf)> {
    let package = package()?;
    let project = copied("examples/swift", "demo-swift")?;
    let environment = [("BANANATECH_SWIFT_PACKAGE", text(&package)?)];
    run(&mut toolchain.command(
        "swift",
        &["build", "-q", "--disable-build-manifest-caching"],
        &project,
        &[&package],
        &environment,
    ))?;
    Ok((package, project))
}

/// Has DocC make the reference of the package's modules, from what the compiler knows of them.
pub(crate) fn reference(toolchain: &Toolchain, to: &Path) -> Result<()> {
    let (package, project) = built_example(toolchain)?;
    let graphs = empty(project.join("reference/graphs"))?;
    extract(toolchain, &project, &package, &graphs)?;
    let made = project.join("reference/made");
    let convert = [
        "convert",
        "--additional-symbol-graph-dir",
        text(&graphs)?,
        "--output-path",
        text(&made)?,
        "--fallback-display-name=BananaTech",
        "--fallback-bundle-identifier=space.bananatech",
        "--transform-for-static-hosting",
        "--hosting-base-path=api/swift",
    ];
    // What it has to say is of sentences that stand in every language.
    output(&mut toolchain.command("docc", &convert, &project, &[&package], &[]))?;
    copy_all(&made, to)
}

/// What the compiler knows of the package's modules, built in the folder `project`, as files of JSON in the folder `to`.
fn extract(toolchain: &Toolchain, project: &Path, package: &Path, to: &Path) -> Result<()> {
    let own = |program, arguments: &[&str]| {
        toolchain.command(program, arguments, project, &[package], &[])
    };
    let target: serde_json::Value =
        serde_json::from_str(&output(&mut own("swiftc", &["-print-target-info"]))?)?;
    let target = target["target"]["triple"].as_str();
    let headers = package.join("BananaTechFFI/include");
    for module in ["BananaTech", "BananaTechURLSession"] {
        let arguments = [
            "-module-name",
            module,
            "-I",
            ".build/debug/Modules",
            "-I",
            text(&headers)?,
            "-target",
            target.context("the compiler names no target")?,
            "-minimum-access-level",
            "public",
            "-output-dir",
            text(to)?,
        ];
        run(&mut own("swift-symbolgraph-extract", &arguments))?;
    }
    Ok(())
}

/// Compares what the package offers with `bindings-uniffi/swift/api.txt`.
fn check_listing(toolchain: &Toolchain, package: &Path) -> Result<()> {
    let graphs = empty(package.join(".build/graphs"))?;
    extract(toolchain, package, package, &graphs)?;
    let mut lines = BTreeSet::new();
    for entry in fs::read_dir(graphs)? {
        let graph: Graph = serde_json::from_str(&fs::read_to_string(entry?.path())?)?;
        lines.extend(graph.symbols.iter().filter_map(Symbol::line));
        lines.extend(graph.conformances());
    }
    let offered: String = lines.into_iter().collect();
    let listing = root().join("bindings-uniffi/swift/api.txt");
    let write = "BANANATECH_WRITE_API=1 cargo xtask test --only swift";
    compare(&listing, &offered, write)
}

/// What the compiler writes of a module.
#[derive(Deserialize)]
struct Graph {
    symbols: Vec<Symbol>,
    relationships: Vec<Relationship>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Relationship {
    kind: String,
    source: String,
    target_fallback: Option<String>,
}

impl Graph {
    /// Which types conform to which protocols of Swift's own and of Foundation.
    fn conformances(&self) -> impl Iterator<Item = String> {
        let names = self.symbols.iter();
        let names: HashMap<&str, String> = names
            .map(|symbol| {
                (
                    &*symbol.identifier.precise,
                    symbol.path_components.join("."),
                )
            })
            .collect();
        let all = self.relationships.iter();
        let all = all.filter(|relationship| relationship.kind == "conformsTo");
        all.filter_map(move |relationship| {
            let name = names.get(&*relationship.source)?;
            let protocol = relationship.target_fallback.as_ref()?;
            Some(format!("{name}: conforms to {protocol}\n"))
        })
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Symbol {
    identifier: Identifier,
    path_components: Vec<String>,
    declaration_fragments: Vec<Fragment>,
}

#[derive(Deserialize)]
struct Identifier {
    precise: String,
}

#[derive(Deserialize)]
struct Fragment {
    spelling: String,
}

impl Symbol {
    /// Where it is, and how it is declared; nothing for what comes of a protocol, or what only the library of the tests has.
    fn line(&self) -> Option<String> {
        let is_made = self.identifier.precise.contains("::SYNTHESIZED::");
        let is_of_tests = |name: &String| name.starts_with("testing");
        if is_made || self.path_components.iter().any(is_of_tests) {
            return None;
        }
        let declared = self.declaration_fragments.iter();
        let declared: String = declared.map(|part| part.spelling.as_str()).collect();
        let declared = declared.split_whitespace().collect::<Vec<_>>().join(" ");
        Some(format!("{}: {declared}\n", self.path_components.join(".")))
    }
}

/// Builds the example; the command that runs it against the sandbox.
pub(crate) fn demo(toolchain: &Toolchain, sandbox: &Path) -> Result<Command> {
    let (_, project) = built_example(toolchain)?;
    Ok(toolchain.command(
        project.join(".build/debug/BananaTechDemo"),
        &["--sandbox", text(sandbox)?],
        &project,
        &[sandbox.parent().context("the sandbox has no folder")?],
        &[],
    ))
}

/// A copy of a Swift package among the sources, so that nothing is built there.
fn copied(source: &str, name: &str) -> Result<PathBuf> {
    let from = root().join(source);
    let project = target_dir()?.join(name);
    let old = project.join("Sources");
    if old.exists() {
        fs::remove_dir_all(old)?;
    }
    fs::create_dir_all(&project)?;
    copy_files(&from, &["Package.swift"], &project)?;
    copy_all(&from.join("Sources"), &project.join("Sources"))?;
    relink(&project)?;
    Ok(project)
}

/// Takes out what a project linked before: Swift's package manager doesn't notice a new library.
fn relink(project: &Path) -> Result<()> {
    for folder in ["debug", "release"] {
        let built = project.join(".build").join(folder);
        let Ok(entries) = fs::read_dir(&built) else {
            continue;
        };
        for entry in entries {
            let path = entry?.path();
            if path.is_file() && path.extension().is_none() {
                fs::remove_file(path)?;
            }
        }
    }
    Ok(())
}

/// Builds the XCFramework in the package, for Apple's platforms.
pub(crate) fn package_xcframework(package: &Path) -> Result<()> {
    let to = package.join("BananaTechFFI.xcframework");
    xcframework::assemble(&target_dir()?.join("swift/generated"), &to)
}

/// Tests the package. A compiler of Swift is needed.
pub(crate) fn test() -> Result<Outcome> {
    let toolchain = swift_toolchain::find().with_context(swift_toolchain::missing)?;
    let library = mobile::library(Build::Testing, Language::Swift)?;
    // Swift's build folder in it stays from run to run.
    let package = target_dir()?.join("swift/BananaTech");
    assemble(&library, &package)?;
    // The dynamic library: linking the static one of a debug build takes long.
    let folder = package.join("lib");
    fs::create_dir_all(&folder)?;
    fs::copy(&library, folder.join(library_name()))?;

    let vectors = root().join("tests/vectors");
    let environment = [
        ("LD_LIBRARY_PATH", text(&folder)?),
        ("DYLD_LIBRARY_PATH", text(&folder)?),
        ("BANANATECH_VECTORS", text(&vectors)?),
    ];
    let arguments = [
        "test",
        "-Xswiftc",
        "-warnings-as-errors",
        "--disable-build-manifest-caching",
    ];
    let mut test = toolchain.command("swift", &arguments, &package, &[&vectors], &environment);
    let outcome = counted([&mut test])?;
    if matches!(outcome, Outcome::Passed(_)) {
        // Another compiler may write declarations in another way.
        if matches!(toolchain, Toolchain::Chroot { .. }) {
            check_listing(&toolchain, &package)?;
        }
        // So that the benchmark keeps compiling.
        let benchmark = copied("benches/swift", "swift/Benchmark")?;
        let arguments = ["build", "-q", "--disable-build-manifest-caching"];
        let environment = [("BANANATECH_SWIFT_PACKAGE", text(&package)?)];
        run(&mut toolchain.command("swift", &arguments, &benchmark, &[&package], &environment))?;
    }
    Ok(outcome)
}

pub(crate) fn text(path: &Path) -> Result<&str> {
    path.to_str().context("a path that isn't UTF-8")
}
