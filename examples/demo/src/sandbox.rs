//! The sandbox as a child process.

use std::path::Path;
use std::process::Stdio;

use anyhow::{Context as _, Result, ensure};
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, Command};

pub(crate) struct Sandbox {
    child: Child,
    url: String,
}

impl Sandbox {
    /// Starts it on a free port. It ends when this process does: its standard input closes then.
    pub(crate) async fn start(program: &Path, webhook_url: &str) -> Result<Self> {
        let mut child = Command::new(program)
            .args([
                "--port",
                "0",
                "--exit-with-stdin",
                "--webhook-url",
                webhook_url,
            ])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .with_context(|| format!("cannot start {}", program.display()))?;
        let output = child.stdout.take().context("its standard output")?;
        let line = BufReader::new(output).lines().next_line().await?;
        let url = line
            .as_deref()
            .and_then(|line| line.strip_prefix("bananatech-sandbox listening on "))
            .context("the sandbox should say its address first")?
            .to_owned();
        Ok(Self { child, url })
    }

    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    pub(crate) async fn stop(mut self) -> Result<()> {
        drop(self.child.stdin.take());
        let status = self.child.wait().await?;
        ensure!(status.success(), "the sandbox ended with {status}");
        Ok(())
    }
}
