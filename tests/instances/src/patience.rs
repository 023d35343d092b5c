//! How long to wait for something.

use std::time::{Duration, Instant};

use anyhow::{Result, bail};

/// An instance that is killed has what it took for itself for a minute, and the API is asked again after one.
const AT_MOST: Duration = Duration::from_secs(600);

/// Waits for as long as something goes on, however slow the machine is.
pub struct Patience<T> {
    seen: T,
    since: Instant,
}

impl<T: PartialEq> Patience<T> {
    /// Begins, with what is seen now.
    pub fn new(seen: T) -> Self {
        let since = Instant::now();
        Self { seen, since }
    }

    /// Waits a moment.
    ///
    /// Errors if nothing has changed for much longer than anything takes.
    pub async fn wait(&mut self, seen: T) -> Result<()> {
        if seen != self.seen {
            *self = Self::new(seen);
        } else if self.since.elapsed() > AT_MOST {
            bail!("nothing has changed for {} seconds", AT_MOST.as_secs());
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
        Ok(())
    }
}
