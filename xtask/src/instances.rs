//! Several instances of the backend as processes of their own, on one PostgreSQL. `tests/instances` says what an instance is.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Result, bail};

use crate::process::{build, program, root, run};
use crate::steps::Outcome;
use crate::{jvm, needs, node, tools, wasm};

/// The languages that there are instances in; an ordinary run has one of each.
const LANGUAGES: [&str; 3] = ["Rust", "Node", "JVM"];

/// Builds one of the programs of `tests/instances`, the sandbox and the instances; the command that runs it with them.
pub(crate) fn program_with(name: &str, languages: &[&str]) -> Result<Command> {
    let mut command = program(build(name)?, "--sandbox");
    jvm::load_from_jars(&mut command)?;
    command.arg(build("bananatech-sandbox")?);
    for language in languages {
        let started_by = match *language {
            "Rust" => vec![build("bananatech-instance")?],
            "Node" => in_node()?,
            "JVM" => jvm::compiled("tests/instances/jvm", "instance-jvm", "instance.InstanceKt")?,
            _ => bail!("no instance in {language}"),
        };
        let words = [vec![language.into()], started_by].concat();
        command.arg("--instance");
        command.arg(serde_json::to_string(&words)?);
    }
    Ok(command)
}

fn in_node() -> Result<Vec<PathBuf>> {
    let project = node::installed(&[wasm::package()?], "npm-instance")?;
    let instance = project.join("instance.mjs");
    fs::copy(root().join("tests/instances/instance.mjs"), &instance)?;
    let tools = tools::install("backend")?;
    Ok(vec![node::with_sqlite()?, instance, tools])
}

/// What is asked for.
#[derive(clap::Args)]
pub(crate) struct Chaos {
    /// How many operations.
    #[arg(long, value_name = "N", default_value_t = 2000)]
    operations: u32,
    /// On how many cards.
    #[arg(long, value_name = "N", default_value_t = 50)]
    cards: u32,
    /// To ask for the same operations again. When an instance is killed depends on the machine.
    #[arg(long, value_name = "N")]
    seed: Option<u64>,
    /// An instance in this language (may be given several times).
    #[arg(long = "instance", value_name = "LANGUAGE", default_values = LANGUAGES, value_parser = LANGUAGES)]
    instances: Vec<String>,
}

/// Kills instances again and again.
pub(crate) fn chaos(asked: &Chaos) -> Result<()> {
    needs::require(&[needs::postgres])?;
    let languages: Vec<&str> = asked.instances.iter().map(String::as_str).collect();
    let mut command = program_with("bananatech-chaos", &languages)?;
    command.arg(format!("--operations={}", asked.operations));
    command.arg(format!("--cards={}", asked.cards));
    command.args(asked.seed.map(|seed| format!("--seed={seed}")));
    run(&mut command)
}

/// A short run.
pub(crate) fn test() -> Result<Outcome> {
    chaos(&Chaos {
        operations: 200,
        cards: 50,
        seed: None,
        instances: LANGUAGES.map(str::to_owned).into(),
    })?;
    Ok(Outcome::Passed(None))
}
