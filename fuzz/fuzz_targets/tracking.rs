//! A tracker under any sequence of operations, answers, events, inquiries, findings, forgetting and restarts: what was told of an
//! operation stays, or is said to be in doubt; it comes back from its JSON as it was; and what is refused changes nothing.
#![no_main]

use std::collections::BTreeMap;

use bananatech_core::operations::card::{Alter, Apply, Assign, Recharge, UpdateStatus};
use bananatech_core::operations::user::Register;
use bananatech_core::{
    Amount, AnyOperation, AnyResponse, Assumptions, CardId, CardNumber, Event, Inquiry, Invalid,
    Operation, OperationId, Outcome, Report, TemplateId, ThingId, Timestamp, TrackedKind,
    TrackedOperation, Tracker, TransactionId, UserId, Verdict,
};
use libfuzzer_sys::fuzz_target;

/// Of the second, less its fee, the first may be what arrived.
const AMOUNTS: [&str; 3] = ["10", "10.5", "20"];

fn operation(kind: u8, user: u32, card: u32, number: u8) -> AnyOperation {
    let (user_id, card_id, template_id) =
        (UserId::from(user), CardId::from(card), TemplateId::from(1));
    let alter = |alter| {
        UpdateStatus {
            user_id,
            card_id,
            alter,
            pin: None,
        }
        .into()
    };
    match kind % 8 {
        0 => Register::new("ada@example.com", template_id).into(),
        1 => Apply::new(user_id, template_id).into(),
        2 => Assign {
            user_id,
            template_id,
            card_number: CardNumber::parse(&format!("123456789012345{}", number % 3))
                .expect("16 digits"),
        }
        .into(),
        3 => Recharge {
            user_id,
            card_id,
            amount: Amount::parse(AMOUNTS[usize::from(number % 3)]).expect("an amount"),
        }
        .into(),
        4 => alter(Alter::Activate),
        5 => alter(Alter::Lock),
        6 => alter(Alter::Unlock),
        _ => alter(Alter::Close),
    }
}

fn event(kind: u8, user: u32, card: u32, status: u8, time: u8) -> Option<Event> {
    let status = ["SUCCESS", "FAILED", "SUCCESS", "PENDING"][usize::from(status % 4)];
    let head = format!(
        r#""status":"{status}","occur_time":{}"#,
        u32::from(time) * 1000
    );
    let failed_assignment = format!(r#""user_id":{user},"error_reason":"101:0""#);
    let (event_type, data) = match kind % 10 {
        0 => {
            let status = if status == "SUCCESS" {
                "APPROVED"
            } else {
                status
            };
            (
                "USER_CREATE_RESULT",
                format!(r#"{{"user_id":{user},"status":"{status}"}}"#),
            )
        }
        1 => (
            "CARD_APPLY_RESULT",
            format!(r#"{{"template_id":1,"user_id":{user},"card_id":{card},{head}}}"#),
        ),
        2 if status == "FAILED" => (
            "CARD_ASSIGN_RESULT",
            format!("{{{failed_assignment},{head}}}"),
        ),
        2 => (
            "CARD_ASSIGN_RESULT",
            format!(r#"{{"card_id":{card},"user_id":{user},{head}}}"#),
        ),
        3 => (
            "CARD_RECHARGE_RESULT",
            format!(
                r#"{{"card_id":{card},"transaction_id":{time},"receive_amount":{},"currency":"USD",{head}}}"#,
                AMOUNTS[usize::from(time % 3)],
            ),
        ),
        4 => (
            "CARD_ACTIVATE_RESULT",
            format!(r#"{{"card_id":{card},"card_number":"**** 3456",{head}}}"#),
        ),
        5 => (
            "CARD_STATUS_CHANGE",
            format!(r#"{{"card_id":{card},"card_status":"LOCKED",{head}}}"#),
        ),
        6 => (
            "CARD_STATUS_CHANGE",
            format!(r#"{{"card_id":{card},"card_status":"ACTIVE",{head}}}"#),
        ),
        7 => (
            "CARD_CLOSE_RESULT",
            format!(r#"{{"card_id":{card},"transaction_id":{time},"refund_amount":0,{head}}}"#),
        ),
        8 => (
            // Nothing in it tells of which of several types it is.
            "CARD_STATUS_CHANGE",
            format!(r#"{{"card_id":{card},{head}}}"#),
        ),
        _ => ("CARD_3DS", "{}".to_owned()),
    };
    Event::from_json(&format!(r#"{{"type":"{event_type}","data":{data}}}"#)).ok()
}

/// The answer to a question, out of two bytes.
fn answer(operation: &AnyOperation, kind: u8, extra: u8) -> AnyResponse {
    let status = ["SUCCESS", "FAILED", "PENDING"][usize::from(extra % 3)];
    let text = match operation {
        AnyOperation::GetTransactions(list) if kind % 2 == 0 && list.skip == Some(0) => format!(
            r#"{{"data":[{{"id":{extra},"amount":{},"type":"RECHARGE","status":"{status}",
                "created_at":"1970-01-01T00:0{}:00Z"}}],"total":{}}}"#,
            AMOUNTS[usize::from(kind % 3)],
            extra % 10,
            1 + kind % 4 / 2
        ),
        AnyOperation::GetInformation(_) => format!(
            r#"{{"status":"{}","number":"123456789012345{}","template_id":1}}"#,
            ["TBA", "ACTIVE", "LOCKED", "CLOSED"][usize::from(kind % 4)],
            extra % 3
        ),
        AnyOperation::GetUsers(list) if list.skip == Some(0) => format!(
            r#"{{"data":[{{"id":{},"email":"ada@example.com","status":"{}"}}],"total":1}}"#,
            1 + extra % 3,
            ["APPROVED", "REJECTED"][usize::from(kind % 2)]
        ),
        _ => r#"{"data":[],"total":0}"#.to_owned(),
    };
    AnyResponse::from_json(operation.kind(), &text).expect("an answer")
}

/// What was told of an operation.
#[derive(Clone, Debug)]
struct Told {
    succeeded: bool,
    card: Option<CardId>,
    doubted: bool,
}

struct Run {
    tracker: Tracker,
    sent: Vec<(OperationId, AnyOperation)>,
    told: BTreeMap<OperationId, Told>,
}

impl Run {
    fn take(&mut self, report: Report) {
        for settled in &report.settled {
            let (id, kind) = (settled.operation.id, settled.operation.kind);
            let told = Told {
                succeeded: settled.outcome.succeeded(),
                card: match settled.outcome {
                    Outcome::Succeeded { card_id } => card_id,
                    Outcome::Failed { .. } => None,
                },
                doubted: false,
            };
            if let Some(before) = self.told.insert(id, told.clone()) {
                let makes_card = matches!(kind, TrackedKind::Apply | TrackedKind::Assign);
                assert!(
                    makes_card && before.succeeded && told.succeeded && before.card.is_none(),
                    "{id} ended twice: {before:?}, {told:?}"
                );
            }
        }
        for id in &report.doubted {
            let told = self
                .told
                .get_mut(id)
                .expect("what wasn't told isn't doubted");
            told.doubted = true;
        }
        for id in report.contradicted.iter().chain(&report.candidates) {
            assert!(self.tracker.operation(*id).is_some());
        }
    }

    /// What is refused changes nothing.
    fn attempt(&mut self, step: impl FnOnce(&mut Tracker) -> Result<Report, Invalid>) {
        let before = self.tracker.to_json();
        match step(&mut self.tracker) {
            Ok(report) => self.take(report),
            Err(_) => assert_eq!(self.tracker.to_json(), before),
        }
    }

    fn id(&self, number: u8) -> Option<OperationId> {
        let count = self.sent.len().max(1);
        self.sent
            .get(usize::from(number) % count)
            .map(|(id, _)| *id)
    }

    fn check(&self) {
        for row in self.tracker.operations() {
            match (&row.outcome, self.told.get(&row.id)) {
                (None, None) => {}
                (Some(outcome), Some(told)) => {
                    assert_eq!(outcome.succeeded(), told.succeeded, "{row:?}");
                    assert!(!row.doubted || told.doubted, "{row:?}");
                }
                (_, told) => panic!("{row:?} was told as {told:?}"),
            }
        }
    }
}

fuzz_target!(|data: &[u8]| {
    let Some((choice, data)) = data.split_first() else {
        return;
    };
    let assumptions = Assumptions {
        trust_type: choice & 2 != 0,
        final_after_ms: (choice & 4 != 0).then_some(60_000),
        clock_tolerance_ms: 10_000,
        ..if choice & 1 == 0 {
            Assumptions::exclusive_since(Timestamp::from_millis(0))
        } else {
            Assumptions::shared()
        }
    };
    let mut run = Run {
        tracker: Tracker::new(assumptions),
        sent: Vec::new(),
        told: BTreeMap::new(),
    };
    for step in data.chunks_exact(4).take(64) {
        let [what, kind, ids, extra] = *step else {
            return;
        };
        // Few ids, so that things meet.
        let (user, card) = (u32::from(ids % 3) + 1, u32::from(ids / 3 % 3) + 1);
        let now = Timestamp::from_millis(i64::from(extra) * 1000);
        match what % 10 {
            0 | 1 => {
                let operation = operation(kind, user, card, ids / 9);
                let mut bytes = [0; 16];
                bytes[0] = u8::try_from(run.sent.len()).expect("few steps");
                let id = OperationId::from_random_bytes(bytes);
                let mut row =
                    TrackedOperation::of(&operation, id, now).expect("an event confirms it");
                if row.amount.is_some() && extra % 2 == 0 {
                    row.least = Some(Amount::parse("9.5").expect("an amount"));
                }
                run.sent.push((id, operation));
                run.attempt(|tracker| tracker.store(row));
            }
            2..=4 => {
                if let Some(event) = event(kind, user, card, ids / 9, extra) {
                    let report = run.tracker.take(&event);
                    run.take(report);
                    assert_eq!(run.tracker.take(&event).verdict, Verdict::Repeated);
                }
            }
            5 => {
                if let Some(at) = usize::from(kind).checked_rem(run.sent.len()) {
                    let (id, operation) = run.sent[at].clone();
                    let answer = format!(r#"{{"user_id":{user},"card_id":{card},"message":"ok"}}"#);
                    let response: AnyResponse =
                        operation.read_response(&answer).expect("an answer");
                    run.attempt(|tracker| tracker.acknowledge(id, &response));
                }
            }
            6 => {
                if let Some(id) = run.id(kind) {
                    let transaction = (ids >= 128).then(|| TransactionId::from(u32::from(extra)));
                    let outcome = if ids % 2 == 0 {
                        let card_id = (ids % 4 == 0).then(|| CardId::from(card));
                        Outcome::Succeeded { card_id }
                    } else {
                        Outcome::Failed { reason: None }
                    };
                    run.attempt(|tracker| tracker.find(id, &outcome, transaction, now));
                }
            }
            7 => match run.id(kind) {
                Some(id) if ids % 2 == 0 => run.attempt(|tracker| tracker.withdraw(id)),
                _ => {
                    let things: Vec<ThingId> = run.tracker.things().map(|thing| thing.id).collect();
                    let thing = things
                        .iter()
                        .min_by_key(|thing| thing.to_string().len() ^ usize::from(extra));
                    if let Some(thing) = thing {
                        run.attempt(|tracker| tracker.name_foreign(*thing));
                    }
                }
            },
            8 => {
                let due = Timestamp::from_millis(i64::from(extra) * 100_000);
                for inquiry in run.tracker.overdue(due).into_iter().take(4) {
                    let mut inquiry = inquiry.with_email("ada@example.com");
                    for _ in 0..4 {
                        if let Some(plan) = inquiry.next_request() {
                            let _ = inquiry.accept(&answer(plan.operation(), kind, ids), due);
                        }
                    }
                    let stored = Inquiry::from_json(&inquiry.to_json());
                    assert_eq!(stored.as_ref(), Ok(&inquiry));
                    let report = run
                        .tracker
                        .learn(&inquiry)
                        .expect("the operation is stored");
                    run.take(report);
                }
            }
            _ => {
                if kind % 2 == 0 {
                    run.tracker
                        .forget_before(Timestamp::from_millis(i64::from(extra) * 10_000));
                    run.sent
                        .retain(|(id, _)| run.tracker.operation(*id).is_some());
                }
                // A restart.
                let stored = run.tracker.to_json();
                let again = Tracker::from_json(&stored).expect("our own JSON is read");
                assert_eq!(again.to_json(), stored);
                run.tracker = again;
            }
        }
        run.check();
    }
});
