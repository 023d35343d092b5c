//! Several instances of the backend as processes of their own, on one PostgreSQL. `tests/instances` says what an instance is.

use std::process::Command;

use anyhow::{Context, Result};

use crate::process::{built, cargo, program, run};

/// How an instance in a language is built; the command that starts it.
type Build = fn() -> Result<Vec<String>>;

/// The languages.
const LANGUAGES: &[(&str, Build)] = &[("Rust", rust)];

/// What they need and isn't there.
pub(crate) fn missing() -> Option<String> {
    (!bananatech_postgres::is_here()).then(|| "PostgreSQL".to_owned())
}

/// Builds one of the programs of `tests/instances`, the sandbox and the instances; the command that runs it with them.
pub(crate) fn program_with(name: &str, languages: &[&str]) -> Result<Command> {
    let packages = "build --package=bananatech-sandbox --package=bananatech-instances";
    run(&mut cargo(&packages.split(' ').collect::<Vec<_>>()))?;
    let mut command = program(built(name)?, &["--sandbox"]);
    command.arg(built("bananatech-sandbox")?);
    for language in languages {
        let known = LANGUAGES.iter().find(|(name, _)| name == language);
        let (name, build) = known.with_context(|| format!("no instance in {language}"))?;
        let mut words = vec![(*name).to_owned()];
        words.extend(build()?);
        command.args(["--instance", &serde_json::to_string(&words)?]);
    }
    Ok(command)
}

fn rust() -> Result<Vec<String>> {
    let path = built("bananatech-instance")?;
    Ok(vec![path.to_str().context("a path in UTF-8")?.to_owned()])
}
