// Two instances at once, on SQLite and on PostgreSQL: one is stopped at each statement, the other does its part meanwhile or waits, and then the first goes
// on, or dies and its work is done again. The end is as if one had gone after the other. The crate's tests have more pairs of the same decisions; here the
// store's own transactions are tried, and what does the steps.
import assert from "node:assert/strict";
import { createDecipheriv, randomUUID } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { setImmediate as turn, setTimeout as sleep } from "node:timers/promises";
import { Merchant, plan } from "bananatech";
import { Backend, sqlite } from "bananatech/backend";
import { postgres } from "bananatech/backend/postgres";
import { database, skip, stop } from "./postgres.mjs";

const KEY = "sandbox-secret-key-0123456789abc";
const CARD = { user_id: 12345, card_id: 67890 };
const AMOUNTS = { a: "20", b: "30" };
const DAY = 86_400_000;

const opened = (body) => {
  const bytes = Buffer.from(JSON.parse(body).encrypted_payload, "base64");
  const cipher = createDecipheriv("aes-256-cbc", KEY, bytes.subarray(0, 16));
  return JSON.parse(cipher.update(bytes.subarray(16), undefined, "utf8") + cipher.final("utf8"));
};

/** BananaTech, as a merchant of its own sees it. Each recharge succeeds; a webhook says so, and the list of transactions. */
const world = ({ overdue }) => {
  const merchant = new Merchant({ merchant_id: randomUUID(), base_url: "https://api.example", secret_key: KEY, sealed_answers_only: true });
  const [arrived, early, webhooks, lines, told] = [[], [], {}, [], []];
  // Recharges of which the merchant can't know yet how they ended. One at a time is under way.
  const open = new Set();
  const fetch = async (url, { body }) => {
    await turn();
    const { amount } = opened(body);
    if (!url.endsWith("/card/recharge")) {
      open.clear();
      return new Response(merchant.testAnswer("card.get_transactions", { data: lines, total: lines.length }));
    }
    const reference = Object.keys(AMOUNTS).find((key) => Number(AMOUNTS[key]) === amount);
    if (open.size > 0) early.push(reference);
    const transaction_id = arrived.push(reference);
    open.add(reference);
    webhooks[reference] = merchant.testWebhook("CARD_RECHARGE_RESULT", { ...CARD, transaction_id, receive_amount: AMOUNTS[reference] });
    const line = { id: transaction_id, card_id: CARD.card_id, amount: AMOUNTS[reference], type: "RECHARGE", status: "SUCCESS" };
    lines.push({ ...line, created_at: new Date().toISOString() });
    return new Response(merchant.testAnswer("card.recharge"));
  };
  const assumptions = { exclusive_since: Date.now() - DAY };
  const backend = (store) => new Backend({ merchant, assumptions, store, fetch, ask_after_ms: overdue ? 0 : undefined, onEvent: () => {} });
  return { arrived, early, open, webhooks, ids: {}, told, backend };
};

const send = (reference) => async (backend, { ids }) => {
  const { operation } = await backend.send(plan.card.recharge({ ...CARD, amount: AMOUNTS[reference] }), reference);
  ids[reference] = operation.id;
};
const receive = (reference) => async (backend, { webhooks, open }) => {
  open.delete(reference);
  const { status, error } = await backend.receive(webhooks[reference]);
  if (status !== 200) throw error;
};
const sweep = (backend) => backend.sweep();
const cancel = (reference) => (backend, { ids }) => backend.cancel(ids[reference]);
const deliver = (backend, { told }) => backend.deliver(({ kind, operation }) => void told.push(`${operation.reference}: ${kind} ${operation.outcome.kind}`));

const twice = (act) => [act, act];

/** What happened before, and what two instances do at once. If it is `overdue`, the API may be asked as soon as something was sent. */
const scenes = {
  "one request, made twice": { acts: twice(send("a")) },
  "two requests for one card": { acts: [send("a"), send("b")], alike: true },
  "one webhook, delivered twice": { before: [send("a")], acts: twice(receive("a")) },
  "a webhook, and a request that waits for it": { before: [send("a")], acts: [receive("a"), send("b")] },
  "a webhook, while the API is asked": { overdue: true, before: [send("a")], acts: [receive("a"), sweep] },
  "two sweeps that ask": { overdue: true, before: [send("a")], acts: twice(sweep) },
  "two sweeps that send": { before: [send("a"), send("b"), receive("a")], acts: twice(sweep) },
  "what waits is cancelled, while a sweep sends it": { before: [send("a"), send("b"), receive("a")], acts: [cancel("b"), sweep] },
  "two that deliver": { before: [send("a"), send("b"), receive("a"), sweep, receive("b")], acts: twice(deliver) },
};

/** Another store. What it does goes through `pass` first, and what is left of a transaction if that throws is for the other one to see to. */
const through = (store, pass, isWhole) => ({
  dialect: store.dialect,
  isConflict: (error) => store.isConflict(error),
  begin: async () => {
    await pass();
    const transaction = await store.begin();
    return {
      run: async (statements) => {
        const rows = [];
        // What goes out at once can be stopped before the first only; for the others each is sent for itself.
        for (const part of isWhole ? [statements] : statements.map((statement) => [statement])) {
          await pass(transaction);
          rows.push(...(await transaction.run(part)));
        }
        return rows;
      },
      commit: async () => {
        await pass(transaction);
        await transaction.commit();
        // Also between the commit and what follows.
        await pass();
      },
      rollBack: async () => {
        await pass(transaction);
        await transaction.rollBack();
      },
    };
  },
});

/** Stops at the statement after so many, until it is told how to go on: by nothing, or by what ends the connection. From then on all is over. */
const gate = (count) => {
  const [reached, goOn] = [Promise.withResolvers(), Promise.withResolvers()];
  let left = count;
  let isDead = false;
  const pass = async (transaction) => {
    await turn();
    left -= 1;
    if (left === -1) {
      reached.resolve(true);
      const kill = await goOn.promise;
      isDead = kill !== undefined;
      // The statement itself finds out that its connection is gone.
      if (transaction) await kill?.(transaction);
    }
    if (isDead && !transaction) throw new Error("killed");
  };
  return { pass, reached: reached.promise, goOn: goOn.resolve };
};

const run = async (store, sql) => {
  const transaction = await store.begin();
  const [rows] = await transaction.run([{ sql, values: [] }]);
  await transaction.commit();
  return rows;
};

const folder = mkdtempSync(join(tmpdir(), "bananatech-interleavings-"));
after(async () => {
  await stop();
  rmSync(folder, { recursive: true });
});

const ofPostgres = async (options) => {
  const pool = await database(options.pipeline ? "interleavings_pipelined" : "interleavings", options);
  const store = await postgres(pool);
  store.kill = async (transaction) => {
    const [[[pid]]] = await transaction.run([{ sql: "SELECT pg_backend_pid()", values: [] }]);
    await pool.query("SELECT pg_terminate_backend($1)", [pid]);
    // Until then it has its locks.
    while ((await pool.query("SELECT FROM pg_stat_activity WHERE pid = $1", [pid])).rowCount > 0) await turn();
  };
  const waiting = "SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'";
  // To the database, instances are connections.
  return { open: () => store, isWhole: options.pipeline, isWaitedFor: async () => (await pool.query(waiting)).rowCount > 0 };
};

/** How an instance opens the database, whether one waits for another, and how the connection of a transaction ends. */
const kinds = {
  SQLite: async () => {
    const waiting = new Set();
    const open = async () => {
      const store = await sqlite(join(folder, "backend.db"));
      // SQLite's own way to wait lets nothing else of this process go on.
      await run(store, "PRAGMA busy_timeout = 0");
      const begin = async () => {
        for (;;) {
          try {
            const transaction = await store.begin();
            waiting.delete(store);
            return transaction;
          } catch (error) {
            if (!store.isConflict(error)) throw error;
            waiting.add(store);
            await turn();
          }
        }
      };
      return { dialect: store.dialect, isConflict: (error) => store.isConflict(error), begin, kill: () => store.close() };
    };
    return { open, isWaitedFor: () => waiting.size > 0 };
  },
  PostgreSQL: () => ofPostgres({}),
  "PostgreSQL, pipelined": () => ofPostgres({ pipeline: true }),
};

/** All that is left is done: webhooks come, what waits is sent, notices are told. */
const end = async (made, store) => {
  const { arrived, early, told } = made;
  assert.deepEqual(early, [], "sent before its turn");
  const last = made.backend(store);
  let isLost = false;
  do {
    for (const { id, reference } of await last.unsettled()) {
      if (arrived.includes(reference)) await receive(reference)(last, made);
      else {
        // A person finds out that it never left.
        await last.withdraw(id);
        isLost = true;
      }
    }
  } while ((await last.sweep()).sent > 0);
  await deliver(last, made);
  assert.deepEqual(await last.counts(), { open: 0, overdue: 0, doubted: 0, contradicted: 0, waiting: 0, untold: 0 });
  assert.equal(new Set(arrived).size, arrived.length, `sent twice: ${arrived}`);
  const outcomes = (await last.operationsOf(CARD.card_id)).map(({ reference, outcome: { kind } }) => [reference, kind]);
  for (const [reference, kind] of outcomes) {
    assert.equal(kind, arrived.includes(reference) ? "succeeded" : "failed", reference);
    assert.ok(told.includes(`${reference}: settled ${kind}`), `${reference} ${kind}, but told was ${told}`);
  }
  return { isLost, text: JSON.stringify({ arrived, outcomes, told: [...new Set(told)] }) };
};

for (const [kind, prepare] of Object.entries(kinds)) {
  test(`two at once are as one after the other, on ${kind}`, { skip: kind !== "SQLite" && skip, timeout: 300_000 }, async (t) => {
    const { open, isWaitedFor, isWhole } = await prepare();
    const [store, other] = [await open(), await open()];

    const begun = async (scene) => {
      const made = world(scene);
      for (const act of scene.before ?? []) await act(made.backend(store), made);
      return made;
    };

    /** Whether the first is stopped there. */
    const isTried = async (scene, [one, two], point, dies, ends) => {
      const made = await begun(scene);
      // What dies isn't used again.
      const mine = dies ? await open() : other;
      const { pass, reached, goOn } = gate(point);
      const first = one(made.backend(through(mine, pass, isWhole)), made);
      if ((await Promise.race([reached, first])) !== true) return false;
      const second = two(made.backend(store), made);
      let isOver = false;
      const over = () => (isOver = true);
      second.then(over, over);
      let waited = false;
      while (!isOver && !waited) {
        await sleep(1);
        waited = await isWaitedFor();
      }
      goOn(dies ? mine.kill : undefined);
      if (dies) await assert.rejects(first);
      else await first;
      await second;
      if (dies) {
        // A minute later.
        for (const table of ["operations", "outbox"]) await run(store, `UPDATE bananatech_${table} SET leased_until = 0`);
        await one(made.backend(store), made);
      }
      const { isLost, text } = await end(made, store);
      // What died between storing and sending has nothing that it is like.
      if (!(dies && isLost)) assert.ok(ends.includes(text), `${text} instead of ${ends}`);
      if (!dies) assert.equal(new Set(made.told).size, made.told.length, `told twice: ${made.told}`);
      return true;
    };

    for (const [name, scene] of Object.entries(scenes)) {
      const { acts, alike } = scene;
      const orders = alike || acts[0] === acts[1] ? [acts] : [acts, acts.toReversed()];
      const ends = [];
      for (const order of [acts, acts.toReversed()]) {
        const made = await begun(scene);
        for (const act of order) await act(made.backend(store), made);
        ends.push((await end(made, store)).text);
      }
      for (const dies of [false, true]) {
        await t.test(`${name}${dies ? ", and one dies" : ""}`, async (t) => {
          let points = 0;
          for (const order of orders) {
            let point = 0;
            while (await isTried(scene, order, point, dies, ends)) point += 1;
            assert.ok(point >= 4, `${point} points`);
            points += point;
          }
          t.diagnostic(`${points} points`);
        });
      }
    }
  });
}
