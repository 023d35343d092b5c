//! What a backend does by itself, again and again.

use std::fmt::Display;
use std::future::Future;
use std::time::Duration;

use tokio::sync::{Notify, watch};
use tracing::warn;

use crate::backend::{Backend, Swept};
use crate::error::BackendError;
use crate::gateway::Gateway;
use crate::notice::Notice;
use crate::store::Store;

/// How long it rests between rounds.
const REST: Duration = Duration::from_secs(2);

/// When the next rounds begin.
pub(crate) struct Rounds {
    sweep: Notify,
    deliver: Notify,
    rest: Duration,
}

impl Rounds {
    pub(crate) const fn new() -> Self {
        Self {
            sweep: Notify::const_new(),
            deliver: Notify::const_new(),
            rest: REST,
        }
    }

    /// Something became known, which lets others be told or sent.
    pub(crate) fn wake(&self) {
        self.sweep.notify_one();
        self.deliver.notify_one();
    }

    /// Until the next round begins, or none does any more.
    async fn goes_on(&self, wake: &Notify, stopped: &mut watch::Receiver<bool>) -> bool {
        tokio::select! {
            biased;
            _ = stopped.wait_for(|stopped| *stopped) => false,
            () = wake.notified() => true,
            () = tokio::time::sleep(self.rest) => true,
        }
    }
}

/// With what caused it, which `tracing` tells too.
fn cause(error: &BackendError) -> &(dyn std::error::Error + 'static) {
    error
}

impl<S: Store, G: Gateway> Backend<S, G> {
    /// Sets how long [`Backend::work`] rests between rounds; 2 seconds unless this is called.
    #[must_use]
    pub fn rest(mut self, time: Duration) -> Self {
        self.rounds.rest = time;
        self
    }

    /// Works until it is stopped: [`Backend::sweep`] and, beside it, [`Backend::deliver`], again and again. A round begins at once after a
    /// webhook that came to this instance, and else after a [rest](Backend::rest). Run it on each instance.
    ///
    /// What goes wrong, such as in the database, is an event of `tracing`, and the next round tries again. Once `stop` is ready, it
    /// returns as soon as the rounds are done, which is when no notice is left; [`std::future::pending`] is never ready. If it is dropped in the middle,
    /// notices and questions that it had taken up are done by the next that works, after a minute. An operation that it was just sending
    /// stays open, as after a crash.
    pub async fn work<F, E>(&self, mut take: impl FnMut(Notice) -> F, stop: impl Future)
    where
        F: Future<Output = Result<(), E>>,
        E: Display,
    {
        let rounds = &self.rounds;
        let (stopping, stopped) = watch::channel(false);
        let sweeping = async {
            let mut stopped = stopped.clone();
            loop {
                match self.sweep().await {
                    Ok(swept) if swept == Swept::default() => {}
                    // There may be something to tell.
                    Ok(_) => rounds.deliver.notify_one(),
                    Err(error) => {
                        warn!(error = cause(&error), "a sweep failed; it is tried again");
                    }
                }
                if !rounds.goes_on(&rounds.sweep, &mut stopped).await {
                    break;
                }
            }
        };
        let delivering = async {
            let mut stopped = stopped.clone();
            loop {
                if let Err(error) = self.deliver(&mut take).await {
                    warn!(
                        error = cause(&error),
                        "notices can't be delivered; it is tried again"
                    );
                }
                if !rounds.goes_on(&rounds.deliver, &mut stopped).await {
                    break;
                }
            }
        };
        let stop = async {
            stop.await;
            stopping.send_replace(true);
        };
        tokio::join!(stop, sweeping, delivering);
    }
}
