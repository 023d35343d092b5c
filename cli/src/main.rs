//! `bananatech`, for whoever operates a receiver of webhooks. It never talks to the network.

use std::fs;
use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context as _, Result};
use bananatech_core::{Diagnosis, diagnose};
use clap::{Parser, Subcommand};
use zeroize::Zeroizing;

/// For whoever operates a receiver of BananaTech's webhooks.
#[derive(Parser)]
#[command(name = "bananatech", version)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Says why a webhook's body doesn't open: each step, with each key by each codec.
    ///
    /// The key comes from files or from the variable BANANATECH_SECRET_KEY, never from an argument: those are seen by all users of
    /// the machine. Ends with 0 if every step holds, with 1 if one doesn't, with 2 if it couldn't look.
    Diagnose {
        /// The body as it was delivered; `-` for standard input.
        #[arg(default_value = "-", value_name = "FILE")]
        body: PathBuf,
        /// A file that holds a key's text. Give it again for further keys. A line's end at the end of the file isn't the key's.
        #[arg(long = "key-file", value_name = "FILE")]
        key_files: Vec<PathBuf>,
        /// Also write what was sealed. It may hold card numbers and personal data.
        #[arg(long)]
        show: bool,
        /// Write JSON.
        #[arg(long)]
        json: bool,
    },
}

/// The variable with a key's text.
const VARIABLE: &str = "BANANATECH_SECRET_KEY";

fn main() -> ExitCode {
    let Command::Diagnose {
        body,
        key_files,
        show,
        json,
    } = Arguments::parse().command;
    match run(&body, &key_files, show, json) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("bananatech: {error:#}");
            ExitCode::from(2)
        }
    }
}

/// Looks, and writes what it found; whether every step holds.
fn run(body: &Path, key_files: &[PathBuf], show: bool, json: bool) -> Result<bool> {
    let keys = keys(key_files)?;
    let body = read_body(body)?;
    let keys: Vec<&str> = keys.iter().map(|key| key.as_str()).collect();
    let mut diagnosis = diagnose(&body, &keys);
    if !show {
        diagnosis.content = None;
    }
    let text = if json {
        serde_json::to_string_pretty(&diagnosis)?
    } else {
        table(&diagnosis)
    };
    writeln!(std::io::stdout(), "{text}").context("cannot write to standard output")?;
    Ok(diagnosis.failed_at().is_none())
}

fn keys(files: &[PathBuf]) -> Result<Vec<Zeroizing<String>>> {
    let mut keys = Vec::new();
    for path in files {
        let text = fs::read_to_string(path).map(Zeroizing::new);
        let text = text.with_context(|| format!("cannot read the key in {}", path.display()))?;
        let line = text.strip_suffix('\n').unwrap_or(&text);
        keys.push(Zeroizing::new(
            line.strip_suffix('\r').unwrap_or(line).to_owned(),
        ));
    }
    if let Some(text) = std::env::var_os(VARIABLE) {
        let text = text.into_string().ok();
        keys.push(Zeroizing::new(
            text.with_context(|| format!("{VARIABLE} isn't UTF-8"))?,
        ));
    }
    Ok(keys)
}

fn read_body(path: &Path) -> Result<Vec<u8>> {
    if path == Path::new("-") {
        let mut body = Vec::new();
        let read = std::io::stdin().read_to_end(&mut body);
        read.context("cannot read standard input")?;
        return Ok(body);
    }
    fs::read(path).with_context(|| format!("cannot read {}", path.display()))
}

fn table(diagnosis: &Diagnosis) -> String {
    let mut lines: Vec<String> = Vec::new();
    for finding in &diagnosis.findings {
        let holds = if finding.holds { "ok" } else { "FAILS" };
        lines.push(format!(
            "{:<11} {holds:<6} {}",
            finding.step.as_str(),
            finding.says
        ));
    }
    if let Some(content) = &diagnosis.content {
        lines.push(format!("\n{}", content.as_str()));
    }
    lines.join("\n")
}
