//! The issuer, the wire between it and the merchant, everything that goes wrong on it, and the truth.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use bananatech_core::operations::card::{
    Apply, Assign, GetInformation, Recharge, SetPin, UpdateStatus,
};
use bananatech_core::operations::user::Register;
use bananatech_core::{
    ActivationPin, Amount, AnyOperation, Assumptions, Call, CardId, CardNumber, Endpoints, Error,
    KeyCodec, KeyRing, Merchant, MerchantId, Pin, SealedRequest, SecretKey, TemplateId, Timestamp,
    TrackedKind, TrackedOperation, UserId,
};
use bananatech_sandbox::{
    ApiRequest, ApiResponse, Command, Delivery, Fault, FaultKind, Issuer, Money, Outcome, Seed,
    Settings, envelope, random, seed,
};
use serde_json::{Value, json};

use super::client::{Client, Source, Taken};
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
/// 66.01 is rejected, 66.02 silent, 66.03 slow; 5 is below the minimum; 20.5 less its fee is less than 20.
const AMOUNTS: [&str; 9] = [
    "20", "20", "20.5", "30.5", "45.25", "66.01", "66.02", "66.03", "5",
];
/// The merchant acts alone from the start on; its first operation comes when clocks can't confuse that any more.
const ALONE_SINCE: i64 = START;
const FIRST_MS: i64 = 10 * 60_000;
/// What this issuer doesn't show by then won't be carried out: it takes a request before it answers, and decides within 30 s.
const FINAL_AFTER_MS: i64 = 120_000;
/// All that can be made to go wrong.
const FAULTS: [FaultKind; 15] = [
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
    FaultKind::Relabelled,
    FaultKind::ExtraFields,
    FaultKind::UnknownStatus,
    FaultKind::AssignmentNumber,
    FaultKind::ConsoleRecharge,
];

/// What became of a request on its way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fate {
    /// It never arrived.
    Lost,
    /// The issuer refused it.
    Refused,
    /// The issuer took it, and this is its own number for it.
    Taken(i64),
}

/// How an operation stands in the issuer's books.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Entry {
    /// Nothing as long as it isn't decided.
    succeeded: Option<bool>,
    card: Option<u64>,
    transaction: Option<u64>,
}

/// An answer that is on its way.
struct Held {
    at: i64,
    number: usize,
    call: Call<AnyOperation>,
    status: u16,
    body: Vec<u8>,
}

macro_rules! tally {
    ($($(#[$about:meta])* $field:ident),+ $(,)?) => {
        /// What happened in a run.
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
        pub(crate) struct Tally {
            $($(#[$about])* pub(crate) $field: u32,)+
        }

        impl Tally {
            pub(crate) fn add(&mut self, other: &Tally) {
                $(self.$field += other.$field;)+
            }
        }
    };
}

tally! {
    operations,
    taken,
    faults,
    lost_answers,
    late_answers,
    /// Of the issuer.
    crashes,
    /// Of the merchant.
    kills,
    deliveries,
    refused_forgeries,
    other_types,
    altered,
    out_of_time,
    repetitions,
    by_answer,
    by_event,
    by_inquiry,
    by_count,
    /// A card's status is as asked for, but another request brought it there.
    reached_by_another,
    /// Recharges that somebody made in the vendor's console.
    console_recharges,
    /// Told wrongly since a console recharge's event was taken for the operation's own: that the merchant acts alone didn't hold.
    misled,
    /// Of these, told for good: the operation's own event was lost, or it never arrived, and nothing contradicts it.
    taken_for_ours,
    doubted,
    contradicted,
    /// Left for a person: new cards whose event didn't come, changes of status that others followed, users that weren't approved,
    /// what can't be told from another's, and what can't be told from a console recharge.
    left_new_cards,
    left_statuses,
    left_users,
    left_recharges,
    left_by_strangers,
    named_foreign,
    found_by_a_person,
    wrong,
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
    /// Nobody uses the vendor's console.
    alone: bool,
    /// Cards that the merchant had before.
    first_cards: Vec<(u64, u64)>,
    fates: Vec<Fate>,
    held: Vec<Held>,
    /// Deliveries that the merchant took, and how they read.
    accepted: BTreeMap<i64, Vec<u8>>,
    /// Deliveries that the merchant took as they are in the issuer's books, and cards with one that it took otherwise.
    faithful: BTreeSet<i64>,
    odd_cards: BTreeSet<u64>,
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

fn handle(issuer: &mut Issuer, request: &SealedRequest, now: i64) -> ApiResponse {
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
    /// A merchant with so many cards.
    pub(crate) fn new(seed: u64, cards: usize) -> Self {
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
            1 => KeyRing::new("new", new).and_then(|ring| ring.also_opens("old", old)),
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
        let assumptions = Assumptions::exclusive_since(Timestamp::from_millis(ALONE_SINCE))
            .final_after(FINAL_AFTER_MS);
        let mut world = Self {
            seed,
            dice: Dice::new(seed),
            folder,
            database,
            issuer,
            keys,
            now: START,
            client: Client::new(merchant, assumptions, !seed),
            alone: seed.is_multiple_of(2),
            first_cards: Vec::new(),
            fates: Vec::new(),
            held: Vec::new(),
            accepted: BTreeMap::new(),
            faithful: BTreeSet::new(),
            odd_cards: BTreeSet::new(),
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
        world.set_up(cards);
        world
    }

    /// Money, and cards in use before the merchant tracks anything.
    fn set_up(&mut self, cards: usize) {
        self.post("merchants/top-up", &json!({ "amount": 1_000_000.0 }));
        let numbers = Seed::standard().stock;
        let numbers = numbers.iter().filter(|number| {
            !NUMBERS.contains(&number.as_str()) && !number.starts_with("40000000000")
        });
        for (number, user) in numbers.zip([12345, 67890].into_iter().cycle()).take(cards) {
            let assign = json!({ "user_id": user, "template_id": 1, "card_number": number });
            let card = self.query("/card/assign", &assign)["card_id"].as_u64();
            self.first_cards.push((card.unwrap(), user));
        }
        assert_eq!(self.first_cards.len(), cards);
        self.pass(1000);
        for (card, user) in self.first_cards.clone() {
            let activate =
                json!({ "user_id": user, "card_id": card, "alter": "ACTIVATE", "pin": "482916" });
            self.query("/card/update_status", &activate);
            self.client.owners.insert(card, user);
            self.client.templates.insert(card, 1);
        }
        let Self {
            issuer,
            client,
            now,
            ..
        } = self;
        client.learn_templates(&mut |request| {
            let response = handle(issuer, request, *now);
            Some((response.status, response.body))
        });
        self.pass(FIRST_MS);
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
        let kind = *self.dice.of(&FAULTS);
        if kind == FaultKind::ConsoleRecharge && self.alone {
            return;
        }
        // Two of these together would be more than clocks may differ.
        let active = self.control(Command::Faults).to_string();
        if kind == FaultKind::SkewedClock && active.contains("skewed_clock") {
            return;
        }
        let ms = match kind {
            FaultKind::Delay | FaultKind::Reorder => Some(self.dice.millis(1, 40_000)),
            // Out of the merchant's window, or by less than clocks may differ.
            FaultKind::SkewedClock => {
                Some(*self.dice.of(&[3_600_000, -90_000_000, 200_000, -200_000]))
            }
            FaultKind::ConsoleRecharge => Some(*self.dice.of(&[0, 0, 10_000])),
            _ => None,
        };
        let often = match kind {
            FaultKind::ConsoleRecharge | FaultKind::Drop => false,
            _ => self.dice.percent(12),
        };
        let count = match often {
            true => None,
            false => Some(u32::try_from(1 + self.dice.below(3)).unwrap()),
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

    fn user_and_card(&mut self) -> (UserId, CardId) {
        let new: Vec<(u64, u64)> = self
            .client
            .owners
            .iter()
            .map(|(card, user)| (*card, *user))
            .filter(|pair| !self.first_cards.contains(pair))
            .collect();
        let (card, user) = match new.as_slice() {
            [.., _] if self.dice.percent(20) => *self.dice.of(&new[new.len().saturating_sub(3)..]),
            _ => *self.dice.of(&self.first_cards),
        };
        (UserId::new(user).unwrap(), CardId::new(card).unwrap())
    }

    fn operation(&mut self) -> AnyOperation {
        let users: Vec<u64> = self.client.approved.clone();
        let recent = &users[users.len().saturating_sub(3)..];
        let user = UserId::new(*self.dice.of(recent)).unwrap();
        let template = |id: u32| TemplateId::from(id);
        match self.dice.below(100) {
            0..8 => {
                let word = self.dice.of(&WORDS);
                let word = if self.dice.percent(40) {
                    String::new()
                } else {
                    format!("+{word}")
                };
                let email = format!("user{}{word}@example.com", self.client.orders.len());
                Register::new(&email, template(1)).into()
            }
            8..15 => Apply::new(user, template(*self.dice.of(&[2, 4]))).into(),
            15..24 => {
                let number = *self.dice.of(&NUMBERS);
                Assign {
                    user_id: user,
                    template_id: template(1),
                    card_number: CardNumber::parse(number).unwrap(),
                }
                .into()
            }
            24..70 => {
                let (user_id, card_id) = self.user_and_card();
                let text = *self.dice.of(&AMOUNTS);
                let amount = Amount::parse(text).unwrap();
                Recharge {
                    user_id,
                    card_id,
                    amount,
                }
                .into()
            }
            70..97 => {
                let (user_id, card_id) = self.user_and_card();
                let physical = self.client.templates.get(&card_id.get()) == Some(&1);
                let first = self
                    .first_cards
                    .iter()
                    .any(|(card, _)| *card == card_id.get());
                match self.dice.below(10) {
                    0..4 if physical => UpdateStatus::activate_physical(
                        user_id,
                        card_id,
                        ActivationPin::parse("482916").unwrap(),
                    ),
                    0..4 => UpdateStatus::activate_virtual(user_id, card_id),
                    4..6 => UpdateStatus::lock(user_id, card_id),
                    9 if !first => UpdateStatus::close(user_id, card_id),
                    _ => UpdateStatus::unlock(user_id, card_id),
                }
                .into()
            }
            _ => {
                let (user_id, card_id) = self.user_and_card();
                let pin = Pin::parse("6789").unwrap();
                SetPin {
                    user_id,
                    card_id,
                    pin,
                }
                .into()
            }
        }
    }

    fn send(&mut self) {
        let operation = self.operation();
        // Mostly heeding what is known of the card, sometimes not.
        if let Some((_, card)) = bananatech_core::CardAction::of(&operation)
            && let Some(card) = self.client.cards.get(&card)
            && card.check_operation(&operation).is_err()
            && !self.dice.percent(10)
        {
            return;
        }
        let twice = matches!(operation, AnyOperation::Recharge(_)) && self.dice.percent(30);
        self.send_one(operation.clone());
        if twice {
            self.send_one(operation);
        }
    }

    fn send_one(&mut self, operation: AnyOperation) {
        let is_set_pin = matches!(operation, AnyOperation::SetPin(_));
        let call = self.client.seal(operation);
        if is_set_pin {
            // Its answer is all there is.
            let response = handle(&mut self.issuer, call.request(), self.now);
            assert!(matches!(
                call.read(response.status, &response.body),
                Ok(_) | Err(Error::Rejected(_))
            ));
            return;
        }
        self.tally.operations += 1;
        let number = self.client.order(&call, Timestamp::from_millis(self.now));
        self.fates.push(Fate::Lost);
        if self.dice.percent(3) {
            // Stored, and then the process died before it could send.
            self.kill(None);
            return;
        }
        if self.dice.percent(7) {
            self.tally.lost_answers += 1;
            return;
        }
        let response = handle(&mut self.issuer, call.request(), self.now);
        self.fates[number] = match call.read(response.status, &response.body) {
            Err(Error::Rejected(_)) => Fate::Refused,
            Err(error) => panic!("the issuer said {error}"),
            Ok(_) => Fate::Taken(self.book("SELECT max(id) FROM operations", 0)),
        };
        if matches!(self.fates[number], Fate::Taken(_)) {
            self.tally.taken += 1;
        }
        let ApiResponse {
            status, mut body, ..
        } = response;
        match self.dice.below(100) {
            0..55 => self.client.answer(number, &call, status, &body),
            55..73 => {
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
            73..83 => self.tally.lost_answers += 1,
            83..87 => {
                // The process died before it could store the answer.
                self.tally.lost_answers += 1;
                let before = self.client.stored();
                self.client.answer(number, &call, status, &body);
                self.kill(Some(before));
            }
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

    // Deliveries

    /// The merchant ends at once, and comes up again with what was stored: what it has now, or what it had before it began with
    /// something. Answers that were on their way are lost with its connections.
    fn kill(&mut self, stored: Option<String>) {
        self.tally.kills += 1;
        self.held.clear();
        let stored = stored.unwrap_or_else(|| {
            self.check_news();
            self.client.stored()
        });
        self.client.restart(&stored);
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
            let due = self.issuer.due(sandbox_time(self.now)).unwrap();
            for delivery in due {
                let (outcome, may_be_repeated) = self.deliver(&delivery);
                if may_be_repeated && self.dice.percent(2) {
                    // Before it knows what came of those that it has just sent.
                    self.crash();
                    break;
                }
                self.issuer
                    .delivered(delivery.id, outcome, sandbox_time(self.now))
                    .unwrap();
            }
        }
        self.now = end;
    }

    /// Brings a webhook to the merchant. Also tells whether the issuer may forget that it did: it would come again, perhaps with
    /// other data, and that a repetition has the same data is what the merchant relies on.
    fn deliver(&mut self, delivery: &Delivery) -> (Outcome, bool) {
        self.tally.deliveries += 1;
        if delivery.cut {
            let half = &delivery.body[..delivery.body.len() / 2];
            assert!(self.receive(half).is_err());
            return (Outcome::Cut, true);
        }
        if self.dice.percent(5) {
            let lost = *self.dice.of(&[Outcome::Unreachable, Outcome::TimedOut]);
            return (lost, true);
        }
        let outer: Value = serde_json::from_slice(&delivery.body).unwrap();
        let authentic = envelope::open(
            &self.keys,
            outer["encrypted_payload"].as_str().unwrap(),
            outer["hmac"].as_str().unwrap(),
        );
        let Ok((_, data)) = authentic else {
            assert_eq!(self.receive(&delivery.body), Err(Error::NotAuthentic));
            self.tally.refused_forgeries += 1;
            return (Outcome::Answered(401), true);
        };
        let data = data.to_vec();
        let altered = data != self.data_of(delivery.id);
        if self
            .accepted
            .get(&delivery.id)
            .is_some_and(|known| *known != data)
        {
            return (Outcome::Unreachable, true);
        }
        let relabelled = outer["type"] != delivery.event_type;
        if !altered {
            self.captured.push((delivery.id, delivery.body.clone()));
        }
        if self.dice.percent(2) {
            // The process died before it could store it.
            let before = self.client.stored();
            self.client
                .webhook(&delivery.body, Timestamp::from_millis(self.now))
                .expect("what is authentic is read");
            self.kill(Some(before));
            return (Outcome::Unreachable, true);
        }
        let taken = self.receive(&delivery.body);
        match taken.expect("what is authentic is read") {
            Taken::OutOfTime => {
                self.tally.out_of_time += 1;
                return (Outcome::Answered(409), true);
            }
            Taken::Repetition => self.tally.repetitions += 1,
            Taken::Handled => {}
        }
        self.tally.altered += u32::from(altered);
        self.tally.other_types += u32::from(relabelled);
        if altered || relabelled {
            let card: Value = serde_json::from_slice(&data).unwrap();
            self.odd_cards.extend(card["card_id"].as_u64());
        } else {
            self.faithful.insert(delivery.id);
        }
        self.accepted.insert(delivery.id, data);
        if altered {
            return (Outcome::Answered(200), false);
        }
        if self.dice.percent(2) {
            // It was stored, and then the process died before it could answer.
            self.kill(None);
            return (Outcome::Unreachable, true);
        }
        if self.dice.percent(6) {
            // Taken, but the issuer doesn't learn of it.
            let lost = *self.dice.of(&[
                Outcome::TimedOut,
                Outcome::Unreachable,
                Outcome::Answered(500),
            ]);
            return (lost, true);
        }
        (Outcome::Answered(200), true)
    }

    /// A webhook's data as they are in the issuer's books.
    fn data_of(&self, delivery: i64) -> Vec<u8> {
        let (payload, at): (String, Option<i64>) = self
            .issuer
            .books()
            .prepare_cached("SELECT payload, occur_time FROM deliveries WHERE id = ?1")
            .unwrap()
            .query_row([delivery], |row| Ok((row.get(0)?, row.get(1)?)))
            .unwrap();
        match at {
            Some(at) => format!(
                "{},\"occur_time\":{at}}}",
                payload.strip_suffix('}').unwrap()
            ),
            None => payload,
        }
        .into_bytes()
    }

    fn receive(&mut self, body: &[u8]) -> Result<Taken, Error> {
        let now = Timestamp::from_millis(self.now);
        let taken = self.client.webhook(body, now);
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
        let data = self.data_of(delivery);
        if self
            .accepted
            .get(&delivery)
            .is_some_and(|known| *known != data)
        {
            return;
        }
        let mut outer: Value = serde_json::from_slice(&body).unwrap();
        if self.dice.percent(60) {
            outer["type"] = json!(self.dice.of(&TYPES));
        }
        let taken = self.receive(outer.to_string().as_bytes());
        if matches!(taken, Ok(Taken::Handled | Taken::Repetition)) {
            self.accepted.insert(delivery, data);
        }
    }

    // What others do

    fn cardholder(&mut self) {
        let (_, card) = self.user_and_card();
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

    /// Somebody decides about a user; whether one waited for it.
    fn decide(&mut self) -> bool {
        let pending = self.query("/user/get_users", &json!({ "status": "PENDING" }));
        let Some(user) = pending["data"][0]["user_id"].as_i64() else {
            return false;
        };
        let decision = *self.dice.of(&["approve", "reject"]);
        let decided = json!({ "user_id": user, "decision": decision });
        self.post("users/decide", &decided).is_some()
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
            let id = all[self.dice.below(all.len())]["id"].as_i64().unwrap();
            let data = self.data_of(id);
            if self.accepted.get(&id).is_none_or(|known| *known == data) {
                self.post("deliveries/resend", &json!({ "delivery_id": id }));
            }
        }
    }

    fn inquire(&mut self, reliable: bool) {
        // The process dies before it could store what it learned.
        let before = (!reliable && self.dice.percent(10)).then(|| self.client.stored());
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
        match before {
            Some(before) => self.kill(Some(before)),
            None => self.check_news(),
        }
    }

    // The run

    /// So many operations, while all that can go wrong does.
    pub(crate) fn run(&mut self, operations: u32) {
        while self.tally.operations < operations {
            match self.dice.below(100) {
                0..50 => self.send(),
                50..64 => self.add_fault(),
                64..83 => {
                    let ms = *self.dice.of(&[60, 60, 200, 2_000, 15_000, 45_000]);
                    self.pass(ms);
                }
                83..86 => self.crash(),
                86..89 => self.kill(None),
                89..91 => {
                    self.control(Command::ClearFaults);
                }
                91..94 => self.cardholder(),
                94 => {
                    self.decide();
                }
                95 => self.resend(),
                96 | 97 => self.replay(),
                _ => self.inquire(false),
            }
        }
        self.settle();
        self.reconcile();
        self.leave_the_rest_to_a_person();
        self.check_end();
    }

    /// The faults end, time passes, and the merchant asks for what it doesn't know yet.
    fn settle(&mut self) {
        self.control(Command::ClearFaults);
        self.pass(240_000);
        while self.decide() {}
        // Until one attempt in twenty doesn't fail by chance.
        for _ in 0..20 {
            if self.issuer.audit().unwrap().pending_deliveries > 0 {
                self.pass(60_000);
            }
        }
        self.check_cards(true);
        // Each is asked for again after as long as it was waited for.
        for hours in [1, 12, 24, 24] {
            self.pass(hours * 3_600_000);
            self.inquire(true);
        }
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
    }

    /// The merchant reads the recharges of all cards, and so finds what somebody else did.
    fn reconcile(&mut self) {
        let Self {
            issuer,
            client,
            now,
            ..
        } = self;
        for card in client.owners.clone().into_keys() {
            let card = CardId::new(card).unwrap();
            client.reconcile(card, Timestamp::from_millis(*now), &mut |request| {
                let response = handle(issuer, request, *now);
                Some((response.status, response.body))
            });
        }
        self.check_news();
    }

    /// What only a person can tell: which recharges the console made, and what became of what nothing shows.
    fn leave_the_rest_to_a_person(&mut self) {
        let open = |world: &Self| -> Vec<usize> {
            (0..world.fates.len())
                .filter(|number| {
                    let row = world.client.operation(*number);
                    (row.outcome.is_none() || row.doubted) && !row.contradicted
                })
                .collect()
        };
        let strangers = self.console_recharges();
        self.tally.console_recharges = u32::try_from(strangers.len()).unwrap();
        for number in open(self) {
            self.check_that_it_cant_be_known(number, &strangers);
        }
        for (_, transaction) in strangers {
            self.tally.named_foreign += u32::from(self.client.name_foreign(transaction));
            self.check_news();
        }
        for number in open(self) {
            let entry = self.entry(number);
            let succeeded = entry
                .as_ref()
                .is_some_and(|entry| entry.succeeded == Some(true));
            let outcome = if succeeded {
                let makes_card = matches!(
                    self.client.operation(number).kind,
                    TrackedKind::Apply | TrackedKind::Assign
                );
                let card = entry.as_ref().and_then(|entry| entry.card);
                bananatech_core::Outcome::Succeeded {
                    card_id: card
                        .filter(|_| makes_card)
                        .map(|card| CardId::new(card).unwrap()),
                }
            } else {
                bananatech_core::Outcome::Failed { reason: None }
            };
            let transaction = entry.and_then(|entry| entry.transaction);
            let now = Timestamp::from_millis(self.now);
            self.client
                .find(number, &outcome, transaction, now)
                .unwrap_or_else(|error| {
                    panic!("{number}: {error}, {:?}", self.client.operation(number))
                });
            self.tally.found_by_a_person += 1;
            self.check_news();
        }
    }

    // The truth

    fn book(&self, question: &str, parameter: i64) -> i64 {
        let mut statement = self.issuer.books().prepare_cached(question).unwrap();
        match statement.parameter_count() {
            0 => statement.query_row([], |row| row.get(0)),
            _ => statement.query_row([parameter], |row| row.get(0)),
        }
        .unwrap()
    }

    /// What stands in the issuer's books of an operation, if it ever took it.
    fn entry(&self, number: usize) -> Option<Entry> {
        let Fate::Taken(id) = self.fates[number] else {
            return None;
        };
        let positive = |number: Option<i64>| number.map(|number| u64::try_from(number).unwrap());
        self.issuer
            .books()
            .prepare_cached("SELECT state, card_id, transaction_id FROM operations WHERE id = ?1")
            .unwrap()
            .query_row([id], |row| {
                Ok(Some(Entry {
                    succeeded: match row.get::<_, String>(0)?.as_str() {
                        "SUCCESS" => Some(true),
                        "FAILED" => Some(false),
                        _ => None,
                    },
                    card: positive(row.get(1)?),
                    transaction: positive(row.get(2)?),
                }))
            })
            .unwrap()
    }

    /// Whether it was carried out, if that is decided.
    fn truth(&self, number: usize) -> Option<bool> {
        self.entry(number)
            .map_or(Some(false), |entry| entry.succeeded)
    }

    /// The recharges that the merchant didn't ask for, by the console's own log: card and transaction.
    fn console_recharges(&self) -> Vec<(u64, u64)> {
        let ours: BTreeSet<i64> = self
            .fates
            .iter()
            .filter_map(|fate| match fate {
                Fate::Taken(id) => Some(*id),
                _ => None,
            })
            .collect();
        let mut statement = self
            .issuer
            .books()
            .prepare_cached(
                "SELECT id, card_id, transaction_id FROM operations WHERE kind = 'RECHARGE'",
            )
            .unwrap();
        let all = statement
            .query_map([], |row| {
                Ok((
                    row.get::<_, i64>(0)?,
                    row.get::<_, i64>(1)?,
                    row.get::<_, i64>(2)?,
                ))
            })
            .unwrap();
        all.map(Result::unwrap)
            .filter(|(id, ..)| !ours.contains(id))
            .map(|(_, card, transaction)| {
                (
                    u64::try_from(card).unwrap(),
                    u64::try_from(transaction).unwrap(),
                )
            })
            .collect()
    }

    fn console_acted_on(&self, number: usize) -> bool {
        let row = self.client.operation(number);
        let card = row.card_id.map(CardId::get);
        row.kind == TrackedKind::Recharge
            && self
                .console_recharges()
                .iter()
                .any(|(at, _)| Some(*at) == card)
    }

    /// Operations of which nothing tells one from the other.
    fn twins(&self, number: usize) -> Vec<usize> {
        let row = self.client.operation(number);
        (0..self.fates.len())
            .filter(|other| {
                let other = self.client.operation(*other);
                other.by_count
                    && (
                        other.kind,
                        other.card_id,
                        other.user_id,
                        other.amount,
                        other.template_id,
                    ) == (
                        row.kind,
                        row.card_id,
                        row.user_id,
                        row.amount,
                        row.template_id,
                    )
            })
            .collect()
    }

    /// What was told is what stands in the issuer's books.
    fn check_news(&mut self) {
        let mut of_groups: BTreeSet<Vec<usize>> = BTreeSet::new();
        for number in std::mem::take(&mut self.client.news) {
            let told = self.client.orders[number].told.unwrap();
            let count = match told.source {
                Source::Answer => &mut self.tally.by_answer,
                Source::Event => &mut self.tally.by_event,
                Source::Inquiry => &mut self.tally.by_inquiry,
                Source::Person => &mut 0,
            };
            *count += 1;
            self.check_what_is_reached(number);
            if told.by_count {
                self.tally.by_count += 1;
                of_groups.insert(self.twins(number));
            } else if !self.is_right(number) {
                assert!(
                    self.console_acted_on(number),
                    "{number} was told as {told:?}, and is {:?}: {:?}",
                    self.truth(number),
                    self.client.operation(number)
                );
                self.tally.misled += 1;
            }
        }
        for group in of_groups {
            if !self.are_as_many(&group) {
                assert!(self.console_acted_on(group[0]), "{group:?}");
                self.tally.misled += 1;
            }
        }
        self.tally.doubted +=
            u32::try_from(std::mem::take(&mut self.client.doubted).len()).unwrap();
        for number in std::mem::take(&mut self.client.contradicted) {
            assert!(
                self.console_acted_on(number),
                "{:?}",
                self.client.operation(number)
            );
            self.tally.contradicted += 1;
        }
    }

    /// Whether as many of a group were carried out as it was told.
    fn are_as_many(&self, group: &[usize]) -> bool {
        let told = |number: &&usize| self.client.orders[**number].told.unwrap().succeeded;
        let done = |number: &&usize| self.truth(**number) == Some(true);
        group.iter().filter(told).count() == group.iter().filter(done).count()
    }

    fn is_right(&self, number: usize) -> bool {
        let told = self.client.orders[number].told.unwrap();
        if self.truth(number) == Some(told.succeeded) {
            let made = self.entry(number).and_then(|entry| entry.card);
            return told.card.is_none() || told.card == made;
        }
        self.was_reached_by_another(number)
    }

    /// A card's status was as it was asked for when it was looked at. That this request brought it there can't be told.
    fn was_reached_by_another(&self, number: usize) -> bool {
        let row = self.client.operation(number);
        let changes_status = !matches!(
            row.kind,
            TrackedKind::Register
                | TrackedKind::Apply
                | TrackedKind::Assign
                | TrackedKind::Recharge
        );
        let told = self.client.orders[number].told.unwrap();
        changes_status && told.source == Source::Inquiry && told.succeeded
    }

    /// The same, right when it was looked at.
    fn check_what_is_reached(&mut self, number: usize) {
        if self.truth(number) == Some(true) || !self.was_reached_by_another(number) {
            return;
        }
        let row = self.client.operation(number);
        let goal = match row.kind {
            TrackedKind::Lock => "LOCKED",
            TrackedKind::Close => "CLOSED",
            _ => "ACTIVE",
        };
        assert_eq!(self.status(row.card_id.unwrap().get()), goal);
        self.tally.reached_by_another += 1;
    }

    fn status(&self, card: u64) -> String {
        self.issuer
            .books()
            .prepare_cached("SELECT status FROM cards WHERE id = ?1")
            .unwrap()
            .query_row([i64::try_from(card).unwrap()], |row| row.get(0))
            .unwrap()
    }

    /// Every card's folded status is the issuer's; if `told`, of those cards all of whose events came, at their true time.
    fn check_cards(&mut self, told: bool) {
        for card in self.client.owners.clone().into_keys() {
            let mut statement = self.issuer.books()
                .prepare_cached(
                    "SELECT id FROM deliveries WHERE card_id = ?1 AND type IN ('CARD_APPLY_RESULT', 'CARD_ASSIGN_RESULT',
                     'CARD_ACTIVATE_RESULT', 'CARD_STATUS_CHANGE', 'CARD_CLOSE_RESULT')",
                )
                .unwrap();
            let mut events = statement
                .query_map([i64::try_from(card).unwrap()], |row| row.get::<_, i64>(0))
                .unwrap();
            let came = events.all(|id| self.faithful.contains(&id.unwrap()));
            if told && (!came || self.odd_cards.contains(&card)) {
                continue;
            }
            let known = &self.client.cards[&CardId::new(card).unwrap()];
            assert_eq!(
                known.status().map(|status| status.as_str()),
                Some(self.status(card).as_str()),
                "card {card}"
            );
        }
    }

    /// What isn't known now can't be known: by what the API shows, or while somebody else acts.
    fn check_that_it_cant_be_known(&mut self, number: usize, strangers: &[(u64, u64)]) {
        let row = self.client.operation(number).clone();
        let truth = self.truth(number);
        let others = || {
            self.client
                .tracker
                .operations()
                .filter(|other| other.id != row.id)
        };
        let unknown = |other: &TrackedOperation| other.outcome.is_none() || other.doubted;
        let foreign = row.kind == TrackedKind::Recharge
            && strangers
                .iter()
                .any(|(card, _)| Some(*card) == row.card_id.map(CardId::get));
        let excused = match row.kind {
            // Words for users who aren't approved aren't documented.
            TrackedKind::Register => truth != Some(true),
            // Nothing shows a failure, nor a new card that no event told of: only its number, if the answer brought that.
            TrackedKind::Apply | TrackedKind::Assign => {
                let made = self.entry(number).and_then(|entry| entry.card);
                let told = row.answer_id.map(CardId::get);
                truth != Some(true)
                    || told != made
                    || row.kind == TrackedKind::Apply
                    || others()
                        .any(|other| other.kind == row.kind && other.last_four == row.last_four)
            }
            // Another change of the same card's status may have brought it where it is.
            TrackedKind::Activate
            | TrackedKind::Lock
            | TrackedKind::Unlock
            | TrackedKind::Close => others().any(|other| {
                other.card_id == row.card_id
                    && other.kind != TrackedKind::Recharge
                    && (unknown(other) || other.seq > row.seq)
            }),
            TrackedKind::Recharge => {
                foreign
                    || others().any(|other| {
                        other.kind == row.kind && other.card_id == row.card_id && unknown(other)
                    })
            }
        };
        assert!(
            excused,
            "{number} could be known: {row:?} {:?} {truth:?}",
            self.fates[number]
        );
        let tally = &mut self.tally;
        *match row.kind {
            _ if foreign => &mut tally.left_by_strangers,
            TrackedKind::Register => &mut tally.left_users,
            TrackedKind::Apply | TrackedKind::Assign => &mut tally.left_new_cards,
            TrackedKind::Recharge => &mut tally.left_recharges,
            _ => &mut tally.left_statuses,
        } += 1;
    }

    /// Every operation is known, and as it is in the issuer's books, and these add up.
    fn check_end(&mut self) {
        let audit = self.issuer.audit().unwrap();
        assert!(audit.is_sound(), "{audit:?}");
        assert_eq!(audit.pending_deliveries, 0);
        for number in 0..self.fates.len() {
            let row = self.client.operation(number).clone();
            assert!(row.outcome.is_some(), "{row:?}");
            assert!(!row.doubted || row.contradicted, "{row:?}");
            let right = if row.by_count {
                self.are_as_many(&self.twins(number))
            } else {
                self.is_right(number)
            };
            // What was told wrongly while somebody else acted is known to be contradicted.
            match (right || row.contradicted, self.console_acted_on(number)) {
                (true, _) => {}
                (false, true) => self.tally.taken_for_ours += 1,
                (false, false) => {
                    self.tally.wrong += 1;
                    eprintln!("{number} is wrong: {row:?} {:?}", self.truth(number));
                }
            }
        }
        assert_eq!(self.tally.wrong, 0);
        // What cards received is what the merchant knows of, and what the console did.
        let strangers = self.console_recharges();
        for card in self.client.owners.clone().into_keys() {
            let received = self.book(
                "SELECT coalesce(sum(e.amount), 0) FROM entries e JOIN journals j ON j.id = e.journal_id
                 WHERE e.account = 'card:' || ?1 AND j.purpose = 'recharge'",
                i64::try_from(card).unwrap(),
            );
            let known: i64 = (0..self.fates.len())
                .map(|number| self.client.operation(number))
                .filter(|row| row.kind == TrackedKind::Recharge)
                .filter(|row| row.card_id.map(CardId::get) == Some(card))
                .filter(|row| {
                    row.outcome
                        .as_ref()
                        .is_some_and(|outcome| outcome.succeeded())
                })
                .map(|row| {
                    Money::parse(&row.amount.unwrap().to_string())
                        .unwrap()
                        .minor()
                })
                .sum();
            let foreign: i64 = strangers
                .iter()
                .filter(|(at, _)| *at == card)
                .map(|(_, id)| {
                    let question = "SELECT coalesce(sum(amount), 0) FROM transactions WHERE id = ?1 AND status = 'SUCCESS'";
                    self.book(question, i64::try_from(*id).unwrap())
                })
                .sum();
            let of_card = |row: &&TrackedOperation| row.card_id.map(CardId::get) == Some(card);
            let mut rows = self.client.tracker.operations().filter(of_card);
            // Where a console recharge was taken for one of ours, one of the two is counted twice, or neither.
            if self.tally.taken_for_ours == 0 && !rows.any(|row| row.contradicted) {
                assert_eq!(received, known + foreign, "card {card}");
            }
        }
    }
}
