//! Tests the Kotlin binding on the JVM: the library, the sources that are generated from it, and Maven.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};

use crate::process::{cargo, program, root, run, target_dir};

const LIBRARY: &str = "libbananatech_uniffi.so";
/// Where JNA looks for a library on this platform.
const RESOURCES: &str = "linux-x86-64";

/// Builds the library, generates its Kotlin, and runs the tests. Everything that is generated goes under `work_dir`.
pub(crate) fn test(work_dir: &Path) -> Result<()> {
    // The dev profile: what the tests run is the same code, and it is there in a fraction of the time.
    run(&mut cargo(&[
        "build",
        "--package=bananatech-uniffi",
        "--lib",
    ]))?;
    let library = target_dir()?.join("debug").join(LIBRARY);

    let sources = work_dir.join("kotlin");
    let resources = work_dir.join("resources").join(RESOURCES);
    if sources.exists() {
        fs::remove_dir_all(&sources).context("cannot empty the folder of generated sources")?;
    }
    fs::create_dir_all(&sources).context("cannot make the folder of generated sources")?;
    fs::create_dir_all(&resources).context("cannot make the folder of the library")?;
    run(cargo(&[
        "run",
        "--quiet",
        "--package=bananatech-uniffi",
        "--features=bindgen",
        "--bin=bananatech-uniffi-bindgen",
        "--",
        "generate",
        "--language=kotlin",
        "--no-format",
        "--out-dir",
    ])
    .arg(&sources)
    .arg(&library))?;
    fs::copy(&library, resources.join(LIBRARY)).context("cannot copy the library")?;

    run(program("mvn", &["-q", "-B", "test"])
        .arg(format!("-Dbananatech.generated={}", work_dir.display()))
        .arg(format!(
            "-Dbananatech.vectors={}",
            root().join("tests/vectors").display()
        ))
        .arg(format!(
            "-DbuildDirectory={}",
            work_dir.join("maven").display()
        ))
        .current_dir(root().join("bindings-uniffi/kotlin")))
}
