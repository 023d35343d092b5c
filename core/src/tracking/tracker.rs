//! All of it in memory: rows, indexes, and the order of what happened.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::OperationId;
use super::acknowledges::Acknowledges;
use super::assumptions::Assumptions;
use super::decide::{Decision, Step};
use super::evidence::{Thing, ThingId};
use super::input::Input;
use super::inquiry::Inquiry;
use super::keys::{Fingerprint, Key};
use super::operation::{Found, Outcome, TrackedOperation};
use super::ordered::{map_of, set_of};
use super::report::{Changes, Report, Verdict};
use super::rows::Rows;
use crate::delivery::Delivery;
use crate::error::{Code, Invalid, Rejection, RejectionMeaning};
use crate::events::{Event, EventType};
use crate::ids::TransactionId;
use crate::json::{self, Extra, Json};
use crate::personal::Personal;
use crate::time::Timestamp;

/// The version of a tracker's JSON.
const VERSION: u32 = 1;

/// All operations that are waited for and all evidence, in memory, for one process. It decides nothing by itself:
/// [`Decision`] does.
///
/// ```
/// use bananatech_core::operations::card::Recharge;
/// use bananatech_core::{
///     Amount, Assumptions, CardId, Event, OperationId, Outcome, Timestamp, ConfirmedOperation, Tracker, UserId, Verdict,
/// };
/// let start = Timestamp::from_millis(1_691_249_000_000);
/// let mut tracker = Tracker::new(Assumptions::exclusive_since(start));
///
/// // Before the request is sent:
/// let recharge = Recharge { user_id: UserId::from(67890), card_id: CardId::from(12345), amount: Amount::parse("100")? };
/// let id = OperationId::from_random_bytes([7; 16]);
/// let sent_at = start.after(3_600_000);
/// tracker.store(recharge.tracked(id, sent_at))?;
///
/// // The webhook comes:
/// let event = Event::from_json(r#"{"type":"CARD_RECHARGE_RESULT","data":{"card_id":12345,"transaction_id":7,
///     "receive_amount":100,"status":"SUCCESS","currency":"USD","occur_time":1691252605085}}"#)?;
/// let report = tracker.take(&event);
/// assert_eq!(report.verdict, Verdict::Settled);
/// assert!(matches!(report.settled[0].outcome, Outcome::Succeeded { .. }));
/// # Ok::<(), bananatech_core::Invalid>(())
/// ```
///
/// **Storing it.** Its JSON holds no secret and no personal data. Write it before a request is sent and before a webhook is
/// answered with 200, together with what is done about the outcome. Call [`Tracker::forget_before`] now and then.
#[derive(Clone, Debug)]
pub struct Tracker {
    assumptions: Assumptions,
    seq: u64,
    rows: Rows,
    /// The events that came, and under which types.
    seen: BTreeMap<Fingerprint, Seen>,
    extra: Extra,
}

#[derive(Clone, Debug)]
struct Seen {
    seq: u64,
    types: BTreeSet<String>,
}

/// An event that came, as it is stored.
#[derive(Serialize, Deserialize)]
struct SeenEvent {
    key: Fingerprint,
    seq: u64,
    types: BTreeSet<String>,
}

/// From when on a group's rows are kept, as it is stored.
#[derive(Serialize, Deserialize)]
struct KeptSince {
    key: Key,
    since: Timestamp,
}

impl Tracker {
    /// Nothing is waited for yet. The assumptions have no default: say whether only this system acts for its users and cards.
    ///
    /// ```
    /// use bananatech_core::{Assumptions, Tracker};
    /// assert_eq!(Tracker::new(Assumptions::shared()).operations().count(), 0);
    /// ```
    pub fn new(assumptions: Assumptions) -> Self {
        Self {
            assumptions,
            seq: 0,
            rows: Rows::default(),
            seen: BTreeMap::new(),
            extra: Extra::new(),
        }
    }

    /// What is assumed.
    ///
    /// ```
    /// use bananatech_core::{Assumptions, Tracker};
    /// assert_eq!(Tracker::new(Assumptions::shared()).assumptions(), &Assumptions::shared());
    /// ```
    pub const fn assumptions(&self) -> &Assumptions {
        &self.assumptions
    }

    /// Stores an operation. Do it, and store the tracker, before the request is sent.
    ///
    /// Errors with [`Code::TrackingKnown`] for an id or a reference that is taken (caused by the caller).
    ///
    /// ```
    /// # use bananatech_core::{operations::card::UpdateStatus, Assumptions, CardId, OperationId, Timestamp, ConfirmedOperation, Tracker, UserId};
    /// # let lock = UpdateStatus::lock(UserId::from(1), CardId::from(2));
    /// # let operation = lock.tracked(OperationId::from_random_bytes([7; 16]), Timestamp::from_millis(0));
    /// let mut tracker = Tracker::new(Assumptions::shared());
    /// assert!(tracker.store(operation.clone()).is_ok());
    /// assert!(tracker.store(operation).is_err());
    /// ```
    pub fn store(&mut self, mut operation: TrackedOperation) -> Result<Report, Invalid> {
        let reference = operation.reference.as_deref();
        let known = reference.and_then(|reference| self.operation_by_reference(reference));
        if known.is_some_and(|known| known.id != operation.id) {
            let expected = "one that no other operation has";
            return Err(Invalid::new("reference", Code::TrackingKnown, expected));
        }
        operation.seq = self.next_seq();
        self.decide(Input::Stored(Box::new(operation)))
    }

    /// Notes the answer to a request.
    ///
    /// Errors, caused by the caller: [`Code::TrackingUnknown`] for an operation that isn't stored, [`Code::FieldType`] for the answer to another
    /// kind of operation.
    ///
    /// ```
    /// use bananatech_core::operations::user::Register;
    /// use bananatech_core::{Assumptions, Event, Operation, OperationId, TemplateId, Timestamp, ConfirmedOperation, Tracker, Verdict};
    /// let register = Register::new("ada@example.com", TemplateId::from(1));
    /// let id = OperationId::from_random_bytes([7; 16]);
    /// let mut tracker = Tracker::new(Assumptions::shared());
    /// tracker.store(register.tracked(id, Timestamp::from_millis(0)))?;
    /// // The webhook overtakes the answer …
    /// let event = Event::from_json(r#"{"type":"USER_CREATE_RESULT","data":{"user_id":12345,"status":"APPROVED"}}"#)?;
    /// assert_eq!(tracker.take(&event).verdict, Verdict::Noted);
    /// // … and counts as soon as the answer says which user it is.
    /// let answer = register.read_response(r#"{"user_id":12345}"#)?;
    /// assert_eq!(tracker.acknowledge(id, &answer)?.verdict, Verdict::Settled);
    /// # Ok::<(), bananatech_core::Invalid>(())
    /// ```
    pub fn acknowledge(
        &mut self,
        id: OperationId,
        response: &impl Acknowledges,
    ) -> Result<Report, Invalid> {
        if let Some(operation) = self.operation(id)
            && !response.answers(operation.kind)
        {
            let expected = "the answer to this kind of operation";
            return Err(Invalid::new("response", Code::FieldType, expected));
        }
        self.decide(Input::Answered {
            id,
            user_id: response.user_id(),
            card_id: response.card_id(),
        })
    }

    /// Notes that the API refused a request: the operation failed, and other operations may be settled by that. With a rejection
    /// that means something else ([`Rejection::meaning`]), as [`Error::NotKnown`](crate::Error::NotKnown) has it, it stays open.
    ///
    /// It is only as good as the way that the answer came: an error's body need not be sealed.
    ///
    /// Errors with [`Code::TrackingUnknown`] for an operation that isn't stored (caused by the caller).
    ///
    /// ```
    /// # let merchant = include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/merchant.rs"));
    /// use bananatech_core::operations::card::UpdateStatus;
    /// use bananatech_core::{Assumptions, CardId, Error, Iv, OperationId, Timestamp, Tracker, UserId, Verdict};
    /// let call = merchant.call(UpdateStatus::lock(UserId::from(1), CardId::from(2)), Iv::from_random_bytes([9; 16]))?;
    /// let mut tracker = Tracker::new(Assumptions::shared());
    /// let id = OperationId::from_random_bytes([7; 16]);
    /// tracker.store(call.tracked(id, Timestamp::from_millis(0)))?;
    /// if let Err(Error::Rejected(rejection)) = call.read(400, br#"{"message":"The card is not ACTIVE"}"#) {
    ///     assert_eq!(tracker.reject(id, &rejection)?.verdict, Verdict::Settled);
    /// }
    /// # Ok::<(), bananatech_core::Error>(())
    /// ```
    pub fn reject(&mut self, id: OperationId, rejection: &Rejection) -> Result<Report, Invalid> {
        if rejection.meaning() == RejectionMeaning::Refused {
            let reason = rejection.message().map(Personal::from);
            return self.decide(Input::Refused { id, reason });
        }
        match self.operation(id) {
            Some(_) => Ok(Report::nothing(Verdict::Open)),
            None => self.decide(Input::Overdue {
                id,
                now: Timestamp::from_millis(i64::MIN),
            }),
        }
    }

    /// Takes what a webhook brought.
    ///
    /// ```
    /// # let merchant = include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/merchant.rs"));
    /// use bananatech_core::{Assumptions, Iv, Tracker, Verdict};
    /// let body = merchant.test_webhook("CARD_3DS", "{}", Iv::from_random_bytes([9; 16]));
    /// let mut tracker = Tracker::new(Assumptions::shared());
    /// assert_eq!(tracker.receive(&merchant.receive(body.as_bytes())?).verdict, Verdict::Noted);
    /// assert_eq!(tracker.receive(&merchant.receive(body.as_bytes())?).verdict, Verdict::Repeated);
    /// # Ok::<(), bananatech_core::Error>(())
    /// ```
    pub fn receive(&mut self, delivery: &Delivery) -> Report {
        self.take_data(delivery.event_type(), delivery.data())
    }

    /// Takes an event that somebody passed on. Nothing vouches for it but the way that it came.
    ///
    /// ```
    /// use bananatech_core::{Assumptions, Event, Tracker, Verdict};
    /// let event = Event::from_json(r#"{"type":"CARD_3DS","data":{}}"#).unwrap();
    /// assert_eq!(Tracker::new(Assumptions::shared()).take(&event).verdict, Verdict::Noted);
    /// ```
    pub fn take(&mut self, event: &Event) -> Report {
        self.take_data(event.event_type(), &event.data())
    }

    /// Takes what an event says: its type, and its data as they were signed.
    ///
    /// ```
    /// use bananatech_core::{Assumptions, EventType, Json, Tracker, Verdict};
    /// let data = Json::parse("{}")?;
    /// assert_eq!(Tracker::new(Assumptions::shared()).take_data(EventType::Card3ds, &data).verdict, Verdict::Noted);
    /// # Ok::<(), bananatech_core::Invalid>(())
    /// ```
    pub fn take_data(&mut self, event_type: EventType, data: &Json) -> Report {
        let key = Fingerprint::of(data);
        // The type isn't signed, so nobody can fill the memory with words.
        let word = match &event_type {
            EventType::Other(_) => "other",
            known => known.as_str(),
        };
        let seen = self.seen.get(&key);
        if seen.is_some_and(|seen| seen.types.contains(word)) {
            return Report::nothing(Verdict::Repeated);
        }
        let seq = seen.map_or_else(|| self.seq.saturating_add(1), |seen| seen.seq);
        self.seq = self.seq.max(seq);
        let types = set_of([word.to_owned()]);
        self.seen
            .entry(key)
            .or_insert_with(|| Seen {
                seq,
                types: BTreeSet::new(),
            })
            .types
            .extend(types);
        let input = Input::Event {
            event_type,
            data: data.clone(),
            seq,
        };
        // Evidence is never refused.
        self.decide(input)
            .unwrap_or_else(|_| Report::nothing(Verdict::Noted))
    }

    /// What to ask the API now: for each operation whose event should have come by [`TrackedOperation::ask_at`]. Each is asked for
    /// again later, after as long as it was waited for, but within a day.
    ///
    /// This sets when each of them is asked for next. So store the tracker afterwards, and don't call it to count: for that there is
    /// [`TrackedOperation::due_at`].
    ///
    /// ```
    /// # use bananatech_core::{operations::card::UpdateStatus, Assumptions, CardId, OperationId, Timestamp, ConfirmedOperation, Tracker, UserId};
    /// # let lock = UpdateStatus::lock(UserId::from(1), CardId::from(2));
    /// # let operation = lock.tracked(OperationId::from_random_bytes([7; 16]), Timestamp::from_millis(0));
    /// let mut tracker = Tracker::new(Assumptions::shared());
    /// tracker.store(operation)?;
    /// assert_eq!(tracker.overdue(Timestamp::from_millis(0)).len(), 0);
    /// assert_eq!(tracker.overdue(Timestamp::from_millis(3_600_000)).len(), 1);
    /// # Ok::<(), bananatech_core::Invalid>(())
    /// ```
    pub fn overdue(&mut self, now: Timestamp) -> Vec<Inquiry> {
        let mut inquiries: Vec<Inquiry> = Vec::new();
        let due: Vec<OperationId> = self
            .rows
            .due
            .iter()
            .take_while(|(at, _)| *at <= now)
            .map(|(_, id)| *id)
            .collect();
        for id in due {
            if let Ok(changes) = self.apply(Input::Overdue { id, now }) {
                for inquiry in changes.ask {
                    // One list of a card's transactions tells of all its recharges.
                    if !inquiries.iter().any(|known| known.asks_the_same(&inquiry)) {
                        inquiries.push(inquiry);
                    }
                }
            }
        }
        inquiries
    }

    /// Takes the answers to an inquiry.
    ///
    /// Errors with [`Code::TrackingUnknown`] for an operation that isn't stored (caused by the caller).
    ///
    /// ```
    /// # use bananatech_core::{operations::card::UpdateStatus, Assumptions, CardId, OperationId, Timestamp, ConfirmedOperation, Tracker, UserId};
    /// # let lock = UpdateStatus::lock(UserId::from(1), CardId::from(2));
    /// # let operation = lock.tracked(OperationId::from_random_bytes([7; 16]), Timestamp::from_millis(0));
    /// use bananatech_core::{AnyResponse, OperationKind, Verdict};
    /// let mut tracker = Tracker::new(Assumptions::shared());
    /// tracker.store(operation)?;
    /// let now = Timestamp::from_millis(3_600_000);
    /// for mut inquiry in tracker.overdue(now) {
    ///     while let Some(plan) = inquiry.next_request() {
    ///         let answer = AnyResponse::from_json(OperationKind::GetInformation, r#"{"status":"LOCKED"}"#)?;
    ///         inquiry.accept(&answer, now)?;
    ///     }
    ///     assert_eq!(tracker.learn(&inquiry)?.verdict, Verdict::Settled);
    /// }
    /// # Ok::<(), bananatech_core::Invalid>(())
    /// ```
    pub fn learn(&mut self, inquiry: &Inquiry) -> Result<Report, Invalid> {
        let seq = self.next_seq();
        self.decide(Input::Inquired {
            inquiry: Box::new(inquiry.clone()),
            seq,
        })
    }

    /// Notes what a person found out: in the vendor's console, from its support. Name the transaction or the new card if it is
    /// known: without it, the event of this operation may still be taken for another's, for a day.
    ///
    /// An operation that has ended already stays as it was ([`Verdict::AlreadyEnded`]).
    ///
    /// Errors, caused by the caller: [`Code::TrackingUnknown`], [`Code::TrackingOwned`] for a transaction or card of another
    /// operation, [`Code::TrackingRefuted`] for what the evidence rules out.
    ///
    /// ```
    /// # use bananatech_core::{operations::card::UpdateStatus, Assumptions, CardId, OperationId, Timestamp, ConfirmedOperation, Tracker, UserId};
    /// # let lock = UpdateStatus::lock(UserId::from(1), CardId::from(2));
    /// # let operation = lock.tracked(OperationId::from_random_bytes([7; 16]), Timestamp::from_millis(0));
    /// use bananatech_core::{Outcome, Verdict};
    /// let id = operation.id;
    /// let mut tracker = Tracker::new(Assumptions::shared());
    /// tracker.store(operation)?;
    /// let outcome = Outcome::Succeeded { card_id: None };
    /// assert_eq!(tracker.find(id, &outcome, None, Timestamp::from_millis(5))?.verdict, Verdict::Settled);
    /// # Ok::<(), bananatech_core::Invalid>(())
    /// ```
    pub fn find(
        &mut self,
        id: OperationId,
        outcome: &Outcome,
        transaction_id: Option<TransactionId>,
        at: Timestamp,
    ) -> Result<Report, Invalid> {
        let found = Found::new(outcome, transaction_id);
        self.decide(Input::Found { id, found, at })
    }

    /// Notes that a request was never sent: the process ended between storing and sending. It then counts as failed, and can't be
    /// taken for the owner of an event any more, so that others may be settled. Don't withdraw
    /// a request that was answered, whatever the answer was: it was sent. If its event comes nevertheless, that is said
    /// ([`Verdict::ForeignActivity`]). An operation that was refused has ended already ([`Verdict::AlreadyEnded`]).
    ///
    /// Errors, caused by the caller: [`Code::TrackingUnknown`], [`Code::TrackingRefuted`] for a request that the API acknowledged or whose
    /// event came.
    ///
    /// ```
    /// # use bananatech_core::{operations::card::UpdateStatus, Assumptions, CardId, OperationId, Timestamp, ConfirmedOperation, Tracker, UserId};
    /// # let lock = UpdateStatus::lock(UserId::from(1), CardId::from(2));
    /// # let operation = lock.tracked(OperationId::from_random_bytes([7; 16]), Timestamp::from_millis(0));
    /// let id = operation.id;
    /// let mut tracker = Tracker::new(Assumptions::shared());
    /// tracker.store(operation)?;
    /// tracker.withdraw(id)?;
    /// assert!(!tracker.operation(id).unwrap().is_open());
    /// # Ok::<(), bananatech_core::Invalid>(())
    /// ```
    pub fn withdraw(&mut self, id: OperationId) -> Result<Report, Invalid> {
        self.decide(Input::Withdrawn { id, reason: None })
    }

    /// Notes that a transaction, a new card or an event is somebody else's, so that the other evidence there counts again.
    ///
    /// Errors, caused by the caller: [`Code::TrackingUnknown`] for a thing of which nothing was said, [`Code::TrackingRefuted`] if
    /// an operation was settled by it.
    ///
    /// ```
    /// use bananatech_core::{Assumptions, ThingId, Tracker, TransactionId};
    /// let mut tracker = Tracker::new(Assumptions::shared());
    /// assert!(tracker.name_foreign(ThingId::Transaction(TransactionId::from(7))).is_err());
    /// ```
    pub fn name_foreign(&mut self, thing: ThingId) -> Result<Report, Invalid> {
        self.decide(Input::Foreign { thing })
    }

    /// One operation.
    ///
    /// ```
    /// use bananatech_core::{Assumptions, OperationId, Tracker};
    /// assert!(Tracker::new(Assumptions::shared()).operation(OperationId::from_random_bytes([7; 16])).is_none());
    /// ```
    pub fn operation(&self, id: OperationId) -> Option<&TrackedOperation> {
        self.rows.operations.get(&id)
    }

    /// The operation with a [reference](TrackedOperation::with_reference): look for it before you make a request again. Once the operation is
    /// forgotten ([`Tracker::forget_before`]), the reference is free.
    ///
    /// ```
    /// use bananatech_core::{Assumptions, Tracker};
    /// assert!(Tracker::new(Assumptions::shared()).operation_by_reference("order 7").is_none());
    /// ```
    pub fn operation_by_reference(&self, reference: &str) -> Option<&TrackedOperation> {
        self.operation(*self.rows.by_reference.get(reference)?)
    }

    /// All operations, in no order.
    ///
    /// ```
    /// use bananatech_core::{Assumptions, Tracker};
    /// assert_eq!(Tracker::new(Assumptions::shared()).operations().count(), 0);
    /// ```
    pub fn operations(&self) -> impl Iterator<Item = &TrackedOperation> {
        self.rows.operations.values()
    }

    /// All things that something was said of, in no order.
    ///
    /// ```
    /// use bananatech_core::{Assumptions, Tracker};
    /// assert_eq!(Tracker::new(Assumptions::shared()).things().count(), 0);
    /// ```
    pub fn things(&self) -> impl Iterator<Item = &Thing> {
        self.rows.things.values()
    }

    /// Forgets what ended before a time and can't be of use any more. Returns how many operations it forgot. For each card, and for
    /// applications and assignments together, it forgets up to a quiet time: one with nothing for ten minutes before and after
    /// it, and no operation before it that is open, doubted, contradicted or given by count.
    ///
    /// Later evidence about the forgotten time is taken for somebody else's. It is no sign that somebody else acts now.
    ///
    /// ```
    /// use bananatech_core::{Assumptions, Timestamp, Tracker};
    /// assert_eq!(Tracker::new(Assumptions::shared()).forget_before(Timestamp::from_millis(5)), 0);
    /// ```
    pub fn forget_before(&mut self, time: Timestamp) -> usize {
        let before = self.rows.operations.len();
        self.rows.forget_before(time);
        let first = self.rows.first_seq().unwrap_or(self.seq);
        self.seen.retain(|_, seen| seen.seq >= first);
        before - self.rows.operations.len()
    }

    /// As JSON, to be stored.
    ///
    /// ```
    /// use bananatech_core::{Assumptions, Tracker};
    /// let tracker = Tracker::new(Assumptions::shared());
    /// assert!(Tracker::from_json(&tracker.to_json()).is_ok());
    /// ```
    pub fn to_json(&self) -> String {
        #[derive(Serialize)]
        struct State<'a> {
            version: u32,
            assumptions: &'a Assumptions,
            seq: u64,
            operations: Vec<&'a TrackedOperation>,
            things: Vec<&'a Thing>,
            events: Vec<SeenEvent>,
            since: Vec<KeptSince>,
            #[serde(flatten)]
            extra: &'a Extra,
        }
        let state = State {
            version: VERSION,
            assumptions: &self.assumptions,
            seq: self.seq,
            operations: self.rows.operations.values().collect(),
            things: self.rows.things.values().collect(),
            events: self
                .seen
                .iter()
                .map(|(key, seen)| SeenEvent {
                    key: *key,
                    seq: seen.seq,
                    types: seen.types.clone(),
                })
                .collect(),
            since: self
                .rows
                .since
                .iter()
                .map(|(key, since)| KeptSince {
                    key: *key,
                    since: *since,
                })
                .collect(),
            extra: &self.extra,
        };
        std::mem::take(&mut json::text(&state))
    }

    /// Reads what [`Tracker::to_json`] wrote, by this version or a newer one, whose fields are kept. Errors name the field (caused
    /// by whoever changed it).
    ///
    /// ```
    /// assert!(bananatech_core::Tracker::from_json("{}").is_err());
    /// ```
    pub fn from_json(text: &str) -> Result<Self, Invalid> {
        #[derive(Deserialize)]
        struct State {
            version: u32,
            assumptions: Assumptions,
            seq: u64,
            operations: Vec<TrackedOperation>,
            things: Vec<Thing>,
            events: Vec<SeenEvent>,
            #[serde(default)]
            since: Vec<KeptSince>,
            #[serde(flatten)]
            extra: Extra,
        }
        let state: State = json::from_str(text)?;
        if state.version == 0 {
            let expected = "the version of a tracker's state";
            return Err(Invalid::new("version", Code::FieldType, expected));
        }
        let mut tracker = Self {
            seq: state.seq,
            seen: map_of(state.events.into_iter().map(|event| {
                let (seq, types) = (event.seq, event.types);
                (event.key, Seen { seq, types })
            })),
            extra: state.extra,
            ..Self::new(state.assumptions)
        };
        let since = state.since.into_iter();
        tracker.rows.since = map_of(since.map(|kept| (kept.key, kept.since)));
        for row in state.operations {
            tracker.rows.put_operation(row);
        }
        for thing in state.things {
            tracker.rows.put_thing(thing);
        }
        Ok(tracker)
    }

    fn next_seq(&mut self) -> u64 {
        self.seq = self.seq.saturating_add(1);
        self.seq
    }

    fn decide(&mut self, input: Input) -> Result<Report, Invalid> {
        Ok(self.apply(input)?.report)
    }

    fn apply(&mut self, input: Input) -> Result<Changes, Invalid> {
        let mut decision = Decision::new(self.assumptions, input);
        let changes = loop {
            match decision.step()? {
                Step::Read(query) => {
                    let (operations, things) = self.rows.look_up(&query);
                    decision.add(operations, things);
                    decision.add_since(self.rows.since_of(&query));
                }
                Step::Decided(changes) => break *changes,
            }
        };
        drop(decision);
        for row in &changes.operations {
            self.rows.put_operation(row.clone());
        }
        for thing in &changes.things {
            self.rows.put_thing(thing.clone());
        }
        Ok(changes)
    }
}
