//! Builds the npm package's folder: the library for WebAssembly, its glue, and the hand-written modules.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};

use crate::process::{cargo, root, run, target_dir};

const TARGET: &str = "wasm32-unknown-unknown";

/// Builds the package into `out_dir` (`target/npm`), anew.
pub(crate) fn build(out_dir: &Path) -> Result<()> {
    run(&mut cargo(&[
        "build",
        "--package=bananatech-wasm",
        "--lib",
        "--target",
        TARGET,
        "--profile=wasm",
    ]))?;

    if out_dir.exists() {
        fs::remove_dir_all(out_dir).context("cannot empty the package's folder")?;
    }
    let glue = out_dir.join("wasm");
    fs::create_dir_all(&glue).context("cannot make the package's folder")?;
    let library = target_dir()?
        .join(TARGET)
        .join("wasm")
        .join("bananatech_wasm.wasm");
    run(cargo(&[
        "run",
        "--quiet",
        "--package=bananatech-wasm",
        "--features=bindgen",
        "--bin=bananatech-wasm-bindgen",
        "--",
    ])
    .args([&library, &glue]))?;
    fs::rename(glue.join("codes.d.ts"), out_dir.join("codes.d.ts"))?;

    let modules = root().join("bindings-wasm").join("npm");
    for entry in fs::read_dir(&modules)? {
        let path = entry?.path();
        if let (true, Some(name)) = (path.is_file(), path.file_name()) {
            fs::copy(&path, out_dir.join(name))?;
        }
    }
    Ok(())
}
