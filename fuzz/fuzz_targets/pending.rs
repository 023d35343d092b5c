//! Pending operations under any sequence of additions, answers, events, inquiries, withdrawals and restarts: every
//! operation is pending, settled, resolved or withdrawn, and never two of these.
#![no_main]

use std::collections::BTreeMap;

use bananatech_core::operations::card::{Alter, Apply, Assign, Recharge, UpdateStatus};
use bananatech_core::operations::user::Register;
use bananatech_core::{
    Amount, AnyOperation, AnyResponse, CardId, CardNumber, Event, Operation, Outcome, Pending,
    PendingId, PendingOperations, Settlement, TemplateId, Timestamp, UserId,
};
use libfuzzer_sys::fuzz_target;

fn operation(kind: u8, user: u32, card: u32) -> AnyOperation {
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
            card_number: CardNumber::parse("1234567890123456").expect("16 digits"),
        }
        .into(),
        3 => Recharge {
            user_id,
            card_id,
            amount: Amount::parse("10.00").expect("an amount"),
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
    let (event_type, data) = match kind % 9 {
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
                r#"{{"card_id":{card},"transaction_id":{time},"receive_amount":10,"currency":"USD",{head}}}"#
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
        _ => ("CARD_3DS", "{}".to_owned()),
    };
    Event::from_json(&format!(r#"{{"type":"{event_type}","data":{data}}}"#)).ok()
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fate {
    Pending,
    Settled,
    Resolved,
    Withdrawn,
}

#[derive(Default)]
struct Run {
    operations: PendingOperations,
    made: BTreeMap<PendingId, AnyOperation>,
    fates: BTreeMap<PendingId, Fate>,
}

impl Run {
    fn take(&mut self, settlement: Settlement) {
        match settlement {
            Settlement::Settled {
                operations: settled,
            } => {
                assert!(!settled.is_empty());
                for operation in settled {
                    let (id, outcome) = (operation.id, operation.outcome);
                    let before = self.fates.insert(id, Fate::Settled);
                    assert_eq!(
                        before,
                        Some(Fate::Pending),
                        "{id:?} ended twice: {outcome:?}"
                    );
                }
            }
            Settlement::Ambiguous { ids } => {
                assert!(!ids.is_empty());
                for id in ids {
                    assert_eq!(
                        self.fates.get(&id),
                        Some(&Fate::Pending),
                        "{id:?} isn't pending"
                    );
                }
            }
            Settlement::Unclear { id, .. } => assert_eq!(self.fates.get(&id), Some(&Fate::Pending)),
            Settlement::Unrelated | Settlement::Duplicate => {}
        }
    }

    fn id(&self, number: u8) -> Option<PendingId> {
        let count = self.made.len().max(1);
        self.made.keys().nth(usize::from(number) % count).copied()
    }

    fn check(&self) {
        let pending: Vec<PendingId> = self.operations.iter().map(|(id, _)| id).collect();
        let expected: Vec<PendingId> = self
            .fates
            .iter()
            .filter(|(_, fate)| **fate == Fate::Pending)
            .map(|(id, _)| *id)
            .collect();
        assert_eq!(pending, expected);
    }
}

fuzz_target!(|data: &[u8]| {
    let mut run = Run::default();
    for step in data.chunks_exact(4).take(64) {
        let [what, kind, ids, extra] = *step else {
            return;
        };
        // Few ids, so that things meet.
        let (user, card) = (u32::from(ids % 3) + 1, u32::from(ids / 3 % 3) + 1);
        match what % 8 {
            0 | 1 => {
                let operation = operation(kind, user, card);
                let sent = Timestamp::from_millis(i64::from(extra) * 1000);
                let pending = Pending::of(&operation, sent, sent.after(60_000))
                    .expect("an event confirms it");
                let id = run.operations.add(pending);
                assert!(run.made.insert(id, operation).is_none());
                run.fates.insert(id, Fate::Pending);
            }
            2..=4 => {
                if let Some(event) = event(kind, user, card, ids / 9, extra) {
                    let settlement = run.operations.settle(&event);
                    // What has ended an operation, or may have, is recognised when it comes again.
                    let known = matches!(
                        settlement,
                        Settlement::Settled { .. } | Settlement::Duplicate
                    );
                    run.take(settlement);
                    if known {
                        assert_eq!(run.operations.settle(&event), Settlement::Duplicate);
                    }
                }
            }
            5 => {
                if let Some(id) = run.id(kind) {
                    let answer = format!(r#"{{"user_id":{user},"card_id":{card},"message":"ok"}}"#);
                    let response: AnyResponse =
                        run.made[&id].read_response(&answer).expect("an answer");
                    let settlement = run.operations.acknowledge(id, &response);
                    run.take(settlement);
                }
            }
            6 => {
                if let Some(id) = run.id(kind) {
                    let was = run.fates[&id];
                    if extra % 2 == 0 {
                        if was == Fate::Pending {
                            run.fates.insert(id, Fate::Resolved);
                        }
                        let outcome = Outcome::Succeeded {
                            card_id: Some(CardId::from(card)),
                        };
                        let settlement = run.operations.resolve(id, &outcome, None);
                        run.take(settlement);
                    } else {
                        if was == Fate::Pending {
                            run.fates.insert(id, Fate::Withdrawn);
                        }
                        let settlement = run.operations.withdraw(id);
                        run.take(settlement);
                    }
                }
            }
            _ => {
                run.operations
                    .tidy(Timestamp::from_millis(i64::from(extra) * 1_000_000));
                // A restart.
                let stored = serde_json::to_string(&run.operations).expect("it can be stored");
                let again: PendingOperations =
                    serde_json::from_str(&stored).expect("it can be read");
                assert_eq!(run.operations, again);
                run.operations = again;
            }
        }
        run.check();
    }
});
