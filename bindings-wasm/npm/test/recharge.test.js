// One operation all the way: planned, sealed, answered, confirmed by a webhook.
import assert from "node:assert/strict";
import { test } from "node:test";
import { checkPlan, Merchant, plan, Tracker } from "bananatech";
import { hex, merchant, vectors } from "./support.js";

const recharge = { user_id: 12345, card_id: 67890, amount: "100.00" };
const assumptions = { exclusive_since: 1691200000000 };
const options = { id: "6f1c3f9e-52a4-4a0f-9b57-1b8d4a6f2c10", sent_at: 1691249025000, reference: "order 7" };
const result = (fields = {}) =>
  `{"card_id":67890,"transaction_id":${fields.transaction ?? 1},"receive_amount":100.0,` +
  `"status":"${fields.status ?? "SUCCESS"}","currency":"USD","occur_time":1691249025085}`;

test("a plan needs no key, and its amount stays text", () => {
  const planned = plan.card.recharge(recharge);
  assert.deepEqual(planned, { operation: "card.recharge", body: recharge });
  assert.deepEqual(checkPlan(JSON.parse(JSON.stringify(planned))), planned);
  assert.equal(plan.card.recharge({ ...recharge, amount: 100.5 }).body.amount, "100.5");
});

test("a call goes straight into fetch, and equals the vector", () => {
  const vector = vectors("envelope").find((c) => c.name === "request-card-recharge");
  const call = merchant(vector.key_text, vector.codec).card.recharge(
    { ...recharge, amount: "100.0" },
    { iv: hex(vector.iv_hex) },
  );
  assert.equal(call.url, "https://api.example/card/recharge");
  assert.equal(call.init.method, "POST");
  assert.equal(call.init.body, vector.request_body);
  assert.deepEqual(call.init.headers, {
    "Content-Type": "application/json",
    "Merchant-ID": "6f1c3f9e-52a4-4a0f-9b57-1b8d4a6f2c10",
    "X-HMAC": vector.hmac,
  });
  const request = new Request(call.url, call.init);
  assert.deepEqual([request.method, request.redirect], ["POST", "manual"]);
});

test("a plan that was made elsewhere is sealed to the same request", () => {
  const iv = hex("00112233445566778899aabbccddeeff");
  const direct = merchant().card.recharge(recharge, { iv });
  assert.deepEqual(merchant().seal(plan.card.recharge(recharge), { iv }).init, direct.init);
});

test("without an IV the platform's randomness is taken, anew each time", () => {
  const bodies = new Set();
  for (let i = 0; i < 100; i++) bodies.add(merchant().card.recharge(recharge).init.body);
  assert.equal(bodies.size, 100);
});

test("random bytes are kept for a second at most", (t) => {
  const asked = t.mock.method(globalThis.crypto, "getRandomValues");
  const m = merchant();
  const seals = (now) => {
    t.mock.method(Date, "now", () => now);
    const before = asked.mock.callCount();
    m.card.recharge(recharge);
    return asked.mock.callCount() - before;
  };
  const start = 2_000_000_000_000;
  assert.deepEqual([0, 500, 1000, 1001, 1002].map((later) => seals(start + later)), [1, 0, 0, 1, 0]);
  // A clock that was set back tells nothing either.
  assert.equal(seals(start - 5000), 1);
});

test("answers are read, sealed or plain, as text or bytes", () => {
  const m = merchant();
  const call = m.card.recharge(recharge);
  const sealed = m.testAnswer("card.recharge", { message: "Card recharge request sent successfully" });
  for (const body of [sealed, new TextEncoder().encode(sealed)]) {
    const response = { message: "Card recharge request sent successfully" };
    assert.deepEqual(call.read(200, body), response);
    assert.deepEqual(call.answer(200, body), { response, sealed_with: "2026-11" });
  }
  assert.equal(call.answer(200, '{"message":"ok","region":1}').sealed_with, null);
  assert.equal(call.read(200, '{"message":"ok","region":1}').extra.region, 1);
});

test("the webhook settles what was stored, once, also after a restart", () => {
  const m = merchant();
  const call = m.card.recharge(recharge);
  const tracker = new Tracker(assumptions);
  const operation = call.tracked(options);
  assert.deepEqual([operation.id, operation.kind, operation.amount], [options.id, "recharge", "100.00"]);
  assert.deepEqual([operation.sent_at, operation.ask_at, operation.reference], [options.sent_at, options.sent_at + 600_000, "order 7"]);
  assert.equal(tracker.store(operation).verdict.kind, "noted");
  const response = call.read(200, '{"message":"ok"}');
  assert.equal(tracker.acknowledge(operation.id, response).verdict.kind, "noted");
  assert.equal(tracker.operation(operation.id).acknowledged, true);

  const restarted = Tracker.fromJson(tracker.toJson());
  const delivery = m.receive(m.testWebhook("CARD_RECHARGE_RESULT", result()));
  const report = restarted.receive(delivery);
  assert.deepEqual(report.verdict, { kind: "settled" });
  assert.deepEqual(report.settled.map((one) => [one.operation.id, one.operation.reference, one.outcome]), [
    [options.id, "order 7", { kind: "succeeded", card_id: 67890 }],
  ]);
  assert.deepEqual(report.things, ["tx:1"]);
  assert.deepEqual(restarted.receive(delivery).verdict, { kind: "repeated" });
  assert.equal(restarted.operation(options.id).outcome.kind, "succeeded");
});

test("two recharges of one card stay apart until both are known", () => {
  const m = merchant();
  const tracker = new Tracker(assumptions);
  const store = () => {
    const operation = m.card.recharge(recharge).tracked({ sent_at: options.sent_at });
    tracker.store(operation);
    return operation.id;
  };
  const ids = [store(), store()];
  const event = (fields) => tracker.receive(m.receive(m.testWebhook("CARD_RECHARGE_RESULT", result(fields))));
  const first = event({ transaction: 1 });
  assert.deepEqual([first.verdict, [...first.candidates].sort()], [{ kind: "open" }, [...ids].sort()]);
  const second = event({ transaction: 2 });
  assert.deepEqual([second.verdict.kind, second.settled.length], ["settled", 2]);
  assert.deepEqual(tracker.operations().map(({ id }) => id), ids);
});

test("a merchant can be freed", () => {
  const m = merchant();
  m.free();
  assert.throws(() => m.receive("{}"));
  if (Symbol.dispose) assert.equal(typeof Merchant.prototype[Symbol.dispose], "function");
});
