//! `cargo xtask demo`: one physical card's whole life against the sandbox, from each language; and two instances of the backend, of
//! which one is killed.

use std::fs;
use std::process::Command;

use anyhow::Result;
use clap::ValueEnum;

use crate::api::is_same;
use crate::needs::{self, Need};
use crate::process::{build, output, program, run as run_program, status, target_dir};
use crate::steps::{Counts, Outcome};
use crate::{instances, kotlin, swift, swift_toolchain};

/// A language that the demo is written in.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Surface {
    /// Against the core.
    Rust,
    /// Against the packed jar.
    Kotlin,
    /// Against the packed Swift package.
    Swift,
}

impl Surface {
    fn needs(self) -> &'static [Need] {
        match self {
            Self::Rust => &[],
            Self::Kotlin => &[needs::java],
            Self::Swift => &[needs::swift],
        }
    }
}

/// Builds the sandbox and the demo; the command that runs the one against the other.
fn prepared(surface: Surface) -> Result<Command> {
    let sandbox = build("bananatech-sandbox")?;
    match surface {
        Surface::Rust => {
            let mut demo = program(build("bananatech-demo")?, "--sandbox");
            demo.arg(sandbox);
            Ok(demo)
        }
        Surface::Kotlin => kotlin::demo(&sandbox),
        Surface::Swift => swift::demo(&swift_toolchain::find()?, &sandbox),
    }
}

/// Runs the demo.
pub(crate) fn run(surface: Surface) -> Result<()> {
    needs::require(surface.needs())?;
    run_program(&mut prepared(surface)?)
}

/// Runs two instances of the backend on one PostgreSQL, and kills one.
pub(crate) fn postgres() -> Result<()> {
    needs::require(&[needs::postgres])?;
    run_program(&mut with_postgres()?)
}

fn with_postgres() -> Result<Command> {
    instances::program_with("bananatech-demo-postgres", &["Rust", "Rust"])
}

/// Runs the demo in every language that is here: each says the same. And the one with two instances.
pub(crate) fn test() -> Result<Outcome> {
    let mut lacking = needs::postgres();
    let mut counts = Counts::default();
    let expected = target_dir()?.join("demo-rust.txt");
    let found = target_dir()?.join("demo.txt");
    for surface in Surface::value_variants() {
        if let Some(what) = needs::missing(surface.needs()) {
            lacking = Some(what);
            continue;
        }
        let told = output(&mut prepared(*surface)?)?;
        println!("{told}");
        if *surface == Surface::Rust {
            fs::write(&expected, comparable(&told))?;
        }
        fs::write(&found, comparable(&told))?;
        counts.add(is_same(&expected, &found)?);
    }
    if needs::postgres().is_none() {
        counts.add(status(&mut with_postgres()?)?.success());
    }
    Ok(match lacking {
        Some(what) if counts.failed == 0 => Outcome::Missing(what),
        _ => counts.outcome(true, Vec::new()),
    })
}

/// What has to be equal in all languages: without the times, the ports, and the webhook that comes when it likes, but with what
/// it says.
fn comparable(told: &str) -> String {
    let told = kotlin::plain(told);
    // A build tool may say something before the demo does.
    let timeline = told.lines().skip_while(|line| !line.contains(" ms  "));
    let said = timeline.map(|line| {
        let said = line.split_once(" ms  ").map_or(line, |(_, said)| said);
        let words: Vec<_> = said.trim_end().split(' ').map(word).collect();
        words.join(" ")
    });
    let comes_whenever =
        |said: &String| said.contains("webhook CARD_BALANCE_CHANGE") || said.contains(" to spend");
    let (mut whenever, lines): (Vec<_>, Vec<_>) = said.partition(comes_whenever);
    whenever.sort();
    format!("{}\n{}\n", lines.join("\n").trim_end(), whenever.join("\n"))
}

/// A word of the timeline, without what changes from run to run. An amount's decimals aren't kept in every language.
fn word(word: &str) -> String {
    let (word, comma) = match word.strip_suffix(',') {
        Some(word) => (word, ","),
        None => (word, ""),
    };
    let is_time = word.len() == 20 && word.ends_with('Z') && word.contains('T');
    let is_amount = word.contains('.') && word.chars().all(|c| c.is_ascii_digit() || c == '.');
    let plain = match word {
        _ if word.starts_with("http://127.0.0.1:") => "URL",
        _ if is_time => "TIME",
        _ if is_amount => word.trim_end_matches('0').trim_end_matches('.'),
        _ => word,
    };
    format!("{plain}{comma}")
}

#[cfg(test)]
mod tests {
    use super::comparable;

    const TOLD: &str = "[1/2] Building\n\u{1b}[0m     0 ms            sandbox at http://127.0.0.1:40593, webhooks to http://127.0.0.1:1/webhooks\n\n\
                        locking\n    12 ms  answer    200 at 2026-11-21T08:06:15Z\n    13 ms    webhook CARD_BALANCE_CHANGE\n    \
                        14 ms            it costs 6.50\n\u{1b}[0m\n";

    #[test]
    fn times_ports_and_a_late_webhook_dont_count() {
        let other = "     1 ms            sandbox at http://127.0.0.1:2, webhooks to http://127.0.0.1:3/webhooks\n\n\
                     locking\n    99 ms    webhook CARD_BALANCE_CHANGE\n   100 ms  answer    200 at 2027-01-01T00:00:00Z\n   \
                     101 ms            it costs 6.5\n";
        assert_eq!(comparable(TOLD), comparable(other));
    }

    #[test]
    fn what_is_said_counts() {
        for (from, to) in [
            ("6.50", "6.51"),
            ("locking", "unlocking"),
            ("answer", "refused"),
            ("    13 ms    webhook CARD_BALANCE_CHANGE\n", ""),
        ] {
            let other = TOLD.replace(from, to);
            assert_ne!(comparable(TOLD), comparable(&other), "{to}");
        }
    }
}
