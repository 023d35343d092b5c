// Webhooks: forged, repeated, unreadable; and what is known when none comes.
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import test from "node:test";
import { Merchant } from "bananatech";
import { CARD_NUMBER, PIN, USER, backendFor, clientOf, until, withActiveCard } from "./support.js";

const deliver = async (backend, body, method = "POST") => {
  const response = await fetch(`${backend.url}/webhooks/bananatech`, { method, ...(method === "POST" && { body }) });
  return response.status;
};
const seen = async (client) => JSON.stringify(await client.view());
const card = async (client) => (await client.view()).cards[0].state;

test("webhooks", async (t) => {
  const backend = await backendFor(t);
  const me = await withActiveCard(backend);
  const locked = (card_id = me.card_id) => ({
    card_id,
    status: "SUCCESS",
    card_status: "LOCKED",
    occur_time: Date.now() + 60_000,
  });

  await t.test("a forged one is refused and changes nothing", async () => {
    const before = await seen(me);
    const forger = new Merchant({
      merchant_id: "6f1c3f9e-52a4-4a0f-9b57-1b8d4a6f2c10",
      base_url: "https://api.example",
      secret_key: "another-secret-key-of-32-bytes-0",
    });
    assert.equal(await deliver(backend, forger.testWebhook("CARD_STATUS_CHANGE", locked())), 400);
    const genuine = JSON.parse(backend.merchant.testWebhook("CARD_STATUS_CHANGE", locked()));
    const name = Object.keys(genuine).find((key) => /mac/i.test(key));
    genuine[name] = genuine[name].replace(/^./, (first) => (first === "0" ? "1" : "0"));
    assert.equal(await deliver(backend, JSON.stringify(genuine)), 400);
    for (const body of ["", "{}", "null", JSON.stringify({ type: "CARD_STATUS_CHANGE", data: locked() })]) {
      assert.equal(await deliver(backend, body), 400);
    }
    assert.equal(await deliver(backend, "", "GET"), 405);
    assert.equal(await deliver(backend, "x".repeat(2_000_000)), 413);
    assert.equal(await seen(me), before);
  });

  await t.test("one whose time is wrong isn't lost: it is taken, and the operation's own counts when it comes", async () => {
    await backend.sandbox.control("faults", { kind: "drop", count: 1, event_type: "CARD_RECHARGE_RESULT" });
    const { body } = await me.send(me.recharge(me.card_id, "40.00"));
    const { id } = body.operation;
    await until("its balance is told", async () => Number((await card(me)).balance?.available) === 40);
    const result = { card_id: me.card_id, receive_amount: 40, currency: "USD", status: "SUCCESS" };
    const told = (fields) => backend.merchant.testWebhook("CARD_RECHARGE_RESULT", { ...result, ...fields });
    const early = told({ transaction_id: 700_001, occur_time: Date.now() - 3_600_000 });
    assert.equal(await deliver(backend, early), 200);
    assert.equal((await backend.feeds.operation(id)).stage, "acknowledged");
    const before = await seen(me);
    assert.equal(await deliver(backend, early), 200);
    assert.equal(await seen(me), before);
    assert.equal(await deliver(backend, told({ transaction_id: 700_002, occur_time: Date.now() + 24 * 3_600_000 })), 200);
    assert.equal((await backend.feeds.operation(id)).stage, "confirmed");
  });

  await t.test("a repeated one is taken and changes nothing", async () => {
    const body = backend.merchant.testWebhook("CARD_STATUS_CHANGE", locked());
    assert.equal(await deliver(backend, body), 200);
    assert.equal((await card(me)).status, "LOCKED");
    const after = await seen(me);
    assert.equal(await deliver(backend, body), 200);
    assert.equal(await seen(me), after);
  });

  await t.test("an authentic one that can't be read is taken and changes nothing", async () => {
    const before = await seen(me);
    assert.equal(await deliver(backend, backend.merchant.testWebhook("CARD_RECHARGE_RESULT", JSON.stringify({ card_id: me.card_id }))), 200);
    assert.equal(await seen(me), before);
  });

  await t.test("a one-time password stays in the backend", async () => {
    const data = { card_id: me.card_id, user_id: USER, otp: "918273" };
    assert.equal(await deliver(backend, backend.merchant.testWebhook("CARD_VERIFICATION", data)), 200);
    assert.doesNotMatch(await seen(me), /918273|CARD_VERIFICATION/);
  });
});

test("operations", async (t) => {
  const backend = await backendFor(t, { patience_ms: 400 });
  const me = await withActiveCard(backend);

  await t.test("sent again under the same reference, nothing is sent again", async () => {
    const reference = randomUUID();
    const answers = await Promise.all([1, 2, 3].map(() => me.send(me.recharge(me.card_id, "30.00"), reference)));
    assert.deepEqual(
      answers.map(({ status }) => status),
      [202, 202, 202],
    );
    assert.equal(new Set(answers.map(({ body }) => body.operation.id)).size, 1);
    await until("30.00", async () => Number((await card(me)).balance?.available) === 30);
  });

  const issuerSays = (status) => async () => {
    const call = { path: "/card/get_information", body: { user_id: USER, card_id: me.card_id } };
    return (await backend.sandbox.control("call", call)).body.status === status;
  };
  await t.test("what the issuer refuses has failed", async () => {
    // Behind the backend's back, so that it doesn't know of it.
    await backend.sandbox.control("faults", { kind: "drop", count: 1, event_type: "CARD_STATUS_CHANGE" });
    await backend.sandbox.control("call", {
      path: "/card/update_status",
      body: { user_id: USER, card_id: me.card_id, alter: "LOCK" },
    });
    await until("it is locked", issuerSays("LOCKED"));
    const { status, body } = await me.send(me.recharge(me.card_id, "30.00"));
    assert.deepEqual([status, body.operation.stage, body.operation.refused], [202, "failed", true]);
    await backend.sandbox.control("call", {
      path: "/card/update_status",
      body: { user_id: USER, card_id: me.card_id, alter: "UNLOCK" },
    });
    await until("it is unlocked", issuerSays("ACTIVE"));
    await until("the backend knows", async () => (await card(me)).status === "ACTIVE");
  });

  await t.test("what isn't told of is overdue, and found out by asking", async () => {
    const { body } = await me.send(me.recharge(me.card_id, "66.02"));
    const { id } = body.operation;
    await until("it is overdue", async () => (await backend.feeds.operation(id)).overdue);
    assert.equal((await backend.feeds.operation(id)).stage, "acknowledged");
    const { body: found } = await me.post("/api/find-out", { id });
    assert.deepEqual([found.known, found.operation.stage, found.operation.by], [true, "confirmed", "asking"]);
    const stranger = clientOf(backend, 67890);
    assert.equal((await stranger.post("/api/find-out", { id })).status, 403);
  });
});

test("nothing secret is logged, or told of to a page", async (t) => {
  const backend = await backendFor(t);
  const me = await withActiveCard(backend);
  await fetch(`${backend.url}/${CARD_NUMBER}?pin=${PIN}`);
  const everything = backend.lines.join("\n") + (await seen(me));
  assert.ok(backend.lines.length > 0);
  for (const secret of [CARD_NUMBER, PIN, "sandbox-secret-key", new URL(backend.sandbox.url).port]) {
    assert.ok(!everything.includes(secret), `it holds ${secret.slice(0, 3)}…`);
  }
});
