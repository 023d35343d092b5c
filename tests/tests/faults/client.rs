//! A careful merchant, made only of the core's public parts.

use std::collections::BTreeMap;

use bananatech_core::operations::card::{
    Assigned, GetInformation, Transaction, TransactionStatus, TransactionType,
};
use bananatech_core::operations::user::Registered;
use bananatech_core::operations::{Page, card, merchant};
use bananatech_core::{
    AnyOperation, AnyResponse, Call, CardId, CardState, Duplicates as _, Error, Event, Extra, Fold,
    Freshness, Json, Merchant, Novelty, Operation, Outcome, Paged, Pages, Pending, PendingId,
    PendingKind, PendingOperations, RecentDeliveries, Request, SettledOperation, Settlement,
    TimeWindow, Timestamp, UserId, Verdict,
};
use serde::{Deserialize, Serialize};

use super::dice::Dice;

/// How long to wait for an event before asking.
pub(crate) const PATIENCE_MS: i64 = 20_000;

/// By what an operation's end was known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Source {
    /// The API refused it.
    Refusal,
    /// `PendingOperations` concluded it from events.
    Events,
    /// The card is in the status that was the goal: which request brought it there can't be told.
    Information,
    /// The card, the transaction or the user is there.
    Inquiry,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Conclusion {
    pub(crate) succeeded: bool,
    pub(crate) card: Option<u64>,
    pub(crate) source: Source,
}

/// What the merchant's own books say about an operation.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Order {
    pub(crate) kind: String,
    pub(crate) user: Option<u64>,
    pub(crate) card: Option<u64>,
    pub(crate) amount: Option<String>,
    pub(crate) email: Option<String>,
    pub(crate) number: Option<String>,
    pub(crate) template: Option<u64>,
    pub(crate) conclusion: Option<Conclusion>,
}

/// What is stored, and survives a restart.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Stored {
    pending: PendingOperations,
    cards: Vec<CardState>,
    owners: BTreeMap<u64, u64>,
    orders: Vec<Order>,
    approved: Vec<u64>,
}

/// Sends a request; nothing if no answer comes.
pub(crate) type Send<'a> = dyn FnMut(&Request) -> Option<(u16, Vec<u8>)> + 'a;

pub(crate) struct Client {
    merchant: Merchant,
    dice: Dice,
    recent: RecentDeliveries,
    pub(crate) pending: PendingOperations,
    pub(crate) cards: BTreeMap<CardId, CardState>,
    pub(crate) owners: BTreeMap<u64, u64>,
    pub(crate) orders: Vec<Order>,
    /// Users who may have cards.
    pub(crate) approved: Vec<u64>,
    /// Orders that were concluded since somebody looked.
    pub(crate) news: Vec<usize>,
    /// How often each delivery, by the issuer's number, counted as an event of an operation, and of a card.
    pub(crate) counted: BTreeMap<i64, (u32, u32)>,
}

/// What a delivery was taken for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Taken {
    Handled,
    Repetition,
    /// Authentic, but from too far away in time: refused by the merchant's own policy.
    OutOfTime,
}

impl Client {
    pub(crate) fn new(merchant: Merchant, seed: u64) -> Self {
        Self {
            merchant,
            dice: Dice::new(seed),
            recent: RecentDeliveries::new(1000),
            pending: PendingOperations::new(),
            cards: BTreeMap::new(),
            owners: BTreeMap::new(),
            orders: Vec::new(),
            approved: vec![12345, 67890],
            news: Vec::new(),
            counted: BTreeMap::new(),
        }
    }

    /// Ends, and comes up again with what was stored.
    pub(crate) fn restart(&mut self) {
        let stored = Stored {
            pending: self.pending.clone(),
            cards: self.cards.values().cloned().collect(),
            owners: self.owners.clone(),
            orders: self.orders.clone(),
            approved: self.approved.clone(),
        };
        let text = serde_json::to_string(&stored).unwrap();
        let restored: Stored = serde_json::from_str(&text).unwrap();
        assert_eq!(restored, stored, "what is stored comes back as it was");
        self.pending = restored.pending;
        self.cards = restored
            .cards
            .into_iter()
            .map(|card| (card.card_id, card))
            .collect();
        self.owners = restored.owners;
        self.orders = restored.orders;
        self.approved = restored.approved;
        // In memory, and forgotten with the process.
        self.recent = RecentDeliveries::new(1000);
    }

    pub(crate) fn seal(&mut self, operation: AnyOperation) -> Call<AnyOperation> {
        let iv = self.dice.iv();
        self.merchant.call(operation, iv).unwrap()
    }

    /// Notes an order, and what is pending, before anything is sent.
    pub(crate) fn order(
        &mut self,
        call: &Call<AnyOperation>,
        order: Order,
        now: Timestamp,
    ) -> usize {
        let number = self.orders.len();
        let pending = call
            .pending(now, now.after(PATIENCE_MS))
            .expect("an operation that an event confirms")
            .with_reference(&number.to_string());
        self.pending.add(pending);
        self.orders.push(order);
        number
    }

    fn id_of(&self, number: usize) -> Option<PendingId> {
        let reference = number.to_string();
        self.pending
            .iter()
            .find(|(_, pending)| pending.reference.as_deref() == Some(&reference))
            .map(|(id, _)| id)
    }

    fn number_of(pending: &Pending) -> usize {
        pending.reference.as_ref().unwrap().parse().unwrap()
    }

    /// Takes the answer to an order, however late it comes.
    pub(crate) fn answer(
        &mut self,
        number: usize,
        call: &Call<AnyOperation>,
        status: u16,
        body: &[u8],
    ) {
        let answer = call.read(status, body);
        match answer {
            Ok(answer) => {
                if let AnyResponse::Apply(card::Applied {
                    card_id: Some(card_id),
                    ..
                })
                | AnyResponse::Assign(Assigned { card_id, .. }) = &*answer
                {
                    self.orders[number].card = Some(card_id.get());
                }
                if let Some(id) = self.id_of(number) {
                    let settlement = self.pending.acknowledge(id, &answer);
                    self.take_note(settlement);
                }
            }
            Err(Error::Rejected(rejection)) => {
                let Some(id) = self.id_of(number) else {
                    let known = &self.orders[number].conclusion;
                    assert!(known.is_some(), "{number} is neither pending nor known");
                    return;
                };
                let pending = self.pending.get(id).unwrap();
                if let Verdict::Settled(outcome) = pending.judge_rejection(&rejection) {
                    assert!(matches!(outcome, Outcome::Failed { .. }));
                    self.conclude(number, false, None, Source::Refusal);
                    let settlement = self.pending.withdraw(id);
                    self.take_note(settlement);
                }
            }
            // Damaged on the way: not known.
            Err(Error::NotAuthentic | Error::Unexpected(_)) => {}
            Err(error) => panic!("{error}"),
        }
    }

    /// There was nobody to send it to.
    pub(crate) fn never_sent(&mut self, number: usize) {
        let id = self.id_of(number).unwrap();
        self.conclude(number, false, None, Source::Refusal);
        let settlement = self.pending.withdraw(id);
        self.take_note(settlement);
    }

    /// What a webhook says, without doing anything about it.
    pub(crate) fn open(&self, body: &[u8]) -> Event {
        self.merchant.receive(body).unwrap().into_event()
    }

    fn conclude(&mut self, number: usize, succeeded: bool, card: Option<u64>, source: Source) {
        let order = &mut self.orders[number];
        assert_eq!(order.conclusion, None, "{number} was concluded before");
        order.conclusion = Some(Conclusion {
            succeeded,
            card,
            source,
        });
        if succeeded {
            if matches!(order.kind.as_str(), "apply" | "assign") {
                order.card = card.or(order.card);
                if let (Some(card), Some(user)) = (order.card, order.user) {
                    self.owners.insert(card, user);
                }
            }
            if order.kind == "register"
                && let Some(user) = order.user
            {
                self.approved.push(user);
            }
        }
        self.news.push(number);
    }

    fn take_note(&mut self, settlement: Settlement) {
        if let Settlement::Settled {
            operations: settled,
        } = settlement
        {
            for SettledOperation {
                pending, outcome, ..
            } in settled
            {
                let number = Self::number_of(&pending);
                if self.orders[number].kind == "register" {
                    self.orders[number].user = pending.user_id.map(UserId::get);
                }
                match outcome {
                    Outcome::Succeeded { card_id } => {
                        self.conclude(number, true, card_id.map(CardId::get), Source::Events);
                    }
                    Outcome::Failed { .. } => self.conclude(number, false, None, Source::Events),
                }
            }
        }
    }

    /// A webhook's raw body came. `delivery` is the issuer's number for it: only the test knows that.
    pub(crate) fn webhook(
        &mut self,
        body: &[u8],
        delivery: i64,
        now: Timestamp,
    ) -> Result<Taken, Error> {
        let received = self.merchant.receive(body)?;
        let event = received.event();
        match TimeWindow::default().judge(event.occurred_at(), now) {
            Freshness::Fresh | Freshness::NotStated => {}
            Freshness::TooOld(_) | Freshness::TooNew(_) => return Ok(Taken::OutOfTime),
        }
        if self.recent.remember(received.fingerprint()).unwrap() == Novelty::Duplicate {
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
            if card.fold(event) == Fold::Applied {
                self.counted.entry(delivery).or_default().1 += 1;
            }
        }
        self.settle(event, delivery);
        Ok(Taken::Handled)
    }

    fn settle(&mut self, event: &Event, delivery: i64) {
        let settlement = self.pending.settle(event);
        if matches!(
            settlement,
            Settlement::Settled { .. } | Settlement::Ambiguous { .. }
        ) {
            self.counted.entry(delivery).or_default().0 += 1;
        }
        self.take_note(settlement);
    }

    fn ask<O: Operation>(&mut self, operation: O, send: &mut Send<'_>) -> Option<O::Response> {
        let iv = self.dice.iv();
        let call = self.merchant.call(operation, iv).unwrap();
        let (status, body) = send(call.request())?;
        Some(call.read(status, &body).ok()?.into_response())
    }

    fn list<O: Paged<Response = Page<<O as Paged>::Record>>>(
        &mut self,
        filter: O,
        send: &mut Send<'_>,
    ) -> Option<Vec<<O as Paged>::Record>> {
        let mut pages = Pages::new(filter);
        let mut all = Vec::new();
        while let Some(request) = pages.next_page() {
            let page = self.ask(request, send)?;
            all.extend(pages.accept(page).unwrap());
        }
        Some(all)
    }

    /// Looks at a card.
    pub(crate) fn look(
        &mut self,
        ask: GetInformation,
        now: Timestamp,
        send: &mut Send<'_>,
    ) -> Option<card::CardInformation> {
        let card_id = ask.card_id;
        let information = self.ask(ask, send)?;
        self.cards
            .entry(card_id)
            .or_insert_with(|| CardState::new(card_id))
            .observe(&information, now);
        Some(information)
    }

    /// Asks for everything that is overdue, and concludes what the answers prove; nothing else.
    pub(crate) fn inquire(&mut self, now: Timestamp, send: &mut Send<'_>) {
        let overdue: Vec<_> = self.pending.overdue(now).map(|(id, _)| id).collect();
        for id in overdue {
            let Some(pending) = self.pending.get(id).cloned() else {
                continue;
            };
            let inquiries = pending.inquiries();
            assert!(!inquiries.is_empty());
            for inquiry in inquiries {
                if self.pending.get(id).is_some() {
                    self.follow(id, inquiry, now, send);
                }
            }
        }
    }

    fn follow(
        &mut self,
        id: PendingId,
        inquiry: AnyOperation,
        now: Timestamp,
        send: &mut Send<'_>,
    ) {
        let pending = self.pending.get(id).cloned().unwrap();
        let number = Self::number_of(&pending);
        match inquiry {
            AnyOperation::GetInformation(ask) => {
                let card = ask.card_id.get();
                let Some(information) = self.look(ask, now, send) else {
                    // No such card yet: that proves nothing.
                    return;
                };
                match pending.kind {
                    // Its id came with the answer, and it is there.
                    PendingKind::Assign | PendingKind::Apply => {
                        self.resolve(id, number, true, Some(card), Source::Inquiry);
                    }
                    _ => {
                        if let Verdict::Settled(Outcome::Succeeded { .. }) =
                            pending.judge_information(&information)
                        {
                            self.resolve(id, number, true, Some(card), Source::Information);
                        }
                    }
                }
            }
            AnyOperation::GetTransactions(mut ask) => {
                ask.limit = Some(100);
                let card = ask.card_id.unwrap().get();
                if let Some(transactions) = self.list(ask, send) {
                    self.weigh(card, &transactions);
                }
            }
            AnyOperation::GetBalance(ask) => {
                self.ask(ask, send);
            }
            AnyOperation::GetUsers(mut ask) => {
                ask.limit = Some(100);
                if let Some(users) = self.list(ask, send) {
                    self.find_user(id, number, &users);
                }
            }
            AnyOperation::GetWebhookRecords(mut ask) => {
                ask.limit = Some(100);
                // Oldest first: new ones don't shift the pages.
                ask.desc = Some(false);
                if let Some(records) = self.list::<merchant::GetWebhookRecords>(ask, send) {
                    for record in &records {
                        self.read_record(&pending, record, now, send);
                    }
                }
            }
            other => panic!("an inquiry changes nothing: {other:?}"),
        }
    }

    fn resolve(
        &mut self,
        id: PendingId,
        number: usize,
        succeeded: bool,
        card: Option<u64>,
        source: Source,
    ) {
        let outcome = if succeeded {
            Outcome::Succeeded { card_id: None }
        } else {
            Outcome::Failed { reason: None }
        };
        let settlement = self.pending.resolve(id, &outcome, None);
        self.conclude(number, succeeded, card, source);
        self.take_note(settlement);
    }

    /// What a card's transactions prove about its recharges of each amount. Only if all that were asked for are there is
    /// each one's transaction known, and only if those that aren't known yet all ended alike, each one's end.
    fn weigh(&mut self, card: u64, transactions: &[Transaction]) {
        let mut amounts: Vec<String> = Vec::new();
        for order in &self.orders {
            if order.kind == "recharge" && order.card == Some(card) {
                amounts.extend(order.amount.clone());
            }
        }
        amounts.sort();
        amounts.dedup();
        for amount in amounts {
            let orders: Vec<usize> = (0..self.orders.len())
                .filter(|number| {
                    let order = &self.orders[*number];
                    order.kind == "recharge"
                        && order.card == Some(card)
                        && order.amount.as_ref() == Some(&amount)
                        && order
                            .conclusion
                            .as_ref()
                            .is_none_or(|known| known.source != Source::Refusal)
                })
                .collect();
            let wanted = bananatech_core::Amount::parse(&amount).unwrap();
            let found: Vec<_> = transactions
                .iter()
                .filter(|transaction| {
                    transaction.transaction_type == Some(TransactionType::Recharge)
                        && transaction.amount == wanted
                })
                .map(|transaction| transaction.status.clone().unwrap())
                .collect();
            assert!(
                found.len() <= orders.len(),
                "more recharges than were ever sent"
            );
            if found.len() < orders.len() {
                continue;
            }
            let count = |status| found.iter().filter(|found| **found == status).count();
            let known = |succeeded| {
                orders
                    .iter()
                    .filter(|number| {
                        let known = &self.orders[**number].conclusion;
                        known
                            .as_ref()
                            .is_some_and(|known| known.succeeded == succeeded)
                    })
                    .count()
            };
            let open: Vec<usize> = orders
                .iter()
                .copied()
                .filter(|number| self.orders[*number].conclusion.is_none())
                .collect();
            for (status, succeeded) in [
                (TransactionStatus::Success, true),
                (TransactionStatus::Failed, false),
            ] {
                if !open.is_empty() && count(status) - known(succeeded) == open.len() {
                    for number in &open {
                        if let Some(id) = self.id_of(*number) {
                            self.resolve(id, *number, succeeded, None, Source::Inquiry);
                        }
                    }
                    break;
                }
            }
        }
    }

    /// The user with the registration's own e-mail address is the registration's.
    fn find_user(&mut self, id: PendingId, number: usize, users: &[Json]) {
        let email = self.orders[number].email.clone();
        let user = users.iter().find_map(|user| {
            let fields: serde_json::Value = user.to().unwrap();
            let text = |name: &str| fields[name].as_str().map(str::to_owned);
            (text("email") == email).then(|| {
                let user_id = UserId::new(fields["user_id"].as_u64().unwrap()).unwrap();
                (user_id, text("status"))
            })
        });
        let Some((user_id, status)) = user else {
            return;
        };
        self.orders[number].user = Some(user_id.get());
        let found = AnyResponse::Register(Registered {
            user_id: Some(user_id),
            message: None,
            extra: Extra::new(),
        });
        let settlement = self.pending.acknowledge(id, &found);
        self.take_note(settlement);
        // Any other word isn't documented, and settles nothing.
        if status.as_deref() == Some("APPROVED") && self.pending.get(id).is_some() {
            self.resolve(id, number, true, None, Source::Inquiry);
        }
    }

    /// A webhook that may never have come, out of the API's own records.
    fn read_record(
        &mut self,
        pending: &Pending,
        record: &Json,
        now: Timestamp,
        send: &mut Send<'_>,
    ) {
        let fields: serde_json::Value = record.to().unwrap();
        let event = Event::from_json(&format!(
            r#"{{"type":{},"data":{}}}"#,
            fields["callback_type"], fields["payload"],
        ))
        .unwrap();
        let delivery = fields["id"].as_i64().unwrap();
        if pending.kind == PendingKind::Assign
            && let (Some(card_id), Some(user_id)) = (event.card_id(), pending.user_id)
        {
            self.find_card(user_id, card_id, now, send);
        }
        self.settle(&event, delivery);
    }

    /// A card of which nobody knows by which assignment it came: its number says so, if only one can have asked for it.
    fn find_card(&mut self, user_id: UserId, card_id: CardId, now: Timestamp, send: &mut Send<'_>) {
        if self
            .orders
            .iter()
            .any(|order| order.card == Some(card_id.get()) && order.kind == "assign")
        {
            return;
        }
        let Some(information) = self.look(GetInformation { user_id, card_id }, now, send) else {
            return;
        };
        let shown = information.number.unwrap();
        let shown = shown.full().unwrap().expose().to_owned();
        let candidates: Vec<usize> = (0..self.orders.len())
            .filter(|number| {
                let order = &self.orders[*number];
                order.kind == "assign"
                    && order.number.as_ref() == Some(&shown)
                    && order.card.is_none()
                    && order.conclusion.is_none()
            })
            .collect();
        if let [number] = candidates[..]
            && let Some(id) = self.id_of(number)
        {
            self.orders[number].card = Some(card_id.get());
            let found = AnyResponse::Assign(Assigned {
                card_id,
                extra: Extra::new(),
            });
            let settlement = self.pending.acknowledge(id, &found);
            self.take_note(settlement);
        }
    }
}
