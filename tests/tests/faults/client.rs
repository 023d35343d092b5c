//! A careful merchant, made only of the core's public parts. What became of its operations it leaves to the tracker.

use std::collections::BTreeMap;

use bananatech_core::operations::card::{CardInformation, GetInformation};
use bananatech_core::operations::merchant::{CardTemplate, Fee, GetCardTemplates};
use bananatech_core::{
    AnyOperation, Assumptions, Call, CardId, CardState, Code, Error, Event, Fold, Freshness,
    Inquiry, Invalid, Merchant, Operation, OperationId, Outcome, Report, SealedRequest, ThingId,
    TimeWindow, Timestamp, TrackedKind, TrackedOperation, Tracker, TransactionId, Verdict,
};
use serde::{Deserialize, Serialize};

use super::dice::Dice;

/// How long to wait for an event before asking.
pub(crate) const PATIENCE_MS: i64 = 20_000;

/// By what an operation's end became known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) enum Source {
    /// The answer to its request, or to another's.
    Answer,
    /// A webhook.
    Event,
    /// Asking the API.
    Inquiry,
    /// A person.
    Person,
}

/// What the rest of the merchant's system was told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Told {
    pub(crate) succeeded: bool,
    pub(crate) card: Option<u64>,
    pub(crate) by_count: bool,
    pub(crate) source: Source,
}

/// What the rest of the merchant's system knows of an operation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Order {
    pub(crate) id: OperationId,
    /// Of a registration.
    pub(crate) email: Option<String>,
    /// Of an assignment.
    pub(crate) number: Option<String>,
    pub(crate) told: Option<Told>,
    /// It was told, and somebody else acted since.
    pub(crate) is_doubted: bool,
}

/// What is stored, and survives a restart.
#[derive(Serialize, Deserialize)]
struct Stored {
    tracker: String,
    cards: Vec<CardState>,
    owners: BTreeMap<u64, u64>,
    templates: BTreeMap<u64, u64>,
    orders: Vec<Order>,
    approved: Vec<u64>,
}

/// Sends a request; nothing if no answer comes.
pub(crate) type Send<'a> = dyn FnMut(&SealedRequest) -> Option<(u16, Vec<u8>)> + 'a;

pub(crate) struct Client {
    merchant: Merchant,
    dice: Dice,
    known_templates: Vec<CardTemplate>,
    pub(crate) tracker: Tracker,
    pub(crate) cards: BTreeMap<CardId, CardState>,
    /// Each card's user and template.
    pub(crate) owners: BTreeMap<u64, u64>,
    pub(crate) templates: BTreeMap<u64, u64>,
    pub(crate) orders: Vec<Order>,
    /// Users who may have cards.
    pub(crate) approved: Vec<u64>,
    /// Orders of which something was told since somebody looked.
    pub(crate) news: Vec<usize>,
    /// Operations that were doubted, and contradicted, since somebody looked.
    pub(crate) doubted: Vec<usize>,
    pub(crate) contradicted: Vec<usize>,
}

/// What a delivery was taken for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Taken {
    Handled,
    Repetition,
    /// Authentic, but from too far away in time: refused by the merchant's own policy, and forgotten.
    OutOfTime,
}

impl Client {
    pub(crate) fn new(merchant: Merchant, assumptions: Assumptions, seed: u64) -> Self {
        Self {
            merchant,
            dice: Dice::new(seed),
            known_templates: Vec::new(),
            tracker: Tracker::new(assumptions),
            cards: BTreeMap::new(),
            owners: BTreeMap::new(),
            templates: BTreeMap::new(),
            orders: Vec::new(),
            approved: vec![12345, 67890],
            news: Vec::new(),
            doubted: Vec::new(),
            contradicted: Vec::new(),
        }
    }

    /// All that is in its database.
    pub(crate) fn stored(&self) -> String {
        let stored = Stored {
            tracker: self.tracker.to_json(),
            cards: self.cards.values().cloned().collect(),
            owners: self.owners.clone(),
            templates: self.templates.clone(),
            orders: self.orders.clone(),
            approved: self.approved.clone(),
        };
        serde_json::to_string(&stored).unwrap()
    }

    /// Ends, and comes up again with what was stored.
    pub(crate) fn restart(&mut self, stored: &str) {
        let restored: Stored = serde_json::from_str(stored).unwrap();
        self.tracker = Tracker::from_json(&restored.tracker).unwrap();
        assert_eq!(self.tracker.to_json(), restored.tracker);
        self.cards = restored
            .cards
            .into_iter()
            .map(|card| (card.card_id, card))
            .collect();
        self.owners = restored.owners;
        self.templates = restored.templates;
        self.orders = restored.orders;
        self.approved = restored.approved;
        // In memory, and forgotten with the process.
        self.news.clear();
        self.doubted.clear();
        self.contradicted.clear();
    }

    pub(crate) fn seal(&mut self, operation: AnyOperation) -> Call<AnyOperation> {
        let iv = self.dice.iv();
        self.merchant.call(operation, iv).unwrap()
    }

    pub(crate) fn learn_templates(&mut self, send: &mut Send<'_>) {
        let templates = self.ask(GetCardTemplates::default(), send).unwrap();
        self.known_templates = templates.data;
    }

    /// Stores an operation before it is sent.
    pub(crate) fn order(&mut self, call: &Call<AnyOperation>, now: Timestamp) -> usize {
        let mut bytes = [0; 16];
        bytes[..8].copy_from_slice(&self.dice.next().to_le_bytes());
        bytes[8..].copy_from_slice(&self.dice.next().to_le_bytes());
        let id = OperationId::from_random_bytes(bytes);
        let number = self.orders.len();
        let mut operation = TrackedOperation::of(call.operation(), id, now)
            .expect("an operation that an event confirms")
            .with_reference(&number.to_string());
        operation.ask_at = now.after(PATIENCE_MS);
        let template = operation
            .card_id
            .and_then(|card| self.templates.get(&card.get()));
        let known = self
            .known_templates
            .iter()
            .find(|known| Some(&known.id.get()) == template);
        if let Some(template) = known {
            operation = operation.with_template(template, Fee::Flat).unwrap();
        }
        let report = self.tracker.store(operation).unwrap();
        self.orders.push(Order {
            id,
            email: match call.operation() {
                AnyOperation::Register(register) => Some(register.email.as_str().to_owned()),
                _ => None,
            },
            number: match call.operation() {
                AnyOperation::Assign(assign) => Some(assign.card_number.expose().to_owned()),
                _ => None,
            },
            told: None,
            is_doubted: false,
        });
        self.take(report, Source::Answer);
        number
    }

    pub(crate) fn operation(&self, number: usize) -> &TrackedOperation {
        self.tracker.operation(self.orders[number].id).unwrap()
    }

    fn number_of(&self, id: OperationId) -> usize {
        let operation = self.tracker.operation(id).unwrap();
        operation.reference.as_ref().unwrap().parse().unwrap()
    }

    /// Takes the answer to an order, however late it comes.
    pub(crate) fn answer(
        &mut self,
        number: usize,
        call: &Call<AnyOperation>,
        status: u16,
        body: &[u8],
    ) {
        let id = self.orders[number].id;
        let report = match call.read(status, body) {
            Ok(answer) => self.tracker.acknowledge(id, &answer).unwrap(),
            Err(Error::Rejected(rejection) | Error::NotKnown(rejection)) => {
                self.tracker.reject(id, &rejection).unwrap()
            }
            // Damaged on the way: not known.
            Err(Error::NotAuthentic | Error::Unexpected(_)) => return,
            Err(error) => panic!("{error}"),
        };
        self.take(report, Source::Answer);
    }

    /// There was nobody to send it to.
    pub(crate) fn never_sent(&mut self, number: usize) {
        let report = self.tracker.withdraw(self.orders[number].id).unwrap();
        self.take(report, Source::Answer);
    }

    /// What a webhook says, without doing anything about it.
    pub(crate) fn open(&self, body: &[u8]) -> Event {
        self.merchant.receive(body).unwrap().into_event()
    }

    /// Tells the rest of the system what became known.
    fn take(&mut self, report: Report, source: Source) {
        for settled in report.settled {
            let number = self.number_of(settled.operation.id);
            let told = match settled.outcome {
                Outcome::Succeeded { card_id } => Told {
                    succeeded: true,
                    card: card_id.map(CardId::get),
                    by_count: settled.operation.by_count,
                    source,
                },
                Outcome::Failed { .. } => Told {
                    succeeded: false,
                    card: None,
                    by_count: settled.operation.by_count,
                    source,
                },
            };
            let order = &mut self.orders[number];
            if let Some(before) = order.told {
                // That a doubt about it is over is told, and changes nothing.
                if std::mem::take(&mut order.is_doubted) && before.succeeded == told.succeeded {
                    continue;
                }
                // Only the card that it made may be told later.
                let makes_card = matches!(
                    settled.operation.kind,
                    TrackedKind::Apply | TrackedKind::Assign
                );
                assert!(
                    makes_card && before.succeeded && told.succeeded && before.card.is_none(),
                    "{number} ended twice: {before:?}, then {told:?}"
                );
            }
            order.told = Some(told);
            let user = settled.operation.user_id.map(|user| user.get());
            if told.succeeded {
                match settled.operation.kind {
                    TrackedKind::Register => self.approved.extend(user),
                    TrackedKind::Apply | TrackedKind::Assign => {
                        if let (Some(card), Some(user), Some(template)) =
                            (told.card, user, settled.operation.template_id)
                        {
                            self.owners.insert(card, user);
                            self.templates.insert(card, template.get());
                        }
                    }
                    _ => {}
                }
            }
            self.news.push(number);
        }
        for id in report.doubted {
            let number = self.number_of(id);
            assert!(self.orders[number].told.is_some());
            self.orders[number].is_doubted = true;
            self.doubted.push(number);
        }
        for id in report.contradicted {
            self.contradicted.push(self.number_of(id));
        }
    }

    /// A webhook's raw body came.
    pub(crate) fn webhook(&mut self, body: &[u8], now: Timestamp) -> Result<Taken, Error> {
        let delivery = self.merchant.receive(body)?;
        let event = delivery.event();
        match TimeWindow::default().judge(event.occurred_at(), now) {
            Freshness::Fresh | Freshness::NotStated => {}
            Freshness::TooOld(_) | Freshness::TooNew(_) => return Ok(Taken::OutOfTime),
        }
        let report = self.tracker.receive(&delivery);
        if report.verdict == Verdict::Repeated {
            return Ok(Taken::Repetition);
        }
        if let Some(card_id) = event.card_id() {
            let card = self
                .cards
                .entry(card_id)
                .or_insert_with(|| CardState::new(card_id));
            if let Event::CardApplyResult(applied) = event {
                card.needs_activation = applied.template_id.map(|id| id.get() == 4);
            }
            let first = card.fold(event);
            // Once in, it doesn't count a second time.
            assert!(first != Fold::Applied || card.fold(event) != Fold::Applied);
        }
        self.take(report, Source::Event);
        Ok(Taken::Handled)
    }

    fn ask<O: Operation>(&mut self, operation: O, send: &mut Send<'_>) -> Option<O::Response> {
        let iv = self.dice.iv();
        let call = self.merchant.call(operation, iv).unwrap();
        let (status, body) = send(call.request())?;
        Some(call.read(status, &body).ok()?.into_response())
    }

    /// Looks at a card.
    pub(crate) fn look(
        &mut self,
        ask: GetInformation,
        now: Timestamp,
        send: &mut Send<'_>,
    ) -> Option<CardInformation> {
        let card_id = ask.card_id;
        let information = self.ask(ask, send)?;
        self.cards
            .entry(card_id)
            .or_insert_with(|| CardState::new(card_id))
            .observe(&information, now);
        Some(information)
    }

    /// Asks for everything that is overdue.
    pub(crate) fn inquire(&mut self, now: Timestamp, send: &mut Send<'_>) {
        for inquiry in self.tracker.overdue(now) {
            self.follow(inquiry, now, send);
        }
    }

    /// Reads all recharges of a card, as a merchant does at the end of a day.
    pub(crate) fn reconcile(&mut self, card: CardId, now: Timestamp, send: &mut Send<'_>) {
        let recharge = |row: &&TrackedOperation| {
            row.kind == TrackedKind::Recharge && row.card_id == Some(card)
        };
        let recharge = self.tracker.operations().find(recharge);
        if let Some(inquiry) = recharge.map(|row| Inquiry::about(row).remove(0)) {
            self.follow(inquiry, now, send);
        }
    }

    fn follow(&mut self, inquiry: Inquiry, now: Timestamp, send: &mut Send<'_>) {
        let order = &self.orders[self.number_of(inquiry.operation_id)];
        let mut inquiry = match &order.email {
            Some(email) => inquiry.with_email(email),
            None => inquiry,
        };
        while let Some(plan) = inquiry.next_request() {
            // Half an answer is of no use: it is asked for again.
            let Some(answer) = self.ask(plan.into_operation(), send) else {
                return;
            };
            inquiry.accept(&answer, now).unwrap();
        }
        // It may be answered by another process.
        let inquiry = Inquiry::from_json(&inquiry.to_json()).unwrap();
        let report = self.tracker.learn(&inquiry).unwrap();
        self.take(report, Source::Inquiry);
    }

    // What a person does

    /// Names a transaction that somebody else made; whether it was accepted. It isn't if nothing was said of it, or if an operation
    /// was settled by it beyond doubt.
    pub(crate) fn name_foreign(&mut self, transaction: u64) -> bool {
        let id = TransactionId::new(transaction).unwrap();
        match self.tracker.name_foreign(ThingId::Transaction(id)) {
            Ok(report) => {
                self.take(report, Source::Person);
                true
            }
            Err(error) => {
                let codes = [Code::TrackingUnknown, Code::TrackingRefuted];
                assert!(codes.contains(&error.code()), "{error}");
                false
            }
        }
    }

    /// Says how an operation ended.
    pub(crate) fn find(
        &mut self,
        number: usize,
        outcome: &Outcome,
        transaction: Option<u64>,
        now: Timestamp,
    ) -> Result<(), Invalid> {
        let transaction = transaction.map(|id| TransactionId::new(id).unwrap());
        let id = self.orders[number].id;
        let report = self.tracker.find(id, outcome, transaction, now)?;
        self.take(report, Source::Person);
        Ok(())
    }
}
