//! `cargo xtask test`: the steps, how each is run, and the summary.

use std::process::{Command, ExitCode};
use std::time::Instant;

use anyhow::Result;
use clap::builder::PossibleValue;

use crate::process::on_ci;
use crate::{ahead, check, fuzz};

/// How many tests a step ran.
#[derive(Clone, Copy, Default)]
pub(crate) struct Counts {
    pub(crate) passed: u64,
    pub(crate) failed: u64,
}

/// How a step ended.
pub(crate) enum Outcome {
    /// As it should, with so many tests if it has tests.
    Passed(Option<Counts>),
    /// Not as it should. With the end of what it printed, where the reasons are, as far as it is known.
    Failed(Option<Counts>, Vec<String>),
    /// Something that it needs isn't there.
    Missing(String),
}

impl Outcome {
    /// Of a step that has no tests.
    pub(crate) fn of(success: bool) -> Self {
        if success {
            Self::Passed(None)
        } else {
            Self::Failed(None, Vec::new())
        }
    }
}

impl Counts {
    /// Of a step with these tests, and with this at the end of what it printed. No test at all is no success.
    pub(crate) fn outcome(self, success: bool, last: Vec<String>) -> Outcome {
        if success && self.failed == 0 && self.passed > 0 {
            Outcome::Passed(Some(self))
        } else {
            Outcome::Failed(Some(self), last)
        }
    }
}

type Run = fn() -> Result<Outcome>;

/// All steps: name, what it is, how it is run.
#[rustfmt::skip]
const STEPS: &[(&str, &str, Run)] = &[
    ("fmt", "the code is formatted", check::fmt),
    ("ignored", "no test is switched off", check::ignored),
    ("clippy", "clippy has nothing to say", check::clippy),
    ("doc", "the documentation builds without a warning", check::doc),
    ("rust", "tests of all crates", check::rust),
    ("vectors", "the committed vectors are what their generator makes", check::vectors),
    ("core-tree", "core depends on no runtime, binding, HTTP or TLS library", check::core_tree),
    ("api", "what the npm package declares is as it is listed", check::api),
    ("node", "the npm package in Node", check::node),
    ("sandbox-npm", "the sandbox's npm packages in an empty folder", check::sandbox_npm),
    ("sandbox-jvm", "the sandbox for tests on the JVM", check::sandbox_jvm),
    ("backend", "the backend for Node, on SQLite and PostgreSQL", check::backend),
    ("web", "the web example in Node and browsers", check::web),
    ("runtimes", "the npm package on every runtime, bundled, and its form", check::runtimes),
    ("size", "the packages' sizes, against their limits", check::size),
    ("kotlin", "the Kotlin package on the JVM", check::kotlin),
    ("coroutines", "senders that suspend, on a server of this machine", check::coroutines),
    ("backend-jvm", "the backend for the JVM, on SQLite and PostgreSQL", check::backend_jvm),
    ("swift", "the Swift package, by a real compiler", crate::swift::test),
    ("packages", "new projects that use the packed jar and Swift package", crate::consumers::test),
    ("fuzz", "each fuzz target builds and runs for a few seconds", check::fuzz),
    ("demo", "the demos end as the contract says, equally in each language", crate::demo::test),
    ("docs", "the documentation's site builds, and each page of it opens in a browser", crate::docs::test),
    ("chaos", "instances in three languages on one PostgreSQL, killed again and again", crate::instances::test),
];

type Work = fn() -> Result<Option<Command>>;

/// Work that is begun before one step, and waited for by another. Packing and fuzzers' linking mostly use one core.
const AHEAD: &[(&str, &str, Work)] = &[
    ("backend", "size", check::packing),
    ("kotlin", "fuzz", fuzz::building),
];

/// The steps' names, for the command line.
pub(crate) fn names() -> Vec<PossibleValue> {
    STEPS
        .iter()
        .map(|(name, about, _)| PossibleValue::new(name).help(about))
        .collect()
}

struct Row {
    name: &'static str,
    result: &'static str,
    note: String,
    seconds: f64,
    counts: Option<Counts>,
    last: Vec<String>,
}

/// Runs the steps, all of them whatever happens, and sums up.
pub(crate) fn run(only: &[String]) -> Result<ExitCode> {
    let chosen: Vec<_> = STEPS
        .iter()
        .filter(|(name, ..)| only.is_empty() || only.iter().any(|wanted| wanted == name))
        .collect();
    let mut rows = Vec::new();
    let is_chosen = |wanted: &str| chosen.iter().any(|(name, ..)| *name == wanted);
    for (at, (name, about, run)) in chosen.iter().enumerate() {
        println!("\n== {}/{} {name}: {about}", at + 1, chosen.len());
        let started = Instant::now();
        for (before, needed_by, work) in AHEAD {
            if before == name
                && is_chosen(needed_by)
                && let Some(command) = work()?
            {
                ahead::begin(needed_by, command)?;
            }
        }
        let mut last = Vec::new();
        let (result, note, counts) = match run() {
            Ok(Outcome::Passed(counts)) => ("ok", String::new(), counts),
            Ok(Outcome::Failed(counts, lines)) => {
                last = lines;
                ("FAILED", String::new(), counts)
            }
            Ok(Outcome::Missing(what)) if on_ci() => ("FAILED", format!("missing: {what}"), None),
            Ok(Outcome::Missing(what)) => ("skipped", format!("missing: {what}"), None),
            Err(error) => ("FAILED", format!("{error:#}"), None),
        };
        if !note.is_empty() {
            println!("{name} {result}: {note}");
        }
        rows.push(Row {
            name,
            result,
            note,
            seconds: started.elapsed().as_secs_f64(),
            counts,
            last,
        });
    }
    Ok(summary(&rows))
}

fn summary(rows: &[Row]) -> ExitCode {
    // Said again where one looks first: the steps after it have printed a lot.
    for Row { name, last, .. } in rows.iter().filter(|row| !row.last.is_empty()) {
        println!(
            "\n== {name} failed. The last that it printed:\n{}",
            last.join("\n")
        );
    }
    println!("\n{:<11} {:<8} {:>8}  tests", "step", "result", "seconds");
    let mut total = Counts::default();
    for row in rows {
        let failed = row.result == "FAILED";
        // A step that failed without saying how many tests did counts as one.
        let counts = row.counts.unwrap_or_default();
        total.passed += counts.passed;
        total.failed += counts.failed.max(u64::from(failed));
        let told = row.counts.map_or(String::new(), |counts| {
            format!("{} passed, {} failed", counts.passed, counts.failed)
        });
        let note = row.note.lines().next().unwrap_or_default();
        let line = format!(
            "{:<11} {:<8} {:>8.1}  {told}{note}",
            row.name, row.result, row.seconds
        );
        println!("{}", line.trim_end());
    }
    println!("{} passed, {} failed", total.passed, total.failed);
    if total.failed == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}
