// The backend for Node, against the real sandbox, on SQLite and on a PostgreSQL of the tests' own.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { inspect } from "node:util";
import { Worker } from "node:worker_threads";
import { isBananaTechError, Merchant, plan } from "bananatech";
import { Backend, sqlite } from "bananatech/backend";
import { postgres } from "bananatech/backend/postgres";
import { connectionString, database, freePort, skip, start, stop } from "./postgres.mjs";

const MERCHANT = { merchant_id: "6f1c3f9e-52a4-4a0f-9b57-1b8d4a6f2c10", secret_key: "sandbox-secret-key-0123456789abc", codec: "utf8" };
const USER = 12345;
const NUMBERS = ["1234567890123456", "4000001200000016", "4000001200000024", "5200001200000011"];
const DAY = 86_400_000;
/** No operation's id. */
const NOBODYS = "ffffffff-ffff-4fff-bfff-ffffffffffff";

let sandbox;
let receiver;
const received = [];

before(async () => {
  // What the sandbox sends goes to whichever backend is tried now.
  receiver = createServer((request, response) => take(request, response)).listen(0, "127.0.0.1");
  await new Promise((resolve) => receiver.once("listening", resolve));
  const webhooks = `http://127.0.0.1:${receiver.address().port}/`;
  const child = start(process.env.BANANATECH_SANDBOX, ["--exit-with-stdin", "--port", "0", "--webhook-url", webhooks]);
  const line = await new Promise((resolve) => child.stdout.once("data", (data) => resolve(String(data))));
  sandbox = { child, url: line.trim().replace(/^bananatech-sandbox listening on /, "") };
});

after(async () => {
  await stop();
  sandbox.child.stdin.end();
  receiver.close();
  receiver.closeAllConnections();
});

let take = (_, response) => response.writeHead(503).end();

const folder = mkdtempSync(join(tmpdir(), "bananatech-backend-"));
after(() => rmSync(folder, { recursive: true }));

const stores = {
  SQLite: () => sqlite(join(folder, "backend.db")),
  PostgreSQL: async () => postgres(await database("backend", { pipeline: true })),
};

/** Does it until it is so. */
const until = async (isSo, work = () => sleep(20)) => {
  while (!(await isSo())) await work();
};

const merchant = () => new Merchant({ ...MERCHANT, base_url: sandbox.url, sealed_answers_only: true });

for (const [kind, open] of Object.entries(stores)) {
  test(`a card's life on ${kind}`, { skip: kind === "PostgreSQL" && skip }, async (t) => {
    const number = NUMBERS.shift();
    const store = await open();
    const events = [];
    const make = (more) =>
      new Backend({ merchant: merchant(), assumptions: { exclusive_since: Date.now() - DAY }, store, onEvent: (event) => events.push(event), ...more });
    const backend = make();
    // Another instance takes the webhooks.
    take = make().listener;
    const notices = [];
    const told = async (reference) => {
      const isIt = (notice) => notice.operation?.reference === `${kind} ${reference}`;
      await until(() => notices.some(isIt), async () => {
        await sleep(20);
        await backend.deliver((notice) => notices.push(notice));
      });
      return notices.find(isIt);
    };
    const send = (made, reference, options) => backend.send(made, `${kind} ${reference}`, options);

    const failed = await send(plan.card.assign({ user_id: USER, template_id: 1, card_number: "1234567890123465" }), "mistyped");
    assert.equal(failed.state, "taken");
    assert.deepEqual((await told("mistyped")).operation.outcome, { kind: "failed", reason: "101:0" });

    await send(plan.card.assign({ user_id: USER, template_id: 1, card_number: number }), "assign");
    const { card_id } = (await told("assign")).operation.outcome;
    assert.equal((await backend.card(card_id)).status, "TBA");

    const recharge = plan.card.recharge({ user_id: USER, card_id, amount: "20" });
    await assert.rejects(send(recharge, "too early"), (error) => isBananaTechError(error) && error.code === "state.not_allowed");
    assert.equal(await backend.operationByReference(`${kind} too early`), null);

    await send(plan.card.updateStatus({ user_id: USER, card_id, alter: "ACTIVATE", pin: "482915" }), "activate");
    await told("activate");
    assert.equal((await backend.card(card_id)).status, "ACTIVE");

    // The second one waits for the first, and each is carried out once.
    const template = { id: 1, recharge_fee: 1 };
    const [one, again] = [await send(recharge, "recharge", { template, fee: "flat" }), await send(recharge, "recharge")];
    assert.deepEqual([one.operation.least, again.state, again.operation.id], ["19", "known", one.operation.id]);
    const two = await send(plan.card.recharge({ user_id: USER, card_id, amount: "30" }), "second");
    assert.ok(["waits", "taken"].includes(two.state));
    await told("recharge");
    await until(async () => (await backend.sweep()).sent === 1 || two.state === "taken");
    await told("second");
    // Also of what a sweep sends.
    const sending = events.filter((event) => event.kind === "sending" && event.operation === two.operation.id);
    assert.deepEqual(sending, [{ kind: "sending", operation: two.operation.id, reference: `${kind} second` }]);
    const order = notices.map((notice) => notice.operation.reference.replace(`${kind} `, ""));
    assert.deepEqual(order, ["mistyped", "assign", "activate", "recharge", "second"]);
    await assert.rejects(send(plan.card.recharge({ user_id: USER, card_id, amount: "31" }), "second"), { code: "tracking.known" });

    const refused = await send(plan.card.recharge({ user_id: USER, card_id, amount: "1" }), "refused");
    assert.equal(refused.state, "refused");
    assert.equal(refused.rejection.status, 400);
    assert.ok(!JSON.stringify(refused).includes("rejection"));
    await told("refused");

    assert.equal((await backend.operation(two.operation.id)).outcome.kind, "succeeded");
    assert.deepEqual(await backend.counts(), { open: 0, overdue: 0, doubted: 0, contradicted: 0, waiting: 0, untold: 0 });
    const listed = (await backend.operationsOf(card_id)).map(({ reference }) => reference.replace(`${kind} `, ""));
    assert.deepEqual(listed, ["activate", "recharge", "second", "refused"]);
    assert.ok(events.some(({ kind, verdict }) => kind === "webhook" && verdict === "settled"));
    assert.ok(!JSON.stringify(events).includes("482915"));

    await t.test("an answer that is lost", async () => {
      const cut = make({
        fetch: async (url, init) => {
          await (await fetch(url, init)).arrayBuffer();
          throw new TypeError("fetch failed");
        },
      });
      const sent = await cut.send(plan.card.updateStatus({ user_id: USER, card_id, alter: "LOCK" }), `${kind} lock`);
      assert.equal(sent.state, "not_known");
      assert.match(events.find(({ operation, state }) => operation === sent.operation.id && state === "not_known").error.message, /^fetch failed$/);
      await told("lock");
      const other = await cut.send(plan.card.updateStatus({ user_id: USER, card_id, alter: "UNLOCK" }), `${kind} unlock`);
      await told("unlock");
      await assert.rejects(backend.withdraw(NOBODYS), { code: "tracking.unknown" });
    });

    await t.test("whoever follows it throws", async () => {
      const onEvent = ({ kind }) => {
        if (kind === "sending") throw new Error("mine");
        return Promise.reject(new Error("mine"));
      };
      const careless = make({ onEvent });
      const sent = await careless.send(plan.card.recharge({ user_id: USER, card_id, amount: "16" }), `${kind} careless`);
      assert.equal(sent.state, "taken");
      await told("careless");
    });

    await t.test("asking", async () => {
      const card = { user_id: USER, card_id };
      assert.equal((await backend.ask(plan.card.getBalance(card))).currency, "USD");
      const information = await backend.ask(plan.card.getInformation(card));
      assert.equal(information.card_id ?? card_id, card_id);
      assert.ok(!JSON.stringify(information).includes(number) && !inspect(information).includes(number));
      await assert.rejects(backend.ask(recharge), (error) => isBananaTechError(error) && error.category === "invalid_input");
      await assert.rejects(backend.ask(plan.card.getBalance({ ...card, card_id: 999_999 })), { category: "rejected" });
      // Its webhook never comes.
      const silent = await send(plan.card.recharge({ ...card, amount: "66.02" }), "silent");
      assert.ok(events.some(({ kind, reference }) => kind === "sending" && reference?.endsWith("silent")));
      const waiting = await send(plan.card.recharge({ ...card, amount: "5" }), "waiting");
      assert.equal(waiting.state, "waits");
      assert.equal((await backend.cancel(waiting.operation.id)).outcome.kind, "failed");
      assert.equal(await backend.cancel(silent.operation.id), null);
      await told("waiting");
      await until(async () => (await backend.inquire(silent.operation.id)).outcome);
      assert.equal((await told("silent")).operation.outcome.kind, "succeeded");
      assert.equal(await backend.inquire(NOBODYS), null);
    });

    await t.test("a notice that isn't taken", async () => {
      await send(plan.card.recharge({ user_id: USER, card_id, amount: "1" }), "not taken");
      let offered = 0;
      const fails = () => {
        offered += 1;
        throw new Error("no");
      };
      await until(async () => offered > 0, () => backend.deliver(fails));
      assert.equal(await backend.deliver(fails), 0);
      assert.equal((await backend.counts()).untold, 1);
      assert.ok(events.some(({ kind }) => kind === "not_taken"));
    });

    await t.test("webhooks as a Request, and what isn't one", async () => {
      const body = merchant().testWebhook("CARD_3DS", { kind });
      const post = (body) => backend.handle(new Request("http://backend.example/", { method: "POST", body }));
      assert.equal((await post(body)).status, 200);
      assert.equal((await backend.receive(body)).report.verdict.kind, "repeated");
      assert.equal((await backend.receive(new TextEncoder().encode(body))).delivery.type, "CARD_3DS");
      assert.equal((await post("{}")).status, 400);
      assert.equal((await backend.handle(new Request("http://backend.example/"))).status, 405);
      const broken = make({ store: { ...store, dialect: store.dialect, begin: () => Promise.reject(new Error("gone")), isConflict: () => false } });
      const { status, error } = await broken.receive(body);
      assert.deepEqual([status, error.message], [503, "gone"]);
      const [told] = events.filter(({ kind, status }) => kind === "webhook_failed" && status === 503);
      assert.deepEqual([told.code, told.error], [undefined, error]);
      // No more of it is kept than a webhook can have.
      const endless = new ReadableStream({
        pull(controller) {
          this.given = (this.given ?? 0) + 1;
          controller.enqueue(new Uint8Array(1 << 20));
          if (this.given > 3) controller.close();
        },
      });
      const long = new Request("http://backend.example/", { method: "POST", body: endless, duplex: "half" });
      assert.equal((await backend.handle(long)).status, 413);
      await assert.rejects(broken.counts(), { message: "gone" });
    });

    await t.test("forgetting", async (t) => {
      const known = () => backend.operation(two.operation.id);
      // Nothing was quiet for ten minutes, and what is to come isn't forgotten.
      assert.equal(await backend.forgetBefore(Date.now() + DAY), 0);
      assert.equal((await known()).outcome.kind, "succeeded");
      const later = Date.now() + 90 * DAY;
      t.mock.method(Date, "now", () => later);
      const forgotten = await backend.forgetBefore(later - DAY);
      assert.ok(forgotten > 2, `${forgotten} rows`);
      assert.equal(await known(), null);
      assert.ok(await backend.card(card_id));
      await assert.rejects(backend.forgetBefore(Number.NaN), { category: "invalid_input" });
    });
    take = (_, response) => response.writeHead(503).end();
  });
}

test("what names nothing is refused", async () => {
  const merchant = new Merchant({ ...MERCHANT, base_url: sandbox.url });
  const store = await sqlite(":memory:");
  const assumptions = { shared: true };
  const backend = new Backend({ merchant, store, assumptions });
  const wanted = plan.card.apply({ user_id: USER, template_id: 2 });
  const refusal = (field) => (error) => isBananaTechError(error) && error.category === "invalid_input" && error.field === field;
  for (const reference of [undefined, null, 7, "", "x".repeat(201)]) await assert.rejects(backend.send(wanted, reference), refusal("reference"));
  await assert.rejects(backend.send(undefined, "order 1"), (error) => isBananaTechError(error));
  assert.equal(await backend.operationByReference("undefined"), null);
  for (const unknown of [{ oneAtATime: false }, { on_event: () => {} }, { dialect: "sqlite", pool: {} }]) {
    assert.throws(() => new Backend({ merchant, store, assumptions, ...unknown }), (error) => isBananaTechError(error) && error.code === "field.unknown");
  }
  for (const [field, wrong] of [["timeout_ms", { timeout_ms: 0 }], ["wait_at_most_ms", { wait_at_most_ms: Infinity }], ["ask_after_ms", { ask_after_ms: -1 }], ["rest_ms", { rest_ms: -1 }], ["exclusive_since", { assumptions: { exclusive_since: "2026-01-01" } }], ["merchant", { merchant: {} }], ["store", { store: sqlite(":memory:") }]]) {
    assert.throws(() => new Backend({ merchant, store, assumptions, ...wrong }), refusal(field));
  }
  await assert.rejects(backend.send(JSON.stringify(wanted), "order 1"), (error) => isBananaTechError(error));
  const offline = new Backend({ merchant, store, assumptions, fetch: () => Promise.reject(new Error("no network")) });
  assert.equal((await offline.send(wanted, "order 1")).state, "not_known");
  const [open] = await offline.unsettled();
  assert.equal(open.reference, "order 1");
  assert.deepEqual(await offline.unsettled(0), []);
  await assert.rejects(offline.unsettled(-1), refusal("most"));
  assert.ok(new Backend({ merchant, store, assumptions, one_at_a_time: undefined, ask_after_ms: undefined }));
  store.close();
});

test("what your code fails to take comes again", async () => {
  const seen = [];
  const store = await sqlite(":memory:");
  const backend = new Backend({
    merchant: merchant(),
    assumptions: { shared: true },
    store,
    onEvent: () => {},
    onDelivery: async ({ type, fingerprint }, { verdict }) => {
      seen.push([type, fingerprint.length, verdict.kind === "repeated"]);
      if (seen.length === 1) throw new Error("no");
    },
  });
  const body = merchant().testWebhook("TRANSACTION_CREATED", `{"amount":7}`);
  assert.equal((await backend.receive(body)).status, 503);
  const post = (body) => backend.handle(new Request("http://backend.example/", { method: "POST", body }));
  assert.equal((await post(body)).status, 200);
  assert.equal((await post("{}")).status, 400);
  assert.deepEqual(seen, [["TRANSACTION_CREATED", 64, false], ["TRANSACTION_CREATED", 64, true]]);
  store.close();
});

test("what never left has failed, and what may have left isn't known", async () => {
  const merchant = (port) => new Merchant({ ...MERCHANT, base_url: `http://127.0.0.1:${port}` });
  const options = { store: await sqlite(":memory:"), assumptions: { shared: true } };
  const events = [];
  const onEvent = (event) => events.push(event);
  const backend = new Backend({ ...options, merchant: merchant(await freePort()), onEvent });
  const recharge = plan.card.recharge({ user_id: USER, card_id: 1, amount: "20" });
  const sent = await backend.send(recharge, "nobody listens");
  assert.deepEqual([sent.state, sent.operation.outcome], ["not_sent", { kind: "failed", reason: "request.not_sent" }]);
  assert.deepEqual(events.map(({ kind, code }) => [kind, code]), [["sending", undefined], ["sent", "request.not_sent"], ["changed", undefined]]);
  assert.equal(events[1].error.cause.code, "ECONNREFUSED");
  const notices = [];
  await backend.deliver((notice) => notices.push(notice));
  assert.deepEqual(notices.map(({ kind, code }) => [kind, code]), [["not_sent", "request.not_sent"]]);

  // It takes the request and says nothing, or sends it elsewhere.
  let arrived = 0;
  const server = createServer((request, response) => {
    arrived += 1;
    if (request.url.includes("elsewhere") || arrived === 1) request.socket.destroy();
    else response.writeHead(307, { location: "/elsewhere" }).end();
  }).listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  const there = { ...options, merchant: merchant(server.address().port), one_at_a_time: false };
  for (const [reference, more] of [["torn", {}], ["redirected", {}], ["redirected, by a fetch of one's own", { fetch: (url, init) => fetch(url, init) }]]) {
    const { state } = await new Backend({ ...there, ...more, onEvent }).send(recharge, reference);
    assert.equal(state, "not_known", reference);
  }
  assert.equal(arrived, 3);
  // Its last attempt never left; of the others nobody knows.
  const again = { fetch: () => Promise.reject(Object.assign(new TypeError("fetch failed"), { cause: { code: "ECONNREFUSED" } })) };
  assert.equal((await new Backend({ ...there, ...again, onEvent }).send(recharge, "tried again")).state, "not_known");
  server.close();
  options.store.close();
});

test("it works until it is stopped: what fails doesn't end it, and a webhook begins a round at once", async (t) => {
  const store = await sqlite(":memory:");
  const events = [];
  const hung = [];
  const fetch = (url) => (url.endsWith("/recharge") ? Promise.reject(new Error("no network")) : new Promise((_, reject) => hung.push(reject)));
  const options = { merchant: merchant(), assumptions: { exclusive_since: Date.now() - 86_400_000 }, ask_after_ms: 0, fetch };
  let hasFailed = false;
  const failsOnce = () => (hasFailed ? store.begin() : ((hasFailed = true), Promise.reject(new Error("gone"))));
  const backend = new Backend({
    ...options,
    store: { dialect: store.dialect, isConflict: store.isConflict, begin: failsOnce },
    rest_ms: 36_000_000,
    onEvent: (event) => events.push(event),
  });
  const controller = new AbortController();
  t.after(() => controller.abort());
  const told = [];
  const working = backend.work(({ operation }) => told.push(operation.reference), { signal: controller.signal });
  await until(async () => hasFailed);
  for (const amount of ["20", "30"]) {
    await backend.send(plan.card.recharge({ user_id: USER, card_id: 1, amount }), amount);
    // Another webhook has the API asked, which never answers. That holds up no notice.
    await backend.receive(options.merchant.testWebhook("CARD_3DS", JSON.stringify({ amount })));
    await until(async () => hung.length > 0);
    const data = { user_id: USER, card_id: 1, transaction_id: Number(amount), receive_amount: Number(amount), currency: "USD", status: "SUCCESS", occur_time: Date.now() };
    assert.equal((await backend.receive(options.merchant.testWebhook("CARD_RECHARGE_RESULT", JSON.stringify(data)))).report.verdict.kind, "settled");
    await until(async () => told.includes(amount));
  }
  controller.abort();
  for (const reject of hung) reject(new Error("over"));
  await working;
  assert.deepEqual(told, ["20", "30"]);
  assert.deepEqual(events.filter(({ kind }) => kind === "work_failed").map(({ error }) => error.message), ["gone"]);
  await backend.work(() => assert.fail("it is stopped"), { signal: AbortSignal.abort() });
  store.close();
});

test("many may open an empty file at once", async () => {
  const folder = mkdtempSync(join(tmpdir(), "bananatech-"));
  // They rarely meet: it takes a moment only. Each waits at each file until all have come to it.
  const workerData = { folder, arrived: new Int32Array(new SharedArrayBuffer(4)) };
  const opens = `
    const { parentPort, workerData: { folder, arrived } } = require("node:worker_threads");
    import("bananatech/backend").then(async ({ sqlite }) => {
      const failures = [];
      for (let number = 1; number <= 300; number++) {
        Atomics.add(arrived, 0, 1);
        Atomics.notify(arrived, 0);
        for (let now; (now = Atomics.load(arrived, 0)) < 4 * number; ) Atomics.wait(arrived, 0, now);
        await sqlite(folder + "/" + number).then((store) => store.close(), (error) => failures.push(error.message));
      }
      parentPort.postMessage(failures);
    });`;
  const workers = Array.from({ length: 4 }, () => new Worker(opens, { eval: true, workerData }));
  try {
    const failures = await Promise.all(workers.map((worker) => once(worker, "message")));
    assert.deepEqual(failures.flat(2), []);
  } finally {
    await Promise.all(workers.map((worker) => worker.terminate()));
    rmSync(folder, { recursive: true });
  }
});

test("what fails in the middle of what goes out at once leaves nothing", { skip }, async () => {
  const pool = await database("middle", { pipeline: true, max: 1, query_timeout: 2000 });
  const store = await postgres(pool);
  const insert = (id) => ({ sql: "INSERT INTO bananatech_cards (merchant, id, content) VALUES ('m', $1, '{}')", values: [id] });
  const cards = async () => (await pool.query("SELECT id FROM bananatech_cards")).rows;
  const transaction = await store.begin();
  await assert.rejects(transaction.run([insert("1"), { sql: "SELECT 1 / 0", values: [] }, insert("2")]), { code: "22012" });
  await transaction.rollBack();
  assert.deepEqual(await cards(), []);
  // The database ends a connection, and `pg` ends one by itself: each with a transaction under way.
  for (const lost of ["SELECT pg_terminate_backend(pg_backend_pid())", "SELECT pg_sleep(20)"]) {
    const transaction = await store.begin();
    await assert.rejects(transaction.run([insert("3"), { sql: lost, values: [] }, insert("4")]));
    await assert.rejects(transaction.rollBack());
    await transaction.rollBack();
    assert.deepEqual(await cards(), []);
  }
  const whole = await store.begin();
  await whole.run([insert("5"), insert("6")]);
  await whole.commit();
  assert.deepEqual(await cards(), [{ id: "5" }, { id: "6" }]);
});

test("what nobody follows goes to the console, and a line is there before the request", async (t) => {
  const lines = [];
  t.mock.method(console, "warn", (...words) => lines.push(words));
  const options = { merchant: new Merchant({ ...MERCHANT, base_url: `http://127.0.0.1:${await freePort()}` }), assumptions: { shared: true } };
  const backend = new Backend({ ...options, store: await sqlite(":memory:") });
  await backend.send(plan.card.apply({ user_id: USER, template_id: 2 }), "order 1");
  await backend.receive("{}");
  await backend.deliver(() => Promise.reject(new Error("mine")));
  assert.deepEqual(lines.map(([, kind]) => kind), ["sent", "webhook_failed", "not_taken"]);
  assert.ok(lines[0].includes("order 1") && lines[2].at(-1).message === "mine");
  assert.equal(lines[1].at(-1), "webhook.raw_body");
  const gone = { dialect: "sqlite", begin: () => Promise.reject(new Error("gone")), isConflict: () => false };
  const broken = new Backend({ ...options, store: gone });
  await broken.receive(options.merchant.testWebhook("CARD_3DS", "{}"));
  assert.equal(lines[3].at(-1).message, "gone");

  const order = [];
  const onEvent = async ({ kind }) => {
    await sleep(5);
    order.push(kind);
  };
  const slow = new Backend({ ...options, store: await sqlite(":memory:"), onEvent, fetch: async () => (order.push("fetch"), new Response("", { status: 500 })) });
  await slow.send(plan.card.apply({ user_id: USER, template_id: 2 }), "order 1");
  assert.deepEqual(order, ["sending", "fetch", "sent"]);
});

/** What a program of the documentation says until it ends. */
const said = async (program, environment) => {
  const child = spawn(process.execPath, ["--disable-warning=ExperimentalWarning", program], {
    env: { ...process.env, ...environment },
    stdio: ["ignore", "pipe", "inherit"],
  });
  let text = "";
  for await (const chunk of child.stdout) text += chunk;
  return text;
};

test("the documentation's program runs on SQLite", async () => {
  assert.equal(await said("backend.mjs", { PORT: String(await freePort()) }), "taken\nbooked order 7: succeeded\n");
});

test("the documentation's program runs on PostgreSQL", { skip }, async () => {
  await database("documentation");
  symlinkSync(join(process.env.BANANATECH_TOOLS_BACKEND, "node_modules/pg"), "node_modules/pg");
  assert.equal(await said("backend-postgres.mjs", { CONNECTION_STRING: connectionString("documentation") }), "postgres\n");
});
