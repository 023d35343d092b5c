//! Users and cards that came into being: which request made which, as far as anything tells.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use anyhow::Result;
use rusqlite::{Connection, OpenFlags};
use serde_json::Value;

use crate::books::{Asked, Judgement, is};
use crate::stage::Card;

/// A line of the issuer's books about a registration, an application or an assignment.
#[derive(Clone, Debug)]
pub struct Made {
    /// What was asked for: see [`Asked::like`].
    pub like: String,
    /// `SUCCESS` or `FAILED`; `PENDING` if it isn't decided.
    pub state: String,
    /// The user, or the card, whether it came into being or not.
    pub id: i64,
}

impl Made {
    /// All that the issuer was asked for, in its order, but for cards that were there before.
    ///
    /// Errors if the file can't be read.
    pub fn read_all(books: &Path, before: &[Card]) -> Result<Vec<Self>> {
        let books = Connection::open_with_flags(books, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
        let sql = "SELECT state, iif(o.kind = 'REGISTER', user_id, card_id), CASE o.kind \
            WHEN 'REGISTER' THEN 'register ' || email \
            WHEN 'APPLY' THEN 'apply ' || user_id || ' ' || o.template_id || ' ' || amount \
            ELSE 'assign ' || user_id || ' ' || card_number END \
            FROM operations o JOIN users u ON u.id = user_id \
            WHERE o.kind IN ('REGISTER', 'APPLY', 'ASSIGN') ORDER BY o.id";
        let mut statement = books.prepare(sql)?;
        let rows = statement.query_map([], |row| {
            Ok(Self {
                state: row.get(0)?,
                id: row.get(1)?,
                like: row.get(2)?,
            })
        })?;
        let before: BTreeSet<u64> = before.iter().map(|card| card.card_id).collect();
        let rows: Vec<Self> = rows.collect::<rusqlite::Result<_>>()?;
        let is_new = |made: &Self| u64::try_from(made.id).is_ok_and(|id| !before.contains(&id));
        Ok(rows.into_iter().filter(is_new).collect())
    }
}

/// What a person says of an operation that nothing else tells about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Said {
    /// It was carried out.
    Succeeded,
    /// It failed.
    Failed,
    /// It never arrived.
    Withdrawn,
}

impl Said {
    /// In a word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Succeeded => "succeeded",
            Self::Failed => "failed",
            Self::Withdrawn => "withdrawn",
        }
    }
}

/// An operation as the backend knows it.
#[derive(Debug)]
struct Known<'a> {
    asked: &'a Asked,
    seq: i64,
    succeeded: Option<bool>,
    /// It isn't in the issuer's books.
    never_taken: bool,
    acknowledged: bool,
    /// The user or card that is surely its own.
    id: Option<i64>,
    /// The cards that may be its own.
    cards: Vec<i64>,
}

impl<'a> Known<'a> {
    fn of(asked: &'a Asked) -> Option<Self> {
        let row = &asked.known;
        let number = |pointer: &str| row.pointer(pointer).and_then(Value::as_i64);
        let cards = row.get("cards").and_then(Value::as_array);
        Some(Self {
            asked,
            seq: number("/seq")?,
            succeeded: row
                .pointer("/outcome/kind")
                .map(|outcome| outcome == "succeeded"),
            never_taken: is(row, "refused") || is(row, "withdrawn"),
            acknowledged: is(row, "acknowledged"),
            id: match row.get("kind")?.as_str()? {
                "register" => number("/user_id"),
                _ => number("/outcome/card_id"),
            },
            cards: cards
                .into_iter()
                .flatten()
                .filter_map(Value::as_i64)
                .collect(),
        })
    }
}

/// What was asked for in the same words, as it is known and as it stands in the books.
#[derive(Default)]
struct Group<'a> {
    known: Vec<Known<'a>>,
    books: Vec<&'a Made>,
}

impl<'a> Group<'a> {
    fn all(asked: &'a [Asked], books: &'a [Made]) -> BTreeMap<&'a str, Self> {
        let mut groups: BTreeMap<&str, Self> = BTreeMap::new();
        for one in asked {
            if let (Some(like), Some(known)) = (&one.like, Known::of(one)) {
                groups.entry(like).or_default().known.push(known);
            }
        }
        for made in books {
            groups.entry(&made.like).or_default().books.push(made);
        }
        for group in groups.values_mut() {
            group.known.sort_by_key(|one| one.seq);
        }
        groups
    }

    /// Those that the issuer took, as far as is known.
    fn taken(&self) -> impl Iterator<Item = &Known<'a>> {
        self.known.iter().filter(|one| !one.never_taken)
    }

    fn ended(&self, succeeded: bool) -> usize {
        let ended = |one: &&Known<'_>| one.succeeded == Some(succeeded);
        self.taken().filter(ended).count()
    }

    fn in_books(&self, state: &str) -> usize {
        self.books.iter().filter(|made| made.state == state).count()
    }

    /// Nothing tells those of a group apart, so any may be the one that failed, or didn't arrive. The last one can be, whatever was seen first.
    fn say(&self) -> Option<(&'a str, Said)> {
        let mut open = self
            .known
            .iter()
            .rev()
            .filter(|one| one.succeeded.is_none());
        let (one, said) = if self.taken().count() > self.books.len() {
            (open.find(|one| !one.acknowledged)?, Said::Withdrawn)
        } else if self.ended(false) < self.in_books("FAILED") {
            (open.next()?, Said::Failed)
        } else {
            (open.next()?, Said::Succeeded)
        };
        Some((&one.asked.reference, said))
    }
}

/// What a person says who has the issuer's books: of one operation, if something is open. It may settle others.
pub fn say<'a>(asked: &'a [Asked], books: &'a [Made]) -> Option<(&'a str, Said)> {
    let groups = Group::all(asked, books);
    groups.values().find_map(Group::say)
}

/// What is open though the webhooks, which all came, tell of it: a registration that was acknowledged and approved, and an application of a user for
/// a template of which all made a card. So these need no person.
pub fn left_open<'a>(asked: &'a [Asked], books: &'a [Made]) -> Vec<&'a str> {
    let mut applications: BTreeMap<&str, Vec<&Group<'_>>> = BTreeMap::new();
    let groups = Group::all(asked, books);
    let mut open: Vec<&Known<'_>> = Vec::new();
    for (like, group) in &groups {
        if like.starts_with("register ") {
            let approved = |one: &&Known<'_>| {
                let mut rows = group.books.iter();
                rows.any(|made| made.state == "SUCCESS" && Some(made.id) == one.id)
            };
            open.extend(group.taken().filter(approved));
        } else if let Some((of_all, _deposit)) = like.rsplit_once(' ')
            && like.starts_with("apply ")
        {
            applications.entry(of_all).or_default().push(group);
        }
    }
    for groups in applications.values() {
        let taken: usize = groups.iter().map(|group| group.taken().count()).sum();
        let made: usize = groups.iter().map(|group| group.in_books("SUCCESS")).sum();
        if taken == made {
            open.extend(groups.iter().flat_map(|group| group.taken()));
        }
    }
    let open = open.into_iter().filter(|one| one.succeeded.is_none());
    open.map(|one| one.asked.reference.as_str()).collect()
}

impl Judgement {
    /// Compares what was made with the books. `asked` is what the issuer may have, and has ended.
    pub(crate) fn made(&mut self, asked: &[Asked], books: &[Made]) {
        for (like, group) in Group::all(asked, books) {
            let problems = self.problems.len();
            self.group(&group);
            // To find out why.
            if self.problems.len() > problems {
                let known = group
                    .known
                    .iter()
                    .map(|one| format!("  known: {}", one.asked.known));
                let books = group.books.iter().map(|made| format!("  books: {made:?}"));
                self.problems.push(format!("  of {like}:"));
                self.problems.extend(known.chain(books));
            }
        }
    }

    fn group(&mut self, group: &Group<'_>) {
        let excess = group.books.len().saturating_sub(group.taken().count());
        if excess > 0 {
            self.doubled += excess;
            self.problems.push(format!("{excess} too many"));
        }
        for (succeeded, state) in [(true, "SUCCESS"), (false, "FAILED")] {
            let (told, done) = (group.ended(succeeded), group.in_books(state));
            if told != done {
                self.wrong += told.abs_diff(done);
                self.problems
                    .push(format!("{told} are told as {state}, and {done} are"));
            }
        }
        let mut owned = BTreeSet::new();
        for one in group.taken() {
            let Some(id) = one.id else {
                continue;
            };
            let made = group.books.iter().find(|made| made.id == id);
            let agrees =
                made.is_some_and(|made| (made.state == "SUCCESS") == (one.succeeded == Some(true)));
            let told = one.asked.notices.iter();
            let mut told = told
                .filter_map(|(_, notice)| notice.pointer("/operation/outcome/card_id")?.as_i64());
            if !agrees || !owned.insert(id) || told.any(|told| told != id) {
                self.wrong += 1;
                let name = &one.asked.reference;
                self.problems.push(format!("{name} didn't make {id}"));
            }
        }
        // Of like requests it may stay open which one made it. Then it is among what each may have made, unless a person said so.
        let done = group.books.iter().filter(|made| made.state == "SUCCESS");
        for made in done.filter(|made| !owned.contains(&made.id)) {
            let may_be = |one: &Known<'_>| {
                let by_person = one.cards.is_empty() && is_found(&one.asked.known);
                one.succeeded == Some(true)
                    && one.id.is_none()
                    && (by_person || one.cards.contains(&made.id))
            };
            if group.taken().any(may_be) {
                self.not_told_apart += 1;
            } else {
                self.wrong += 1;
                self.problems.push(format!("nobody made {}", made.id));
            }
        }
        self.made += group.in_books("SUCCESS");
    }
}

fn is_found(row: &Value) -> bool {
    row.get("found").is_some_and(|found| !found.is_null())
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{Made, Said, left_open, say};
    use crate::books::{Asked, Judgement, judge};

    /// An application that was told once, as it is known.
    fn asked(seq: usize, card: Option<i64>) -> Asked {
        let outcome = json!({ "kind": "succeeded", "card_id": card });
        let known = json!({ "kind": "apply", "seq": seq, "acknowledged": true, "outcome": outcome, "cards": [1, 2] });
        Asked {
            reference: format!("new {seq}"),
            like: Some("apply 7 2 0".to_owned()),
            refused_here: false,
            notices: vec![(seq, json!({ "kind": "settled", "operation": known }))],
            known,
        }
    }

    fn made(id: i64, state: &str) -> Made {
        Made {
            like: "apply 7 2 0".to_owned(),
            state: state.to_owned(),
            id,
        }
    }

    fn found(asked: &[Asked], books: &[Made]) -> [usize; 4] {
        let judgement: Judgement = judge(asked, &[], books);
        [
            judgement.lost,
            judgement.doubled,
            judgement.wrong,
            judgement.open,
        ]
    }

    #[test]
    fn each_card_has_its_request() {
        let books = [made(1, "SUCCESS"), made(2, "SUCCESS")];
        assert_eq!(
            found(&[asked(1, Some(2)), asked(2, Some(1))], &books),
            [0; 4]
        );
        // Nothing tells the two apart.
        let twins = [asked(1, None), asked(2, None)];
        assert_eq!(found(&twins, &books), [0; 4]);
        assert_eq!(judge(&twins, &[], &books).not_told_apart, 2);
        // One card for both, a card that neither may have made, and one that failed.
        assert_eq!(
            found(&[asked(1, Some(1)), asked(2, Some(1))], &books),
            [0, 0, 2, 0]
        );
        assert_eq!(
            found(&twins, &[made(1, "SUCCESS"), made(3, "SUCCESS")]),
            [0, 0, 1, 0]
        );
        assert_eq!(
            found(&[asked(1, Some(1))], &[made(1, "FAILED")]),
            [0, 0, 3, 0]
        );
        // More cards than requests, and a request that made none.
        assert_eq!(found(&[asked(1, Some(1))], &books), [0, 1, 2, 0]);
        assert_eq!(found(&twins, &[made(1, "SUCCESS")]), [0, 0, 1, 0]);
        assert_eq!(found(&[], &[made(1, "SUCCESS")]), [0, 1, 2, 0]);
        // It was told with another card.
        let mut told = asked(1, Some(1));
        told.notices[0].1["operation"]["outcome"]["card_id"] = json!(2);
        assert_eq!(found(&[told], &[made(1, "SUCCESS")]), [0, 0, 1, 0]);
    }

    #[test]
    fn a_person_says_what_nothing_else_tells() {
        let open = |seq: usize, acknowledged: bool| {
            let mut asked = asked(seq, None);
            asked.known["outcome"] = Value::Null;
            asked.known["acknowledged"] = json!(acknowledged);
            asked
        };
        let (success, failure) = (made(1, "SUCCESS"), made(2, "FAILED"));
        let asked = [open(1, false), open(2, false), open(3, true)];
        let said = |books: &[Made]| say(&asked, books).map(|(name, said)| (name.to_owned(), said));
        let never_arrived = Some(("new 2".to_owned(), Said::Withdrawn));
        assert_eq!(said(std::slice::from_ref(&success)), never_arrived);
        let all = [success.clone(), success, failure];
        assert_eq!(said(&all), Some(("new 3".to_owned(), Said::Failed)));
        assert_eq!(said(&all[..2]), never_arrived);
        let open_one = [open(1, true)];
        assert_eq!(say(&open_one, &all[..1]), Some(("new 1", Said::Succeeded)));
        // All three made a card, so the webhooks tell; of three that made two, they don't.
        let made_all: Vec<Made> = (1..=3).map(|id| made(id, "SUCCESS")).collect();
        assert_eq!(left_open(&asked, &made_all), ["new 1", "new 2", "new 3"]);
        assert_eq!(left_open(&asked, &all), [""; 0]);
        // What was acknowledged can't be said to have never arrived.
        assert_eq!(say(&open_one, &[]), None);
        assert_eq!(say(&[super::tests::asked(1, Some(1))], &all[..1]), None);
    }
}
