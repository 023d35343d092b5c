//! The project's own commands: `cargo xtask demo`, `test`, `bench`, `fuzz`, and those that build and test the bindings.

mod android;
mod api;
mod bench;
mod check;
mod consumers;
mod demo;
mod docs;
mod fields;
mod files;
mod fuzz;
mod inputs;
mod instances;
mod jvm;
mod kotlin;
mod mobile;
mod needs;
mod node;
mod package;
mod process;
mod release;
mod sandbox;
mod size;
mod steps;
mod swift;
mod swift_toolchain;
mod tools;
mod wasm;
mod web;
mod xcframework;

use std::path::PathBuf;

use anyhow::Result;
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
    Demo {
        /// From which language.
        #[arg(
            long,
            value_name = "LANGUAGE",
            default_value = "rust",
            conflicts_with_all = ["web", "postgres"]
        )]
        surface: demo::Surface,
        /// Instead, two instances of the backend on a PostgreSQL of their own, of which one is killed in the middle.
        #[arg(long, conflicts_with = "web")]
        postgres: bool,
        /// In a page: builds the web example, and runs it until it is interrupted.
        #[arg(long)]
        web: bool,
        /// The page's port; 0 chooses one.
        #[arg(long, value_name = "N", default_value_t = 0, requires = "web")]
        port: u16,
    },
    /// Kills instances of the backend, in several languages on one PostgreSQL, again and again, while webhooks are lost, late, doubled and changed.
    Chaos(instances::Chaos),
    /// Checks and tests everything.
    Test {
        /// Only this step (may be given several times).
        #[arg(long, value_name = "STEP", value_parser = steps::names())]
        only: Vec<String>,
    },
    /// Measures the core and the packages beside OpenSSL, aws-lc, WebCrypto, javax.crypto and others.
    Bench {
        /// A quick look instead of a measurement.
        #[arg(long)]
        quick: bool,
        /// Writes docs/benchmarks.md.
        #[arg(long, conflicts_with = "only")]
        write: bool,
        /// Only this part.
        #[arg(long, value_name = "PART")]
        only: Option<bench::Part>,
    },
    /// Prints the packages' sizes, entry by entry and slice by slice, and fails over a limit.
    Size,
    /// Builds the npm package's folder, target/npm.
    Npm,
    /// Builds and packs what is shipped: npm's archive, the jar in a Maven repository, the Swift package with its XCFramework.
    /// All lies under target/package.
    Package {
        /// Only this one (may be given several times).
        #[arg(long, value_name = "PACKAGE")]
        only: Vec<package::Kind>,
    },
    /// Builds what a release uploads, under target/upload, rehearses the uploads, and lists the files with their checksums.
    Release {
        /// Uploads nothing. It must be given: a tag makes a release, see docs/releasing.md.
        #[arg(long, required = true)]
        dry_run: bool,
        /// Only this part (may be given several times).
        #[arg(long, value_name = "PART")]
        only: Vec<release::Part>,
        /// Makes everything in another folder as well, and fails if a file's bytes are others.
        #[arg(long, conflicts_with = "only")]
        twice: bool,
    },
    /// Writes the listing of what the npm package declares, bindings-wasm/npm/api.txt. `test` compares with it.
    Api,
    /// Builds the npm package and tests it on every runtime, through bundlers, and its form.
    TestRuntimes {
        /// Writes docs/runtimes.md.
        #[arg(long)]
        write: bool,
    },
    /// Generates the Kotlin and Swift sources from the library, to look at them.
    Bindings {
        /// Where to.
        #[arg(value_name = "DIR")]
        to: PathBuf,
    },
    /// Builds the libraries for Android and lays out its Gradle module: target/package/android. Needs the NDK.
    Android,
    /// Builds the documentation's site into `target/docs/site`, with the references of all languages.
    Docs {
        /// Without the references, which take minutes.
        #[arg(long)]
        pages: bool,
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

fn main() {
    if let Err(error) = run(Arguments::parse().command) {
        eprintln!("error: {error:#}");
        std::process::exit(1);
    }
}

fn run(command: Command) -> Result<()> {
    match command {
        Command::Demo {
            web: true, port, ..
        } => web::demo(port),
        Command::Demo { postgres: true, .. } => demo::postgres(),
        Command::Demo { surface, .. } => demo::run(surface),
        Command::Chaos(asked) => instances::chaos(&asked),
        Command::Test { only } => steps::run(&only),
        Command::Bench { quick, write, only } => bench::run(quick, write, only),
        Command::Size => size::run(true),
        Command::Npm => wasm::build().map(drop),
        Command::Package { only } => package::run(&only),
        Command::Release { only, twice, .. } => release::rehearse(&only, twice),
        Command::Api => api::write(),
        Command::TestRuntimes { write } => node::run_runtimes(write),
        Command::Bindings { to } => mobile::all_sources(&to),
        Command::Android => android::build(&process::target_dir()?.join("package/android")),
        Command::Docs { pages } => {
            docs::build(!pages).map(|site| println!("{}", site.join("index.html").display()))
        }
        Command::Fuzz { seconds, only } => fuzz::run(seconds, &only),
    }
}
