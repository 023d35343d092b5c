//! The issuer, the wire between it and the merchant, everything that goes wrong on it, and the truth.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use bananatech_core::operations::card::{
    Apply, Assign, GetInformation, Recharge, SetPin, UpdateStatus,
};
use bananatech_core::operations::user::Register;
use bananatech_core::{
    ActivationPin, Amount, AnyOperation, AnyResponse, Call, CardId, CardNumber, Endpoints, Error,
    KeyCodec, KeyRing, Merchant, MerchantId, Pin, Request, SecretKey, TemplateId, Timestamp,
    UserId,
};
use bananatech_sandbox::{
    ApiRequest, ApiResponse, Command, Delivery, Fault, FaultKind, Issuer, Outcome, Seed, Settings,
    envelope, random, seed,
};
use serde_json::{Value, json};

use super::client::{Client, Order, Source, Taken};
use super::dice::Dice;

const BASE: &str = "https://api.example";
const START: i64 = 1_705_314_600_000;
const NEW_KEY: &str = "another-secret-key-0123456789abc";
const NUMBERS: [&str; 12] = [
    "1234567890123456",
    "4000001200000016",
    "4000001200000024",
    "5200001200000011",
    "62000012000000013",
    "6200001200000000013",
    "4000000000010100",
    "4000000000010209",
    "4000000000050007",
    "4000000000090003",
    "4000000000090102",
    "4000000000090201",
];
const WORDS: [&str; 11] = [
    "reject",
    "pending",
    "slow",
    "silent",
    "apply-fails",
    "activate-fails",
    "recharge-fails",
    "lock-fails",
    "close-fails",
    "slow+lock-fails",
    "silent+recharge-fails",
];
/// 66.01 is rejected, 66.02 silent, 66.03 slow; 5 is below the minimum.
const AMOUNTS: [&str; 8] = ["20", "20", "30.5", "45.25", "66.01", "66.02", "66.03", "5"];

/// What became of a request on its way.
#[derive(Clone, Debug, PartialEq)]
enum Fate {
    /// It never arrived.
    Lost,
    /// The issuer refused it.
    Refused,
    /// The issuer took it, and gave these ids.
    Taken {
        user: Option<u64>,
        card: Option<u64>,
        transaction: Option<i64>,
    },
}

/// How an operation stands by the issuer's own record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Truth {
    NeverDone,
    Undecided,
    Done(bool),
}

/// An answer that is on its way.
struct Held {
    at: i64,
    number: usize,
    call: Call<AnyOperation>,
    status: u16,
    body: Vec<u8>,
}

/// What happened in a run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Tally {
    pub(crate) operations: u32,
    pub(crate) taken: u32,
    pub(crate) faults: u32,
    pub(crate) lost_answers: u32,
    pub(crate) late_answers: u32,
    pub(crate) crashes: u32,
    pub(crate) restarts: u32,
    pub(crate) deliveries: u32,
    pub(crate) refused_forgeries: u32,
    pub(crate) other_types: u32,
    pub(crate) repetitions: u32,
    pub(crate) by_events: u32,
    pub(crate) by_asking: u32,
    pub(crate) by_information: u32,
    /// Never arrived, or refused unheard.
    pub(crate) pending_unheard: u32,
    /// A user that isn't approved.
    pub(crate) pending_no_word: u32,
    /// Can't be told from another.
    pub(crate) pending_twins: u32,
}

impl Tally {
    pub(crate) fn add(&mut self, other: &Tally) {
        macro_rules! sum { ($($field:ident),*) => { $(self.$field += other.$field;)* } }
        sum!(
            operations,
            taken,
            faults,
            lost_answers,
            late_answers,
            crashes,
            restarts,
            deliveries,
            refused_forgeries,
            other_types,
            repetitions,
            by_events,
            by_asking,
            by_information,
            pending_unheard,
            pending_no_word,
            pending_twins
        );
    }
}

pub(crate) struct World {
    seed: u64,
    dice: Dice,
    folder: tempfile::TempDir,
    database: PathBuf,
    issuer: Issuer,
    /// The merchant's keys as the issuer knows them, and as the merchant does.
    keys: Vec<envelope::SecretKey>,
    now: i64,
    client: Client,
    fates: Vec<Fate>,
    /// The changes of status that the issuer took, by card: it decides them in that order.
    changes: BTreeMap<u64, Vec<usize>>,
    held: Vec<Held>,
    skewed: bool,
    /// Deliveries that the merchant took at their true time, and cards with one that it took at a wrong one.
    faithful: BTreeSet<i64>,
    skewed_cards: BTreeSet<u64>,
    captured: Vec<(i64, Vec<u8>)>,
    pub(crate) tally: Tally,
}

impl Drop for World {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("to repeat it: FAULTS_SEED={}", self.seed);
        }
    }
}

fn sandbox_time(now: i64) -> bananatech_sandbox::Timestamp {
    bananatech_sandbox::Timestamp(now)
}

fn handle(issuer: &mut Issuer, request: &Request, now: i64) -> ApiResponse {
    let headers = request
        .headers()
        .iter()
        .map(|header| (header.name.to_owned(), header.value.clone()))
        .collect();
    let request = ApiRequest {
        path: request.url().strip_prefix(BASE).unwrap().to_owned(),
        headers,
        body: request.body().as_bytes().to_vec(),
    };
    issuer.handle(&request, sandbox_time(now))
}

impl World {
    pub(crate) fn new(seed: u64) -> Self {
        // In memory where that is to be had: no power is cut here, and every change waits for the disk otherwise.
        let folder = tempfile::tempdir_in("/dev/shm")
            .or_else(|_| tempfile::tempdir())
            .unwrap();
        let database = folder.path().join("0.db");
        let issuer = Self::open(&database, seed, START);
        let old = SecretKey::from_text(seed::SECRET_KEY, KeyCodec::Utf8).unwrap();
        let new = SecretKey::from_text(NEW_KEY, KeyCodec::Utf8).unwrap();
        // The key may have been rotated, and the merchant may have forgotten the old one.
        let ring = match seed % 3 {
            0 => KeyRing::new("old", old),
            1 => KeyRing::new("old", old).and_then(|ring| ring.rotated("new", new)),
            _ => KeyRing::new("new", new),
        };
        let of_the_issuer =
            |text| envelope::SecretKey::new(text, envelope::KeyCodec::Utf8).unwrap();
        let keys = match seed % 3 {
            0 => vec![of_the_issuer(seed::SECRET_KEY)],
            1 => vec![of_the_issuer(NEW_KEY), of_the_issuer(seed::SECRET_KEY)],
            _ => vec![of_the_issuer(NEW_KEY)],
        };
        let merchant = Merchant::new(
            MerchantId::parse(seed::MERCHANT_ID).unwrap(),
            ring.unwrap(),
            Endpoints::new(BASE).unwrap(),
        )
        .sealed_answers_only();
        let mut world = Self {
            seed,
            dice: Dice::new(seed),
            folder,
            database,
            issuer,
            keys,
            now: START,
            client: Client::new(merchant, !seed),
            fates: Vec::new(),
            changes: BTreeMap::new(),
            held: Vec::new(),
            skewed: false,
            faithful: BTreeSet::new(),
            skewed_cards: BTreeSet::new(),
            captured: Vec::new(),
            tally: Tally::default(),
        };
        world.control(Command::set_webhook_url("http://127.0.0.1:9/"));
        if !seed.is_multiple_of(3) {
            world.post(
                "merchants/rotate-key",
                &json!({ "key": { "text": NEW_KEY, "codec": "utf8" } }),
            );
        }
        world
    }

    fn open(database: &std::path::Path, entropy: u64, now: i64) -> Issuer {
        Issuer::open_file(
            database,
            Seed::standard(),
            Settings::default(),
            random::reproducible(entropy),
            sandbox_time(now),
        )
        .unwrap()
    }

    fn control(&mut self, command: Command) -> Value {
        self.issuer
            .control(command, sandbox_time(self.now))
            .unwrap()
            .value()
    }

    /// A control command as it comes over HTTP; nothing if it is refused.
    fn post(&mut self, path: &str, body: &Value) -> Option<Value> {
        let command = Command::parse("POST", path, "", body.to_string().as_bytes())
            .unwrap()
            .unwrap();
        let done = self.issuer.control(command, sandbox_time(self.now));
        done.ok().map(|json| json.value())
    }

    /// Asks the issuer behind the merchant's back.
    fn query(&mut self, path: &str, body: &Value) -> Value {
        let answer = self.control(Command::call(path, &body.to_string()).unwrap());
        answer["body"].clone()
    }

    // Faults

    /// Ends the issuer as a power cut would: what goes on is a copy of the files as they are now.
    fn crash(&mut self) {
        self.tally.crashes += 1;
        let next = self
            .folder
            .path()
            .join(format!("{}.db", self.tally.crashes));
        for suffix in ["", "-wal"] {
            let file =
                |database: &PathBuf| PathBuf::from(format!("{}{suffix}", database.display()));
            if file(&self.database).exists() {
                std::fs::copy(file(&self.database), file(&next)).unwrap();
            }
        }
        self.issuer = Self::open(&next, self.dice.next(), self.now);
        self.database = next;
    }

    fn add_fault(&mut self) {
        const KINDS: [FaultKind; 10] = [
            FaultKind::Delay,
            FaultKind::Drop,
            FaultKind::Duplicate,
            FaultKind::Reorder,
            FaultKind::WrongMac,
            FaultKind::BrokenPadding,
            FaultKind::OldKey,
            FaultKind::SkewedClock,
            FaultKind::CutConnection,
            FaultKind::WrongType,
        ];
        let kind = *self.dice.of(&KINDS);
        let ms = match kind {
            FaultKind::Delay | FaultKind::Reorder => Some(self.dice.millis(1, 40_000)),
            // Out of the merchant's window, or so far behind that it can't be an answer to what was asked.
            FaultKind::SkewedClock => Some(*self.dice.of(&[3_600_000, -3_600_000, -90_000_000])),
            _ => None,
        };
        let count = match self.dice.below(8) {
            0 => None,
            _ => Some(u32::try_from(1 + self.dice.below(3)).unwrap()),
        };
        self.tally.faults += 1;
        self.control(Command::AddFault(Fault {
            kind,
            count,
            ms,
            event_type: None,
        }));
    }

    // Operations

    fn user_and_card(&mut self) -> Option<(UserId, CardId)> {
        let cards: Vec<(u64, u64)> = self
            .client
            .owners
            .iter()
            .map(|(card, user)| (*card, *user))
            .collect();
        if cards.is_empty() {
            return None;
        }
        // Mostly the newest two, so that much happens to one card.
        let recent = &cards[cards.len().saturating_sub(3)..];
        let (card, user) = *self.dice.of(recent);
        Some((UserId::new(user).unwrap(), CardId::new(card).unwrap()))
    }

    fn operation(&mut self) -> Option<(AnyOperation, Order)> {
        let users: Vec<u64> = self.client.approved.clone();
        let recent = &users[users.len().saturating_sub(3)..];
        let user = UserId::new(*self.dice.of(recent)).unwrap();
        let template = |id: u32| TemplateId::from(id);
        let of_card = |kind: &str, user: UserId, card: CardId| Order {
            kind: kind.to_owned(),
            user: Some(user.get()),
            card: Some(card.get()),
            ..Order::default()
        };
        Some(match self.dice.below(100) {
            0..12 => {
                let word = self.dice.of(&WORDS);
                let word = if self.dice.percent(40) {
                    String::new()
                } else {
                    format!("+{word}")
                };
                let email = format!("user{}{word}@example.com", self.client.orders.len());
                let order = Order {
                    kind: "register".to_owned(),
                    email: Some(email.clone()),
                    ..Order::default()
                };
                (Register::new(&email, template(1)).into(), order)
            }
            12..24 => {
                let id = *self.dice.of(&[2, 3, 4]);
                let mut apply = Apply::new(user, template(id));
                if id == 3 {
                    let deposit = *self.dice.of(&["51.11", "66.01", "49"]);
                    apply.deposit_amount = Some(Amount::parse(deposit).unwrap());
                }
                let order = Order {
                    kind: "apply".to_owned(),
                    user: Some(user.get()),
                    template: Some(u64::from(id)),
                    ..Order::default()
                };
                (apply.into(), order)
            }
            24..38 => {
                let number = *self.dice.of(&NUMBERS);
                let assign = Assign {
                    user_id: user,
                    template_id: template(1),
                    card_number: CardNumber::parse(number).unwrap(),
                };
                let order = Order {
                    kind: "assign".to_owned(),
                    user: Some(user.get()),
                    number: Some(number.to_owned()),
                    ..Order::default()
                };
                (assign.into(), order)
            }
            38..66 => {
                let (user_id, card_id) = self.user_and_card()?;
                let text = *self.dice.of(&AMOUNTS);
                let amount = Amount::parse(text).unwrap();
                let order = Order {
                    amount: Some(text.to_owned()),
                    ..of_card("recharge", user_id, card_id)
                };
                (
                    Recharge {
                        user_id,
                        card_id,
                        amount,
                    }
                    .into(),
                    order,
                )
            }
            66..97 => {
                let (user_id, card_id) = self.user_and_card()?;
                let physical = self
                    .client
                    .orders
                    .iter()
                    .any(|order| order.kind == "assign" && order.card == Some(card_id.get()));
                let (update, kind) = match self.dice.below(10) {
                    0..4 if physical => (
                        UpdateStatus::activate_physical(
                            user_id,
                            card_id,
                            ActivationPin::parse("482916").unwrap(),
                        ),
                        "activate",
                    ),
                    0..4 => (UpdateStatus::activate_virtual(user_id, card_id), "activate"),
                    4..6 => (UpdateStatus::lock(user_id, card_id), "lock"),
                    6..9 => (UpdateStatus::unlock(user_id, card_id), "unlock"),
                    _ => (UpdateStatus::close(user_id, card_id), "close"),
                };
                (update.into(), of_card(kind, user_id, card_id))
            }
            _ => {
                let (user_id, card_id) = self.user_and_card()?;
                let pin = Pin::parse("6789").unwrap();
                (
                    SetPin {
                        user_id,
                        card_id,
                        pin,
                    }
                    .into(),
                    of_card("set_pin", user_id, card_id),
                )
            }
        })
    }

    fn send(&mut self) {
        let Some((operation, order)) = self.operation() else {
            return;
        };
        // Mostly heeding what is known of the card, sometimes not.
        if let Some(card) = order
            .card
            .and_then(|card| self.client.cards.get(&CardId::new(card).unwrap()))
            && card.check_operation(&operation).is_err()
            && !self.dice.percent(10)
        {
            return;
        }
        let twice = order.kind == "recharge" && self.dice.percent(30);
        self.send_one(operation.clone(), order.clone());
        if twice {
            self.send_one(operation, order);
        }
    }

    fn send_one(&mut self, operation: AnyOperation, order: Order) {
        let kind = order.kind.clone();
        let card = order.card;
        let call = self.client.seal(operation);
        if kind == "set_pin" {
            // Its answer is all there is.
            let response = handle(&mut self.issuer, call.request(), self.now);
            assert!(matches!(
                call.read(response.status, &response.body),
                Ok(_) | Err(Error::Rejected(_))
            ));
            return;
        }
        self.tally.operations += 1;
        let number = self
            .client
            .order(&call, order, Timestamp::from_millis(self.now));
        self.fates.push(Fate::Lost);
        if self.dice.percent(3) {
            // Stored, and then the process died before it could send.
            self.restart();
            return;
        }
        if self.dice.percent(7) {
            self.tally.lost_answers += 1;
            return;
        }
        let response = handle(&mut self.issuer, call.request(), self.now);
        self.fates[number] = self.fate(&call, &response, card);
        if matches!(self.fates[number], Fate::Taken { .. }) {
            self.tally.taken += 1;
            if let (Some(card), true) = (
                card,
                matches!(kind.as_str(), "activate" | "lock" | "unlock" | "close"),
            ) {
                self.changes.entry(card).or_default().push(number);
            }
        }
        let ApiResponse {
            status, mut body, ..
        } = response;
        match self.dice.below(100) {
            0..55 => self.client.answer(number, &call, status, &body),
            55..75 => {
                self.tally.late_answers += 1;
                let at = self.now + self.dice.millis(1, 15_000);
                self.held.push(Held {
                    at,
                    number,
                    call,
                    status,
                    body,
                });
            }
            75..87 => self.tally.lost_answers += 1,
            87..91 => {
                self.tally.lost_answers += 1;
                self.crash();
            }
            91..95 => {
                self.tally.lost_answers += 1;
                let status = *self.dice.of(&[502, 503, 504, 500, 408, 429]);
                self.client
                    .answer(number, &call, status, b"<html>try later</html>");
            }
            _ => {
                // Damaged: cut off, or a byte changed.
                self.tally.lost_answers += 1;
                if status != 200 {
                    return;
                }
                if self.dice.percent(50) {
                    body.truncate(self.dice.below(body.len()));
                } else {
                    let at = self.dice.below(body.len());
                    body[at] ^= 1;
                }
                self.client.answer(number, &call, status, &body);
            }
        }
        self.check_news();
    }

    fn fate(
        &mut self,
        call: &Call<AnyOperation>,
        response: &ApiResponse,
        card: Option<u64>,
    ) -> Fate {
        let blank = Fate::Taken {
            user: None,
            card: None,
            transaction: None,
        };
        match call.read(response.status, &response.body) {
            Err(Error::Rejected(_)) => Fate::Refused,
            Err(error) => panic!("the issuer said {error}"),
            Ok(answer) => match (answer.into_response(), call.operation()) {
                (AnyResponse::Register(registered), _) => Fate::Taken {
                    user: registered.user_id.map(UserId::get),
                    card: None,
                    transaction: None,
                },
                (AnyResponse::Apply(applied), _) => Fate::Taken {
                    user: None,
                    card: applied.card_id.map(CardId::get),
                    transaction: None,
                },
                (AnyResponse::Assign(assigned), _) => Fate::Taken {
                    user: None,
                    card: Some(assigned.card_id.get()),
                    transaction: None,
                },
                (_, AnyOperation::Recharge(_)) => {
                    let newest = self.query(
                        "/card/get_transactions",
                        &json!({ "card_id": card, "limit": 1, "desc": true }),
                    );
                    Fate::Taken {
                        user: None,
                        card: None,
                        transaction: newest["data"][0]["id"].as_i64(),
                    }
                }
                _ => blank,
            },
        }
    }

    // Deliveries

    /// The merchant comes up again. Answers that were on their way are lost with its connections.
    fn restart(&mut self) {
        self.tally.restarts += 1;
        self.held.clear();
        self.client.restart();
    }

    fn hand_over_answers(&mut self) {
        while let Some(at) = self.held.iter().position(|held| held.at <= self.now) {
            let held = self.held.remove(at);
            self.client
                .answer(held.number, &held.call, held.status, &held.body);
            self.check_news();
        }
    }

    /// Lets time pass, and delivers what is due.
    fn pass(&mut self, ms: i64) {
        let end = self.now + ms;
        for turn in 0.. {
            assert!(turn < 10_000, "deliveries without end");
            let next = self
                .issuer
                .next_due(sandbox_time(self.now))
                .unwrap()
                .map_or(i64::MAX, |at| at.0);
            let answer = self.held.iter().map(|held| held.at).min();
            let next = next.min(answer.unwrap_or(i64::MAX));
            if next > end {
                break;
            }
            self.now = self.now.max(next);
            self.hand_over_answers();
            let faults = self.control(Command::Faults);
            self.skewed = faults["faults"]
                .as_array()
                .unwrap()
                .iter()
                .any(|fault| fault["kind"] == "skewed_clock");
            let due = self.issuer.due(sandbox_time(self.now)).unwrap();
            for delivery in due {
                if self.dice.percent(2) {
                    // Before it knows what came of those that it has just sent.
                    self.deliver(&delivery);
                    self.crash();
                    break;
                }
                let outcome = self.deliver(&delivery);
                self.issuer
                    .delivered(delivery.id, outcome, sandbox_time(self.now))
                    .unwrap();
            }
        }
        self.now = end;
    }

    fn deliver(&mut self, delivery: &Delivery) -> Outcome {
        self.tally.deliveries += 1;
        if delivery.cut {
            let half = &delivery.body[..delivery.body.len() / 2];
            assert!(self.receive(half, delivery.id).is_err());
            return Outcome::Cut;
        }
        if !self.skewed && self.dice.percent(5) {
            return *self.dice.of(&[Outcome::Unreachable, Outcome::TimedOut]);
        }
        self.captured.push((delivery.id, delivery.body.clone()));
        let outer: Value = serde_json::from_slice(&delivery.body).unwrap();
        let authentic = envelope::open(
            &self.keys,
            outer["encrypted_payload"].as_str().unwrap(),
            outer["hmac"].as_str().unwrap(),
        );
        let taken = self.receive(&delivery.body, delivery.id);
        let Ok((_, plaintext)) = authentic else {
            assert_eq!(taken, Err(Error::NotAuthentic));
            self.tally.refused_forgeries += 1;
            return Outcome::Answered(401);
        };
        let data: Value = serde_json::from_slice(&plaintext).unwrap();
        if outer["type"] != delivery.event_type {
            // It is read, and proves nothing: what it would have settled under its own type is asked for.
            self.tally.other_types += 1;
        }
        match taken.expect("what is authentic is read") {
            Taken::OutOfTime => return Outcome::Answered(409),
            Taken::Repetition => self.tally.repetitions += 1,
            Taken::Handled if outer["type"] != delivery.event_type => {}
            Taken::Handled => {
                if self.skewed {
                    self.skewed_cards.extend(data["card_id"].as_u64());
                } else {
                    self.faithful.insert(delivery.id);
                }
            }
        }
        if !self.skewed && self.dice.percent(6) {
            // Taken, but the issuer doesn't learn of it.
            return *self.dice.of(&[
                Outcome::TimedOut,
                Outcome::Unreachable,
                Outcome::Answered(500),
            ]);
        }
        Outcome::Answered(200)
    }

    fn receive(&mut self, body: &[u8], delivery: i64) -> Result<Taken, Error> {
        let now = Timestamp::from_millis(self.now);
        let taken = self.client.webhook(body, delivery, now);
        self.check_news();
        taken
    }

    /// Somebody who saw a delivery sends it again, as it was or under another type.
    fn replay(&mut self) {
        const TYPES: [&str; 12] = [
            "USER_CREATE_RESULT",
            "CARD_APPLY_RESULT",
            "CARD_ACTIVATE_RESULT",
            "CARD_ASSIGN_RESULT",
            "CARD_STATUS_CHANGE",
            "CARD_RECHARGE_RESULT",
            "CARD_CLOSE_RESULT",
            "TRANSACTION_CREATED",
            "CARD_CORRECTION",
            "CARD_3DS",
            "CARD_BALANCE_CHANGE",
            "SOMETHING_NEW",
        ];
        if self.captured.is_empty() {
            return;
        }
        let at = self.dice.below(self.captured.len());
        let (delivery, body) = self.captured[at].clone();
        let mut outer: Value = serde_json::from_slice(&body).unwrap();
        if self.dice.percent(60) {
            outer["type"] = json!(self.dice.of(&TYPES));
        }
        let _ = self.receive(outer.to_string().as_bytes(), delivery);
    }

    // What others do

    fn cardholder(&mut self) {
        let Some((_, card)) = self.user_and_card() else {
            return;
        };
        let card = card.get();
        match self.dice.below(6) {
            0..3 => {
                let bought = self.post(
                    "purchases/authorize",
                    &json!({ "card_id": card, "amount": 7.5 }),
                );
                if let Some(id) = bought.and_then(|bought| bought["transaction"]["id"].as_i64()) {
                    let then = *self.dice.of(&["purchases/clear", "purchases/reverse"]);
                    self.post(then, &json!({ "transaction_id": id }));
                    if self.dice.percent(50) {
                        self.post("purchases/refund", &json!({ "transaction_id": id }));
                    }
                }
            }
            3 => {
                self.post("corrections", &json!({ "card_id": card, "amount": 1.25 }));
            }
            4 => {
                self.post("3ds", &json!({ "card_id": card, "amount": 12.0 }));
            }
            _ => {
                self.post("wallet-verifications", &json!({ "card_id": card }));
            }
        }
    }

    fn decide(&mut self) {
        let pending = self.query("/user/get_users", &json!({ "status": "PENDING" }));
        if let Some(user) = pending["data"][0]["user_id"].as_i64() {
            let decision = *self.dice.of(&["approve", "reject"]);
            self.post(
                "users/decide",
                &json!({ "user_id": user, "decision": decision }),
            );
        }
    }

    fn resend(&mut self) {
        let total = self.control(Command::Deliveries {
            state: None,
            event_type: None,
        });
        // The merchant's window is a day.
        let since = sandbox_time(self.now - 80_000_000).iso();
        let all: Vec<&Value> = total["deliveries"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|delivery| delivery["created_at"].as_str().unwrap() > since.as_str())
            .collect();
        if !all.is_empty() {
            let id = all[self.dice.below(all.len())]["id"].clone();
            self.post("deliveries/resend", &json!({ "delivery_id": id }));
        }
    }

    fn inquire(&mut self, reliable: bool) {
        let Self {
            issuer,
            client,
            dice,
            now,
            ..
        } = self;
        client.inquire(Timestamp::from_millis(*now), &mut |request| {
            let response = handle(issuer, request, *now);
            let lost = !reliable && dice.percent(20);
            (!lost).then_some((response.status, response.body))
        });
        self.check_news();
    }

    // The run

    pub(crate) fn run(&mut self, steps: usize) {
        for _ in 0..steps {
            match self.dice.below(100) {
                0..52 => self.send(),
                52..64 => self.add_fault(),
                64..83 => {
                    let ms = *self.dice.of(&[60, 60, 200, 2_000, 15_000, 45_000]);
                    self.pass(ms);
                }
                83..86 => self.crash(),
                86..89 => self.restart(),
                89..91 => {
                    self.control(Command::ClearFaults);
                }
                91..94 => self.cardholder(),
                94 => self.decide(),
                95 => self.resend(),
                96 | 97 => self.replay(),
                _ => self.inquire(false),
            }
        }
        self.settle();
    }

    /// The faults end, time passes, and the merchant asks for what it doesn't know yet.
    fn settle(&mut self) {
        self.control(Command::ClearFaults);
        self.pass(120_000);
        // Until one attempt in twenty doesn't fail by chance.
        for _ in 0..20 {
            if self.issuer.audit().unwrap().pending_deliveries > 0 {
                self.pass(60_000);
            }
        }
        self.check_cards(true);
        // Twice: what one answer proves may settle what another left open.
        self.inquire(true);
        self.inquire(true);
        let cards: Vec<(u64, u64)> = self
            .client
            .owners
            .iter()
            .map(|(card, user)| (*card, *user))
            .collect();
        for (card, user) in cards {
            let ask = GetInformation {
                user_id: UserId::new(user).unwrap(),
                card_id: CardId::new(card).unwrap(),
            };
            let Self {
                issuer,
                client,
                now,
                ..
            } = self;
            client
                .look(ask, Timestamp::from_millis(*now), &mut |request| {
                    let response = handle(issuer, request, *now);
                    Some((response.status, response.body))
                })
                .unwrap();
        }
        self.check_cards(false);
        self.check_end();
    }

    /// A day later the merchant forgets what can't be told any more.
    pub(crate) fn next_day(&mut self) {
        self.pass(26 * 3_600_000);
        self.client.pending.tidy(Timestamp::from_millis(self.now));
    }

    // The truth

    fn truth(&mut self, number: usize) -> Truth {
        let order = self.client.orders[number].clone();
        let (user, card, transaction) = match &self.fates[number] {
            Fate::Lost | Fate::Refused => return Truth::NeverDone,
            Fate::Taken {
                user,
                card,
                transaction,
            } => (*user, *card, *transaction),
        };
        match order.kind.as_str() {
            "register" => {
                let users = self.query("/user/get_users", &json!({ "user_id": user }));
                match users["data"][0]["status"].as_str().unwrap() {
                    "APPROVED" => Truth::Done(true),
                    "REJECTED" => Truth::Done(false),
                    _ => Truth::Undecided,
                }
            }
            "apply" | "assign" => {
                let path = "/card/get_information";
                let answer = self.query(path, &json!({ "user_id": order.user, "card_id": card }));
                if answer["status"].is_string() {
                    return Truth::Done(true);
                }
                let kind = if order.kind == "apply" {
                    "CARD_APPLY_RESULT"
                } else {
                    "CARD_ASSIGN_RESULT"
                };
                // Failures of assignments name the user only; the provider decides in order unless one is slow.
                let told = self.records(&json!({ "user_id": order.user, "callback_type": kind }));
                let failed = told.iter().any(|record| {
                    record["payload"]["card_id"] == json!(card)
                        && record["payload"]["status"] == "FAILED"
                }) || (order.kind == "assign"
                    && self.failed_assignments_are_all_told(order.user, &told));
                if failed {
                    Truth::Done(false)
                } else {
                    Truth::Undecided
                }
            }
            "recharge" => {
                let all = self.all(
                    "/card/get_transactions",
                    &json!({ "card_id": order.card, "type": "RECHARGE" }),
                );
                let found = all
                    .iter()
                    .find(|found| found["id"].as_i64() == transaction)
                    .unwrap();
                match found["status"].as_str().unwrap() {
                    "SUCCESS" => Truth::Done(true),
                    "FAILED" => Truth::Done(false),
                    _ => Truth::Undecided,
                }
            }
            _ => {
                let told = self.records(&json!({ "card_id": order.card }));
                let mut told = told.iter().filter(|record| {
                    matches!(
                        record["callback_type"].as_str().unwrap(),
                        "CARD_ACTIVATE_RESULT" | "CARD_STATUS_CHANGE" | "CARD_CLOSE_RESULT"
                    )
                });
                let at = self.changes[&order.card.unwrap()]
                    .iter()
                    .position(|change| *change == number)
                    .unwrap();
                match told.nth(at) {
                    Some(record) => Truth::Done(record["payload"]["status"] == "SUCCESS"),
                    None => Truth::Undecided,
                }
            }
        }
    }

    /// Whether as many of a user's assignments were told of as the issuer took.
    fn failed_assignments_are_all_told(&self, user: Option<u64>, told: &[Value]) -> bool {
        let taken = (0..self.fates.len())
            .filter(|number| {
                let order = &self.client.orders[*number];
                order.kind == "assign"
                    && order.user == user
                    && matches!(self.fates[*number], Fate::Taken { .. })
            })
            .count();
        taken == told.len()
    }

    fn records(&mut self, filter: &Value) -> Vec<Value> {
        self.all("/merchant/get_webhook_records", filter)
    }

    fn all(&mut self, path: &str, filter: &Value) -> Vec<Value> {
        let mut all = Vec::new();
        loop {
            let mut body = filter.clone();
            body["skip"] = json!(all.len());
            body["limit"] = json!(100);
            body["desc"] = json!(false);
            let page = self.query(path, &body);
            all.extend(page["data"].as_array().unwrap().iter().cloned());
            if all.len() >= usize::try_from(page["total"].as_u64().unwrap()).unwrap() {
                return all;
            }
        }
    }

    /// No conclusion contradicts the issuer.
    fn check_news(&mut self) {
        for number in std::mem::take(&mut self.client.news) {
            self.check(number);
        }
        for (delivery, counted) in &self.client.counted {
            assert!(
                counted.0 <= 1 && counted.1 <= 1,
                "delivery {delivery} was applied twice: {counted:?}"
            );
        }
    }

    fn check(&mut self, number: usize) {
        let order = self.client.orders[number].clone();
        let known = order.conclusion.clone().unwrap();
        let truth = self.truth(number);
        let fate = self.fates[number].clone();
        match known.source {
            Source::Refusal => assert_eq!(fate, Fate::Refused, "{number} {order:?}"),
            Source::Information => {
                assert!(known.succeeded);
                if truth == Truth::Done(true) {
                    self.tally.by_information += 1;
                    return;
                }
                // The goal is reached, though another request may have reached it.
                let goal = match order.kind.as_str() {
                    "activate" | "unlock" => "ACTIVE",
                    "lock" => "LOCKED",
                    _ => "CLOSED",
                };
                assert_eq!(self.status(order.card.unwrap(), order.user), goal);
            }
            // A failed assignment's webhook names no card. Which it was shows when all of the user's are told.
            Source::Events
                if order.kind == "assign" && !known.succeeded && truth == Truth::Undecided => {}
            Source::Events | Source::Inquiry => {
                assert_eq!(
                    truth,
                    Truth::Done(known.succeeded),
                    "{number} {order:?} {fate:?}"
                );
                if let (
                    Some(told),
                    Fate::Taken {
                        card: Some(card), ..
                    },
                ) = (known.card, &fate)
                {
                    assert_eq!(told, *card, "{number} {order:?}");
                }
            }
        }
        match known.source {
            Source::Events => self.tally.by_events += 1,
            Source::Inquiry => self.tally.by_asking += 1,
            Source::Information => self.tally.by_information += 1,
            Source::Refusal => {}
        }
    }

    fn status(&mut self, card: u64, user: Option<u64>) -> String {
        let path = "/card/get_information";
        let answer = self.query(path, &json!({ "user_id": user, "card_id": card }));
        answer["status"].as_str().unwrap().to_owned()
    }

    /// Every card's folded status is the issuer's; if `told`, of those cards all of whose events came, at their true time.
    fn check_cards(&mut self, told: bool) {
        let cards: Vec<(u64, u64)> = self
            .client
            .owners
            .iter()
            .map(|(card, user)| (*card, *user))
            .collect();
        for (card, user) in cards {
            let events = self.records(&json!({ "card_id": card }));
            let came = events.iter().all(|record| {
                let kind = record["callback_type"].as_str().unwrap();
                !matches!(
                    kind,
                    "CARD_APPLY_RESULT"
                        | "CARD_ASSIGN_RESULT"
                        | "CARD_ACTIVATE_RESULT"
                        | "CARD_STATUS_CHANGE"
                        | "CARD_CLOSE_RESULT"
                ) || self.faithful.contains(&record["id"].as_i64().unwrap())
            });
            if told && (!came || self.skewed_cards.contains(&card)) {
                continue;
            }
            let known = self.client.cards[&CardId::new(card).unwrap()].clone();
            let truth = self.status(card, Some(user));
            assert_eq!(
                known.status().map(|status| status.as_str()),
                Some(truth.as_str()),
                "card {card}"
            );
        }
    }

    /// Every operation is known, but for those that nothing can tell.
    fn check_end(&mut self) {
        let audit = self.issuer.audit().unwrap();
        assert!(audit.is_sound(), "{audit:?}");
        assert_eq!(audit.pending_deliveries, 0);
        let overdue: BTreeMap<usize, Vec<AnyOperation>> = self
            .client
            .pending
            .overdue(Timestamp::from_millis(self.now))
            .map(|(_, pending)| {
                let number = pending.reference.as_ref().unwrap().parse().unwrap();
                (number, pending.inquiries())
            })
            .collect();
        let open: Vec<usize> = (0..self.fates.len())
            .filter(|number| self.client.orders[*number].conclusion.is_none())
            .collect();
        assert_eq!(open, overdue.keys().copied().collect::<Vec<_>>());
        self.tally.pending_unheard = 0;
        self.tally.pending_no_word = 0;
        self.tally.pending_twins = 0;
        for number in open.clone() {
            assert!(!overdue[&number].is_empty());
            let truth = self.truth(number);
            let order = self.client.orders[number].clone();
            // 1. It never arrived, or was refused and nobody heard it: no answer can prove that it won't be done yet.
            let unheard = truth == Truth::NeverDone;
            // 2. The user isn't approved: the words for that aren't documented.
            let no_word = order.kind == "register" && truth != Truth::Done(true);
            // 3. It can't be told from another one that isn't known either.
            let alike = |other: &Order| match order.kind.as_str() {
                "register" => false,
                "apply" => other.kind == "apply" && other.user == order.user,
                "assign" => {
                    other.kind == "assign"
                        && (other.user == order.user || other.number == order.number)
                }
                "recharge" => other.kind == "recharge" && other.card == order.card,
                "lock" | "unlock" => {
                    matches!(other.kind.as_str(), "lock" | "unlock") && other.card == order.card
                }
                kind => other.kind == kind && other.card == order.card,
            };
            let twin = open
                .iter()
                .any(|other| *other != number && alike(&self.client.orders[*other]));
            assert!(
                unheard || no_word || twin,
                "{number} could be known: {order:?} {:?} {truth:?}",
                self.fates[number]
            );
            let tally = &mut self.tally;
            match (unheard, no_word) {
                (true, _) => tally.pending_unheard += 1,
                (_, true) => tally.pending_no_word += 1,
                _ => tally.pending_twins += 1,
            }
        }
        for number in 0..self.fates.len() {
            if let Some(known) = &self.client.orders[number].conclusion
                && known.source != Source::Information
            {
                let (succeeded, truth) = (known.succeeded, self.truth(number));
                let as_known = match truth {
                    Truth::NeverDone => !succeeded,
                    Truth::Undecided => false,
                    Truth::Done(done) => done == succeeded,
                };
                assert!(as_known, "{number} {truth:?}");
            }
        }
    }
}
