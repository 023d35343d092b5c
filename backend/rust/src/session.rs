//! What is read and written in one transaction. All statements stand here.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::mem;
use std::str::FromStr;

use bananatech_core::operations::card::CardInformation;
use bananatech_core::{
    Assumptions, CardId, CardState, Changes, Code, Decision, EventType, Fold, Input, Invalid, Key,
    OperationId, Query, Step, Thing, Timestamp, TrackedOperation,
};

use crate::lane::lane_of;
use crate::locks::{Assignments, Locks};
use crate::notice::Notice;
use crate::sql::{integer, integer_at, optional, seq_at, text, text_at};
use crate::store::{Dialect, Rows, Statement, StoreError, Transaction, Value};

/// Why a transaction ends without a result.
#[derive(Debug)]
pub(crate) enum Stop {
    /// It needs more for itself: it is to be begun again with these locks as well.
    Lock(Vec<Key>),
    /// The caller asked for something that can't be.
    Invalid(Invalid),
    /// The database failed.
    Store(StoreError),
}

impl From<StoreError> for Stop {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl From<Invalid> for Stop {
    fn from(error: Invalid) -> Self {
        Self::Invalid(error)
    }
}

/// A transaction of one merchant.
pub(crate) struct Session<'a, T> {
    pub(crate) transaction: T,
    pub(crate) dialect: Dialect,
    pub(crate) merchant: &'a str,
    pub(crate) assumptions: Assumptions,
    pub(crate) locks: &'a Locks,
    /// Statements that weren't sent yet. They go with the next one whose rows are read, so that there are fewer round trips to the database.
    pub(crate) unsent: Vec<Statement>,
    /// Changes of different rows, which come after those.
    pub(crate) changes: Vec<Statement>,
}

/// Rows that were looked up.
#[derive(Default)]
pub(crate) struct Found {
    pub(crate) operations: Vec<TrackedOperation>,
    pub(crate) things: Vec<Thing>,
    pub(crate) since: Vec<(Key, Timestamp)>,
    pub(crate) card: Option<CardState>,
}

impl Found {
    pub(crate) fn read(rows: Option<Rows>) -> Result<Self, StoreError> {
        let mut found = Self::default();
        for row in rows.into_iter().flatten() {
            let content = text_at(&row, 1)?;
            match text_at(&row, 0)? {
                "operation" => {
                    let operation = stored(TrackedOperation::from_json(content))?;
                    found.operations.push(operation);
                }
                "thing" => found.things.push(stored(Thing::from_json(content))?),
                "card" => found.card = Some(stored(CardState::from_json(content))?),
                key => {
                    let since = Timestamp::from_millis(integer_at(&row, 1)?);
                    found.since.push((stored(Key::from_str(key))?, since));
                }
            }
        }
        Ok(found)
    }

    /// Hands operations and things to a decision.
    pub(crate) fn add_to(self, decision: &mut Decision<'_>) {
        decision.add(
            self.operations.into_iter().map(Cow::Owned),
            self.things.into_iter().map(Cow::Owned),
        );
        decision.add_since(self.since);
    }
}

/// What is stored was written by this library, so what can't be read was changed by somebody else.
pub(crate) fn stored<T>(read: Result<T, Invalid>) -> Result<T, StoreError> {
    read.map_err(|error| StoreError::Failed(error.into()))
}

impl<T: Transaction> Session<'_, T> {
    /// Runs a statement, and reads its rows.
    pub(crate) async fn query(
        &mut self,
        sql: impl Into<Cow<'static, str>>,
        values: impl Into<Vec<Value>>,
    ) -> Result<Rows, StoreError> {
        self.write(sql, values);
        Ok(self.run().await?.pop().unwrap_or_default())
    }

    /// Runs what is unsent; the rows of each statement.
    pub(crate) async fn run(&mut self) -> Result<Vec<Rows>, StoreError> {
        self.transaction.run(&mem::take(&mut self.unsent)).await
    }

    /// Runs a statement before the next one that is read, or before the end.
    pub(crate) fn write(
        &mut self,
        sql: impl Into<Cow<'static, str>>,
        values: impl Into<Vec<Value>>,
    ) {
        self.send_changes();
        let (sql, values) = (sql.into(), values.into());
        self.unsent.push(Statement { sql, values });
    }

    /// Changes a row, in no order with the changes of other rows that are made before the next one is read.
    pub(crate) fn change(
        &mut self,
        sql: impl Into<Cow<'static, str>>,
        values: impl Into<Vec<Value>>,
    ) {
        let (sql, values) = (sql.into(), values.into());
        self.changes.push(Statement { sql, values });
    }

    fn send_changes(&mut self) {
        let changes = mem::take(&mut self.changes);
        self.unsent.extend(self.dialect.joined(changes));
    }

    /// Runs what is unsent, and makes all of it lasting.
    pub(crate) async fn commit(mut self) -> Result<(), StoreError> {
        self.send_changes();
        self.transaction.commit(&self.unsent).await
    }

    /// Takes the locks, before anything is read.
    pub(crate) fn lock(&mut self) {
        if self.dialect == Dialect::Sqlite {
            return;
        }
        let name =
            |what: &dyn ToString| format!("bananatech {} {}", self.merchant, what.to_string());
        let reference = self.locks.reference.as_ref();
        let reference = reference.map(|reference| name(&format!("reference {reference}")));
        let operation = self.locks.operation.map(|id| name(&id));
        let assignments = self
            .locks
            .assignments()
            .map(|how| (how, name(&Key::Assign)));
        let keys = self.locks.keys.iter().filter(|key| **key != Key::Assign);
        let keys: Vec<String> = keys.map(|key| name(key)).collect();
        for name in reference.into_iter().chain(operation) {
            let sql = "SELECT pg_advisory_xact_lock(hashtextextended($1, 0))";
            self.write(sql, [Value::Text(name)]);
        }
        if let Some((how, assign)) = assignments {
            let sql = match how {
                Assignments::Alone => "SELECT pg_advisory_xact_lock(hashtextextended($1, 0))",
                Assignments::Shared => {
                    "SELECT pg_advisory_xact_lock_shared(hashtextextended($1, 0))"
                }
            };
            self.write(sql, [Value::Text(assign)]);
        }
        if !keys.is_empty() {
            // In the order of the numbers that stand for them: two keys may have one.
            let sql = format!(
                "SELECT pg_advisory_xact_lock(number) FROM (SELECT DISTINCT hashtextextended(value, 0) AS number \
                FROM ({}) AS names ORDER BY number) AS numbers",
                self.dialect.elements("$1")
            );
            self.write(sql, [self.dialect.list(keys)]);
        }
    }

    /// That these keys are locked. SQLite's transactions have the whole database.
    fn need(&self, keys: impl IntoIterator<Item = Key>) -> Result<(), Stop> {
        if self.dialect == Dialect::Sqlite {
            return Ok(());
        }
        let lacking = keys.into_iter().filter(|key| !self.locks.cover(*key));
        let lacking: Vec<Key> = lacking.collect();
        if lacking.is_empty() {
            return Ok(());
        }
        Err(Stop::Lock(lacking))
    }

    /// Draws the next number in the order of what happens here. Answers how the statement that follows says it.
    pub(crate) fn draw(&mut self) -> &'static str {
        match self.dialect {
            Dialect::Sqlite => {
                let sql = "UPDATE bananatech_order SET value = value + 1";
                self.write(sql, []);
                "(SELECT value FROM bananatech_order)"
            }
            Dialect::Postgres => "nextval('bananatech_order')",
        }
    }

    /// The next number in the order of what happens here.
    pub(crate) async fn next_seq(&mut self) -> Result<u64, StoreError> {
        let sql = format!("SELECT {}", self.draw());
        let rows = self.query(sql, []).await?;
        seq_at(rows.first().map_or(&[], Vec::as_slice), 0)
    }

    /// Decides about an input, and stores what it changes.
    pub(crate) async fn decide(&mut self, input: Input) -> Result<Changes, Stop> {
        let decision = Decision::new(self.assumptions, input);
        self.need(decision.keys())?;
        self.finish(decision).await
    }

    /// Goes on with a decision to its end, stores what it changes, and tells it.
    pub(crate) async fn finish(&mut self, decision: Decision<'_>) -> Result<Changes, Stop> {
        let changes = self.conclude(decision).await?;
        for notice in Notice::of(&changes) {
            self.tell(&notice);
        }
        Ok(changes)
    }

    /// Notes that an operation which was just stored isn't sent: it failed, by this code.
    pub(crate) async fn give_up(&mut self, id: OperationId, code: Code) -> Result<Changes, Stop> {
        let reason = Some(code.as_str().into());
        let decision = Decision::new(self.assumptions, Input::Withdrawn { id, reason });
        let changes = self.conclude(decision).await?;
        for notice in Notice::of(&changes) {
            self.tell(&match notice {
                Notice::Settled(operation) if operation.id == id => Notice::NotSent {
                    operation,
                    code: code.as_str().to_owned(),
                },
                other => other,
            });
        }
        Ok(changes)
    }

    async fn conclude(&mut self, mut decision: Decision<'_>) -> Result<Changes, Stop> {
        loop {
            match decision.step()? {
                Step::Read(query) => {
                    self.look_up(&query, None)?;
                    Found::read(self.run().await?.pop())?.add_to(&mut decision);
                }
                Step::Decided(changes) => {
                    self.put(&changes);
                    return Ok(*changes);
                }
            }
        }
    }

    /// Notes that an event came. Answers its place in our own order, with rows that are asked for at the same time; nothing if it came
    /// before.
    pub(crate) async fn note_event(
        &mut self,
        key: &str,
        event_type: &EventType,
        seen_at: Timestamp,
        query: &Query,
        card: Option<CardId>,
    ) -> Result<Option<(u64, Found)>, Stop> {
        // The type isn't signed, so nobody can fill the table with words.
        let word = match event_type {
            EventType::Other(_) => "other",
            known => known.as_str(),
        };
        // The same data under another type were first seen when they came first.
        let sql = format!(
            "INSERT INTO bananatech_events (merchant, key, type, seen_at, seq) VALUES ($1, $2, $3, CAST($4 AS BIGINT), \
            coalesce((SELECT min(seq) FROM bananatech_events WHERE merchant = $1 AND key = $2), {})) \
            ON CONFLICT (merchant, key, type) DO NOTHING RETURNING seq",
            self.draw()
        );
        let seen_at = Value::Integer(seen_at.as_millis());
        self.write(
            sql,
            [text(&self.merchant), text(&key), text(&word), seen_at],
        );
        self.look_up(query, card)?;
        let mut rows = self.run().await?;
        let (found, noted) = (rows.pop(), rows.pop());
        let Some(row) = noted.and_then(|rows| rows.into_iter().next()) else {
            return Ok(None);
        };
        Ok(Some((seq_at(&row, 0)?, Found::read(found)?)))
    }

    /// Asks for rows, and for the state of a card.
    pub(crate) fn look_up(&mut self, query: &Query, card: Option<CardId>) -> Result<(), Stop> {
        let keys = query.operations_by.iter().chain(&query.things_by);
        let keys: BTreeSet<Key> = keys.chain(&query.live_by).copied().collect();
        self.need(keys.iter().copied().chain(card.map(Key::Card)))?;
        let done = if query.done { "" } else { "AND NOT is_done" };
        let (live, things) = (self.dialect.is_in("$7"), self.dialect.elements("$4"));
        let by_keys = |what: &str, keys: &str| {
            let keys = self.dialect.is_in(keys);
            format!(
                "SELECT {what} FROM bananatech_{what}_keys WHERE merchant = $1 AND key {keys} {done} \
                UNION ALL SELECT {what} FROM bananatech_{what}_keys WHERE merchant = $1 AND key {live} AND NOT is_done"
            )
        };
        let operations = by_keys("operation", "$3");
        let operations = self
            .dialect
            .is_among(&format!("SELECT CAST($2 AS TEXT) UNION ALL {operations}"));
        let things = self
            .dialect
            .is_among(&format!("{things} UNION ALL {}", by_keys("thing", "$5")));
        let sql = format!(
            "SELECT 'operation', content FROM bananatech_operations WHERE merchant = $1 AND id {operations} \
            UNION ALL \
            SELECT 'thing', content FROM bananatech_things WHERE merchant = $1 AND id {things} AND seq > CAST($6 AS BIGINT) \
            UNION ALL \
            SELECT 'card', content FROM bananatech_cards WHERE merchant = $1 AND id = $8 \
            UNION ALL \
            SELECT key, CAST(since AS TEXT) FROM bananatech_since WHERE merchant = $1 AND key {}",
            self.dialect.is_in("$9")
        );
        let values = [
            text(&self.merchant),
            optional(query.operation),
            self.dialect.list(&query.operations_by),
            self.dialect.list(&query.things),
            self.dialect.list(&query.things_by),
            query.seen_after.map_or(Value::Integer(-1), integer),
            self.dialect.list(&query.live_by),
            optional(card),
            self.dialect.list(keys),
        ];
        self.write(sql, values);
        Ok(())
    }

    fn put(&mut self, changes: &Changes) {
        for operation in &changes.operations {
            self.put_operation(operation);
        }
        for thing in &changes.things {
            self.put_thing(thing);
        }
    }

    fn put_operation(&mut self, row: &TrackedOperation) {
        let found = row.found.as_ref();
        let new_card = found
            .filter(|_| row.card_id.is_none())
            .and_then(|found| found.card_id);
        let sql = "INSERT INTO bananatech_operations (merchant, id, content, reference, lane, is_open, is_done, is_doubted, \
            is_contradicted, ask_at, transaction_id, new_card) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) \
            ON CONFLICT (merchant, id) DO UPDATE SET content = excluded.content, is_open = excluded.is_open, \
            is_done = excluded.is_done, is_doubted = excluded.is_doubted, is_contradicted = excluded.is_contradicted, \
            ask_at = excluded.ask_at, transaction_id = excluded.transaction_id, new_card = excluded.new_card";
        let values = [
            text(&self.merchant),
            text(&row.id),
            Value::Text(row.to_json()),
            text(&row.reference.as_deref().unwrap_or_default()),
            optional(lane_of(row)),
            Value::Boolean(row.is_open()),
            Value::Boolean(row.done),
            Value::Boolean(row.doubted),
            Value::Boolean(row.contradicted),
            row.due_at()
                .map_or(Value::Null, |at| Value::Integer(at.as_millis())),
            optional(found.and_then(|found| found.transaction_id)),
            optional(new_card),
        ];
        self.change(sql, values);
        self.put_keys("operation", &row.id, row.keys(), row.done);
    }

    fn put_thing(&mut self, thing: &Thing) {
        let sql = "INSERT INTO bananatech_things (merchant, id, content, seq, is_done) VALUES ($1, $2, $3, $4, $5) \
            ON CONFLICT (merchant, id) DO UPDATE SET content = excluded.content, is_done = excluded.is_done";
        let values = [
            text(&self.merchant),
            text(&thing.id),
            Value::Text(thing.to_json()),
            integer(thing.seq),
            Value::Boolean(thing.done),
        ];
        self.change(sql, values);
        self.put_keys("thing", &thing.id, thing.keys(), thing.done);
    }

    /// Writes by which keys an operation or a thing is found. A row's keys only grow.
    fn put_keys(&mut self, what: &str, id: &impl ToString, keys: Vec<Key>, is_done: bool) {
        let asked = self.dialect.elements("$3");
        let sql = format!(
            "INSERT INTO bananatech_{what}_keys (merchant, key, {what}, is_done) \
            SELECT $1, asked.value, $2, $4 FROM ({asked}) AS asked WHERE true \
            ON CONFLICT (merchant, key, {what}) DO UPDATE SET is_done = excluded.is_done"
        );
        let values = [
            text(&self.merchant),
            text(id),
            self.dialect.list(keys),
            Value::Boolean(is_done),
        ];
        self.change(sql, values);
    }

    pub(crate) async fn operation(
        &mut self,
        id: OperationId,
    ) -> Result<Option<TrackedOperation>, StoreError> {
        let sql = "SELECT content FROM bananatech_operations WHERE merchant = $1 AND id = $2 \
            UNION ALL SELECT operation FROM bananatech_waiting WHERE merchant = $1 AND id = $2";
        self.one_operation(sql, &id).await
    }

    pub(crate) async fn operation_of(
        &mut self,
        reference: &str,
    ) -> Result<Option<TrackedOperation>, StoreError> {
        let sql = "SELECT content FROM bananatech_operations WHERE merchant = $1 AND reference = $2 \
            UNION ALL SELECT operation FROM bananatech_waiting WHERE merchant = $1 AND reference = $2";
        self.one_operation(sql, &reference).await
    }

    async fn one_operation(
        &mut self,
        sql: &'static str,
        name: &impl ToString,
    ) -> Result<Option<TrackedOperation>, StoreError> {
        let rows = self.query(sql, [text(&self.merchant), text(name)]).await?;
        let row = rows.first().map(|row| text_at(row, 0)).transpose()?;
        row.map(|content| stored(TrackedOperation::from_json(content)))
            .transpose()
    }

    pub(crate) async fn card(&mut self, id: CardId) -> Result<Option<CardState>, StoreError> {
        let sql = "SELECT content FROM bananatech_cards WHERE merchant = $1 AND id = $2";
        let rows = self.query(sql, [text(&self.merchant), text(&id)]).await?;
        let row = rows.first().map(|row| text_at(row, 0)).transpose()?;
        row.map(|content| stored(CardState::from_json(content)))
            .transpose()
    }

    /// Takes what the API answered of a card.
    pub(crate) async fn observe(
        &mut self,
        id: CardId,
        information: &CardInformation,
        asked_at: Timestamp,
    ) -> Result<(), Stop> {
        self.need([Key::Card(id)])?;
        let card = self.card(id).await?;
        self.change_card(id, card, |card| card.observe(information, asked_at));
        Ok(())
    }

    pub(crate) fn change_card(
        &mut self,
        id: CardId,
        known: Option<CardState>,
        change: impl FnOnce(&mut CardState) -> Fold,
    ) {
        let mut card = known.unwrap_or_else(|| CardState::new(id));
        if change(&mut card) == Fold::Applied {
            let sql = "INSERT INTO bananatech_cards (merchant, id, content) VALUES ($1, $2, $3) \
                ON CONFLICT (merchant, id) DO UPDATE SET content = excluded.content";
            let values = [text(&self.merchant), text(&id), Value::Text(card.to_json())];
            self.change(sql, values);
        }
    }

    /// Puts a notice into the outbox.
    pub(crate) fn tell(&mut self, notice: &Notice) {
        let sql = format!(
            "INSERT INTO bananatech_outbox (merchant, position, subject, kind, content, code) \
            VALUES ($1, {}, $2, $3, $4, $5)",
            self.draw()
        );
        let (content, code) = notice.to_row();
        let values = [
            text(&self.merchant),
            text(&notice.subject()),
            text(&notice.kind()),
            Value::Text(content),
            optional(code),
        ];
        // Not as a change: several notices keep their order.
        self.write(sql, values);
    }
}
