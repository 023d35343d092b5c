//! Tests the npm package as a program would use it: from a project of its own, in Node, and by the TypeScript compiler.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};

use crate::process::{program, root, run};
use crate::tools::QUIETLY;

const TSC: &str = "node_modules/typescript/bin/tsc";
const TYPESCRIPT: &str = "5.9.3";

/// Sets a project up in `work_dir` that has the package in `package` installed, checks its types, and runs its tests.
pub(crate) fn test(package: &Path, work_dir: &Path) -> Result<()> {
    fs::create_dir_all(work_dir).context("cannot make the test project's folder")?;
    let manifest = serde_json::json!({
        "private": true,
        "type": "module",
        "dependencies": {
            "bananatech": format!("file:{}", package.display()),
            "typescript": TYPESCRIPT,
        },
    });
    fs::write(work_dir.join("package.json"), manifest.to_string())?;
    for entry in fs::read_dir(root().join("bindings-wasm/npm/test"))? {
        let path = entry?.path();
        if let Some(name) = path.file_name() {
            fs::copy(&path, work_dir.join(name))?;
        }
    }

    run(program("npm", &["install"])
        .args(QUIETLY)
        .current_dir(work_dir))?;
    run(program(
        "node",
        &[
            TSC,
            "--noEmit",
            "--strict",
            "--noUncheckedIndexedAccess",
            "--exactOptionalPropertyTypes",
            "--target",
            "es2022",
            "--lib",
            "es2022,dom",
            "--module",
            "node16",
            "types.ts",
        ],
    )
    .current_dir(work_dir))?;
    run(program("node", &["--test"])
        .env("BANANATECH_VECTORS", root().join("tests/vectors"))
        .current_dir(work_dir))
}
