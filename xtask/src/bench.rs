//! `cargo xtask bench`.

use std::fs;
use std::process::{Command, ExitCode};

use anyhow::{Context, Result, bail};

use crate::node;
use crate::process::{cargo, output, program, root, run as run_program, target_dir, works};
use crate::tools::QUIETLY;
use crate::wasm;
use crate::web;

/// Whether the system's OpenSSL can be linked: the benchmarks need it.
pub(crate) fn openssl_is_there() -> bool {
    works(&mut program("pkg-config", &["--exists", "openssl"]))
}

/// Measures, prints the tables, and writes them into the documentation if that is wished.
pub(crate) fn run(quick: bool, write: bool) -> Result<ExitCode> {
    if !openssl_is_there() {
        bail!("OpenSSL's headers are missing: install libssl-dev and pkg-config");
    }
    let document = root().join("docs/benchmarks.md");
    let mut bench = cargo(&["run", "--release", "-p", "bananatech-benches", "--"]);
    if quick {
        bench.arg("--quick");
    }
    if write {
        bench.arg("--write").arg(&document);
    }
    run_program(&mut bench)?;

    println!();
    let report = javascript(quick)?;
    if write {
        let text = fs::read_to_string(&document)?;
        fs::write(&document, format!("{text}\n{ABOUT_JAVASCRIPT}\n{report}"))
            .context("cannot write docs/benchmarks.md")?;
    }
    Ok(ExitCode::SUCCESS)
}

const ABOUT_JAVASCRIPT: &str = "\
## JavaScript

The packed npm package, in Node and in Chromium, in the same way: in turns, checked to yield the same before anything is timed.
`node:crypto` is OpenSSL with the processor's instructions for AES and SHA; WebCrypto is the platform's, and asynchronous;
`@noble/ciphers` and `@noble/hashes` are plain JavaScript with tables, and so is crypto-js. The package's AES is RustCrypto's
for processors without such instructions: it uses no tables, so its time tells nothing of the key, and of two or more blocks
that can be worked on at once (decryption) it is quicker than of one after the other (encryption in CBC mode). As above, a
webhook includes its fingerprint, its shape's check and exact amounts, which the peers leave out.

`import to first sealed request` is measured in a process, or page, of its own each time.
";

/// Measures the packed package in Node and, where it is there, in Chromium. Prints the tables as they come, and answers them.
fn javascript(quick: bool) -> Result<String> {
    let package = wasm::package()?;
    let project = wasm::empty(target_dir()?.join("npm-bench"))?;
    node::copy_all(&root().join("benches/javascript"), &project)?;
    for arguments in [
        vec!["ci"],
        vec!["install", "--no-save", "--no-package-lock"],
    ] {
        let mut npm = program("npm", &arguments);
        npm.args(QUIETLY).current_dir(&project);
        if arguments.len() > 1 {
            npm.arg(&package);
        }
        run_program(&mut npm)?;
    }
    let measured = |script: &str, arguments: &[&str]| -> Result<String> {
        let mut node: Command = program("node", &[script]);
        node.args(arguments).current_dir(&project);
        if quick {
            node.arg("--quick");
        }
        let text = output(&mut node)?;
        print!("{text}");
        Ok(text)
    };
    let mut report = measured("node.js", &[])?;
    if web::has_browser() {
        let path = web::chromium();
        report.push_str(&measured("chromium.js", &[&path.to_string_lossy()])?);
    } else {
        println!(
            "Chromium: skipped, {} isn't there",
            web::chromium().display()
        );
    }
    Ok(report)
}
