//! `cargo xtask bench`.

use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result, ensure};
use clap::ValueEnum;

use crate::files::{copy_all, empty};
use crate::process::{cargo, output, program, root, run as run_program, target_dir, works};
use crate::tools::QUIETLY;
use crate::wasm;
use crate::web;
use crate::{jvm, kotlin, swift, swift_toolchain};

/// Whether the system's OpenSSL can be linked: the benchmarks need it.
pub(crate) fn openssl_is_there() -> bool {
    works(&mut program("pkg-config", "--exists openssl"))
}

/// What stands above the tables in the documentation.
const ABOUT_JAVASCRIPT: &str = include_str!("../../benches/about/javascript.md");
const ABOUT_MOBILE: &str = include_str!("../../benches/about/mobile.md");
const ABOUT_BACKEND: &str = include_str!("../../benches/about/backend.md");

/// What is measured.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Part {
    /// The core.
    Rust,
    /// The npm package.
    Javascript,
    /// The Swift and the Kotlin package.
    Mobile,
    /// The backends, with PostgreSQL.
    Backend,
}

/// Measures, prints the tables, and writes them into the documentation if that is wished.
pub(crate) fn run(quick: bool, write: bool, only: Option<Part>) -> Result<()> {
    let wanted = |part| only.is_none_or(|only| only == part);
    let document = root().join("docs/benchmarks.md");
    if wanted(Part::Rust) {
        let what = "OpenSSL's headers are missing: install libssl-dev and pkg-config";
        ensure!(openssl_is_there(), what);
        let mut bench = cargo("run --release -p bananatech-benches --");
        bench.args(quick.then_some("--quick"));
        if write {
            bench.arg("--write").arg(&document);
        }
        run_program(&mut bench)?;
        println!();
    }
    let mut parts = Vec::new();
    if wanted(Part::Javascript) {
        parts.push((ABOUT_JAVASCRIPT, javascript(quick)?));
        println!();
    }
    if wanted(Part::Mobile) {
        parts.push((ABOUT_MOBILE, of_mobile(quick)?));
    }
    if wanted(Part::Backend) {
        parts.push((ABOUT_BACKEND, of_backends(quick)?));
    }
    if write {
        let mut text = fs::read_to_string(&document)?;
        for (about, report) in parts {
            text.push_str(&format!("\n{about}\n{report}"));
        }
        fs::write(&document, text).context("cannot write docs/benchmarks.md")?;
    }
    Ok(())
}

/// A folder with the benchmarks in JavaScript, what they compare with, and the packed package.
fn javascript_project() -> Result<PathBuf> {
    let package = wasm::package()?;
    let project = empty(target_dir()?.join("npm-bench"))?;
    copy_all(&root().join("benches/javascript"), &project)?;
    let npm = |words: &str| {
        let mut npm = program("npm", words);
        npm.args(QUIETLY.split(' ')).current_dir(&project);
        npm
    };
    run_program(&mut npm("ci"))?;
    run_program(npm("install --no-save --no-package-lock").arg(&package))?;
    Ok(project)
}

/// Measures the packed package in Node and, where it is there, in Chromium. Prints the tables as they come, and answers them.
fn javascript(quick: bool) -> Result<String> {
    let project = javascript_project()?;
    let measured = |script: &str, arguments: &[&str]| -> Result<String> {
        let mut node = program("node", script);
        node.args(arguments).args(quick.then_some("--quick"));
        let text = output(node.current_dir(&project))?;
        print!("{text}");
        Ok(text)
    };
    let mut report = measured("node.js", &[])?;
    if web::has_browser() {
        let path = web::chromium();
        report.push_str(&measured("chromium.js", &[&path.to_string_lossy()])?);
    } else {
        let path = web::chromium();
        println!("Chromium: skipped, {} isn't there", path.display());
    }
    Ok(report)
}

/// So many databases the benchmark in Rust works with.
const DATABASES: usize = 6;

/// Measures the backends, on a PostgreSQL that is started for it. Prints the tables, and answers them.
fn of_backends(quick: bool) -> Result<String> {
    let Some(server) = bananatech_postgres::Server::start_durable()? else {
        println!("backends: skipped, PostgreSQL isn't installed");
        return Ok(String::new());
    };
    let urls: std::io::Result<Vec<String>> = (0..DATABASES).map(|_| server.database()).collect();
    let mut bench = cargo("run --release -p bananatech-benches --features=backend --");
    bench.args(quick.then_some("--quick"));
    let mut report = output(bench.env("BENCH_DATABASES", urls?.join(" ")))?;
    print!("{report}");
    let mut node = program("node", "backend.js");
    node.current_dir(javascript_project()?);
    let mut others = vec![node];
    if jvm::is_there() {
        let words = jvm::benchmark()?;
        let mut java = program(&words[0], "");
        java.args(&words[1..]);
        jvm::load_from_jars(&mut java)?;
        others.push(java);
    } else {
        println!("the backend for the JVM: skipped, Java or Maven is missing");
    }
    for mut other in others {
        other.args(quick.then_some("--quick"));
        let told = output(other.env("DATABASE_URL", server.database()?))?;
        print!("\n{told}");
        report.push_str(&format!("\n{told}"));
    }
    Ok(report)
}

/// Measures the Swift package and the Kotlin one where their tools are there. Prints the tables, and answers them.
fn of_mobile(quick: bool) -> Result<String> {
    let mut report = String::new();
    match swift_toolchain::find() {
        Ok(toolchain) => {
            let told = swift::bench(&toolchain, quick)?;
            report.push_str(&format!("### Swift\n\n{told}\n"));
        }
        Err(missing) => println!("Swift: skipped, {missing}"),
    }
    if jvm::is_there() {
        report.push_str(&format!("### Kotlin\n\n{}", kotlin::bench(quick)?));
    } else {
        println!("Kotlin: skipped, Java or Maven is missing");
    }
    print!("{report}");
    Ok(report)
}
