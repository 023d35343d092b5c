//! The project's own commands: `cargo xtask demo`, `test`, `bench`, `fuzz`.

mod bench;
mod check;
mod demo;
mod fuzz;
mod process;
mod steps;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// The project's own commands.
#[derive(Parser)]
#[command(bin_name = "cargo xtask")]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Runs a physical card's whole life against the sandbox, with real HTTP.
    Demo,
    /// Checks and tests everything.
    Test {
        /// Only this step (may be given several times).
        #[arg(long, value_name = "STEP", value_parser = steps::names())]
        only: Vec<String>,
    },
    /// Measures the core beside OpenSSL, aws-lc and others.
    Bench {
        /// A quick look instead of a measurement.
        #[arg(long)]
        quick: bool,
        /// Writes docs/benchmarks.md.
        #[arg(long)]
        write: bool,
    },
    /// Fuzzes every function that takes outside bytes or text.
    Fuzz {
        /// How long in all, divided among the targets (each gets 3 at least).
        #[arg(long, value_name = "N", default_value_t = 60)]
        seconds: u64,
        /// Only this target (may be given several times).
        #[arg(long, value_name = "TARGET")]
        only: Vec<String>,
    },
}

fn main() -> ExitCode {
    let result = match Arguments::parse().command {
        Command::Demo => demo::run(),
        Command::Test { only } => steps::run(&only),
        Command::Bench { quick, write } => bench::run(quick, write),
        Command::Fuzz { seconds, only } => fuzz::run(seconds, &only),
    };
    match result {
        Ok(code) => code,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}
