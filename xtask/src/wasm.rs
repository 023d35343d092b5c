//! Builds the npm package's folder and packs it: the library for WebAssembly, its glue, and the hand-written modules.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};

use crate::fields;
use crate::process::{cargo, output, program, root, run, shipping_flags, target_dir};
use crate::tools;
use crate::types;

/// The Rust target.
pub(crate) const TARGET: &str = "wasm32-unknown-unknown";

/// `cargo build` of one crate as it ships.
pub(crate) fn cargo_build(package: &str) -> Result<Command> {
    // Every engine of the last years has SIMD, and the hash is quicker by it.
    build_with(package, &["-Ctarget-feature=+simd128"])
}

fn build_with(package: &str, flags: &[&str]) -> Result<Command> {
    let mut command = cargo(&["build", "--target", TARGET, "--profile=wasm", "--lib"]);
    command.args(["--package", package]);
    let flags = shipping_flags(flags, || program("rustc", &[]))?;
    command.env("CARGO_ENCODED_RUSTFLAGS", flags);
    Ok(command)
}

/// Builds the package's folder, `target/npm`, anew.
pub(crate) fn build() -> Result<PathBuf> {
    run(&mut cargo_build("bananatech-wasm")?)?;
    // The fields are only to be small.
    run(&mut build_with("bananatech-forms", &[])?)?;
    let target = target_dir()?;
    let out = empty(target.join("npm"))?;
    let sources = empty(target.join("npm-sources"))?;

    let glue = sources.join("wasm");
    fs::create_dir(&glue)?;
    let built = target.join(TARGET).join("wasm");
    fs::copy(
        built.join("bananatech_forms.wasm"),
        sources.join("forms.wasm"),
    )?;
    let library = built.join("bananatech_wasm.wasm");
    run(cargo(&[
        "run",
        "--quiet",
        "--package=bananatech-wasm",
        "--features=bindgen",
        "--bin=bananatech-wasm-bindgen",
        "--",
    ])
    .args([&library, &glue]))?;

    let own = root().join("bindings-wasm/npm");
    for entry in fs::read_dir(&own)? {
        let path = entry?.path();
        if let (true, Some(name)) = (
            path.extension().is_some_and(|e| e == "js"),
            path.file_name(),
        ) {
            fs::copy(&path, sources.join(name))?;
        }
    }
    fs::write(sources.join("forms-words.js"), fields::script())?;
    let tools = tools::install("build")?;
    run(program("node", &[])
        .arg(own.join("build.js"))
        .args([&tools, &sources, &out]))?;

    write_types(&own, &out)?;
    for entry in ["slim", "forms"] {
        fs::create_dir(out.join(entry))?;
    }
    for (from, to) in [
        (own.join("README.md"), "README.md"),
        (own.join("slim/package.json"), "slim/package.json"),
        (own.join("forms/package.json"), "forms/package.json"),
        (root().join("LICENSE-APACHE"), "LICENSE-APACHE"),
        (root().join("LICENSE-MIT"), "LICENSE-MIT"),
        (
            tools.join("node_modules/tiny-inflate/LICENSE"),
            "LICENSE-tiny-inflate",
        ),
    ] {
        fs::copy(&from, out.join(to)).with_context(|| format!("cannot copy {to}"))?;
    }
    let manifest = fs::read_to_string(own.join("package.json"))?;
    fs::write(out.join("package.json"), published(&manifest)?)?;
    Ok(out)
}

/// An empty folder.
pub(crate) fn empty(dir: PathBuf) -> Result<PathBuf> {
    if dir.exists() {
        fs::remove_dir_all(&dir).context("cannot empty a folder")?;
    }
    fs::create_dir_all(&dir).context("cannot make a folder")?;
    Ok(dir)
}

/// The types, once for `import` and once for `require`.
fn write_types(own: &Path, out: &Path) -> Result<()> {
    let index = types::generate(&root().join("core"), &own.join("index.d.ts"))?;
    let slim = fs::read_to_string(own.join("slim.d.ts"))?;
    let forms = fields::types(&fs::read_to_string(own.join("forms.d.ts"))?)?;
    let wasm = fs::read_to_string(own.join("bananatech.wasm.d.ts"))?;
    for (name, text) in [
        ("index.d.cts", index.clone()),
        ("index.d.ts", index),
        ("slim.d.cts", slim.replace("./index.js", "./index.cjs")),
        ("slim.d.ts", slim),
        ("forms.d.cts", forms.clone()),
        ("forms.d.ts", forms),
        ("bananatech.wasm.d.cts", wasm.clone()),
        ("bananatech.wasm.d.ts", wasm),
    ] {
        fs::write(out.join(name), text)?;
    }
    Ok(())
}

/// The manifest as it is published: of this version, and not kept from being published as the sources' is.
fn published(manifest: &str) -> Result<String> {
    let version = concat!("\"version\": \"", env!("CARGO_PKG_VERSION"), "\"");
    ensure!(
        manifest.contains(version),
        "package.json: expected {version}"
    );
    let public = manifest.replace("  \"private\": true,\n", "");
    ensure!(public != manifest, "package.json: expected to be private");
    Ok(public)
}

/// Builds the package and packs it: `target/package/npm/bananatech-VERSION.tgz`.
pub(crate) fn package() -> Result<PathBuf> {
    let folder = build()?;
    let packages = empty(target_dir()?.join("package/npm"))?;
    let name = output(
        program("npm", &["pack", "--loglevel=error", "--pack-destination"])
            .arg(&packages)
            .current_dir(folder),
    )?;
    let package = packages.join(name.trim());
    ensure!(package.is_file(), "npm packed nothing");
    Ok(package)
}
