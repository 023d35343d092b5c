//! What is read and written outside of decisions: lanes, overdue operations, notices, counts, and what is forgotten.

use std::collections::BTreeSet;
use std::fmt::Display;
use std::str::FromStr;

use bananatech_core::{
    CardId, Forgettable, Key, OperationId, Query, Thing, Timestamp, TrackedOperation,
};

use crate::lane::lanes_of;
use crate::notice::Notice;
use crate::session::{Found, Session, Stop, stored};
use crate::sql::{integer_at, text, text_at};
use crate::store::{StoreError, Transaction, Value};

/// An operation that waits for its turn.
pub(crate) struct Waiting {
    pub(crate) plan: String,
    pub(crate) operation: TrackedOperation,
}

impl<T: Transaction> Session<'_, T> {
    /// A card's operations in the order in which they were stored, and after them those that wait.
    pub(crate) async fn operations_of(
        &mut self,
        card: CardId,
    ) -> Result<Vec<TrackedOperation>, StoreError> {
        let are = self.dialect.is_among(
            "SELECT operation FROM bananatech_operation_keys WHERE merchant = $1 AND key = $2",
        );
        let sql =
            format!("SELECT content FROM bananatech_operations WHERE merchant = $1 AND id {are}");
        self.write(sql, [text(&self.merchant), text(&Key::Card(card))]);
        let are = self.dialect.is_in("$2");
        let sql = format!(
            "SELECT operation FROM bananatech_waiting WHERE merchant = $1 AND lane {are} ORDER BY position"
        );
        self.write(
            sql,
            [text(&self.merchant), self.dialect.list(lanes_of(card))],
        );
        let rows = self.run().await?.into_iter().flatten();
        let read = |row: Vec<Value>| stored(TrackedOperation::from_json(text_at(&row, 0)?));
        let mut operations = rows.map(read).collect::<Result<Vec<_>, _>>()?;
        // One that waits has no place yet.
        operations.sort_by_key(|row| (row.seq == 0, row.seq));
        Ok(operations)
    }

    /// Whether something is under way or waits in a lane. Contradicted operations don't block the lane.
    pub(crate) async fn is_busy(
        &mut self,
        lane: &str,
        waiting_too: bool,
    ) -> Result<bool, StoreError> {
        let mut sql = "SELECT 1 FROM bananatech_operations WHERE merchant = $1 AND lane = $2 AND is_open AND NOT is_contradicted".to_owned();
        if waiting_too {
            sql += " UNION ALL SELECT 1 FROM bananatech_waiting WHERE merchant = $1 AND lane = $2";
        }
        sql += " LIMIT 1";
        let rows = self.query(sql, [text(&self.merchant), text(&lane)]).await?;
        Ok(!rows.is_empty())
    }

    /// Puts an operation at the end of its lane.
    pub(crate) fn queue(&mut self, lane: &str, plan: &str, row: &TrackedOperation) {
        let sql = format!(
            "INSERT INTO bananatech_waiting (merchant, id, position, stored_at, lane, reference, plan, operation) \
            VALUES ($1, $2, {}, CAST($3 AS BIGINT), $4, $5, $6, $7)",
            self.draw()
        );
        let values = [
            text(&self.merchant),
            text(&row.id),
            Value::Integer(row.sent_at.as_millis()),
            text(&lane),
            text(&row.reference.as_deref().unwrap_or_default()),
            text(&plan),
            Value::Text(row.to_json()),
        ];
        self.change(sql, values);
    }

    /// Takes the first operation of a lane. If something is under way there, only one that was stored before a time.
    pub(crate) async fn take_up(
        &mut self,
        lane: &str,
        before: i64,
    ) -> Result<Option<Waiting>, StoreError> {
        let before = if self.is_busy(lane, false).await? {
            Value::Integer(before)
        } else {
            Value::Null
        };
        let sql = "DELETE FROM bananatech_waiting WHERE merchant = $1 AND id IN (\
            SELECT id FROM bananatech_waiting WHERE merchant = $1 AND lane = $2 \
            AND (CAST($3 AS BIGINT) IS NULL OR stored_at < CAST($3 AS BIGINT)) ORDER BY position LIMIT 1) RETURNING plan, operation";
        let values = [text(&self.merchant), text(&lane), before];
        let rows = self.query(sql, values).await?;
        let Some(row) = rows.first() else {
            return Ok(None);
        };
        let operation = stored(TrackedOperation::from_json(text_at(row, 1)?))?;
        Ok(Some(Waiting {
            plan: text_at(row, 0)?.to_owned(),
            operation,
        }))
    }

    /// Takes an operation that waits out of its lane.
    pub(crate) async fn take_out(
        &mut self,
        id: OperationId,
    ) -> Result<Option<TrackedOperation>, StoreError> {
        let sql =
            "DELETE FROM bananatech_waiting WHERE merchant = $1 AND id = $2 RETURNING operation";
        let rows = self.query(sql, [text(&self.merchant), text(&id)]).await?;
        rows.first()
            .map(|row| stored(TrackedOperation::from_json(text_at(row, 0)?)))
            .transpose()
    }

    /// Notes from when on only this system acts. Answers whether something else was noted before, by another instance or an earlier start.
    pub(crate) async fn note_assumption(&mut self) -> Result<bool, StoreError> {
        const KEY: &str = "exclusive_since";
        let since = self.assumptions.exclusive_since;
        // 0 for nothing: it is no time that anybody means.
        let since = since.map_or(0, Timestamp::as_millis);
        let sql = "SELECT since FROM bananatech_since WHERE merchant = $1 AND key = $2";
        let rows = self.query(sql, [text(&self.merchant), text(&KEY)]).await?;
        let noted = rows.first().map(|row| integer_at(row, 0)).transpose()?;
        if noted == Some(since) {
            return Ok(false);
        }
        let sql = "INSERT INTO bananatech_since (merchant, key, since) VALUES ($1, $2, CAST($3 AS BIGINT)) \
            ON CONFLICT (merchant, key) DO UPDATE SET since = excluded.since";
        self.write(
            sql,
            [text(&self.merchant), text(&KEY), Value::Integer(since)],
        );
        Ok(noted.is_some())
    }

    /// The lanes whose first operation may be sent now, or was stored before a time.
    pub(crate) async fn due_lanes(
        &mut self,
        before: i64,
        most: u32,
    ) -> Result<Vec<String>, StoreError> {
        let sql = "SELECT w.lane FROM bananatech_waiting AS w WHERE w.merchant = $1 AND (w.stored_at < CAST($2 AS BIGINT) OR NOT EXISTS (\
            SELECT 1 FROM bananatech_operations AS o WHERE o.merchant = $1 AND o.lane = w.lane AND o.is_open \
            AND NOT o.is_contradicted)) GROUP BY w.lane ORDER BY min(w.position) LIMIT CAST($3 AS BIGINT)";
        let values = [
            text(&self.merchant),
            Value::Integer(before),
            Value::Integer(most.into()),
        ];
        let rows = self.query(sql, values).await?;
        rows.iter()
            .map(|row| text_at(row, 0).map(str::to_owned))
            .collect()
    }

    /// Operations that are to be asked about. No other instance gets them until the lease is over.
    pub(crate) async fn overdue(
        &mut self,
        now: i64,
        until: i64,
        most: u32,
    ) -> Result<Vec<TrackedOperation>, StoreError> {
        let sql = format!(
            "UPDATE bananatech_operations SET leased_until = CAST($3 AS BIGINT) WHERE merchant = $1 AND id IN (\
            SELECT id FROM bananatech_operations WHERE merchant = $1 AND ask_at <= CAST($2 AS BIGINT) \
            AND (leased_until IS NULL OR leased_until <= CAST($2 AS BIGINT)) ORDER BY ask_at LIMIT CAST($4 AS BIGINT){}) \
            RETURNING content",
            self.dialect.skip_locked()
        );
        let values = [
            text(&self.merchant),
            Value::Integer(now),
            Value::Integer(until),
            Value::Integer(most.into()),
        ];
        let rows = self.query(sql, values).await?;
        rows.iter()
            .map(|row| stored(TrackedOperation::from_json(text_at(row, 0)?)))
            .collect()
    }

    /// The first notices of each subject that nobody has. No other instance gets them until the lease is over.
    pub(crate) async fn untold(
        &mut self,
        now: i64,
        until: i64,
        most: u32,
    ) -> Result<Vec<(i64, Notice)>, StoreError> {
        let sql = format!(
            "UPDATE bananatech_outbox SET leased_until = CAST($3 AS BIGINT) WHERE merchant = $1 AND position IN (\
            SELECT o.position FROM bananatech_outbox AS o WHERE o.merchant = $1 AND o.leased_until <= CAST($2 AS BIGINT) \
            AND NOT EXISTS (SELECT 1 FROM bananatech_outbox AS e WHERE e.merchant = $1 AND e.subject = o.subject \
            AND e.position < o.position) ORDER BY o.position LIMIT CAST($4 AS BIGINT){}) RETURNING position, kind, content, code",
            self.dialect.skip_locked()
        );
        let values = [
            text(&self.merchant),
            Value::Integer(now),
            Value::Integer(until),
            Value::Integer(most.into()),
        ];
        let mut notices = Vec::new();
        for row in self.query(sql, values).await? {
            let code = text_at(&row, 3).ok();
            let notice = stored(Notice::from_row(text_at(&row, 1)?, text_at(&row, 2)?, code))?;
            notices.push((integer_at(&row, 0)?, notice));
        }
        notices.sort_by_key(|(position, _)| *position);
        Ok(notices)
    }

    /// Operations that aren't settled for sure.
    pub(crate) async fn unsettled(
        &mut self,
        most: u32,
    ) -> Result<Vec<TrackedOperation>, StoreError> {
        let sql = format!(
            "SELECT content FROM bananatech_operations WHERE merchant = $1 AND (is_open OR is_doubted OR is_contradicted) \
            ORDER BY CASE WHEN is_doubted OR is_contradicted THEN 0 ELSE 1 END, {} LIMIT CAST($2 AS BIGINT)",
            self.dialect.number_in("content", "seq")
        );
        let values = [text(&self.merchant), Value::Integer(most.into())];
        let rows = self.query(sql, values).await?;
        let read = |row: &Vec<Value>| stored(TrackedOperation::from_json(text_at(row, 0)?));
        rows.iter().map(read).collect()
    }

    /// Removes a notice that was told.
    pub(crate) fn told(&mut self, position: i64) {
        let sql =
            "DELETE FROM bananatech_outbox WHERE merchant = $1 AND position = CAST($2 AS BIGINT)";
        self.change(sql, [text(&self.merchant), Value::Integer(position)]);
    }

    /// How many operations and notices there are of each kind.
    pub(crate) async fn counts(&mut self, now: i64) -> Result<[u64; 6], StoreError> {
        let count = |table: &str, which: &str| {
            format!("(SELECT count(*) FROM bananatech_{table} WHERE merchant = $1{which})")
        };
        let sql = format!(
            "SELECT {}, {}, {}, {}, {}, {}",
            count("operations", " AND is_open"),
            count("operations", " AND ask_at <= CAST($2 AS BIGINT)"),
            count("operations", " AND is_doubted"),
            count("operations", " AND is_contradicted"),
            count("waiting", ""),
            count("outbox", ""),
        );
        let rows = self
            .query(sql, [text(&self.merchant), Value::Integer(now)])
            .await?;
        let row = rows.first().map_or(&[][..], Vec::as_slice);
        let mut counts = [0; 6];
        for (at, count) in counts.iter_mut().enumerate() {
            *count = u64::try_from(integer_at(row, at)?).unwrap_or(0);
        }
        Ok(counts)
    }

    /// Forgets what ended before a time and is of no use any more of a card. Answers how many rows that were.
    pub(crate) async fn forget(&mut self, card: CardId, time: Timestamp) -> Result<usize, Stop> {
        let key = Key::Card(card);
        let query = Query {
            operations_by: vec![key],
            things_by: vec![key],
            done: true,
            ..Query::default()
        };
        self.look_up(&query, None)?;
        let found = Found::read(self.run().await?.pop())?;
        let Some(over) = Forgettable::of_card(card, &found.operations, &found.things, time) else {
            return Ok(0);
        };
        let operations = found
            .operations
            .iter()
            .filter(|row| over.operations.contains(&row.id));
        let things = found
            .things
            .iter()
            .filter(|thing| over.things.contains(&thing.id));
        let count = operations.clone().count() + things.clone().count();
        self.remove(
            "operation",
            &over.operations,
            operations.flat_map(TrackedOperation::keys),
        );
        self.remove("thing", &over.things, things.flat_map(Thing::keys));
        let known = found.since.iter().map(|(_, since)| *since);
        let since = known.chain([over.since]).max().unwrap_or(over.since);
        let sql = "INSERT INTO bananatech_since (merchant, key, since) VALUES ($1, $2, $3) \
            ON CONFLICT (merchant, key) DO UPDATE SET since = excluded.since";
        let values = [
            text(&self.merchant),
            text(&key),
            Value::Integer(since.as_millis()),
        ];
        self.change(sql, values);
        Ok(count)
    }

    fn remove(&mut self, what: &str, ids: &[impl Display], keys: impl IntoIterator<Item = Key>) {
        let (ids, keys) = (
            self.dialect.list(ids),
            self.dialect.list(keys.into_iter().collect::<BTreeSet<_>>()),
        );
        let (are, have) = (self.dialect.is_in("$2"), self.dialect.is_in("$3"));
        let sql = format!("DELETE FROM bananatech_{what}s WHERE merchant = $1 AND id {are}");
        self.change(sql, [text(&self.merchant), ids.clone()]);
        let sql = format!(
            "DELETE FROM bananatech_{what}_keys WHERE merchant = $1 AND key {have} AND {what} {are}"
        );
        self.change(sql, [text(&self.merchant), ids, keys]);
    }

    /// Cards that there are rows of, in an order, after a key.
    pub(crate) async fn cards_after(
        &mut self,
        key: &str,
        most: u32,
    ) -> Result<Vec<String>, StoreError> {
        let sql = "SELECT key FROM (SELECT key FROM bananatech_operation_keys WHERE merchant = $1 AND key LIKE 'card:%' AND key > $2 \
            UNION SELECT key FROM bananatech_thing_keys WHERE merchant = $1 AND key LIKE 'card:%' AND key > $2) AS keys \
            ORDER BY key LIMIT CAST($3 AS BIGINT)";
        let values = [
            text(&self.merchant),
            text(&key),
            Value::Integer(most.into()),
        ];
        let rows = self.query(sql, values).await?;
        rows.iter()
            .map(|row| text_at(row, 0).map(str::to_owned))
            .collect()
    }

    /// Forgets the events that came before a time. Those that are of use still stand in what they said.
    pub(crate) fn forget_events(&mut self, before: Timestamp) {
        let sql =
            "DELETE FROM bananatech_events WHERE merchant = $1 AND seen_at < CAST($2 AS BIGINT)";
        let before = Value::Integer(before.as_millis());
        self.change(sql, [text(&self.merchant), before]);
    }
}

/// The keys that lock a lane.
pub(crate) fn keys_of_lane(lane: &str) -> BTreeSet<Key> {
    let card = lane.rsplit_once(':').map(|(card, _)| card);
    card.and_then(|card| Key::from_str(card).ok())
        .into_iter()
        .collect()
}
