//! Random histories out of a world with a truth.

use std::collections::BTreeMap;

use fastrand::Rng;
use serde_json::{Map, Value, json};

use super::history::{Config, Event, Found, History, Kind, Operation, Outcome, Record};

/// How a history is to be.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// Every assumption holds. Otherwise each is broken now and then.
    pub honest: bool,
    /// The most operations.
    pub max_ops: usize,
    /// The most events that occur. Some are lost, some come twice.
    pub max_events: usize,
    /// The operations are hours apart, so that clocks tell more of them apart.
    pub wide: bool,
}

impl Options {
    /// What brute force can judge.
    #[must_use]
    pub fn small(honest: bool) -> Self {
        Self {
            honest,
            max_ops: 6,
            max_events: 8,
            wide: false,
        }
    }
}

/// What truly became of an operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lot {
    /// How it ended. None: it never was carried out.
    pub ended: Option<Outcome>,
    /// Whether an event or a record that tells this reached us.
    pub told: bool,
}

impl Lot {
    /// What may be claimed: what is never carried out failed.
    #[must_use]
    pub fn outcome(self) -> Outcome {
        self.ended.unwrap_or(Outcome::Failure)
    }
}

/// What truly became of each operation, by its id.
pub type Truth = BTreeMap<String, Lot>;

const TOLERANCE: i64 = 300_000;
const START: i64 = 10_000_000;
const LABELS: [&str; 8] = [
    "USER_CREATE_RESULT",
    "CARD_APPLY_RESULT",
    "CARD_ASSIGN_RESULT",
    "CARD_ACTIVATE_RESULT",
    "CARD_STATUS_CHANGE",
    "CARD_RECHARGE_RESULT",
    "CARD_CLOSE_RESULT",
    "CARD_3DS",
];

fn label_of(kind: Kind) -> &'static str {
    match kind {
        Kind::Register => "USER_CREATE_RESULT",
        Kind::Apply => "CARD_APPLY_RESULT",
        Kind::Assign => "CARD_ASSIGN_RESULT",
        Kind::Activate => "CARD_ACTIVATE_RESULT",
        Kind::Lock | Kind::Unlock => "CARD_STATUS_CHANGE",
        Kind::Recharge => "CARD_RECHARGE_RESULT",
        Kind::Close => "CARD_CLOSE_RESULT",
    }
}

/// A history and its truth: the same for the same seed.
#[must_use]
pub fn generate(seed: u64, options: Options) -> (History, Truth) {
    let mut world = World::new(seed, options);
    world.send_and_carry_out();
    world.earlier_and_other_events();
    let mut history = world.arrive();
    if !options.honest {
        world.tell_otherwise(&mut history);
    }
    world.learn(&mut history);
    let truth = history
        .ops
        .iter()
        .map(|op| {
            let told = world.made.get(&op.id).is_some_and(|made| made.told);
            let ended = world.fates[&op.id];
            (op.id.clone(), Lot { ended, told })
        })
        .collect();
    (history, truth)
}

/// What reaches us, or leaves us.
enum Arrival {
    Operation(Operation),
    Event(Event),
    Record(Record),
}

/// What an operation that was carried out left behind.
struct Made {
    tx: i64,
    card: Option<i64>,
    at: i64,
    /// The transaction stands in an event or record, lost or not.
    has_tx: bool,
    told: bool,
}

struct World {
    rng: Rng,
    options: Options,
    cfg: Config,
    pool: &'static [Kind],
    cards: &'static [i64],
    users: &'static [i64],
    span: i64,
    /// Operations ask for the same.
    twins: bool,
    last_tx: i64,
    last_card: i64,
    /// Events that occurred, also lost ones.
    events: usize,
    fates: BTreeMap<String, Option<Outcome>>,
    made: BTreeMap<String, Made>,
    /// With the time, and what comes first at one time.
    arrivals: Vec<(i64, u8, Arrival)>,
    foreign: Vec<String>,
}

impl World {
    fn new(seed: u64, options: Options) -> Self {
        use Kind::{Activate, Apply, Assign, Close, Lock, Recharge, Register, Unlock};
        let mut rng = Rng::with_seed(seed);
        let pools: [&[Kind]; 9] = [
            &[Recharge],
            &[Recharge],
            &[Recharge, Recharge, Lock, Close],
            &[Lock, Unlock, Recharge, Activate],
            &[Assign],
            &[Assign, Apply],
            &[Apply],
            &[Assign, Apply, Recharge],
            &[Register, Register, Apply],
        ];
        let cfg = Config {
            tol: TOLERANCE,
            since: 0,
            exclusive: true,
            trust_type: false,
        };
        Self {
            pool: pick(&mut rng, &pools),
            cards: pick::<&[i64]>(&mut rng, &[&[11], &[11], &[11, 12]]),
            users: pick::<&[i64]>(&mut rng, &[&[1], &[1, 2]]),
            span: if options.wide {
                8_000_000
            } else {
                pick(&mut rng, &[10_000, 1_000_000, 3_000_000])
            },
            twins: rng.bool(),
            rng,
            options,
            cfg,
            last_tx: 100,
            last_card: 500,
            events: 0,
            fates: BTreeMap::new(),
            made: BTreeMap::new(),
            arrivals: Vec::new(),
            foreign: Vec::new(),
        }
    }

    fn chance(&mut self, of_one: f64) -> bool {
        self.rng.f64() < of_one
    }

    /// Breaks an assumption now and then, in histories that aren't honest.
    fn breaks(&mut self, of_one: f64) -> bool {
        !self.options.honest && self.chance(of_one)
    }

    fn outcome(&mut self, success: f64) -> Outcome {
        if self.chance(success) {
            Outcome::Success
        } else {
            Outcome::Failure
        }
    }

    /// An operation of some kind, for anyone and any card.
    fn someones(&mut self) -> Operation {
        let kind = pick(&mut self.rng, self.pool);
        let mut op = Operation {
            id: String::new(),
            kind,
            seq: 0,
            sent: 0,
            user: None,
            card: None,
            amount: None,
            least: None,
            deposit: None,
            template: None,
            found: None,
            until: None,
            refused: false,
            withdrawn: false,
            is_final: false,
        };
        match kind {
            Kind::Register => {
                // Nobody else registers our users.
                op.user = Some(self.rng.i64(200..210));
            }
            Kind::Apply | Kind::Assign => {
                op.user = Some(pick(&mut self.rng, self.users));
                op.template = Some(if self.twins {
                    7
                } else {
                    pick(&mut self.rng, &[7, 8])
                });
                if kind == Kind::Apply && self.chance(0.3) {
                    op.deposit = Some(pick(&mut self.rng, &[50, 500]));
                }
            }
            _ => {
                let card = pick(&mut self.rng, self.cards);
                op.card = Some(card);
                op.user = Some(card - 10);
            }
        }
        if kind == Kind::Recharge {
            op.amount = Some(if self.twins {
                10
            } else {
                pick(&mut self.rng, &[10, 10, 20, 30])
            });
        }
        op
    }

    /// Our operations: some are refused, some never carried out, and the others end after a while.
    fn send_and_carry_out(&mut self) {
        let skew = if self.breaks(0.1) {
            pick(&mut self.rng, &[400_000, -400_000])
        } else {
            pick(&mut self.rng, &[0, 0, 100_000, -100_000])
        };
        let mut ended = Vec::new();
        for n in 0..self.rng.usize(1..=self.options.max_ops) {
            let at = START + self.rng.i64(0..=self.span);
            let mut op = self.someones();
            op.id = format!("op{n}");
            op.sent = at + skew;
            if let (Some(amount), true) = (op.amount, self.rng.bool()) {
                op.least = Some(amount - pick(&mut self.rng, &[0, 0, 3]));
            }
            if op.kind == Kind::Register {
                op.user = Some(100 + i64::try_from(n).expect("few operations"));
            }
            let fate = if self.chance(0.08) {
                None
            } else {
                Some(self.outcome(0.65))
            };
            self.fates.insert(op.id.clone(), fate);
            op.refused = fate == Some(Outcome::Failure) && self.chance(0.1);
            if let (Some(outcome), false) = (fate, op.refused) {
                let after = self.rng.i64(0..=60_000) * pick(&mut self.rng, &[0, 1, 30]);
                ended.push((op.clone(), outcome, at + 1 + after));
            }
            if op.kind == Kind::Register && self.chance(0.2) {
                op.user = None;
            }
            if op.kind == Kind::Apply && self.chance(0.05) {
                op.template = None;
            }
            self.arrivals.push((at, 0, Arrival::Operation(op)));
        }
        for (op, outcome, at) in ended {
            if self.has_room() {
                let made = self.carry_out(&op, outcome, at);
                self.made.insert(op.id, made);
            }
        }
    }

    fn has_room(&self) -> bool {
        self.events < self.options.max_events
    }

    /// What shows that something was carried out: an event, and perhaps a record.
    fn carry_out(&mut self, op: &Operation, outcome: Outcome, at: i64) -> Made {
        self.last_tx += 1;
        let tx = self.last_tx;
        let failed = outcome == Outcome::Failure;
        let bare = failed && self.chance(0.3);
        let mut data = self.data_of(op, outcome, at, bare);
        if self.chance(0.04) {
            data.insert("vendor_news".into(), 1.into());
        }
        let mut event_tells = op.kind != Kind::Register || !failed;
        if self.chance(0.02) {
            data.insert("status".into(), "PROCESSING".into());
            event_tells = false;
        }
        let has_tx_event = data.contains_key("transaction_id");
        let card = op.kind.makes_card().then_some(self.last_card);
        let received = data.get("receive_amount").and_then(Value::as_i64);
        let event = self.event(label_of(op.kind), data);
        let mut told = self.deliver(event, at) && event_tells;

        let is_shown = op.kind == Kind::Recharge && (!failed || self.rng.bool() && !bare);
        let is_shown = is_shown && self.rng.bool();
        if is_shown {
            let is_pending = self.chance(0.05);
            told |= !is_pending;
            let record = Record {
                tx,
                card: op.card.unwrap_or_default(),
                amount: received.or(op.amount).unwrap_or_default(),
                status: if is_pending {
                    "PENDING"
                } else {
                    outcome.word()
                }
                .to_owned(),
                // Lists have whole seconds.
                time: at / 1000 * 1000 + 1000,
                seq: 0,
            };
            let came = at + pick(&mut self.rng, &[1000, 3_000_000]);
            self.arrivals.push((came, 2, Arrival::Record(record)));
        }
        Made {
            tx,
            card,
            at,
            has_tx: has_tx_event || is_shown,
            told,
        }
    }

    /// The signed data of an event. A bare one has nothing that proves its kind.
    fn data_of(
        &mut self,
        op: &Operation,
        outcome: Outcome,
        at: i64,
        bare: bool,
    ) -> Map<String, Value> {
        let failed = outcome == Outcome::Failure;
        let mut data = Map::new();
        let mut set = |name: &str, value: Value| data.insert(name.to_owned(), value);
        set("status", outcome.word().into());
        set("occur_time", at.into());
        match op.kind {
            Kind::Register => {
                let word = if failed { "REJECTED" } else { "APPROVED" };
                return Map::from_iter([
                    ("user_id".to_owned(), json!(op.user)),
                    ("status".to_owned(), word.into()),
                ]);
            }
            Kind::Apply => {
                self.last_card += 1;
                set("user_id", json!(op.user));
                if !self.chance(0.1) {
                    set("template_id", json!(op.template));
                }
                if !failed {
                    set("card_id", self.last_card.into());
                } else if self.chance(0.3) {
                    set("error_reason", "no".into());
                }
            }
            Kind::Assign => {
                self.last_card += 1;
                if failed {
                    set("user_id", json!(op.user));
                    if !self.chance(0.1) {
                        set("error_reason", "101:0".into());
                    }
                } else {
                    set("card_id", self.last_card.into());
                    if self.chance(0.3) {
                        set("user_id", json!(op.user));
                    }
                }
            }
            Kind::Recharge => {
                set("card_id", json!(op.card));
                if !bare {
                    set("transaction_id", self.last_tx.into());
                    set("currency", "USD".into());
                    if !failed || !self.chance(0.2) {
                        let received = self.received(op, outcome);
                        set("receive_amount", received.into());
                    }
                }
                if self.chance(0.2) {
                    set("user_id", json!(op.user));
                }
            }
            Kind::Close => {
                set("card_id", json!(op.card));
                if !bare {
                    set("transaction_id", self.last_tx.into());
                    if !failed || !self.chance(0.3) {
                        set("refund_amount", 5.into());
                    }
                }
            }
            Kind::Lock | Kind::Unlock => {
                set("card_id", json!(op.card));
                let word = if op.kind == Kind::Lock {
                    "LOCKED"
                } else {
                    "ACTIVE"
                };
                if !bare {
                    set("card_status", word.into());
                }
            }
            Kind::Activate => {
                set("card_id", json!(op.card));
                if !bare {
                    set("card_number", "1".repeat(16).into());
                }
            }
        }
        data
    }

    /// What arrived of what was sent.
    fn received(&mut self, op: &Operation, outcome: Outcome) -> i64 {
        let amount = op.amount.unwrap_or_default();
        if self.breaks(0.05) {
            return amount + 5;
        }
        if outcome == Outcome::Failure {
            return pick(&mut self.rng, &[0, amount]);
        }
        let greatest = op.least.map(|least| amount - least);
        amount
            - match greatest {
                Some(fee) => pick(&mut self.rng, &[0, fee]),
                None => pick(&mut self.rng, &[0, 0, 0, 1, 3]),
            }
    }

    fn event(&mut self, label: &str, data: Map<String, Value>) -> Event {
        self.events += 1;
        let label = if self.chance(0.1) {
            pick(&mut self.rng, &LABELS)
        } else {
            label
        };
        Event {
            key: format!("e{}", self.events),
            label: label.to_owned(),
            seq: 0,
            data,
        }
    }

    /// An event comes at once or late, perhaps twice, perhaps never. Whether it came.
    fn deliver(&mut self, event: Event, at: i64) -> bool {
        if self.chance(0.25) {
            return false;
        }
        let came = at + pick(&mut self.rng, &[0, 10, 500_000, 2_000_000]);
        if self.chance(0.15) && self.has_room() {
            self.events += 1;
            let again = came + pick(&mut self.rng, &[0, 1000, 3_000_000]);
            let event = Arrival::Event(event.clone());
            self.arrivals.push((again, 1, event));
        }
        self.arrivals.push((came, 1, Arrival::Event(event)));
        true
    }

    /// What was before our time, what others do, and what is nobody's result.
    fn earlier_and_other_events(&mut self) {
        if self.chance(0.2) {
            self.cfg.since = START - TOLERANCE - 1;
            for _ in 0..self.rng.usize(1..=2) {
                if self.has_room() {
                    let op = self.someones();
                    let outcome = self.outcome(0.5);
                    let at = START - TOLERANCE - self.rng.i64(2..=1000);
                    self.carry_out(&op, outcome, at);
                }
            }
        }
        // A stranger who was named breaks nothing.
        let is_named = self.chance(0.05);
        if is_named || self.breaks(0.35) {
            for _ in 0..self.rng.usize(1..=2) {
                if self.has_room() {
                    let op = self.someones();
                    let outcome = self.outcome(0.67);
                    let at = START + self.rng.i64(0..=self.span);
                    let before = self.arrivals.len();
                    self.carry_out(&op, outcome, at);
                    if is_named {
                        let names = self.arrivals[before..]
                            .iter()
                            .flat_map(|(_, _, arrival)| names_of(arrival));
                        self.foreign.extend(names);
                    }
                }
            }
        }
        if self.chance(0.1) && self.has_room() {
            let at = START + self.rng.i64(0..=self.span);
            let mut data = Map::from_iter([
                ("card_id".to_owned(), json!(pick(&mut self.rng, self.cards))),
                ("status".to_owned(), self.outcome(0.5).word().into()),
                ("occur_time".to_owned(), at.into()),
            ]);
            if !self.breaks(0.2) {
                let field = pick(&mut self.rng, &["challenge", "merchant_name"]);
                data.insert(field.to_owned(), "text".into());
            }
            let event = self.event("CARD_3DS", data);
            self.deliver(event, at);
        }
        self.cfg.exclusive = !self.breaks(0.1);
        self.cfg.trust_type = self.breaks(0.1);
    }

    /// Puts all in our own order.
    fn arrive(&mut self) -> History {
        let mut history = History {
            cfg: self.cfg.clone(),
            ops: Vec::new(),
            events: Vec::new(),
            records: Vec::new(),
            foreign: std::mem::take(&mut self.foreign),
        };
        let mut arrivals = std::mem::take(&mut self.arrivals);
        arrivals.sort_by_key(|(at, first, _)| (*at, *first));
        for (seq, (_, _, arrival)) in (0..).zip(arrivals) {
            match arrival {
                Arrival::Operation(op) => history.ops.push(Operation { seq, ..op }),
                Arrival::Event(event) => history.events.push(Event { seq, ..event }),
                Arrival::Record(record) => history.records.push(Record { seq, ..record }),
            }
        }
        history
    }

    /// Tells something a second time, otherwise.
    fn tell_otherwise(&mut self, history: &mut History) {
        if !history.records.is_empty() && self.chance(0.2) {
            let mut record = pick(&mut self.rng, &history.records);
            record.status = self.outcome(0.5).word().to_owned();
            record.seq += 50;
            history.records.push(record);
        }
        if !history.events.is_empty() && self.chance(0.15) {
            let mut event = pick(&mut self.rng, &history.events);
            event.key.push('x');
            event.seq += 60;
            let word = self.outcome(0.5).word();
            event.data.insert("status".to_owned(), word.into());
            history.events.push(event);
        }
        if !history.events.is_empty() && self.chance(0.05) {
            let mut event = pick(&mut self.rng, &history.events);
            event.key.push('y');
            event.seq += 70;
            event.data.insert("vendor_news".to_owned(), 2.into());
            history.events.push(event);
        }
        if !history.events.is_empty() && self.chance(0.05) {
            let event = pick(&mut self.rng, &history.events);
            history.foreign.extend(names_of(&Arrival::Event(event)));
        }
    }

    /// What is learnt of the operations besides.
    fn learn(&mut self, history: &mut History) {
        for at in 0..history.ops.len() {
            self.learn_of(history, at);
        }
        // Nothing may be noted twice.
        let (mut txs, mut cards) = (Vec::new(), Vec::new());
        for op in &mut history.ops {
            let Some(found) = &op.found else { continue };
            let is_second = found.tx.is_some() && txs.contains(&found.tx)
                || found.card.is_some() && cards.contains(&found.card);
            if is_second {
                op.found = None;
            } else {
                txs.push(found.tx);
                cards.push(found.card);
            }
        }
    }

    fn learn_of(&mut self, history: &mut History, at: usize) {
        let fate = self.fates[&history.ops[at].id];
        let records = history.records.clone();
        let op = &mut history.ops[at];
        let made = self.made.get(&op.id);
        let rng = &mut self.rng;
        let honest = self.options.honest;
        match (fate, made) {
            (None, _) if rng.bool() => op.withdrawn = true,
            // It ended, and no event of it ever occurs.
            (Some(Outcome::Failure), None) if rng.bool() => op.refused = true,
            (Some(outcome), Some(made)) if rng.f64() < 0.15 => {
                op.found = Some(Found {
                    outcome,
                    tx: Some(made.tx)
                        .filter(|_| op.kind == Kind::Recharge && made.has_tx && rng.f64() < 0.7),
                    card: made.card.filter(|_| outcome == Outcome::Success),
                });
                if rng.bool() {
                    op.until = Some(made.at + pick(rng, &[2000, 86_400_000]));
                }
            }
            _ if !honest && rng.f64() < 0.06 => {
                let outcome = pick(rng, &[Outcome::Success, Outcome::Failure]);
                let makes_card = op.kind.makes_card() && outcome == Outcome::Success;
                let has_tx = op.kind == Kind::Recharge && !records.is_empty() && rng.f64() < 0.7;
                op.found = Some(Found {
                    outcome,
                    tx: has_tx.then(|| pick(rng, &records).tx),
                    card: (makes_card && rng.bool()).then(|| rng.i64(501..=self.last_card + 1)),
                });
            }
            _ if !honest && rng.f64() < 0.03 => {
                if rng.bool() {
                    op.refused = true;
                } else {
                    op.withdrawn = true;
                }
            }
            _ => {}
        }
        // In an honest history, what is final and succeeded has been seen.
        let is_safe = fate != Some(Outcome::Success)
            || made.is_some_and(|made| made.told) && op.kind != Kind::Register;
        op.is_final = (!honest || is_safe) && rng.f64() < 0.15;
    }
}

/// The names under which a caller may name what came. One of them is the thing's.
fn names_of(arrival: &Arrival) -> Vec<String> {
    let event = match arrival {
        Arrival::Operation(_) => return Vec::new(),
        Arrival::Record(record) => return vec![format!("tx:{}", record.tx)],
        Arrival::Event(event) => event,
    };
    let number = |name: &str| event.data.get(name).and_then(Value::as_i64);
    match (number("transaction_id"), number("card_id")) {
        (Some(tx), _) => vec![format!("tx:{tx}")],
        // Cards of our time have such numbers.
        (None, Some(card)) if card > 500 => vec![format!("new:{card}"), event.key.clone()],
        _ => vec![event.key.clone()],
    }
}

fn pick<T: Clone>(rng: &mut Rng, list: &[T]) -> T {
    list[rng.usize(..list.len())].clone()
}
