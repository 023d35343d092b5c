//! What is done in one transaction: read under locks, decided by the core, written, and committed at once.

use std::future::Future;

use bananatech_core::operations::card::CardInformation;
use bananatech_core::{
    AnyOperation, Assumptions, CardAction, CardId, Changes, Code, Decision, Event, EventType,
    Fingerprint, Input, Inquiry, Invalid, Json, Key, OperationId, OperationKind, Plan, Query,
    Report, Step, Timestamp, TrackedKind, TrackedOperation,
};

use crate::lane::{can_wait, lane_of};
use crate::locks::Locks;
use crate::queries::keys_of_lane;
use crate::session::{Session, Stop};
use crate::store::Transaction;

/// Something that is done in one transaction. It may be done again from the beginning: when it turns out to need more locks, or another
/// transaction was in the way.
pub(crate) trait Work: Sync {
    type Output: Send;

    /// What is locked from the beginning. What else it needs, it says on the way.
    fn locks(&self) -> Locks;

    fn run<T: Transaction>(
        &self,
        session: &mut Session<'_, T>,
    ) -> impl Future<Output = Result<Self::Output, Stop>> + Send;
}

/// Stores an operation before it is sent.
pub(crate) struct Begin {
    pub(crate) row: TrackedOperation,
    pub(crate) plan: Plan,
    /// Whether it waits while another one is under way in its lane.
    pub(crate) one_at_a_time: bool,
}

/// Whether an operation is to be sent.
pub(crate) enum Begun {
    Send(TrackedOperation),
    Waits(TrackedOperation),
    Known(TrackedOperation),
}

impl Work for Begin {
    type Output = Begun;

    fn locks(&self) -> Locks {
        Locks::of(None, self.row.keys()).with_reference(self.row.reference.as_deref())
    }

    async fn run<T: Transaction>(&self, session: &mut Session<'_, T>) -> Result<Begun, Stop> {
        let reference = self.row.reference.as_deref().unwrap_or_default();
        if let Some(known) = session.operation_of(reference).await? {
            if asks_the_same(&known, &self.row) {
                return Ok(Begun::Known(known));
            }
            let expected = "one that no other request had";
            return Err(Invalid::new("reference", Code::TrackingKnown, expected).into());
        }
        if let Some(lane) = lane_of(&self.row).filter(|_| self.one_at_a_time && can_wait(&self.row))
            && session.is_busy(&lane, true).await?
        {
            session.queue(&lane, &self.plan.to_json(), &self.row);
            return Ok(Begun::Waits(self.row.clone()));
        }
        check(session, self.plan.operation()).await?;
        store(session, self.row.clone()).await.map(Begun::Send)
    }
}

/// Whether two operations ask for the same.
fn asks_the_same(one: &TrackedOperation, other: &TrackedOperation) -> bool {
    let parts = |row: &TrackedOperation| {
        let last_four = row.last_four.clone();
        // A registration's user is known only once it was answered.
        let user = row.user_id.filter(|_| row.kind != TrackedKind::Register);
        (
            row.kind,
            user,
            row.card_id,
            row.template_id,
            row.amount,
            row.deposit_amount,
            last_four,
        )
    };
    parts(one) == parts(other)
}

/// Refuses what the card's state rules out.
async fn check<T: Transaction>(
    session: &mut Session<'_, T>,
    operation: &AnyOperation,
) -> Result<(), Stop> {
    let Some((_, card_id)) = CardAction::of(operation) else {
        return Ok(());
    };
    match session.card(card_id).await? {
        Some(card) => Ok(card.check_operation(operation)?),
        None => Ok(()),
    }
}

async fn store<T: Transaction>(
    session: &mut Session<'_, T>,
    mut row: TrackedOperation,
) -> Result<TrackedOperation, Stop> {
    row.seq = session.next_seq().await?;
    session.decide(Input::Stored(Box::new(row.clone()))).await?;
    Ok(row)
}

/// Takes the first operation of a lane whose turn has come, to be sent now.
pub(crate) struct TakeUp<'a> {
    pub(crate) lane: &'a str,
    pub(crate) now: Timestamp,
    /// What was stored before has waited for too long.
    pub(crate) before: i64,
}

impl Work for TakeUp<'_> {
    /// What is to be sent, and what became of those that aren't.
    type Output = (Option<(TrackedOperation, Plan)>, Vec<Report>);

    fn locks(&self) -> Locks {
        Locks::of(None, keys_of_lane(self.lane))
    }

    async fn run<T: Transaction>(
        &self,
        session: &mut Session<'_, T>,
    ) -> Result<Self::Output, Stop> {
        let mut reports = Vec::new();
        while let Some(waiting) = session.take_up(self.lane, self.before).await? {
            let plan = Plan::from_json_with_open_fields(&waiting.plan, OperationKind::ALL)?;
            let mut row = waiting.operation;
            let is_expired = row.sent_at.as_millis() < self.before;
            // As if it were asked for now.
            let patience = row
                .ask_at
                .as_millis()
                .saturating_sub(row.sent_at.as_millis());
            (row.sent_at, row.ask_at) = (self.now, self.now.after(patience));
            let refused = match check(session, plan.operation()).await {
                _ if is_expired => Some(Code::WaitExpired),
                Ok(()) => None,
                Err(Stop::Invalid(invalid)) => Some(invalid.code()),
                Err(stop) => return Err(stop),
            };
            // Also if it isn't sent: its reference stays taken.
            let row = store(session, row).await?;
            match refused {
                None => return Ok((Some((row, plan)), reports)),
                Some(code) => reports.push(session.give_up(row.id, code).await?.report),
            }
        }
        Ok((None, reports))
    }
}

/// Takes an operation that waits out of its lane: it is stored as one that failed, since it never left.
pub(crate) struct Cancel {
    pub(crate) row: TrackedOperation,
}

impl Work for Cancel {
    /// Nothing if it doesn't wait any more.
    type Output = Option<Changes>;

    fn locks(&self) -> Locks {
        Locks::of(None, self.row.keys())
    }

    async fn run<T: Transaction>(
        &self,
        session: &mut Session<'_, T>,
    ) -> Result<Self::Output, Stop> {
        let Some(row) = session.take_out(self.row.id).await? else {
            return Ok(None);
        };
        // Its reference stays taken.
        let id = store(session, row).await?.id;
        let reason = Some("cancelled".into());
        let changes = session.decide(Input::Withdrawn { id, reason }).await?;
        Ok(Some(changes))
    }
}

/// Notes that an operation which was just stored never left: it failed, by this code.
pub(crate) struct GiveUp<'a> {
    pub(crate) row: &'a TrackedOperation,
    pub(crate) code: Code,
}

impl Work for GiveUp<'_> {
    type Output = Changes;

    fn locks(&self) -> Locks {
        Locks::of(Some(self.row.id), self.row.keys())
    }

    async fn run<T: Transaction>(&self, session: &mut Session<'_, T>) -> Result<Changes, Stop> {
        session.give_up(self.row.id, self.code).await
    }
}

/// Takes a webhook.
pub(crate) struct Take<'a> {
    pub(crate) event: &'a Event,
    pub(crate) seen_at: Timestamp,
    pub(crate) event_type: EventType,
    pub(crate) data: &'a Json,
}

impl Take<'_> {
    fn decision(&self, assumptions: Assumptions, seq: u64) -> Decision<'static> {
        let input = Input::Event {
            event_type: self.event_type.clone(),
            data: self.data.clone(),
            seq,
        };
        Decision::new(assumptions, input)
    }
}

impl Work for Take<'_> {
    /// Nothing for a repetition.
    type Output = Option<Report>;

    fn locks(&self) -> Locks {
        let keys = self.decision(Assumptions::shared(), 0).keys().into_iter();
        Locks::of(None, keys.chain(self.event.card_id().map(Key::Card)))
    }

    async fn run<T: Transaction>(
        &self,
        session: &mut Session<'_, T>,
    ) -> Result<Self::Output, Stop> {
        let (assumptions, card_id) = (session.assumptions, self.event.card_id());
        // What is to be known first doesn't depend on the event's place in our own order: both are asked for at once.
        let query = match self.decision(assumptions, 0).step()? {
            Step::Read(query) => query,
            Step::Decided(_) => Query::default(),
        };
        let key = Fingerprint::of(self.data).to_string();
        let noted = session.note_event(&key, &self.event_type, self.seen_at, &query, card_id);
        let Some((seq, mut found)) = noted.await? else {
            return Ok(None);
        };
        if let Some(id) = card_id {
            session.change_card(id, found.card.take(), |card| card.fold(self.event));
        }
        let mut decision = self.decision(assumptions, seq);
        if let Step::Read(_) = decision.step()? {
            found.add_to(&mut decision);
        }
        Ok(Some(session.finish(decision).await?.report))
    }
}

/// Keeps what the API answered of a card.
pub(crate) struct See<'a> {
    pub(crate) card_id: CardId,
    pub(crate) information: &'a CardInformation,
    pub(crate) asked_at: Timestamp,
}

impl Work for See<'_> {
    type Output = ();

    fn locks(&self) -> Locks {
        Locks::of(None, [Key::Card(self.card_id)])
    }

    async fn run<T: Transaction>(&self, session: &mut Session<'_, T>) -> Result<(), Stop> {
        let (card_id, information, asked_at) = (self.card_id, self.information, self.asked_at);
        session.observe(card_id, information, asked_at).await
    }
}

/// Forgets what is over of a card.
pub(crate) struct Forget {
    pub(crate) card_id: CardId,
    pub(crate) before: Timestamp,
}

impl Work for Forget {
    /// So many rows.
    type Output = usize;

    fn locks(&self) -> Locks {
        Locks::of(None, [Key::Card(self.card_id)])
    }

    async fn run<T: Transaction>(&self, session: &mut Session<'_, T>) -> Result<usize, Stop> {
        session.forget(self.card_id, self.before).await
    }
}

/// Notes what became known of an operation, or of a thing.
pub(crate) struct Note {
    pub(crate) what: Known,
    /// The keys of its row, if they are known already.
    pub(crate) keys: Vec<Key>,
}

/// What became known.
pub(crate) enum Known {
    Input(Input),
    /// An inquiry's answers, which get their place in our own order when they are stored, and what they say of cards, with the time when it was asked.
    Inquired {
        inquiry: Box<Inquiry>,
        seen: Vec<(CardId, CardInformation, Timestamp)>,
    },
}

impl Known {
    const fn id(&self) -> Option<OperationId> {
        match self {
            Self::Inquired { inquiry, .. } => Some(inquiry.operation_id),
            Self::Input(
                Input::Answered { id, .. }
                | Input::Refused { id, .. }
                | Input::Found { id, .. }
                | Input::Withdrawn { id, .. }
                | Input::Overdue { id, .. },
            ) => Some(*id),
            Self::Input(_) => None,
        }
    }
}

impl Work for Note {
    type Output = Changes;

    fn locks(&self) -> Locks {
        Locks::of(self.what.id(), self.keys.iter().copied())
    }

    async fn run<T: Transaction>(&self, session: &mut Session<'_, T>) -> Result<Changes, Stop> {
        let input = match &self.what {
            Known::Input(input) => input.clone(),
            Known::Inquired { inquiry, seen } => {
                for (card_id, information, asked_at) in seen {
                    session.observe(*card_id, information, *asked_at).await?;
                }
                Input::Inquired {
                    inquiry: inquiry.clone(),
                    seq: session.next_seq().await?,
                }
            }
        };
        session.decide(input).await
    }
}
