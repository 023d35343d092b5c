//! `cargo xtask test`: the steps, how each is run, and the summary.

use std::collections::VecDeque;
use std::fmt;
use std::fs;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::Instant;

use anyhow::{Result, anyhow, ensure};
use clap::builder::PossibleValue;

use crate::files::{self, empty};
use crate::needs::{self, Need, java, nightly, npm, postgres, venv, wasm};
use crate::process::{on_ci, watch};
use crate::{
    api, check, consumers, demo, docs, fuzz, instances, jvm, kotlin, node, package, sandbox, size,
    swift, web,
};

/// How many tests a step ran.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug)]
pub(crate) struct Counts {
    pub(crate) passed: u64,
    pub(crate) failed: u64,
}

/// How a step ended. One that has no tests fails by an error.
pub(crate) enum Outcome {
    /// As it should, with so many tests if it has tests.
    Passed(Option<Counts>),
    /// Not as it should. With the end of what it printed, where the reasons are, as far as it is known.
    Failed(Counts, Vec<String>),
    /// Something that it needs isn't there.
    Missing(String),
}

impl fmt::Display for Counts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} passed, {} failed", self.passed, self.failed)
    }
}

impl Counts {
    /// Adds a test.
    pub(crate) fn add(&mut self, success: bool) {
        self.passed += u64::from(success);
        self.failed += u64::from(!success);
    }

    /// Of a step with these tests, and with this at the end of what it printed. No test at all is no success.
    pub(crate) fn outcome(self, success: bool, last: Vec<String>) -> Outcome {
        if success && self.failed == 0 && self.passed > 0 {
            Outcome::Passed(Some(self))
        } else {
            Outcome::Failed(self, last)
        }
    }

    /// Adds a line of a test runner's output, if it is one that counts.
    fn read(&mut self, line: &str) {
        // Node: `ℹ pass 3` or `# pass 3`.
        if let Some(told) = line.strip_prefix("ℹ ").or(line.strip_prefix("# ")) {
            match told.split_once(' ') {
                Some(("pass", number)) => self.passed += number.parse().unwrap_or(0),
                Some(("fail", number)) => self.failed += number.parse().unwrap_or(0),
                _ => {}
            }
        }
        let before = |word: &str| -> Option<u64> {
            line.split_once(word)?.0.rsplit(' ').next()?.parse().ok()
        };
        // cargo: `test result: ok. 3 passed; 0 failed; …`.
        if line.contains("test result: ") {
            self.passed += before(" passed;").unwrap_or(0);
            self.failed += before(" failed;").unwrap_or(0);
        }
        // XCTest: `Executed 3 tests, with 1 failure (0 unexpected) in …`. Nested suites each say it; the outermost is the last.
        if line.trim_start().starts_with("Executed ") {
            let ran = before(" test").unwrap_or(0);
            // A test can fail more than once, but no more tests fail than ran.
            self.failed = before(" failure").unwrap_or(ran).min(ran);
            self.passed = ran - self.failed;
        }
    }

    /// Adds a class's report by Maven. Each test is an element of it, which holds another one if the test didn't pass. The sums at its top leave out
    /// nested classes.
    fn read_report(&mut self, report: &str) {
        let number = |element: &str| report.matches(element).count() as u64;
        let failed = number("<failure") + number("<error");
        self.failed += failed;
        self.passed += number("<testcase").saturating_sub(failed + number("<skipped"));
    }
}

/// So many lines of a failed step's output are said again. Node, cargo and Maven print there, at the end, why a test failed.
const LAST_LINES: usize = 60;

/// Runs them, one after the other, with their output as it comes. Whether all succeeded, what they counted, and the last of what they printed.
fn watched<'a>(
    commands: impl IntoIterator<Item = &'a mut Command>,
) -> Result<(bool, Counts, Vec<String>)> {
    let mut counts = Counts::default();
    let mut last = VecDeque::with_capacity(LAST_LINES);
    let mut success = true;
    for command in commands {
        success = watch(command, |line| {
            counts.read(line);
            if last.len() == LAST_LINES {
                last.pop_front();
            }
            last.push_back(line.to_owned());
        })?;
        if !success {
            break;
        }
    }
    Ok((success, counts, last.into()))
}

/// Runs tests whose output tells how many there were.
pub(crate) fn counted<'a>(commands: impl IntoIterator<Item = &'a mut Command>) -> Result<Outcome> {
    let (success, counts, last) = watched(commands)?;
    Ok(counts.outcome(success, last))
}

/// Runs tests by Maven. It runs quietly, so the numbers are in its reports; those of an earlier run don't count.
pub(crate) fn counted_by_maven(reports: PathBuf, commands: &mut [Command]) -> Result<Outcome> {
    let reports = empty(reports)?;
    let (success, _, last) = watched(commands)?;
    let mut counts = Counts::default();
    for report in files::with_ending(&reports, "xml")? {
        counts.read_report(&fs::read_to_string(report)?);
    }
    Ok(counts.outcome(success, last))
}

type Run = fn() -> Result<Outcome>;

/// All steps: name, what it is, what it needs, how it is run.
#[rustfmt::skip]
const STEPS: &[(&str, &str, &[Need], Run)] = &[
    ("fmt", "the code is formatted", &[], check::fmt),
    ("ignored", "no test is switched off", &[], check::ignored),
    ("clippy", "clippy has nothing to say", &[], check::clippy),
    ("doc", "the documentation builds without a warning", &[], check::doc),
    ("rust", "tests of all crates", &[], check::rust),
    ("vectors", "the committed vectors are what their generator makes", &[venv], check::vectors),
    ("core-tree", "core depends on no runtime, binding, HTTP or TLS library", &[], check::core_tree),
    ("api", "what the npm package declares is as it is listed", &[npm], api::check),
    ("node", "the npm package in Node", &[npm, wasm], node::test),
    ("sandbox-npm", "the sandbox's npm packages in an empty folder", &[needs::sandbox, npm], sandbox::test_npm),
    ("sandbox-jvm", "the sandbox for tests on the JVM", &[needs::sandbox, java], sandbox::test_jvm),
    ("backend", "the backend for Node, on SQLite and PostgreSQL", &[npm, wasm], node::test_backend),
    ("web", "the web example in Node and browsers", &[npm, wasm], web::test),
    ("runtimes", "the npm package on every runtime, bundled, and its form", &[npm, wasm], node::test_runtimes),
    ("size", "the packages' sizes, against their limits", &[npm, wasm], size::test),
    ("kotlin", "the Kotlin package on the JVM", &[java], kotlin::test),
    ("coroutines", "senders that suspend, on a server of this machine", &[java], || jvm::COROUTINES.test(&[])),
    ("backend-jvm", "the backend for the JVM, on SQLite and PostgreSQL", &[java], jvm::test_backend),
    ("swift", "the Swift package, by a real compiler", &[needs::swift], swift::test),
    ("packages", "new projects that use the packed jar and Swift package", &[java], consumers::test),
    ("fuzz", "each fuzz target builds and runs for a few seconds", &[nightly], fuzz::test),
    ("demo", "the demos end as the contract says, equally in each language", &[], demo::test),
    ("docs", "the documentation's site builds, and each page of it opens in a browser", &[npm, wasm], docs::test),
    ("chaos", "instances in three languages on one PostgreSQL, killed again and again", &[postgres, npm, wasm, java], instances::test),
];

type Work = fn() -> Result<Option<Command>>;

/// Work that is begun by a program of its own before one step, which mostly waits, and waited for by another. Packing and fuzzers' linking mostly
/// use one core.
const AHEAD: &[(&str, &str, Work)] = &[
    ("backend", "size", package::ahead),
    ("kotlin", "fuzz", fuzz::building),
];

/// The steps' names, for the command line.
pub(crate) fn names() -> Vec<PossibleValue> {
    let steps = STEPS.iter();
    let names = steps.map(|(name, about, ..)| PossibleValue::new(name).help(about));
    names.collect()
}

/// Runs the steps, all of them whatever happens, and sums up.
pub(crate) fn run(only: &[String]) -> Result<()> {
    let is_chosen = |name: &str| only.is_empty() || only.iter().any(|wanted| wanted == name);
    let chosen: Vec<_> = STEPS.iter().filter(|(name, ..)| is_chosen(name)).collect();
    let mut begun: Vec<(&str, Child)> = Vec::new();
    let mut ended = Vec::new();
    for (at, (name, about, needs, run)) in chosen.iter().enumerate() {
        println!("\n== {}/{} {name}: {about}", at + 1, chosen.len());
        let started = Instant::now();
        for (_, needed_by, work) in AHEAD.iter().filter(|(before, ..)| before == name) {
            if is_chosen(needed_by)
                && let Some(mut command) = work()?
            {
                // The step does the same again, and tells then why it fails.
                command.stdin(Stdio::null());
                command.stdout(Stdio::null()).stderr(Stdio::null());
                begun.push((needed_by, command.spawn()?));
            }
        }
        for (_, child) in begun.iter_mut().filter(|(needed_by, _)| needed_by == name) {
            child.wait()?;
        }
        let outcome = match needs::missing(needs) {
            Some(what) => Ok(Outcome::Missing(what)),
            None => run(),
        };
        let outcome = match outcome {
            Ok(Outcome::Missing(what)) if on_ci() => Err(anyhow!("missing: {what}")),
            outcome => outcome,
        };
        match &outcome {
            Ok(Outcome::Missing(what)) => println!("{name} skipped: missing: {what}"),
            Err(error) => println!("{name} FAILED: {error:#}"),
            _ => {}
        }
        ended.push((*name, started.elapsed().as_secs_f64(), outcome));
    }
    summary(&ended)
}

/// Of the steps' names, how many seconds each took, and how it ended.
fn summary(ended: &[(&str, f64, Result<Outcome>)]) -> Result<()> {
    // Said again where one looks first: the steps after it have printed a lot.
    for (name, _, outcome) in ended {
        if let Ok(Outcome::Failed(_, last)) = outcome {
            let last = last.join("\n");
            println!("\n== {name} failed. The last that it printed:\n{last}");
        }
    }
    println!("\n{:<11} {:<8} {:>8}  tests", "step", "result", "seconds");
    let mut total = Counts::default();
    for (name, seconds, outcome) in ended {
        let (result, told) = match outcome {
            Ok(Outcome::Passed(None)) => ("ok", String::new()),
            Ok(Outcome::Passed(Some(counts))) => ("ok", counts.to_string()),
            Ok(Outcome::Failed(counts, _)) => ("FAILED", counts.to_string()),
            Ok(Outcome::Missing(what)) => ("skipped", format!("missing: {what}")),
            Err(error) => ("FAILED", format!("{error:#}")),
        };
        let counts = match outcome {
            Ok(Outcome::Passed(Some(counts)) | Outcome::Failed(counts, _)) => *counts,
            _ => Counts::default(),
        };
        total.passed += counts.passed;
        // A step that failed without saying how many tests did counts as one.
        total.failed += counts.failed.max(u64::from(result == "FAILED"));
        let told = told.lines().next().unwrap_or_default();
        let line = format!("{name:<11} {result:<8} {seconds:>8.1}  {told}");
        println!("{}", line.trim_end());
    }
    println!("{total}");
    ensure!(total.failed == 0, "not all steps passed");
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::Counts;

    #[test]
    fn what_test_runners_say_is_read() {
        for (line, passed, failed) in [
            ("ℹ pass 3", 3, 0),
            ("# fail 2", 0, 2),
            ("test result: FAILED. 3 passed; 1 failed; 0 ignored", 3, 1),
            (
                "\t Executed 12 tests, with 2 failures (1 unexpected) in 0.006 (0.006) seconds",
                10,
                2,
            ),
            ("Executed 1 test, with 0 failures (0 unexpected)", 1, 0),
            (
                "Executed 2 tests, with 1 test skipped and 3 failures (0 unexpected)",
                0,
                2,
            ),
            ("Test Suite 'All tests' passed", 0, 0),
        ] {
            let mut counts = Counts::default();
            counts.read(line);
            assert_eq!(counts, Counts { passed, failed }, "{line}");
        }
    }
}
