//! The steps of `cargo xtask test`, one function each.

use std::collections::{BTreeSet, VecDeque};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use anyhow::{Context, Result, ensure};

use crate::bench::openssl_is_there;
use crate::process::{cargo, on_ci, output, program, status, target_dir, watch, works};
use crate::steps::{Counts, Outcome};
use crate::{
    ahead, api, fuzz as fuzzing, jvm, kotlin, sandbox_jvm, sandbox_npm, size as sizes, tools, wasm,
};

fn passed_if(command: &mut Command) -> Result<Outcome> {
    Ok(Outcome::of(status(command)?.success()))
}

pub(crate) fn fmt() -> Result<Outcome> {
    passed_if(&mut cargo(&["fmt", "--all", "--check"]))
}

pub(crate) fn ignored() -> Result<Outcome> {
    let mut search = program("git", &["grep", "-n", "#\\[ignore", "--", "*.rs"]);
    // By this it says that it found nothing.
    Ok(Outcome::of(status(&mut search)?.code() == Some(1)))
}

pub(crate) fn clippy() -> Result<Outcome> {
    // One after the other: together, the benchmarks' peers would change the features of what the later steps build as well, and
    // everything would be built anew for them.
    let clippy = |what: &[&str]| {
        let mut command = cargo(&["clippy", "--all-targets"]);
        status(command.args(what).args(["--", "-D", "warnings"]))
    };
    // With what only the JVM's library has, and only the tests call.
    let rest =
        clippy(&["--features=bananatech-uniffi/backend,bananatech-uniffi/testing"])?.success();
    if openssl_is_there() {
        let benches = clippy(&["--package=bananatech-benches", "--all-features"])?.success();
        return Ok(Outcome::of(rest && benches));
    }
    if on_ci() {
        return Ok(Outcome::Missing("libssl-dev, pkg-config".to_owned()));
    }
    println!("without the benchmarks: libssl-dev or pkg-config is missing");
    Ok(Outcome::of(rest))
}

pub(crate) fn doc() -> Result<Outcome> {
    passed_if(cargo(&["doc", "--no-deps"]).env("RUSTDOCFLAGS", "-D warnings"))
}

/// Adds a line of a test runner's output to the counts, if it is one that counts.
fn count(line: &str, counts: &mut Counts) {
    // Node: `ℹ pass 3` or `# pass 3`.
    if let Some(told) = line.strip_prefix("ℹ ").or(line.strip_prefix("# ")) {
        match told.split_once(' ') {
            Some(("pass", number)) => counts.passed += number.parse().unwrap_or(0),
            Some(("fail", number)) => counts.failed += number.parse().unwrap_or(0),
            _ => {}
        }
    }
    // cargo: `test result: ok. 3 passed; 0 failed; …`.
    if line.contains("test result: ") {
        let before = |word: &str| -> Option<u64> {
            line.split_once(word)?.0.rsplit(' ').next()?.parse().ok()
        };
        counts.passed += before(" passed;").unwrap_or(0);
        counts.failed += before(" failed;").unwrap_or(0);
    }
}

/// So many lines of a failed step's output are said again. Node, cargo and Maven print there, at the end, why a test failed.
const LAST_LINES: usize = 60;

/// Runs it, with its output as it comes. Whether it succeeded, what it counted, and the last of what it printed.
fn watched(command: &mut Command) -> Result<(bool, Counts, Vec<String>)> {
    let mut counts = Counts::default();
    let mut last = VecDeque::with_capacity(LAST_LINES);
    let success = watch(command, |line| {
        count(line, &mut counts);
        if last.len() == LAST_LINES {
            last.pop_front();
        }
        last.push_back(line.to_owned());
    })?;
    Ok((success, counts, last.into()))
}

fn counted(command: &mut Command) -> Result<Outcome> {
    let (success, counts, last) = watched(command)?;
    Ok(counts.outcome(success, last))
}

pub(crate) fn rust() -> Result<Outcome> {
    let outcome = counted(&mut cargo(&["test", "--no-fail-fast"]))?;
    if !bananatech_postgres::is_here() {
        // They end at once, and count as passed.
        println!("skipped: the tests on PostgreSQL, which isn't installed");
    }
    Ok(outcome)
}

pub(crate) fn vectors() -> Result<Outcome> {
    if !works(&mut program("python3", &["-c", "import venv, ensurepip"])) {
        return Ok(Outcome::Missing("python3 with venv".to_owned()));
    }
    let python = tools::python("venv", &["-r", "tests/vectors/requirements.txt"])?;
    passed_if(&mut program(
        python,
        &["tests/vectors/generate.py", "--check"],
    ))
}

/// Whether the toolchain can build for a target; it is fetched if rustup is there.
pub(crate) fn has_target(target: &str) -> Result<bool> {
    let question = ["--print", "target-libdir", "--target", target];
    let libraries = output(&mut program("rustc", &question))?;
    Ok(Path::new(libraries.trim()).exists()
        || works(&mut program("rustup", &["target", "add", target])))
}

fn missing_for_wasm() -> Result<Option<Outcome>> {
    let missing = !has_target(wasm::TARGET)?;
    Ok(missing.then(|| Outcome::Missing(format!("the Rust target {}", wasm::TARGET))))
}

/// The crates that one is built of, itself among them.
fn crates_of(package: &str) -> Result<BTreeSet<String>> {
    let options = "-e normal --target all --prefix none --no-dedupe";
    let tree = output(cargo(&["tree", "-p", package]).args(options.split(' ')))?;
    let names = tree.lines().filter_map(|line| line.split(' ').next());
    Ok(names.map(str::to_owned).collect())
}

pub(crate) fn core_tree() -> Result<Outcome> {
    const FORBIDDEN: &str =
        "tokio wasm-bindgen uniffi js-sys reqwest hyper http rustls openssl native-tls ring aws-lc";
    let core = crates_of("bananatech-core")?;
    println!("{} crates: {core:?}", core.len());
    for word in FORBIDDEN.split(' ') {
        let found = core.iter().find(|name| name.starts_with(word));
        ensure!(found.is_none(), "core must not depend on {found:?}");
    }
    // What every visitor of a page with card fields loads.
    let forms = crates_of("bananatech-forms")?;
    ensure!(
        forms
            .iter()
            .eq(["bananatech-fields", "bananatech-forms", "zeroize"]),
        "bananatech-forms is built of {forms:?}"
    );
    Ok(Outcome::Passed(None))
}

pub(crate) fn missing_of(programs: &[(&str, &str)]) -> Option<Outcome> {
    programs
        .iter()
        .find(|(name, question)| !works(&mut program(name, &[question])))
        .map(|(name, _)| Outcome::Missing((*name).to_owned()))
}

/// What building the npm package needs and isn't there.
pub(crate) fn missing_for_npm() -> Result<Option<Outcome>> {
    match missing_of(&[("node", "--version"), ("npm", "--version")]) {
        Some(missing) => Ok(Some(missing)),
        None => missing_for_wasm(),
    }
}

/// Another of this program's commands, as a program of its own: so its output can be counted.
fn this_program(command: &str) -> Result<Command> {
    let path = std::env::current_exe().context("cannot find this program's own path")?;
    Ok(program(path, &[command]))
}

fn npm(command: &str) -> Result<Outcome> {
    match missing_for_npm()? {
        Some(missing) => Ok(missing),
        None => counted(&mut this_program(command)?),
    }
}

pub(crate) fn node() -> Result<Outcome> {
    npm("test-node")
}

pub(crate) fn backend() -> Result<Outcome> {
    npm("test-backend")
}

pub(crate) fn web() -> Result<Outcome> {
    npm("test-web")
}

/// What the npm package declares.
pub(crate) fn api() -> Result<Outcome> {
    match missing_of(&[("node", "--version"), ("npm", "--version")]) {
        Some(missing) => Ok(missing),
        None => api::check(),
    }
}

/// The sandbox's packages for npm.
pub(crate) fn sandbox_npm() -> Result<Outcome> {
    if !sandbox_npm::is_for_this_host() {
        return Ok(Outcome::Missing("a sandbox for this platform".to_owned()));
    }
    match missing_of(&[("node", "--version"), ("npm", "--version")]) {
        Some(missing) => Ok(missing),
        None => counted(&mut this_program("test-sandbox-npm")?),
    }
}

/// The sandbox's artifact for the JVM.
pub(crate) fn sandbox_jvm() -> Result<Outcome> {
    if !sandbox_npm::is_for_this_host() {
        return Ok(Outcome::Missing("a sandbox for this platform".to_owned()));
    }
    maven("test-sandbox-jvm", sandbox_jvm::reports()?)
}

pub(crate) fn runtimes() -> Result<Outcome> {
    npm("test-runtimes")
}

/// Packs for Swift and Kotlin, which takes minutes.
pub(crate) fn packing() -> Result<Option<Command>> {
    let mut command = this_program("package")?;
    command.args(["--only", "swift"]);
    if kotlin::is_there() {
        command.args(["--only", "kotlin"]);
    }
    Ok(Some(command))
}

/// The packages' sizes against their limits.
pub(crate) fn size() -> Result<Outcome> {
    match missing_for_npm()? {
        Some(missing) => Ok(missing),
        None => {
            ahead::finish("size")?;
            Ok(Outcome::of(sizes::run(false)? == ExitCode::SUCCESS))
        }
    }
}

pub(crate) fn kotlin() -> Result<Outcome> {
    maven(
        "test-kotlin",
        target_dir()?.join("kotlin/maven/surefire-reports"),
    )
}

pub(crate) fn backend_jvm() -> Result<Outcome> {
    maven("test-backend-jvm", jvm::BACKEND.reports()?)
}

pub(crate) fn coroutines() -> Result<Outcome> {
    maven("test-coroutines", jvm::COROUTINES.reports()?)
}

fn maven(command: &str, reports: PathBuf) -> Result<Outcome> {
    if let Some(missing) = missing_of(&[("java", "-version"), ("mvn", "--version")]) {
        return Ok(missing);
    }
    // Maven runs quietly, so the numbers are in its reports; those of an earlier run don't count.
    let reports = wasm::empty(reports)?;
    let (success, _, last) = watched(&mut this_program(command)?)?;
    let mut counts = Counts::default();
    for entry in fs::read_dir(reports)? {
        let path = entry?.path();
        if path.extension().is_some_and(|end| end == "xml") {
            count_maven(&fs::read_to_string(path)?, &mut counts);
        }
    }
    Ok(counts.outcome(success, last))
}

/// A class's report. Each test is an element of it, which holds another one if the test didn't pass. The sums at its top leave out nested classes.
fn count_maven(report: &str, counts: &mut Counts) {
    let number = |element: &str| report.matches(element).count() as u64;
    let failed = number("<failure") + number("<error");
    counts.failed += failed;
    counts.passed += number("<testcase").saturating_sub(failed + number("<skipped"));
}

pub(crate) fn fuzz() -> Result<Outcome> {
    if !fuzzing::nightly_is_there() {
        return Ok(Outcome::Missing("the nightly toolchain".to_owned()));
    }
    ahead::finish("fuzz")?;
    Ok(Outcome::of(fuzzing::run(10, &[])? == ExitCode::SUCCESS))
}
