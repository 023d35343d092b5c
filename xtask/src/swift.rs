//! The Swift package: put together from its sources, those that are generated from the library, and the library itself.

use std::collections::{BTreeSet, HashMap};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};
use serde_json::Value;

use crate::api::compare;
use crate::files::{self, copy_all, copy_files, copy_licenses, empty};
use crate::mobile::{self, Build, Language, STATIC_LIBRARY, library_name};
use crate::process::{output, program, root, run, target_dir};
use crate::steps::{Outcome, counted};
use crate::swift_toolchain::{self, Toolchain};
use crate::xcframework;

/// Puts the package together in a folder: what isn't part of it any more goes, except what Swift built.
fn assemble(library: &Path, to: &Path) -> Result<()> {
    let generated = target_dir()?.join("swift/generated");
    mobile::sources(Language::Swift, library, &generated)?;
    let from = root().join("bindings-uniffi/swift");
    for part in ["Sources", "Tests", "BananaTechFFI", "lib"] {
        let to = empty(to.join(part))?;
        if part != "lib" {
            copy_all(&from.join(part), &to)?;
        }
    }
    copy_files(&from, &["Package.swift"], to)?;
    let sources = empty(to.join("Sources/BananaTech/Generated"))?;
    let made = files::with_ending(&generated, "swift")?;
    run(program("cp", "").args(made).arg(sources))?;
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
    let library = library.with_file_name(STATIC_LIBRARY);
    copy_files(
        &root().join("bindings-uniffi/swift"),
        &["README.md"],
        package,
    )?;
    copy_licenses(package)?;
    let shipped = package.join("lib").join(STATIC_LIBRARY);
    mobile::strip_to(&["--strip-debug"], &library, &shipped)
}

/// Measures the package; what the benchmark says.
pub(crate) fn bench(toolchain: &Toolchain, quick: bool) -> Result<String> {
    let package = target_dir()?.join("measured/BananaTech");
    release(Build::Measured, &package)?;
    let project = copied("benches/swift", "measured/Benchmark")?;
    let mut run = over(toolchain, &package, &project, "run -c release");
    run.arg("Benchmark").args(quick.then_some("--quick"));
    let told = output(&mut run)?;
    // SwiftPM's own lines come first.
    let table = told.find("| |").context("the benchmark has no table")?;
    Ok(told[table..].to_owned())
}

/// Swift's package manager on a project that depends on the package, which may be in another place than the last time.
fn over(toolchain: &Toolchain, package: &Path, project: &Path, words: &str) -> Command {
    let mut swift = toolchain.command("swift", project, &[package]);
    swift.args(words.split(' '));
    swift.args(["-q", "--disable-build-manifest-caching"]);
    swift.env("BANANATECH_SWIFT_PACKAGE", package);
    swift
}

/// Builds the example over the package as it is shipped; both folders.
fn built_example(toolchain: &Toolchain) -> Result<(PathBuf, PathBuf)> {
    let package = package()?;
    let project = copied("examples/swift", "demo-swift")?;
    run(&mut over(toolchain, &package, &project, "build"))?;
    Ok((package, project))
}

/// Has DocC make the reference of the package's modules, from what the compiler knows of them.
pub(crate) fn reference(toolchain: &Toolchain, to: &Path) -> Result<()> {
    let (package, project) = built_example(toolchain)?;
    let graphs = empty(project.join("reference/graphs"))?;
    extract(toolchain, &project, &package, &graphs)?;
    let made = project.join("reference/made");
    let mut docc = toolchain.command("docc", &project, &[&package]);
    docc.args(["convert", "--additional-symbol-graph-dir"])
        .arg(graphs)
        .arg("--output-path")
        .arg(&made)
        .arg("--fallback-display-name=BananaTech")
        .arg("--fallback-bundle-identifier=space.bananatech")
        .args([
            "--transform-for-static-hosting",
            "--hosting-base-path=api/swift",
        ]);
    // What it has to say is of sentences that stand in every language.
    output(&mut docc)?;
    copy_all(&made, to)
}

/// What the compiler knows of the package's modules, built in the folder `project`, as files of JSON in the folder `to`.
fn extract(toolchain: &Toolchain, project: &Path, package: &Path, to: &Path) -> Result<()> {
    let own = |program| toolchain.command(program, project, &[package]);
    let target = output(own("swiftc").arg("-print-target-info"))?;
    let target: Value = serde_json::from_str(&target)?;
    let target = target["target"]["triple"].as_str();
    let target = target.context("the compiler names no target")?;
    for module in ["BananaTech", "BananaTechURLSession"] {
        run(own("swift-symbolgraph-extract")
            .args(["-module-name", module, "-target", target])
            .args(["-minimum-access-level", "public"])
            .args(["-I", ".build/debug/Modules", "-I"])
            .arg(package.join("BananaTechFFI/include"))
            .arg("-output-dir")
            .arg(to))?;
    }
    Ok(())
}

/// Compares what the package offers with `bindings-uniffi/swift/api.txt`.
fn check_listing(toolchain: &Toolchain, package: &Path) -> Result<()> {
    let graphs = empty(package.join(".build/graphs"))?;
    extract(toolchain, package, package, &graphs)?;
    let mut lines = BTreeSet::new();
    for file in files::with_ending(&graphs, "json")? {
        let graph = serde_json::from_str(&fs::read_to_string(file)?)?;
        lines.extend(declared(&graph));
    }
    let offered: String = lines.into_iter().collect();
    let listing = root().join("bindings-uniffi/swift/api.txt");
    let write = "BANANATECH_WRITE_API=1 cargo xtask test --only swift";
    compare(&listing, &offered, write)
}

/// A line for each declaration in what the compiler wrote of a module, and for each protocol of Swift's own and of Foundation that a type
/// conforms to.
fn declared(graph: &Value) -> Vec<String> {
    let all = |of: &'static str| graph[of].as_array().into_iter().flatten();
    let joined = |words: &Value, what: fn(&Value) -> &Value, by: &str| -> String {
        let words = words.as_array().into_iter().flatten();
        let words: Vec<_> = words.filter_map(|word| what(word).as_str()).collect();
        words.join(by)
    };
    let mut names = HashMap::new();
    let mut lines = Vec::new();
    for symbol in all("symbols") {
        let id = symbol["identifier"]["precise"].as_str().unwrap_or_default();
        let name = joined(&symbol["pathComponents"], |word| word, ".");
        let declared = joined(
            &symbol["declarationFragments"],
            |part| &part["spelling"],
            "",
        );
        let declared: Vec<_> = declared.split_whitespace().collect();
        // What comes of a protocol, and what only the library of the tests has, isn't listed.
        let is_of_tests = name.split('.').any(|word| word.starts_with("testing"));
        if !id.contains("::SYNTHESIZED::") && !is_of_tests {
            lines.push(format!("{name}: {}\n", declared.join(" ")));
        }
        names.insert(id, name);
    }
    for relationship in all("relationships") {
        let name = relationship["source"].as_str().and_then(|id| names.get(id));
        let protocol = relationship["targetFallback"].as_str();
        if relationship["kind"] == "conformsTo"
            && let (Some(name), Some(protocol)) = (name, protocol)
        {
            lines.push(format!("{name}: conforms to {protocol}\n"));
        }
    }
    lines
}

/// Builds the example; the command that runs it against the sandbox.
pub(crate) fn demo(toolchain: &Toolchain, sandbox: &Path) -> Result<Command> {
    let (_, project) = built_example(toolchain)?;
    let program = project.join(".build/debug/BananaTechDemo");
    let folder = sandbox.parent().context("the sandbox has no folder")?;
    let mut demo = toolchain.command(program, &project, &[folder]);
    demo.arg("--sandbox").arg(sandbox);
    Ok(demo)
}

/// A copy of a Swift package among the sources, so that nothing is built there.
fn copied(source: &str, name: &str) -> Result<PathBuf> {
    let from = root().join(source);
    let project = target_dir()?.join(name);
    copy_all(&from.join("Sources"), &empty(project.join("Sources"))?)?;
    copy_files(&from, &["Package.swift"], &project)?;
    relink(&project)?;
    Ok(project)
}

/// Takes out what a project linked before: Swift's package manager doesn't notice a new library.
fn relink(project: &Path) -> Result<()> {
    for folder in ["debug", "release"] {
        let built = project.join(".build").join(folder);
        if built.exists() {
            let linked = "-maxdepth 1 -type f ! -name *.* -delete";
            run(program("find", "-H").arg(built).args(linked.split(' ')))?;
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
    let toolchain = swift_toolchain::find()?;
    let library = mobile::library(Build::Testing, Language::Swift)?;
    // Swift's build folder in it stays from run to run.
    let package = target_dir()?.join("swift/BananaTech");
    assemble(&library, &package)?;
    // The dynamic library: linking the static one of a debug build takes long.
    let folder = package.join("lib");
    fs::copy(&library, folder.join(library_name()))?;

    let vectors = root().join("tests/vectors");
    let mut test = toolchain.command("swift", &package, &[&vectors]);
    let options = "test -Xswiftc -warnings-as-errors --disable-build-manifest-caching";
    test.args(options.split(' '))
        .env("LD_LIBRARY_PATH", &folder)
        .env("DYLD_LIBRARY_PATH", &folder)
        .env("BANANATECH_VECTORS", &vectors);
    let outcome = counted([&mut test])?;
    if matches!(outcome, Outcome::Passed(_)) {
        // Another compiler may write declarations in another way.
        if matches!(toolchain, Toolchain::Chroot { .. }) {
            check_listing(&toolchain, &package)?;
        }
        // So that the benchmark keeps compiling.
        let benchmark = copied("benches/swift", "swift/Benchmark")?;
        run(&mut over(&toolchain, &package, &benchmark, "build"))?;
    }
    Ok(outcome)
}
