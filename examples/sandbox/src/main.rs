//! The sandbox as a program. See the README.

use std::net::Ipv4Addr;
use std::path::PathBuf;

use anyhow::Context as _;
use bananatech_sandbox::{Command, Entropy, ErrorStyle, Issuer, Seed, Settings, server};
use clap::Parser;
use tokio::io::AsyncReadExt as _;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};

/// A BananaTech card issuer for development and tests. It listens on loopback only.
#[derive(Parser)]
#[command(version)]
struct Arguments {
    /// Port to listen on; 0 chooses one.
    #[arg(long, default_value_t = 4010)]
    port: u16,
    /// SQLite file to keep everything in. Without it, everything is forgotten at the end.
    #[arg(long, value_name = "FILE")]
    database: Option<PathBuf>,
    /// JSON file with merchants, templates, users and stock for a new database.
    #[arg(long, value_name = "FILE")]
    seed: Option<PathBuf>,
    /// How long the banking provider takes over an operation.
    #[arg(long, value_name = "N", default_value_t = 50)]
    processing_delay_ms: u32,
    /// Where the first merchant's webhooks go.
    #[arg(long, value_name = "URL")]
    webhook_url: Option<String>,
    /// How business refusals travel: the API's documentation doesn't say.
    #[arg(long, value_enum, default_value_t = Errors::Plain)]
    errors: Errors,
    /// The wait after a delivery's first failed attempt; it doubles with each further one, up to a minute.
    #[arg(long, value_name = "N", default_value_t = 500)]
    retry_base_ms: u32,
    /// How long a request's head may take to come in, and then its body.
    #[arg(long, value_name = "N", default_value_t = 30_000)]
    request_timeout_ms: u32,
    /// How long the end waits for requests that are under way.
    #[arg(long, value_name = "N", default_value_t = 5_000)]
    shutdown_timeout_ms: u32,
    /// End when standard input is closed, so that a parent that dies leaves no orphan.
    #[arg(long)]
    exit_with_stdin: bool,
}

#[derive(Clone, Copy, clap::ValueEnum)]
enum Errors {
    Plain,
    Sealed,
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    let seed = match &arguments.seed {
        Some(path) => {
            let text =
                std::fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
            Seed::from_json(&text)?
        }
        None => Seed::standard(),
    };
    let settings = Settings {
        processing_delay_ms: arguments.processing_delay_ms.into(),
        retry_base_ms: arguments.retry_base_ms.into(),
        request_timeout_ms: arguments.request_timeout_ms,
        shutdown_timeout_ms: arguments.shutdown_timeout_ms,
        errors: match arguments.errors {
            Errors::Plain => ErrorStyle::Plain,
            Errors::Sealed => ErrorStyle::Sealed,
        },
        ..Settings::default()
    };
    let now = server::clock();
    let mut issuer = match &arguments.database {
        Some(path) => Issuer::open_file(path, seed, settings, system_entropy()?, now)
            .with_context(|| format!("cannot open {}", path.display()))?,
        None => Issuer::open_in_memory(seed, settings, system_entropy()?, now)?,
    };
    if let Some(url) = &arguments.webhook_url {
        issuer
            .control(Command::set_webhook_url(url), now)
            .context("--webhook-url")?;
    }

    // Before the address is told: whoever reads it may send a signal at once.
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, arguments.port))
        .await
        .with_context(|| format!("cannot listen on port {}", arguments.port))?;
    println!(
        "bananatech-sandbox listening on http://{}",
        listener.local_addr()?
    );
    let shutdown = async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
            () = closed_stdin(), if arguments.exit_with_stdin => {}
        }
    };
    server::serve(listener, issuer, server::log_to_stderr(), shutdown).await?;
    // A read of standard input may be waiting still, and can't be called off.
    std::process::exit(0)
}

/// The operating system's randomness. Whether it is there is tried at once.
fn system_entropy() -> anyhow::Result<Entropy> {
    getrandom::fill(&mut [0; 1]).context("no randomness")?;
    // From here on it can't fail; if it did, going on with known bytes would be worse than ending.
    Ok(Box::new(|bytes| {
        if getrandom::fill(bytes).is_err() {
            std::process::abort();
        }
    }))
}

async fn closed_stdin() {
    let mut stdin = tokio::io::stdin();
    let mut buffer = [0; 256];
    while matches!(stdin.read(&mut buffer).await, Ok(read) if read > 0) {}
}
