//! `cargo xtask bench`.

use std::fs;
use std::path::PathBuf;
use std::process::{Command, ExitCode};

use anyhow::{Context, Result, bail};
use clap::ValueEnum;

use crate::node;
use crate::process::{cargo, output, program, root, run as run_program, target_dir, works};
use crate::tools::QUIETLY;
use crate::wasm;
use crate::web;
use crate::{jvm, kotlin, swift, swift_toolchain};

/// Whether the system's OpenSSL can be linked: the benchmarks need it.
pub(crate) fn openssl_is_there() -> bool {
    works(&mut program("pkg-config", &["--exists", "openssl"]))
}

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
pub(crate) fn run(quick: bool, write: bool, only: Option<Part>) -> Result<ExitCode> {
    let wanted = |part| only.is_none_or(|only| only == part);
    let document = root().join("docs/benchmarks.md");
    if wanted(Part::Rust) {
        if !openssl_is_there() {
            bail!("OpenSSL's headers are missing: install libssl-dev and pkg-config");
        }
        let mut bench = cargo(&["run", "--release", "-p", "bananatech-benches", "--"]);
        if quick {
            bench.arg("--quick");
        }
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
    Ok(ExitCode::SUCCESS)
}

const ABOUT_JAVASCRIPT: &str = "\
## JavaScript

The packed npm package, in Node and in Chromium, in the same way: in turns, checked to yield the same before anything is timed.
`node:crypto` is OpenSSL with the processor's instructions for AES and SHA; WebCrypto is the platform's, and asynchronous;
`@noble/ciphers` and `@noble/hashes` are plain JavaScript with tables, and so is crypto-js. The package's AES is RustCrypto's
for processors without such instructions: it uses no tables, so its time tells nothing of the key, and of two or more blocks
that can be worked on at once (decryption) it is quicker than of one after the other (encryption in CBC mode). In Node, Bun and
Deno the package leaves the cipher, the MAC and base64 to `node:crypto`, where that is quicker: from 1 KiB on to seal, and from a sealed
text of 2 KiB on to open. What it does beside them, and the peer doesn't, is to read what it was given and what came: fields,
exact numbers, each name once. A webhook's time includes its fingerprint (a hash of the data, to recognise duplicates), exact amounts, and hiding what
is in it from what prints it, all of which the peers leave out.

The goal beside `node:crypto` is 0.9 from 1 KiB on, and isn't reached by opening. What it takes is not the cipher but the passes over the text that a peer without a schema
doesn't make: the envelope's JSON and the answer's are read exactly, the response is written for the engine, the engine parses it, and what was in
the module's memory is overwritten.

`import to first sealed request` is measured in a process, or page, of its own each time.

The second table of each is of the fields, `bananatech/forms`, beside card-validator. `keystroke` is one key of a card number, the mean
over all keys of nine numbers: the text with its gaps, the verdict, the brand. card-validator's user formats by the brand's gaps, as
credit-card-type's README has it; the last column also asks credit-card-type for the brands that are still possible, which the package's
answer holds anyway, as it holds reasons, the check digit and the verdict on assignment. `import to first verdict` is measured in a
process, or page, of its own each time; both sides are one file, bundled and minified by esbuild.
";

/// A folder with the benchmarks in JavaScript, what they compare with, and the packed package.
fn javascript_project() -> Result<PathBuf> {
    let package = wasm::package()?;
    let project = wasm::empty(target_dir()?.join("npm-bench"))?;
    node::copy_all(&root().join("benches/javascript"), &project)?;
    let npm = |arguments: &[&str]| {
        let mut npm = program("npm", arguments);
        npm.args(QUIETLY).current_dir(&project);
        npm
    };
    run_program(&mut npm(&["ci"]))?;
    run_program(npm(&["install", "--no-save", "--no-package-lock"]).arg(&package))?;
    Ok(project)
}

/// Measures the packed package in Node and, where it is there, in Chromium. Prints the tables as they come, and answers them.
fn javascript(quick: bool) -> Result<String> {
    let project = javascript_project()?;
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

const ABOUT_BACKEND: &str = "\
## Backends with PostgreSQL

`receive` of a backend: a recharge's webhook, from the raw body to the commit that notes the event, the operation's end, the card's state and the
notice for the merchant's code. Beside it a handler by hand in the same language, with the same driver: it verifies, decrypts, inserts the
event, updates the one open recharge of the card, and commits. PostgreSQL runs on the same machine, writes each commit to the disk, and has
the settings that it comes with. All in turns, one event after the other.

The goal is 1.3 times the handler's time, and isn't reached. A handler by hand writes two tables, and a backend seven. In Rust a backend makes three ways to the database
for an event, where the handler makes four; node-postgres and JDBC wait for each of six statements.
";

/// So many databases the benchmark in Rust works with.
const DATABASES: usize = 6;

/// Measures the backends, on a PostgreSQL that is started for it. Prints the tables, and answers them.
fn of_backends(quick: bool) -> Result<String> {
    let Some(server) = bananatech_postgres::Server::start_durable()? else {
        println!("backends: skipped, PostgreSQL isn't installed");
        return Ok(String::new());
    };
    let urls: std::io::Result<Vec<String>> = (0..DATABASES).map(|_| server.database()).collect();
    let mut bench = cargo(&[
        "run",
        "--release",
        "-p",
        "bananatech-benches",
        "--features=backend",
        "--",
    ]);
    if quick {
        bench.arg("--quick");
    }
    let mut report = output(bench.env("BENCH_DATABASES", urls?.join(" ")))?;
    print!("{report}");
    let mut node = program("node", &["backend.js"]);
    node.current_dir(javascript_project()?);
    let mut others = vec![node];
    if kotlin::is_there() {
        let words = jvm::benchmark()?;
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        let mut java = program(words[0], &words[1..]);
        kotlin::load_from_jars(&mut java)?;
        others.push(java);
    } else {
        println!("the backend for the JVM: skipped, Java or Maven is missing");
    }
    for mut other in others {
        if quick {
            other.arg("--quick");
        }
        let told = output(other.env("DATABASE_URL", server.database()?))?;
        print!("\n{told}");
        report.push_str(&format!("\n{told}"));
    }
    Ok(report)
}

const ABOUT_MOBILE: &str = "\
## Swift and Kotlin

The library as it is shipped (compiled for size, but for the ciphers and JSON), with functions beside it that only benchmarks have: an echo,
which takes and answers records of the same shape without any work, and a clock around the core within Rust. All of a
language's columns are measured in one process, in turns. Amounts, times and URLs are made into the platform's own on the way.

In Kotlin the border costs more than what is done behind it: every call over JNA takes some microseconds, and `javax.crypto` works
without one. UniFFI's generator for JNI, merged upstream but not released when this was written, was measured there to cross about 50
times faster; what is generated here is only waiting for it.
";

/// Measures the Swift package and the Kotlin one where their tools are there. Prints the tables, and answers them.
fn of_mobile(quick: bool) -> Result<String> {
    let mut report = String::new();
    match swift::bench(quick)? {
        Some(told) => report.push_str(&format!("### Swift\n\n{told}\n")),
        None => println!("Swift: skipped, {}", swift_toolchain::missing()),
    }
    if kotlin::is_there() {
        report.push_str(&format!("### Kotlin\n\n{}", kotlin::bench(quick)?));
    } else {
        println!("Kotlin: skipped, Java or Maven is missing");
    }
    print!("{report}");
    Ok(report)
}
