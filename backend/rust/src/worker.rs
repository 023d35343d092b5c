//! What a backend does by itself, again and again.

use std::fmt::Display;
use std::future::Future;
use std::pin::pin;
use std::time::Duration;

use tokio::sync::Notify;
use tracing::warn;

use crate::backend::Backend;
use crate::gateway::Gateway;
use crate::notice::Notice;
use crate::store::Store;

/// How long it rests between rounds.
const REST: Duration = Duration::from_secs(2);

/// When the next round begins.
pub(crate) struct Rounds {
    came: Notify,
    rest: Duration,
}

impl Rounds {
    pub(crate) const fn new() -> Self {
        Self {
            came: Notify::const_new(),
            rest: REST,
        }
    }

    /// Something became known, which lets others be told or sent.
    pub(crate) fn wake(&self) {
        self.came.notify_one();
    }
}

impl<S: Store, G: Gateway> Backend<S, G> {
    /// Sets how long [`Backend::work`] rests between rounds; 2 seconds unless this is called.
    #[must_use]
    pub fn rest(mut self, time: Duration) -> Self {
        self.rounds.rest = time;
        self
    }

    /// Works until it is stopped: [`Backend::sweep`] and [`Backend::deliver`], again and again. A round begins at once after a webhook that
    /// came to this instance, and else every two seconds. Run it on each instance.
    ///
    /// What goes wrong, such as in the database, is an event of `tracing`, and the next round tries again. Once `stop` is ready, it
    /// returns as soon as the round is done; [`std::future::pending`] is never ready. If it is dropped in the middle, nothing is lost: what it
    /// had taken up is done by the next that works, after a minute.
    pub async fn work<F, E>(&self, mut take: impl FnMut(Notice) -> F, stop: impl Future)
    where
        F: Future<Output = Result<(), E>>,
        E: Display,
    {
        let mut stop = pin!(stop);
        loop {
            if let Err(error) = self.sweep().await {
                warn!(%error, "a sweep failed; it is tried again");
            }
            if let Err(error) = self.deliver(&mut take).await {
                warn!(%error, "notices can't be delivered; it is tried again");
            }
            tokio::select! {
                _ = &mut stop => return,
                () = self.rounds.came.notified() => {}
                () = tokio::time::sleep(self.rounds.rest) => {}
            }
        }
    }
}
