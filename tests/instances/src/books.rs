//! What is true stands in the issuer's books: what the backend knows and told is compared with them.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use anyhow::Result;
use rusqlite::{Connection, OpenFlags};
use serde_json::Value;

use crate::made::Made;

/// An operation that was asked for, and all that was heard of it.
#[derive(Clone, Debug)]
pub struct Asked {
    /// The merchant's name for it.
    pub reference: String,
    /// Of what makes a user or a card: what was asked for, in words. Those with the same words are like ones, which nothing but their number
    /// tells apart in the books.
    pub like: Option<String>,
    /// Whether an instance refused it, so that it was never stored.
    pub refused_here: bool,
    /// What the backend knows of it at the end.
    pub known: Value,
    /// What it told, each as often as it was told, with its place in the order of all.
    pub notices: Vec<(usize, Value)>,
}

/// A line of the issuer's books.
#[derive(Clone, Debug)]
pub struct Row {
    /// `RECHARGE`, or what was done to the card's status.
    pub kind: String,
    /// `SUCCESS` or `FAILED`; `PENDING` if it isn't decided.
    pub state: String,
    /// The card.
    pub card_id: i64,
    /// Of a recharge, in minor units.
    pub amount: i64,
    /// When it was accepted, in milliseconds since 1970.
    pub created_at: i64,
    transaction_id: Option<i64>,
}

/// What the comparison found.
#[derive(Clone, Debug, Default)]
pub struct Judgement {
    /// So many the issuer carried out.
    pub carried_out: usize,
    /// So many outcomes were told.
    pub told: usize,
    /// So often one was told again.
    pub told_again: usize,
    /// So many an instance, or the issuer at once, refused.
    pub refused: usize,
    /// So many changes of a card's status count as done because the card is so, as it was before (`docs/certain.md`, asking).
    pub was_so: usize,
    /// So many users and cards came into being.
    pub made: usize,
    /// Of so many of these it isn't certain which of like requests made them.
    pub not_told_apart: usize,
    /// Operations that nobody knows any more, or of which nothing was told.
    pub lost: usize,
    /// Operations that the issuer has more often than they were asked for.
    pub doubled: usize,
    /// Operations that ended otherwise than was told.
    pub wrong: usize,
    /// Operations of which it isn't known how they ended.
    pub open: usize,
    /// Each of these in words, and what else there is on that card.
    pub problems: Vec<String>,
}

impl Judgement {
    /// Whether every operation is known, as it stands in the books.
    pub const fn is_good(&self) -> bool {
        self.lost + self.doubled + self.wrong + self.open == 0
    }
}

impl Row {
    /// All that the issuer was asked to do with a card by the merchant, in its order.
    ///
    /// Errors if the file can't be read.
    pub fn read_all(books: &Path) -> Result<Vec<Self>> {
        let books = Connection::open_with_flags(books, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
        let sql = "SELECT kind, state, card_id, amount, created_at, transaction_id FROM operations \
            WHERE kind IN ('RECHARGE', 'ACTIVATE', 'LOCK', 'UNLOCK', 'CLOSE') ORDER BY id";
        let mut statement = books.prepare(sql)?;
        let rows = statement.query_map([], |row| {
            Ok(Self {
                kind: row.get(0)?,
                state: row.get(1)?,
                card_id: row.get(2)?,
                amount: row.get(3)?,
                created_at: row.get(4)?,
                transaction_id: row.get(5)?,
            })
        })?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    fn lane(&self) -> Lane {
        (self.card_id, self.kind == "RECHARGE")
    }
}

/// A card, and whether it is its money or its status: here one operation goes after the other.
type Lane = (i64, bool);
/// What is done: its kind, and its amount in minor units.
type Deed = (String, i64);

/// An operation as the backend knows it.
struct Known<'a> {
    asked: &'a Asked,
    lane: Lane,
    deed: Deed,
    seq: i64,
    succeeded: bool,
    refused: bool,
    /// By asking of the card's status.
    was_found: bool,
    transaction_id: Option<i64>,
}

impl<'a> Known<'a> {
    fn of(asked: &'a Asked) -> Option<Self> {
        let row = &asked.known;
        let kind = row.get("kind")?.as_str()?.to_uppercase();
        let number = |name: &str| row.get(name).and_then(Value::as_i64);
        let kind_is_status = kind != "RECHARGE";
        Some(Self {
            asked,
            lane: (number("card_id")?, kind == "RECHARGE"),
            deed: (kind, row.get("amount").map_or(Some(0), minor)?),
            seq: number("seq")?,
            succeeded: row.pointer("/outcome/kind")? == "succeeded",
            refused: is(row, "refused"),
            was_found: kind_is_status
                && row.pointer("/found/succeeded") == Some(&Value::Bool(true)),
            transaction_id: row.pointer("/found/transaction_id").and_then(Value::as_i64),
        })
    }
}

/// The status of a card to which this was done.
fn status_after(deed: &Deed) -> &'static str {
    match deed.0.as_str() {
        "LOCK" => "LOCKED",
        "CLOSE" => "CLOSED",
        _ => "ACTIVE",
    }
}

pub(crate) fn is(row: &Value, what: &str) -> bool {
    row.get(what) == Some(&Value::Bool(true))
}

/// An amount in minor units.
fn minor(amount: &Value) -> Option<i64> {
    let text = amount
        .as_str()
        .map_or_else(|| amount.to_string(), str::to_owned);
    let (whole, part) = text.split_once('.').unwrap_or((&text, ""));
    format!("{whole}{part:0<2}").parse().ok()
}

/// Compares all that was asked for with the issuer's books.
pub fn judge(asked: &[Asked], books: &[Row], made: &[Made]) -> Judgement {
    let mut judgement = Judgement {
        carried_out: books.iter().filter(|row| row.state == "SUCCESS").count(),
        ..Judgement::default()
    };
    let mut makers = Vec::new();
    let mut known = Vec::new();
    for one in asked {
        if !judgement.has_ended(one) {
            continue;
        }
        if one.like.is_some() {
            makers.push(one.clone());
        } else if let Some(one) = Known::of(one) {
            known.push(one);
        } else {
            judgement.wrong += 1;
            let problem = format!("{} can't be read: {}", one.reference, one.known);
            judgement.problems.push(problem);
        }
    }
    judgement.made(&makers, made);
    let lanes: BTreeSet<Lane> = known
        .iter()
        .map(|one| one.lane)
        .chain(books.iter().map(Row::lane))
        .collect();
    for lane in lanes {
        let mut known: Vec<_> = known.iter().filter(|one| one.lane == lane).collect();
        known.sort_by_key(|one| one.seq);
        let books: Vec<_> = books.iter().filter(|row| row.lane() == lane).collect();
        let problems = judgement.problems.len();
        judgement.lane(lane, &known, &books);
        // To find out why.
        if judgement.problems.len() > problems {
            let known = known
                .iter()
                .map(|one| format!("  known: {}", one.asked.known));
            let books = books.iter().map(|row| format!("  books: {row:?}"));
            judgement.problems.extend(known.chain(books));
        }
    }
    judgement
}

impl Judgement {
    /// Whether an operation that the issuer may have has ended, and was told.
    fn has_ended(&mut self, asked: &Asked) -> bool {
        let (row, name) = (&asked.known, &asked.reference);
        let told = |kind: &str| {
            let notices = asked.notices.iter();
            notices
                .filter(|(_, notice)| notice.get("kind").is_some_and(|told| told == kind))
                .count()
        };
        if row.is_null() {
            // It was never stored: whoever asked for it was told at once.
            if asked.refused_here && asked.notices.is_empty() {
                self.refused += 1;
            } else {
                self.lost += 1;
                self.problems.push(format!("{name} is lost"));
            }
            return false;
        }
        let Some(outcome) = row.get("outcome").filter(|outcome| !outcome.is_null()) else {
            self.open += 1;
            self.problems.push(format!("{name} is open: {row}"));
            return false;
        };
        // It waited and was never sent, so it isn't in the issuer's books.
        let was_sent = !is(row, "withdrawn") || is(row, "doubted") || is(row, "contradicted");
        if !was_sent && told("not_sent") == asked.notices.len() && told("not_sent") > 0 {
            self.refused += 1;
            self.told += 1;
            self.told_again += asked.notices.len() - 1;
            if outcome.get("kind").is_none_or(|kind| kind != "failed") {
                self.wrong += 1;
                self.problems
                    .push(format!("{name} was never sent, and didn't fail: {row}"));
            }
            return false;
        }
        self.refused += usize::from(is(row, "refused"));
        if told("settled") == 0 {
            self.lost += 1;
            self.problems.push(format!("{name} was never told"));
        } else {
            self.told += 1;
            self.told_again += asked.notices.len() - 1;
        }
        let all_say_so = asked.notices.iter().all(|(_, notice)| {
            let said = notice.pointer("/operation/outcome/kind");
            notice.get("kind").is_some_and(|kind| kind == "settled") && said == outcome.get("kind")
        });
        if !all_say_so || is(row, "doubted") || is(row, "contradicted") {
            self.wrong += 1;
            self.problems.push(format!(
                "{name} was told otherwise: {row} {:?}",
                asked.notices
            ));
        }
        true
    }

    /// Compares a lane. There one goes after the other, so the order is the same on both sides.
    fn lane(&mut self, lane: Lane, known: &[&Known<'_>], books: &[&Row]) {
        let deeds = |state: &str| -> Vec<Deed> {
            let rows = books.iter().filter(|row| row.state == state);
            rows.map(|row| (row.kind.clone(), row.amount)).collect()
        };
        let (done, failed) = (deeds("SUCCESS"), deeds("FAILED"));

        let mut excess: BTreeMap<Deed, usize> = BTreeMap::new();
        for row in books {
            *excess.entry((row.kind.clone(), row.amount)).or_default() += 1;
        }
        for one in known {
            if let Some(count) = excess.get_mut(&one.deed) {
                *count = count.saturating_sub(1);
            }
        }
        for (deed, count) in excess.into_iter().filter(|(_, count)| *count > 0) {
            self.doubled += count;
            self.problems
                .push(format!("card {lane:?}: {count} too many of {deed:?}"));
        }

        let first_told = |one: &&Known<'_>| one.asked.notices.first().map(|(place, _)| *place);
        let order: Vec<usize> = known.iter().filter_map(first_told).collect();
        if !order.is_sorted() {
            self.wrong += 1;
            self.problems
                .push(format!("card {lane:?}: not told in order"));
        }

        let mut done = done.into_iter().peekable();
        let activated = known.iter().any(|one| one.deed.0 == "ACTIVATE");
        let mut status = if activated { "TBA" } else { "ACTIVE" };
        for one in known.iter().filter(|one| one.succeeded) {
            if done.peek() == Some(&one.deed) {
                done.next();
                status = status_after(&one.deed);
            } else if one.was_found && status == status_after(&one.deed) {
                // Its answer is lost, and the card was asked for: it is as it should be, and was so before.
                self.was_so += 1;
            } else {
                self.wrong += 1;
                let name = &one.asked.reference;
                let problem = format!("card {lane:?}: the success of {name} isn't in the books");
                self.problems.push(problem);
            }
        }
        for deed in done {
            self.wrong += 1;
            self.problems.push(format!(
                "card {lane:?}: the success of {deed:?} wasn't told"
            ));
        }
        // What the issuer refused at once isn't in its books, and neither is what never arrived.
        let mut told = known.iter().filter(|one| !one.succeeded && !one.refused);
        for deed in failed {
            if !told.any(|one| one.deed == deed) {
                self.wrong += 1;
                self.problems.push(format!(
                    "card {lane:?}: the failure of {deed:?} wasn't told"
                ));
            }
        }
        let mut owned = BTreeSet::new();
        for one in known {
            let Some(id) = one.transaction_id else {
                continue;
            };
            let row = books.iter().find(|row| row.transaction_id == Some(id));
            let agrees = row.is_some_and(|row| {
                (&row.kind, row.amount) == (&one.deed.0, one.deed.1)
                    && (row.state == "SUCCESS") == one.succeeded
            });
            if !agrees || !owned.insert(id) {
                self.wrong += 1;
                self.problems
                    .push(format!("{} isn't transaction {id}", one.asked.reference));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{Asked, Judgement, Row, judge};

    /// A recharge that was told once, as it is known.
    fn asked(seq: usize, amount: &str, succeeded: bool) -> Asked {
        let outcome = json!({ "kind": if succeeded { "succeeded" } else { "failed" } });
        let known = json!({ "kind": "recharge", "card_id": 7, "amount": amount, "seq": seq, "outcome": outcome });
        let notice = json!({ "kind": "settled", "operation": known });
        Asked {
            reference: format!("order {seq}"),
            like: None,
            refused_here: false,
            known,
            notices: vec![(seq, notice)],
        }
    }

    fn row(amount: i64, state: &str) -> Row {
        Row {
            kind: "RECHARGE".to_owned(),
            state: state.to_owned(),
            card_id: 7,
            amount,
            created_at: 0,
            transaction_id: None,
        }
    }

    fn found(judgement: &Judgement) -> [usize; 4] {
        [
            judgement.lost,
            judgement.doubled,
            judgement.wrong,
            judgement.open,
        ]
    }

    fn three() -> (Vec<Asked>, Vec<Row>) {
        let asked = vec![
            asked(1, "20", true),
            asked(2, "66.01", false),
            asked(3, "30.5", true),
        ];
        let books = vec![
            row(2000, "SUCCESS"),
            row(6601, "FAILED"),
            row(3050, "SUCCESS"),
        ];
        (asked, books)
    }

    #[test]
    fn what_agrees_is_good() {
        let (mut asked, books) = three();
        let again = asked[0].notices[0].clone();
        asked[0].notices.push(again);
        let judgement = judge(&asked, &books, &[]);
        assert!(judgement.is_good(), "{:?}", judgement.problems);
        assert_eq!(
            (judgement.carried_out, judgement.told, judgement.told_again),
            (2, 3, 1)
        );
    }

    /// Its answer was lost, and the card is as asked for, as it was before.
    #[test]
    fn what_was_so_before_is_told_apart() {
        let (mut asked, _) = three();
        let mut unlock = asked.remove(1);
        unlock.known["kind"] = json!("unlock");
        unlock.known["outcome"] = json!({ "kind": "succeeded" });
        unlock.known["found"] = json!({ "succeeded": true });
        unlock.notices[0].1["operation"] = unlock.known.clone();
        let judgement = judge(&[unlock.clone()], &[], &[]);
        assert!(judgement.is_good(), "{:?}", judgement.problems);
        assert_eq!(judgement.was_so, 1);
        // Not by an event, and not if the card was otherwise.
        unlock.known["found"] = Value::Null;
        assert_eq!(judge(&[unlock.clone()], &[], &[]).wrong, 1);
        unlock.known["found"] = json!({ "succeeded": true });
        unlock.known["kind"] = json!("lock");
        assert_eq!(judge(&[unlock], &[], &[]).wrong, 1);
    }

    #[test]
    fn what_does_not_agree_is_found() {
        let (asked, books) = three();
        let judged = |change: &dyn Fn(&mut Vec<Asked>, &mut Vec<Row>)| {
            let (mut asked, mut books) = (asked.clone(), books.clone());
            change(&mut asked, &mut books);
            found(&judge(&asked, &books, &[]))
        };
        // Nobody knows it, and the issuer carried it out.
        assert_eq!(
            judged(&|asked, _| {
                asked[2].known = Value::Null;
                asked[2].notices.clear();
            }),
            [1, 1, 1, 0]
        );
        assert_eq!(judged(&|asked, _| asked[0].notices.clear()), [1, 0, 0, 0]);
        // It was sent twice.
        assert_eq!(
            judged(&|_, books| books.push(row(3050, "SUCCESS"))),
            [0, 1, 1, 0]
        );
        // It failed.
        assert_eq!(
            judged(&|_, books| books[2].state = "FAILED".to_owned())[2],
            2
        );
        assert_eq!(
            judged(&|asked, _| asked[0].known["outcome"] = Value::Null)[3],
            1
        );
        // Told in another order.
        assert_eq!(judged(&|asked, _| asked[0].notices[0].0 = 9), [0, 0, 1, 0]);
        // Told otherwise than it is known.
        assert_eq!(
            judged(&|asked, _| asked[0].notices[0].1["kind"] = json!("doubted")),
            [1, 0, 1, 0]
        );
        assert_eq!(
            judged(&|asked, _| asked[0].known["doubted"] = json!(true)),
            [0, 0, 1, 0]
        );
    }
}
