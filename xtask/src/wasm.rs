//! Builds the npm package's folder and packs it: the WebAssembly modules, their glue, and the hand-written JavaScript.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Result, anyhow, ensure};

use crate::files::{copy_files, copy_licenses, empty};
use crate::inputs::Inputs;
use crate::process::{
    build as build_program, cargo, output, program, root, run, shipping_flags, target_dir,
};
use crate::{fields, tools};

/// The Rust target.
pub(crate) const TARGET: &str = "wasm32-unknown-unknown";

/// Every engine of the last years has SIMD, and the hash is quicker by it.
const FAST: &[&str] = &["-Ctarget-feature=+simd128"];

/// The fields are only to be small: no names, and no room for addresses that a linker may still change.
const SMALL: &[&str] = &["-Cstrip=symbols", "-Clink-arg=--compress-relocations"];

/// `cargo build` of one crate as it ships, by a profile of `Cargo.toml`.
fn cargo_build(package: &str, profile: &str, flags: &[&str]) -> Result<Command> {
    let mut command = cargo("build --lib --target");
    command.args([TARGET, "--package", package, "--profile", profile]);
    let flags = shipping_flags(flags)?;
    command.env("CARGO_ENCODED_RUSTFLAGS", flags);
    Ok(command)
}

/// Where cargo leaves a crate's module.
pub(crate) fn library(package: &str, profile: &str) -> Result<PathBuf> {
    let name = format!("{TARGET}/{profile}/{}.wasm", package.replace('-', "_"));
    Ok(target_dir()?.join(name))
}

/// Makes a module of the binding that was compiled ready, with its glue, in a folder.
fn add_glue(profile: &str, to: &Path) -> Result<()> {
    let generator = build_program("bananatech-wasm-bindgen")?;
    let glue = empty(to.join("wasm"))?;
    run(program(generator, "")
        .args([&library("bananatech-wasm", profile)?, &glue])
        // For either module, so that the same JavaScript is over it.
        .arg("bananatech"))?;
    fs::rename(glue.join("bananatech_bg.wasm"), to.join("module.wasm"))?;
    Ok(())
}

/// Compiles all modules; where cargo leaves them. Each profile has a folder of its own, so two are compiled at once.
fn compile() -> Result<[PathBuf; 3]> {
    std::thread::scope(|scope| {
        let plan = scope.spawn(|| {
            let mut build = cargo_build("bananatech-wasm", "wasm-plan", FAST)?;
            run(build.arg("--no-default-features"))
        });
        run(&mut cargo_build("bananatech-wasm", "wasm", FAST)?)?;
        run(&mut cargo_build("bananatech-forms", "wasm", SMALL)?)?;
        plan.join().map_err(|_| anyhow!("building ended early"))?
    })?;
    Ok([
        library("bananatech-wasm", "wasm-plan")?,
        library("bananatech-wasm", "wasm")?,
        library("bananatech-forms", "wasm")?,
    ])
}

/// Builds the package's folder, `target/npm`. Compressing the modules takes a minute, so it isn't done again while nothing changed.
pub(crate) fn build() -> Result<PathBuf> {
    let (target, own) = (target_dir()?, root().join("bindings-wasm/npm"));
    let (built, out) = (target.join("npm-built"), target.join("npm"));
    let modules = compile()?;
    let types = types()?;

    let sources = "bindings-wasm/npm backend/node backend/rust/schema LICENSE-APACHE LICENSE-MIT";
    let sources = sources.split(' ').map(|name| root().join(name));
    let inputs = modules.into_iter().chain(sources);
    Inputs::of(inputs)?.with(&types).make(&out, || {
        build_anew(&own, &empty(built)?, &empty(out.clone())?, &types)
    })?;
    Ok(out)
}

fn build_anew(own: &Path, built: &Path, out: &Path, types: &str) -> Result<()> {
    add_glue("wasm-plan", &built.join("plan"))?;
    add_glue("wasm", &built.join("bananatech"))?;
    let forms = empty(built.join("forms"))?;
    let module = library("bananatech-forms", "wasm")?;
    fs::copy(module, forms.join("module.wasm"))?;
    fs::write(forms.join("forms-words.json"), fields::words())?;

    let tools = tools::install("build")?;
    let backend = root().join("backend/node");
    run(program("node", "")
        .arg(own.join("build.js"))
        .args([&tools, built, out, &backend]))?;
    write_types(own, out, types)?;

    let inflate = tools.join("node_modules/fflate/LICENSE");
    fs::copy(inflate, out.join("LICENSE-fflate"))?;
    copy_licenses(out)?;
    copy_files(own, &["README.md"], out)?;
    for entry in "slim plan forms react vue backend backend/postgres".split(' ') {
        fs::create_dir(out.join(entry))?;
        copy_files(own, &[&format!("{entry}/package.json")], out)?;
    }
    let manifest = fs::read_to_string(own.join("package.json"))?;
    fs::write(out.join("package.json"), published(&manifest)?)?;
    Ok(())
}

/// The types of the default entry: what is written by hand, and those of the core's values.
pub(crate) fn types() -> Result<String> {
    let generator = build_program("bananatech-wasm-types")?;
    output(program(generator, "").arg(root().join("bindings-wasm/npm/index.d.ts")))
}

/// The types of each entry, once for `import` and once for `require`.
pub(crate) fn write_types(own: &Path, out: &Path, of_index: &str) -> Result<()> {
    for name in "index slim plan forms react vue bananatech.wasm".split(' ') {
        let source = own.join(format!("{name}.d.ts"));
        let text = match name {
            "index" => of_index.to_owned(),
            "forms" => fields::types(&fs::read_to_string(source)?)?,
            _ => fs::read_to_string(source)?,
        };
        write_both(out, name, &text)?;
    }
    for name in ["backend", "backend-postgres"] {
        let source = root().join(format!("backend/node/{name}.d.ts"));
        write_both(out, name, &fs::read_to_string(source)?)?;
    }
    Ok(())
}

/// The types of an entry for `import`, and for `require`.
fn write_both(out: &Path, name: &str, text: &str) -> Result<()> {
    let mut required = text.to_owned();
    for entry in ["index", "forms", "backend"] {
        required = required.replace(&format!("./{entry}.js"), &format!("./{entry}.cjs"));
    }
    fs::write(out.join(format!("{name}.d.cts")), required)?;
    fs::write(out.join(format!("{name}.d.ts")), text)?;
    Ok(())
}

/// The manifest as it is published: of this version, with where the sources are, and not kept from being published as the sources' is.
pub(crate) fn published(manifest: &str) -> Result<String> {
    let version = concat!("\"version\": \"", env!("CARGO_PKG_VERSION"), "\"");
    let has_version = manifest.contains(version);
    ensure!(has_version, "package.json: expected {version}");
    let url = env!("CARGO_PKG_REPOSITORY");
    let repository =
        format!("  \"repository\": {{ \"type\": \"git\", \"url\": \"git+{url}.git\" }},\n");
    let public = manifest.replace("  \"private\": true,\n", &repository);
    ensure!(public != manifest, "package.json: expected to be private");
    Ok(public)
}

/// Builds the package and packs it: `target/package/npm/bananatech-VERSION.tgz`.
pub(crate) fn package() -> Result<PathBuf> {
    let folder = build()?;
    let packages = empty(target_dir()?.join("package/npm"))?;
    pack(&folder, &packages)
}

/// Packs a folder into another one.
pub(crate) fn pack(folder: &Path, to: &Path) -> Result<PathBuf> {
    let pack = "pack --loglevel=error --pack-destination";
    let name = output(program("npm", pack).arg(to).current_dir(folder))?;
    Ok(to.join(name.trim()))
}
