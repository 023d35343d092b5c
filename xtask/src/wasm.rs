//! Builds the npm package's folder and packs it: the WebAssembly modules, their glue, and the hand-written JavaScript.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};

use crate::process::{cargo, output, program, root, run, shipping_flags, target_dir};
use crate::{fields, tools, types};

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

/// Where cargo leaves a crate's module.
pub(crate) fn library(package: &str) -> Result<PathBuf> {
    let name = format!("{TARGET}/wasm/{}.wasm", package.replace('-', "_"));
    Ok(target_dir()?.join(name))
}

/// Builds a module of the binding, with its glue, into a folder.
fn build_module(features: &[&str], to: &Path) -> Result<()> {
    run(cargo_build("bananatech-wasm")?.args(features))?;
    let generator =
        "run --quiet -p bananatech-wasm --features=bindgen --bin=bananatech-wasm-bindgen --";
    let arguments: Vec<_> = generator.split(' ').collect();
    let glue = empty(to.join("wasm"))?;
    run(cargo(&arguments)
        .args([&library("bananatech-wasm")?, &glue])
        // For either module, so that the same JavaScript is over it.
        .arg("bananatech"))?;
    fs::rename(glue.join("bananatech_bg.wasm"), to.join("module.wasm"))?;
    Ok(())
}

/// Builds the package's folder, `target/npm`, anew.
pub(crate) fn build() -> Result<PathBuf> {
    let (target, own) = (target_dir()?, root().join("bindings-wasm/npm"));
    let (built, out) = (empty(target.join("npm-built"))?, empty(target.join("npm"))?);

    build_module(&["--no-default-features"], &built.join("plan"))?;
    build_module(&[], &built.join("bananatech"))?;
    // The fields are only to be small: no names, and no room for addresses that a linker may still change.
    let small = ["-Cstrip=symbols", "-Clink-arg=--compress-relocations"];
    run(&mut build_with("bananatech-forms", &small)?)?;
    let forms = empty(built.join("forms"))?;
    fs::copy(library("bananatech-forms")?, forms.join("module.wasm"))?;
    fs::write(forms.join("forms-words.json"), fields::words()?)?;

    let tools = tools::install("build")?;
    run(program("node", &[]).args([&own.join("build.js"), &tools, &built, &out]))?;
    write_types(&own, &out)?;

    let inflate = tools.join("node_modules/tiny-inflate/LICENSE");
    fs::copy(inflate, out.join("LICENSE-tiny-inflate"))?;
    for name in ["LICENSE-APACHE", "LICENSE-MIT"] {
        fs::copy(root().join(name), out.join(name))?;
    }
    fs::copy(own.join("README.md"), out.join("README.md"))?;
    for entry in ["slim", "plan", "forms"] {
        let name = format!("{entry}/package.json");
        fs::create_dir(out.join(entry))?;
        fs::copy(own.join(&name), out.join(&name))?;
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

/// The types of each entry, once for `import` and once for `require`.
fn write_types(own: &Path, out: &Path) -> Result<()> {
    for name in ["index", "slim", "plan", "forms", "bananatech.wasm"] {
        let source = own.join(format!("{name}.d.ts"));
        let text = match name {
            "index" => types::generate(&root().join("core"), &source)?,
            "forms" => fields::types(&fs::read_to_string(source)?)?,
            _ => fs::read_to_string(source)?,
        };
        let required = text.replace("./index.js", "./index.cjs");
        fs::write(out.join(format!("{name}.d.cts")), required)?;
        fs::write(out.join(format!("{name}.d.ts")), text)?;
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
    Ok(packages.join(name.trim()))
}
