//! The front door: send, receive, sweep, deliver.

use std::future::{Future, poll_fn};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::task::Poll;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use bananatech_core::operations::merchant::{CardTemplate, Fee};
use bananatech_core::{
    Acknowledges, Answer, AnyOperation, AnyResponse, Assumptions, CardAction, CardId, CardState,
    Changes, Code, Delivery, Error, Found, Input, Inquiry, Invalid, Key, Merchant, Operation,
    OperationId, Outcome, Personal, Plan, Rejection, Report, ThingId, Timestamp, TrackedOperation,
    TransactionId, Verdict,
};
use serde::Serialize;
use tracing::{info, warn};

use crate::error::BackendError;
use crate::gateway::{CallError, Gateway, Progress};
use crate::locks::Locks;
use crate::notice::Notice;
use crate::session::{Session, Stop};
use crate::store::{Store, StoreError, Transaction as _};
use crate::work::{Begin, Begun, Cancel, Forget, GiveUp, Known, Note, See, Take, TakeUp, Work};

/// How often a transaction is begun again because another one was in the way.
const ATTEMPTS: u32 = 20;
/// How long an instance has an overdue operation or a notice for itself, in milliseconds.
const LEASE_MS: i64 = 60_000;
/// An operation waits for its turn for so long.
const WAIT_AT_MOST_MS: i64 = 15 * 60_000;
/// How many operations or notices are taken at once.
const AT_ONCE: u32 = 64;
/// How long to wait for a webhook before the API is asked, unless the caller says otherwise, in milliseconds.
const ASK_AFTER_MS: i64 = 10 * 60 * 1000;

/// A merchant's backend: any number of instances may share one database.
///
/// It stores each operation before it is sent and never sends one twice. It decides by evidence what became of each
/// ([`Tracker`](bananatech_core::Tracker) says how), in the transaction that stores the evidence. What it found out waits in the
/// database until the merchant's own code has taken it.
///
/// Everything that reads or writes rows may fail with [`BackendError::Store`].
pub struct Backend<S, G> {
    merchant: Merchant,
    assumptions: Assumptions,
    store: S,
    gateway: G,
    one_at_a_time: bool,
    wait_at_most_ms: i64,
    ask_after_ms: i64,
    #[cfg(feature = "tokio")]
    pub(crate) rounds: crate::worker::Rounds,
}

/// What became of a request right after it was made.
#[derive(Debug)]
pub struct Sent {
    /// The operation as it is stored now, with what was noted of the answer.
    pub operation: TrackedOperation,
    /// What is known already. How it ended is told later, by a [`Notice`].
    pub state: SentState,
}

/// What is known of a request right after it was made.
#[derive(Debug)]
pub enum SentState {
    /// The API took it, and answered this.
    Taken(Box<Answer<AnyResponse>>),
    /// The API refused it: it failed.
    Refused(Box<Rejection>),
    /// Whether the API took it isn't known: no answer came, or one that doesn't say so. It isn't sent again; a webhook or asking
    /// tells.
    NotKnown,
    /// No connection to the API could be made, so the request never left: it failed ([`Code::RequestNotSent`]). Make it again under
    /// another reference, if it is still wanted.
    NotSent,
    /// It waits for its turn: another one like it is under way for the card.
    Waits,
    /// A request with this reference was made before. Nothing was sent now.
    Known,
}

impl SentState {
    /// A stable name: `taken`, `refused`, `not_known`, `not_sent`, `waits` or `known`.
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Taken(_) => "taken",
            Self::Refused(_) => "refused",
            Self::NotKnown => "not_known",
            Self::NotSent => "not_sent",
            Self::Waits => "waits",
            Self::Known => "known",
        }
    }
}

/// What became known by a webhook, and what to answer.
#[derive(Debug)]
pub struct Received {
    /// The webhook, also if it came before.
    pub delivery: Delivery,
    /// What it means.
    pub report: Report,
}

/// What a sweep did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Swept {
    /// So many operations had waited and were sent.
    pub sent: usize,
    /// About so many operations the API was asked.
    pub asked: usize,
}

/// How much there is of what an operator watches.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// Operations that were sent, and of which it isn't known how they ended.
    pub open: u64,
    /// Operations about which the API is to be asked by now.
    pub overdue: u64,
    /// Operations that were certain and aren't any more. A person has to look.
    pub doubted: u64,
    /// Operations of which what is known can't all be true. A person has to look.
    pub contradicted: u64,
    /// Operations that wait for their turn.
    pub waiting: u64,
    /// Notices that weren't taken yet.
    pub untold: u64,
}

impl<S: Store, G: Gateway> Backend<S, G> {
    /// Begins. The assumptions say whether only this backend acts for its users and cards; all instances must have the same.
    pub const fn new(merchant: Merchant, assumptions: Assumptions, store: S, gateway: G) -> Self {
        Self {
            merchant,
            assumptions,
            store,
            gateway,
            one_at_a_time: true,
            wait_at_most_ms: WAIT_AT_MOST_MS,
            ask_after_ms: ASK_AFTER_MS,
            #[cfg(feature = "tokio")]
            rounds: crate::worker::Rounds::new(),
        }
    }

    /// Sends recharges and changes of one card's status at once, also while others like them are under way. Events then often can't
    /// be told apart, and operations stay open for longer.
    #[must_use]
    pub const fn all_at_once(mut self) -> Self {
        self.one_at_a_time = false;
        self
    }

    /// Doesn't send an operation that has waited for its turn for longer; 15 minutes unless this is called. It failed then, which a
    /// notice tells ([`Code::WaitExpired`]): money that was asked for long ago doesn't move unexpectedly.
    #[must_use]
    pub fn wait_at_most(mut self, time: Duration) -> Self {
        self.wait_at_most_ms = milliseconds(time);
        self
    }

    /// Sets how long [`Backend::sweep`] waits for an operation's webhook before it asks the API; 10 minutes unless this is
    /// called. It holds for operations that are sent from now on.
    #[must_use]
    pub fn ask_after(mut self, time: Duration) -> Self {
        self.ask_after_ms = milliseconds(time);
        self
    }

    /// Asks the API something, or sets a PIN. Of a card's information, what it says of the card's state is kept; nothing else of any
    /// answer is stored. A PIN that the card's state rules out isn't sent ([`Code::StateNotAllowed`]).
    ///
    /// Errors with [`Code::OperationUnsuitable`] for an operation that an event confirms: those are for [`Backend::send`].
    pub async fn ask<O: Operation>(
        &self,
        operation: O,
    ) -> Result<Answer<O::Response>, BackendError> {
        if operation.confirmed_by().is_some() {
            let expected = "one that no event confirms: others are sent";
            return Err(unsuitable(expected));
        }
        let any: AnyOperation = operation.clone().into();
        if let Some((_, card_id)) = CardAction::of(&any)
            && let Some(card) = self.card(card_id).await?
        {
            card.check_operation(&any)?;
        }
        let asked_at = self.gateway.now();
        let answer = self.gateway.call(operation).await?;
        if let AnyOperation::GetInformation(asked) = any {
            let see = See {
                card_id: asked.card_id,
                information: &asked.read_response(answer.json().as_str())?,
                asked_at,
            };
            self.transact(&see).await?;
        }
        Ok(answer)
    }

    /// Asks the API now what became of an operation, for somebody who waits for it: [`Backend::sweep`] asks by itself once it is overdue.
    /// Returns the operation as it is known then. It is still open if the API doesn't say yet, or can't be reached.
    pub async fn inquire(&self, id: OperationId) -> Result<Option<TrackedOperation>, BackendError> {
        let row = self.operation(id).await?;
        // One that waits for its turn has no place in the order yet: there is nothing to ask about.
        if let Some(row) = row.filter(|row| row.seq > 0 && row.due_at().is_some()) {
            for inquiry in Inquiry::about(&row) {
                self.follow(inquiry, &row).await?;
            }
        }
        self.operation(id).await
    }

    /// Sends an operation that an event confirms. It is stored first, then sent, once.
    ///
    /// `reference` is the caller's name for it, such as the number of an order: at most 200 characters, without personal data. A
    /// second request with the same reference isn't carried out.
    ///
    /// Errors: what the operation's own rules or the card's state rule out; [`Code::OperationUnsuitable`];
    /// [`Code::ReferenceLength`]; a reference that another request had ([`Code::TrackingKnown`]);
    /// [`Code::ExclusiveSinceFuture`]; the database. If the database fails after the request was sent, the operation is stored, and its webhook
    /// counts.
    ///
    /// **Await it to its end.** If it is dropped between sending and noting the answer, the operation stays open, and the card's next one waits for it. A
    /// handler's future is dropped when its client goes away, by axum for example. So send from a task of its own:
    ///
    /// ```no_run
    /// # use std::sync::Arc;
    /// # use bananatech_backend::{Backend, Https, Sent, Sqlite};
    /// # use bananatech_core::operations::card::Recharge;
    /// # async fn handler(backend: Arc<Backend<Sqlite, Https>>, recharge: Recharge) -> Result<Sent, Box<dyn std::error::Error>> {
    /// let sending = tokio::spawn(async move { backend.send(recharge, "order 7").await });
    /// let sent = sending.await??;
    /// # Ok(sent)
    /// # }
    /// ```
    pub async fn send(
        &self,
        operation: impl Into<AnyOperation>,
        reference: &str,
    ) -> Result<Sent, BackendError> {
        self.send_as(operation.into(), reference, Ok).await
    }

    /// The same for a recharge, with the card's template. Less of the amount arrives if a fee is taken from it, and with the template
    /// the least that can arrive is known, so that recharges of unequal amounts can be told apart.
    pub async fn send_by_template(
        &self,
        operation: impl Into<AnyOperation>,
        reference: &str,
        template: &CardTemplate,
        fee: Fee,
    ) -> Result<Sent, BackendError> {
        let with = |row: TrackedOperation| row.with_template(template, fee);
        self.send_as(operation.into(), reference, with).await
    }

    async fn send_as(
        &self,
        operation: AnyOperation,
        reference: &str,
        with: impl FnOnce(TrackedOperation) -> Result<TrackedOperation, Invalid>,
    ) -> Result<Sent, BackendError> {
        if reference.is_empty() || reference.chars().count() > 200 {
            let expected = "1 to 200 characters";
            return Err(Invalid::new("reference", Code::ReferenceLength, expected).into());
        }
        // Nothing would ever be settled by an event, and nobody would see why.
        if self.assumptions.exclusive_since > Some(self.gateway.now()) {
            let (field, expected) = ("exclusive_since", "a time that is over");
            return Err(Invalid::new(field, Code::ExclusiveSinceFuture, expected).into());
        }
        let id = OperationId::from_random_bytes(self.gateway.random_bytes());
        let row = TrackedOperation::of(&operation, id, self.gateway.now());
        let expected = "one that an event confirms: others are asked";
        let mut row = row.ok_or_else(|| unsuitable(expected))?;
        row.ask_at = row.sent_at.after(self.ask_after_ms);
        let begin = Begin {
            row: with(row)?.with_reference(reference),
            plan: Plan::new(operation)?,
            one_at_a_time: self.one_at_a_time,
        };
        let (operation, state) = match self.transact(&begin).await? {
            Begun::Known(operation) => (operation, SentState::Known),
            Begun::Waits(operation) => (operation, SentState::Waits),
            Begun::Send(row) => return self.dispatch(row, begin.plan).await,
        };
        self.tell_sent(&operation, &state, None).await;
        Ok(Sent { operation, state })
    }

    /// Sends what was stored, and stores what the API answered.
    async fn dispatch(
        &self,
        operation: TrackedOperation,
        plan: Plan,
    ) -> Result<Sent, BackendError> {
        let id = operation.id;
        let reference = operation.reference.clone().unwrap_or_default();
        info!(operation = %id, reference, kind = ?operation.kind, "sending");
        let sending = Progress::Sending {
            operation: id,
            reference,
        };
        self.gateway.tell(sending).await;
        let (known, state, code) = match self.gateway.call(plan.into_operation()).await {
            Ok(answer) => {
                let answered = Input::Answered {
                    id,
                    user_id: answer.user_id(),
                    card_id: answer.card_id(),
                };
                (Some(answered), SentState::Taken(Box::new(answer)), None)
            }
            Err(CallError::Api(Error::Rejected(rejection))) => {
                let reason = rejection.message().map(Personal::from);
                let refused = Input::Refused { id, reason };
                let state = SentState::Refused(rejection);
                (Some(refused), state, Some(Code::Rejected))
            }
            Err(CallError::Api(Error::Invalid(invalid))) => {
                // It never left.
                let reason = Some(invalid.code().as_str().into());
                self.note_of(&operation, Input::Withdrawn { id, reason })
                    .await?;
                return Err(invalid.into());
            }
            Err(CallError::NotSent(error)) => {
                warn!(operation = %id, error, "no connection to the API could be made");
                (None, SentState::NotSent, Some(Code::RequestNotSent))
            }
            Err(error) => {
                warn!(operation = %id, %error, "not known whether the API took it");
                let code = match error {
                    CallError::Api(error) => Some(error.code()),
                    CallError::NotSent(_) | CallError::NoAnswer(_) => None,
                };
                (None, SentState::NotKnown, code)
            }
        };
        // First, so that it is told also if the database fails now.
        self.tell_sent(&operation, &state, code).await;
        let changes = match known {
            Some(input) => Some(self.note_of(&operation, input).await?),
            None if matches!(state, SentState::NotSent) => self.give_up(&operation).await?,
            None => None,
        };
        let now =
            changes.and_then(|changes| changes.operations.into_iter().find(|row| row.id == id));
        Ok(Sent {
            operation: now.unwrap_or(operation),
            state,
        })
    }

    /// Notes that a request never left. Nothing if that can't be, since somebody else's event was taken for its own meanwhile: asking will show it.
    async fn give_up(&self, row: &TrackedOperation) -> Result<Option<Changes>, BackendError> {
        let code = Code::RequestNotSent;
        match self.transact(&GiveUp { row, code }).await {
            Ok(changes) => {
                self.tell_changes(&changes.report).await;
                Ok(Some(changes))
            }
            Err(BackendError::Invalid(error)) => {
                warn!(operation = %row.id, %error, "an event speaks against its never having left");
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }

    async fn note_of(
        &self,
        operation: &TrackedOperation,
        input: Input,
    ) -> Result<Changes, BackendError> {
        let (what, keys) = (Known::Input(input), operation.keys());
        self.note(Note { what, keys }).await
    }

    /// Tells what became of a request so far.
    async fn tell_sent(&self, operation: &TrackedOperation, state: &SentState, code: Option<Code>) {
        let (id, word) = (operation.id, state.as_str());
        let reference = operation.reference.clone().unwrap_or_default();
        if let SentState::Refused(rejection) = &state {
            // If all are refused, the key is wrong.
            warn!(operation = %id, reference, status = rejection.status(), "the API refused it");
        } else {
            info!(operation = %id, reference, state = word, code = code.map(Code::as_str), "sent");
        }
        let sent = Progress::Sent {
            operation: id,
            reference,
            state: word,
            code,
            status: match state {
                SentState::Refused(rejection) => Some(rejection.status()),
                _ => None,
            },
        };
        self.gateway.tell(sent).await;
    }

    /// Cancels an operation that still waits for its turn. It failed then. A notice says so, and its reference stays taken. Returns it as it
    /// is now; `None` if it doesn't wait (any more): what was sent can't be taken back.
    pub async fn cancel(&self, id: OperationId) -> Result<Option<TrackedOperation>, BackendError> {
        // One that waits has no place in the order yet.
        let waiting = self.operation(id).await?.filter(|row| row.seq == 0);
        let Some(row) = waiting else {
            return Ok(None);
        };
        let Some(changes) = self.transact(&Cancel { row }).await? else {
            return Ok(None);
        };
        self.tell_changes(&changes.report).await;
        Ok(changes.operations.into_iter().find(|row| row.id == id))
    }

    /// Takes a webhook's body, exactly as it came. Answer 200 if this succeeds, and [`BackendError::http_status`] otherwise.
    ///
    /// It is stored when this returns, and what it means is told by notices. The webhook is given as well, for what isn't the outcome of an
    /// operation, such as a purchase: do what follows from it, also if it came before, and answer 503 if you can't, so that it comes again.
    pub async fn receive(&self, raw_body: &[u8]) -> Result<Received, BackendError> {
        let delivery = self
            .merchant
            .receive(raw_body)
            .map_err(BackendError::Webhook)?;
        let take = Take {
            event: delivery.event(),
            seen_at: self.gateway.now(),
            event_type: delivery.event_type(),
            data: delivery.data(),
        };
        let report = self.transact(&take).await?;
        #[cfg(feature = "tokio")]
        self.rounds.wake();
        if let Some(report) = &report {
            self.tell_changes(report).await;
        }
        Ok(Received {
            report: report.unwrap_or_else(|| Report::nothing(Verdict::Repeated)),
            delivery,
        })
    }

    /// Sends what waited for its turn, and asks the API about operations whose webhook didn't come. [`Backend::work`] calls it again and
    /// again. It may be called on any number of instances.
    pub async fn sweep(&self) -> Result<Swept, BackendError> {
        let mut swept = Swept::default();
        // It ends, also if the API hangs: what became overdue or may be sent meanwhile has its turn, and whoever stops the work needn't wait long.
        let (_, round) = self.lease();
        let is_over = || self.gateway.now().as_millis() >= round;
        let (lanes, differs) = self
            .session(async |session| {
                let differs = session.note_assumption().await?;
                let lanes = session.due_lanes(self.expired_before(), AT_ONCE).await?;
                Ok((lanes, differs))
            })
            .await?;
        if differs {
            warn!("another instance, or an earlier start, assumed another exclusive_since");
            self.gateway.tell(Progress::AssumptionDiffers).await;
        }
        for lane in lanes {
            if is_over() {
                return Ok(swept);
            }
            let take_up = TakeUp {
                lane: &lane,
                now: self.gateway.now(),
                before: self.expired_before(),
            };
            let (next, given_up) = self.transact(&take_up).await?;
            for report in &given_up {
                self.tell_changes(report).await;
            }
            if let Some((row, plan)) = next {
                let sent = self.dispatch(row, plan).await?;
                if matches!(sent.state, SentState::NotSent) {
                    // The others keep waiting until there is a connection again.
                    break;
                }
                swept.sent += 1;
            }
        }
        let (now, until) = self.lease();
        let due = self
            .session(async |session| session.overdue(now, until, AT_ONCE).await)
            .await?;
        let mut asked: Vec<Inquiry> = Vec::new();
        for row in due {
            // Those that are left are asked about once their lease is over.
            if is_over() {
                break;
            }
            let overdue = Input::Overdue {
                id: row.id,
                now: self.gateway.now(),
            };
            let keys = row.keys();
            let changes = self
                .note(Note {
                    what: Known::Input(overdue),
                    keys,
                })
                .await?;
            for inquiry in changes.ask {
                // One list of a card's transactions tells of all its recharges.
                if !asked.iter().any(|known| known.asks_the_same(&inquiry)) {
                    asked.push(inquiry.clone());
                    self.follow(inquiry, &row).await?;
                }
            }
            swept.asked += 1;
        }
        Ok(swept)
    }

    /// Asks what an inquiry asks, and stores what is answered.
    async fn follow(
        &self,
        mut inquiry: Inquiry,
        row: &TrackedOperation,
    ) -> Result<(), BackendError> {
        let mut seen = Vec::new();
        while let Some(plan) = inquiry.next_request() {
            let asked_at = self.gateway.now();
            let operation = plan.into_operation();
            let card_id = seen_by(&operation);
            let code = match self.gateway.call(operation).await {
                Ok(answer) => match inquiry.accept(&answer, asked_at) {
                    Ok(()) => {
                        if let (Some(card_id), AnyResponse::GetInformation(information)) =
                            (card_id, answer.into_response())
                        {
                            seen.push((card_id, information, asked_at));
                        }
                        continue;
                    }
                    Err(error) => Some(error.code()),
                },
                Err(CallError::Api(error)) => Some(error.code()),
                Err(CallError::NotSent(_) | CallError::NoAnswer(_)) => None,
            };
            self.tell_not_answered(row, code).await;
            return Ok(());
        }
        let inquiry = Box::new(inquiry);
        let (what, keys) = (Known::Inquired { inquiry, seen }, row.keys());
        let changes = self.note(Note { what, keys }).await?;
        // Other operations may have been settled by it, and this one by something else meanwhile.
        let now = changes.operations.iter().find(|now| now.id == row.id);
        if now.is_none_or(TrackedOperation::is_open)
            && changes.report.verdict != Verdict::AlreadyEnded
        {
            self.tell_not_answered(row, None).await;
        }
        Ok(())
    }

    /// Tells that the API didn't say what became of an operation. It is asked again later.
    async fn tell_not_answered(&self, row: &TrackedOperation, code: Option<Code>) {
        let reference = row.reference.clone().unwrap_or_default();
        warn!(operation = %row.id, reference, code = code.map(Code::as_str), "the API didn't say what became of it");
        let not_answered = Progress::NotAnswered {
            operation: row.id,
            reference,
            code,
        };
        self.gateway.tell(not_answered).await;
    }

    /// Hands notices to the merchant's own code, in order per card. One that it failed to take is given again after a minute, and so is
    /// one whose taker was killed: each is given at least once. Returns how many were taken. [`Backend::work`] calls it again and again.
    pub async fn deliver<F, E>(
        &self,
        mut take: impl FnMut(Notice) -> F,
    ) -> Result<usize, BackendError>
    where
        F: Future<Output = Result<(), E>>,
        E: std::fmt::Display,
    {
        let mut count = 0;
        loop {
            let (_, until) = self.lease();
            let notices = self.untold().await?;
            if notices.is_empty() {
                return Ok(count);
            }
            for (position, notice) in notices {
                // Another instance may have it by now.
                if self.gateway.now().as_millis() >= until {
                    break;
                }
                let subject = notice.operation().map(|operation| operation.id.to_string());
                match caught(async { take(notice).await }).await {
                    Some(Ok(())) => {
                        self.told(position).await?;
                        count += 1;
                    }
                    Some(Err(error)) => warn!(operation = subject, %error, "a notice wasn't taken"),
                    None => warn!(
                        operation = subject,
                        "a notice wasn't taken: its taker panicked"
                    ),
                }
            }
        }
    }

    /// The next notices of each card, with their position. Nobody else gets them for a minute: [`Backend::deliver`] step by step.
    pub async fn untold(&self) -> Result<Vec<(i64, Notice)>, BackendError> {
        let (now, until) = self.lease();
        self.session(async |session| session.untold(now, until, AT_ONCE).await)
            .await
    }

    /// Notes that the notice at a position was taken.
    pub async fn told(&self, position: i64) -> Result<(), BackendError> {
        self.session(async |session| {
            session.told(position);
            Ok(())
        })
        .await
    }

    /// One operation, also one that waits.
    pub async fn operation(
        &self,
        id: OperationId,
    ) -> Result<Option<TrackedOperation>, BackendError> {
        self.session(async |session| session.operation(id).await)
            .await
    }

    /// The operation with a reference, also one that waits.
    pub async fn operation_by_reference(
        &self,
        reference: &str,
    ) -> Result<Option<TrackedOperation>, BackendError> {
        self.session(async |session| session.operation_of(reference).await)
            .await
    }

    /// A card's operations in the order in which they were sent, and after them those that wait. What was forgotten isn't among them, nor is
    /// what made the card.
    pub async fn operations_of(&self, card: CardId) -> Result<Vec<TrackedOperation>, BackendError> {
        self.session(async |session| session.operations_of(card).await)
            .await
    }

    /// The operations that aren't settled for sure, at most so many: first those that are doubted or contradicted, then those that are open, the oldest first.
    /// Those that wait for their turn aren't among them: see [`Backend::operations_of`].
    pub async fn unsettled(&self, most: u32) -> Result<Vec<TrackedOperation>, BackendError> {
        self.session(async |session| session.unsettled(most).await)
            .await
    }

    /// What is known of a card, if anything is.
    pub async fn card(&self, id: CardId) -> Result<Option<CardState>, BackendError> {
        self.session(async |session| session.card(id).await).await
    }

    /// What an operator watches.
    pub async fn counts(&self) -> Result<Counts, BackendError> {
        let now = self.gateway.now().as_millis();
        let [open, overdue, doubted, contradicted, waiting, untold] = self
            .session(async |session| session.counts(now).await)
            .await?;
        Ok(Counts {
            open,
            overdue,
            doubted,
            contradicted,
            waiting,
            untold,
        })
    }

    /// Forgets what ended before a time and can't be of use any more. For each card, it forgets up to a quiet time: one with nothing
    /// for ten minutes before and after it, and no operation before it that is open, doubted, contradicted or given by count. Answers
    /// how many rows that are, of operations and of what was said of them.
    ///
    /// An operation that was forgotten isn't known any more, so a request with its reference would be sent again: choose a time before
    /// which nobody repeats a request. Nor are events that came before it: one that comes again is taken as new. What made a user or a
    /// card stays, and so does each card's state. Call it once a day, on one instance.
    pub async fn forget_before(&self, time: Timestamp) -> Result<usize, BackendError> {
        // What is to come is not over.
        let before = time.min(self.gateway.now());
        let (mut count, mut after) = (0, String::new());
        loop {
            let keys = self
                .session(async |session| session.cards_after(&after, AT_ONCE).await)
                .await?;
            let Some(last) = keys.last() else {
                break;
            };
            after.clone_from(last);
            for key in &keys {
                if let Ok(Key::Card(card_id)) = key.parse() {
                    let forget = Forget { card_id, before };
                    count += self.transact(&forget).await?;
                }
            }
        }
        self.session(async |session| {
            session.forget_events(before);
            Ok(())
        })
        .await?;
        Ok(count)
    }

    /// Notes what a person found out of an operation, as [`Tracker::find`](bananatech_core::Tracker::find) does, with its errors.
    pub async fn find(
        &self,
        id: OperationId,
        outcome: &Outcome,
        transaction_id: Option<TransactionId>,
    ) -> Result<Report, BackendError> {
        let found = Found::new(outcome, transaction_id);
        let at = self.gateway.now();
        self.note_by_person(Input::Found { id, found, at }).await
    }

    /// Notes that a request never left, as [`Tracker::withdraw`](bananatech_core::Tracker::withdraw) does, with its errors.
    pub async fn withdraw(&self, id: OperationId) -> Result<Report, BackendError> {
        self.note_by_person(Input::Withdrawn { id, reason: None })
            .await
    }

    /// Notes that a transaction, a new card or an event is somebody else's, as
    /// [`Tracker::name_foreign`](bananatech_core::Tracker::name_foreign) does, with its errors.
    pub async fn name_foreign(&self, thing: ThingId) -> Result<Report, BackendError> {
        self.note_by_person(Input::Foreign { thing }).await
    }

    /// The keys of what a person speaks of aren't known before it is read.
    async fn note_by_person(&self, input: Input) -> Result<Report, BackendError> {
        let (what, keys) = (Known::Input(input), Vec::new());
        Ok(self.note(Note { what, keys }).await?.report)
    }

    async fn note(&self, note: Note) -> Result<Changes, BackendError> {
        let changes = self.transact(&note).await?;
        self.tell_changes(&changes.report).await;
        Ok(changes)
    }

    /// Tells an operator what became known.
    async fn tell_changes(&self, report: &Report) {
        let mut changed: Vec<(OperationId, &'static str)> = Vec::new();
        for settled in &report.settled {
            let (operation, succeeded) = (settled.operation.id, settled.outcome.succeeded());
            info!(%operation, succeeded, "settled");
            changed.push((operation, if succeeded { "succeeded" } else { "failed" }));
        }
        for operation in &report.doubted {
            warn!(%operation, "doubted");
            changed.push((*operation, "doubted"));
        }
        for operation in &report.contradicted {
            warn!(%operation, "contradicted");
            changed.push((*operation, "contradicted"));
        }
        for (operation, state) in changed {
            self.gateway
                .tell(Progress::Changed { operation, state })
                .await;
        }
        for scope in &report.foreign_activity {
            warn!(%scope, "somebody else acts here");
            let (scope, things) = (scope.to_string(), report.things.clone());
            let foreign = Progress::ForeignActivity { scope, things };
            self.gateway.tell(foreign).await;
        }
    }

    /// What was stored before that, and still waits for its turn, isn't sent any more.
    fn expired_before(&self) -> i64 {
        let now = self.gateway.now().as_millis();
        now.saturating_sub(self.wait_at_most_ms)
    }

    fn lease(&self) -> (i64, i64) {
        let now = self.gateway.now().as_millis();
        (now, now.saturating_add(LEASE_MS))
    }

    /// Does something in one transaction, again from the beginning while it needs more locks or another transaction was in the way.
    async fn transact<W: Work>(&self, work: &W) -> Result<W::Output, BackendError> {
        let mut locks = work.locks();
        let mut attempts = 0;
        loop {
            let stop = match self.attempt(work, &locks).await {
                Ok(output) => return Ok(output),
                Err(stop) => stop,
            };
            match stop {
                Stop::Lock(keys) => locks.keys.extend(keys),
                Stop::Store(StoreError::Conflict(_)) if attempts < ATTEMPTS => attempts += 1,
                Stop::Store(error) => return Err(error.into()),
                Stop::Invalid(invalid) => return Err(invalid.into()),
            }
        }
    }

    async fn attempt<W: Work>(&self, work: &W, locks: &Locks) -> Result<W::Output, Stop> {
        let mut session = self.begin(locks).await?;
        session.lock();
        match work.run(&mut session).await {
            Ok(output) => {
                session.commit().await?;
                Ok(output)
            }
            Err(stop) => {
                // If this fails too, the connection is closed, which takes it back as well.
                let _ = session.transaction.roll_back().await;
                Err(stop)
            }
        }
    }

    async fn begin<'a>(
        &'a self,
        locks: &'a Locks,
    ) -> Result<Session<'a, S::Transaction>, StoreError> {
        Ok(Session {
            transaction: self.store.begin().await?,
            dialect: self.store.dialect(),
            merchant: self.merchant.id().as_str(),
            assumptions: self.assumptions,
            locks,
            unsent: Vec::new(),
            changes: Vec::new(),
        })
    }

    /// Reads or writes single rows, which needs no locks.
    async fn session<R>(
        &self,
        work: impl AsyncFnOnce(&mut Session<'_, S::Transaction>) -> Result<R, StoreError>,
    ) -> Result<R, BackendError> {
        let locks = Locks::default();
        let mut session = self.begin(&locks).await?;
        let result = work(&mut session).await?;
        session.commit().await?;
        Ok(result)
    }
}

/// The card of which an operation asks how it is.
const fn seen_by(operation: &AnyOperation) -> Option<CardId> {
    match operation {
        AnyOperation::GetInformation(asked) => Some(asked.card_id),
        _ => None,
    }
}

fn unsuitable(expected: &'static str) -> BackendError {
    Invalid::new("operation", Code::OperationUnsuitable, expected).into()
}

/// What the merchant's own code comes to, or nothing if it panics: neither other notices nor what is being sent end with it.
async fn caught<T>(work: impl Future<Output = T>) -> Option<T> {
    let mut work = pin!(work);
    poll_fn(
        |context| match catch_unwind(AssertUnwindSafe(|| work.as_mut().poll(context))) {
            Ok(poll) => poll.map(Some),
            Err(_) => Poll::Ready(None),
        },
    )
    .await
}

fn milliseconds(time: Duration) -> i64 {
    i64::try_from(time.as_millis()).unwrap_or(i64::MAX)
}

/// The time of this machine's clock.
pub(crate) fn system_time() -> Timestamp {
    let since = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    Timestamp::from_millis(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}
