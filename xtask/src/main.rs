//! The project's own commands: `cargo xtask demo`, `test`, `bench`, `fuzz`, and those that build and test the bindings.

mod android;
mod bench;
mod check;
mod consumers;
mod demo;
mod fields;
mod fuzz;
mod kotlin;
mod mobile;
mod node;
mod package;
mod process;
mod runtimes;
mod size;
mod steps;
mod swift;
mod swift_toolchain;
mod tools;
mod wasm;
mod web;
mod xcframework;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

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
            conflicts_with = "web"
        )]
        surface: demo::Surface,
        /// In a page: builds the web example, and runs it until it is interrupted.
        #[arg(long)]
        web: bool,
        /// The page's port; 0 chooses one.
        #[arg(long, value_name = "N", default_value_t = 0, requires = "web")]
        port: u16,
    },
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
    /// Prints the npm package's types, index.d.ts.
    Types,
    /// Builds the npm package and tests it in Node.
    TestNode,
    /// Builds the npm package and tests it on every runtime, through bundlers, and its form.
    TestRuntimes {
        /// Writes docs/runtimes.md.
        #[arg(long)]
        write: bool,
    },
    /// Builds the web example and tests it in Node, in Chromium and in Firefox.
    TestWeb,
    /// Generates the Kotlin and Swift sources from the library, to look at them.
    Bindings {
        /// Where to.
        #[arg(value_name = "DIR")]
        to: PathBuf,
        /// From the library that tests are run with.
        #[arg(long)]
        testing: bool,
    },
    /// Builds the Kotlin binding and tests it on the JVM.
    TestKotlin,
    /// Builds the Swift package and tests it.
    TestSwift,
    /// Builds the libraries for Android and lays out its Gradle module: target/package/android. Needs the NDK.
    Android,
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

fn types() -> Result<ExitCode> {
    print!("{}", wasm::types()?);
    Ok(ExitCode::SUCCESS)
}

fn test_node() -> Result<ExitCode> {
    node::test(&wasm::package()?)?;
    Ok(ExitCode::SUCCESS)
}

fn test_runtimes(write: bool) -> Result<ExitCode> {
    runtimes::test(&wasm::package()?, write)?;
    Ok(ExitCode::SUCCESS)
}

fn bindings(to: &Path, testing: bool) -> Result<ExitCode> {
    let library = mobile::library(if testing {
        mobile::Build::Testing
    } else {
        mobile::Build::Shipped
    })?;
    println!("{}", library.display());
    mobile::sources(mobile::Language::Kotlin, &library, &to.join("kotlin"))?;
    mobile::sources(mobile::Language::Swift, &library, &to.join("swift"))?;
    Ok(ExitCode::SUCCESS)
}

fn test_kotlin() -> Result<ExitCode> {
    kotlin::test(&process::target_dir()?.join("kotlin"))?;
    Ok(ExitCode::SUCCESS)
}

fn test_swift() -> Result<ExitCode> {
    Ok(match swift::test()? {
        steps::Outcome::Passed(_) => ExitCode::SUCCESS,
        steps::Outcome::Failed(_) => ExitCode::FAILURE,
        steps::Outcome::Missing(what) => anyhow::bail!("missing: {what}"),
    })
}

fn android() -> Result<ExitCode> {
    android::build(&process::target_dir()?.join("package/android"))
}

fn main() -> ExitCode {
    let result = match Arguments::parse().command {
        Command::Demo {
            web: true, port, ..
        } => web::demo(port),
        Command::Demo { surface, .. } => demo::run(surface),
        Command::Test { only } => steps::run(&only),
        Command::Bench { quick, write, only } => bench::run(quick, write, only),
        Command::Size => size::run(true),
        Command::Npm => wasm::build().map(|_| ExitCode::SUCCESS),
        Command::Package { only } => package::run(&only),
        Command::Types => types(),
        Command::TestNode => test_node(),
        Command::TestRuntimes { write } => test_runtimes(write),
        Command::TestWeb => web::test(),
        Command::Bindings { to, testing } => bindings(&to, testing),
        Command::TestKotlin => test_kotlin(),
        Command::TestSwift => test_swift(),
        Command::Android => android(),
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
