// What is printed of values holds no card number, PIN, CVV, one-time password or personal data.
import assert from "node:assert/strict";
import { inspect } from "node:util";
import { test } from "node:test";
import { Inquiry, plan, readEvent, readResponse, Tracker } from "bananatech";
import { merchant, thrown } from "./support.js";

const number = "4111222233334444";
const secrets = [number, "493817", "737", "900913", "Lovelace", "ada@example.com"];
const printed = (value) => [inspect(value), inspect([value], { depth: 9 }), `${JSON.stringify(value)}`, JSON.stringify({ value: [value] })];
const hides = (value, what) => {
  for (const text of printed(value)) {
    // The number of a function in a stack trace may be any, and so may the digits of a fingerprint.
    const rest = text.replaceAll(/wasm-function\[\d+\]:0x[0-9a-f]+|\b[0-9a-f]{64}\b/g, "");
    for (const secret of secrets) assert.ok(!rest.includes(secret), `${what}: ${text}`);
  }
};

const m = merchant();
const EVENTS = {
  CARD_ACTIVATE_RESULT: { card_id: 67890, card_number: number, status: "SUCCESS", occur_time: 1 },
  CARD_ASSIGN_RESULT: { user_id: 12345, status: "FAILED", error_reason: `no card ${number}`, occur_time: 1, name: "Lovelace" },
  USER_CREATE_RESULT: { user_id: 12345, status: "REJECTED", message: "Lovelace" },
  CARD_VERIFICATION: { otp: "900913" },
  CARD_3DS: ["900913"],
  CARD_CORRECTION: "900913",
  CARD_STATUS_CHANGE: { number },
  NEW_TYPE: { name: "Lovelace" },
};
const ANSWERS = {
  "card.get_information": { number, cvv: "737", expiry_date: "12/27", status: "ACTIVE", holder: "Lovelace" },
  "card.recharge": { message: `card ${number}` },
  "user.get_users": { data: [{ email: "ada@example.com" }] },
  "user.register": { user_id: 12345, email: "ada@example.com" },
};

// What the contract doesn't name stands apart.
const APART = {
  "card.get_information": { holder: undefined, extra: { holder: "Lovelace" } },
  "user.register": { email: undefined, extra: { email: "ada@example.com" } },
};

const BODIES = {
  "card.get_information": { user_id: 1, card_id: 2 },
  "card.recharge": { user_id: 1, card_id: 2, amount: "5" },
  "user.get_users": {},
  "user.register": { email: "ada@example.com", template_id: 1 },
};

test("deliveries and events", () => {
  for (const [type, data] of Object.entries(EVENTS)) {
    const delivery = m.receive(m.testWebhook(type, JSON.stringify(data)));
    hides(delivery, type);
    if (typeof data === "object") hides(delivery.data, type);
    hides(readEvent({ type, data }), type);
    assert.deepEqual(JSON.parse(delivery.json), { type, data });
    // Passed on as it is, it is whole.
    const { type: read, data: anew } = readEvent(delivery);
    assert.deepEqual([read, anew], [delivery.type, delivery.data]);
  }
});

test("what is known to be harmless is shown", () => {
  const delivery = m.receive(m.testWebhook("CARD_ACTIVATE_RESULT", EVENTS.CARD_ACTIVATE_RESULT));
  for (const text of printed(delivery)) {
    for (const shown of ["CARD_ACTIVATE_RESULT", delivery.fingerprint, "67890"]) assert.ok(text.includes(shown), text);
  }
});

test("answers", () => {
  for (const [operation, body] of Object.entries(ANSWERS)) {
    const call = m.seal({ operation, body: BODIES[operation] });
    const text = JSON.stringify(body);
    const answer = call.answer(200, text);
    hides(answer, operation);
    hides(answer.response, operation);
    hides(call.read(200, text), operation);
    hides(m.read(operation, 200, text), operation);
    hides(readResponse(operation, answer.response), operation);
    assert.equal(answer.json, text);
    assert.deepEqual({ ...answer.response }, JSON.parse(JSON.stringify({ ...body, ...APART[operation] })));
    assert.deepEqual(readResponse(operation, answer.response), answer.response);
  }
});

test("what is shown is of the same shape", () => {
  const shownAs = (value) => JSON.parse(JSON.stringify(value));
  const answer = m.read("card.get_information", 200, JSON.stringify(ANSWERS["card.get_information"]));
  const hidden = { number: "…", cvv: "…", expiry_date: "12/27", status: "ACTIVE", extra: { holder: "…" } };
  assert.deepEqual(shownAs(answer), hidden);
  assert.match(inspect(answer), /status: 'ACTIVE'/);
  const balance = m.read("card.get_balance", 200, '{"balance":7.50}');
  assert.deepEqual(shownAs({ balance }), { balance: { balance: "7.50" } });
  const delivery = m.receive(m.testWebhook("CARD_ACTIVATE_RESULT", EVENTS.CARD_ACTIVATE_RESULT));
  assert.deepEqual(shownAs(delivery.data), { card_id: 67890, card_number: "…", status: "SUCCESS", occur_time: 1 });
  assert.deepEqual(shownAs(delivery).data, shownAs(delivery.data));
  const pin = plan.card.setPin({ user_id: 1, card_id: 2, pin: "493817" });
  assert.match(inspect(pin), /pin: '…'/);
});

test("what is nested in them, when it is printed alone", () => {
  const within = (value) => (typeof value === "object" && value !== null ? [value, ...Object.values(value).flatMap(within)] : []);
  const call = m.card.getTransactions({});
  const transaction = { id: 7, amount: 1, holder: { name: "Lovelace", cards: [{ number }] } };
  const values = [
    call.read(200, JSON.stringify({ data: [transaction] })),
    call.answer(200, JSON.stringify([transaction])).response,
    m.read("user.get_users", 200, JSON.stringify(ANSWERS["user.get_users"])),
    m.receive(m.testWebhook("CARD_3DS", JSON.stringify({ challenge: [{ code: "900913" }] }))).data,
    m.receive(m.testWebhook("CARD_STATUS_CHANGE", JSON.stringify({ number, more: { number } }))).data,
    plan.user.register({ email: "ada@example.com", template_id: 1, kyc_data: { last_name: "Lovelace" } }),
  ];
  for (const part of values.flatMap(within)) {
    for (const text of [inspect(part), inspect([part], { depth: 9 })]) {
      for (const secret of secrets) assert.ok(!text.includes(secret), text);
    }
  }
  // Only printed: a record travels whole.
  assert.equal(JSON.parse(JSON.stringify(values[0].data[0])).extra.holder.name, "Lovelace");
  assert.deepEqual(values[0].data[0].extra.holder, transaction.holder);
  assert.deepEqual(values[4].data.more, { number });
  const deep = "[".repeat(50_000) + "]".repeat(50_000);
  assert.equal(m.receive(m.testWebhook("CARD_3DS", deep)).type, "CARD_3DS");
});

test("errors", () => {
  const call = m.card.setPin({ user_id: 1, card_id: 2, pin: "493817" });
  hides(thrown(() => call.read(400, `{"message":"PIN 493817 of ${number}"}`)), "rejected");
  hides(thrown(() => call.read(200, `{"message":"PIN 493817 of ${number}"}`)), "not known");
  hides(thrown(() => plan.card.assign({ user_id: 1, template_id: 1, card_number: `${number}x` })), "invalid");
});

test("plans, but for JSON.stringify: that is how they travel", () => {
  const pin = plan.card.setPin({ user_id: 1, card_id: 2, pin: "493817" });
  const call = m.seal(pin);
  for (const value of [pin, pin.body, [pin], call, call.plan]) assert.ok(!inspect(value, { depth: 9 }).includes("493817"));
  assert.equal(JSON.stringify(pin), '{"operation":"card.set_pin","body":{"user_id":1,"card_id":2,"pin":"493817"}}');
});

test("what became of operations", () => {
  // Random ones may have the digits of a secret.
  const idOf = (digit) => `00000000-0000-4000-8000-00000000000${digit}`;
  const tracker = new Tracker({ exclusive_since: 0 });
  const assign = m.card.assign({ user_id: 1, template_id: 2, card_number: number }).tracked({ id: idOf(1), sent_at: 1e9 });
  tracker.store(assign);
  const failed = { user_id: 1, status: "FAILED", error_reason: `no card ${number}`, occur_time: 1e9 };
  const report = tracker.take({ type: "CARD_ASSIGN_RESULT", data: failed });
  hides(report, "report");
  hides(report.settled[0].outcome, "outcome");
  // It is there, but not stored.
  assert.equal(report.settled[0].outcome.reason, `no card ${number}`);
  assert.ok(!tracker.toJson().includes(number));
  hides(tracker, "tracker");
  const register = m.user.register({ email: "ada@example.com", template_id: 1 }).tracked({ id: idOf(2), sent_at: 1 });
  tracker.store(register);
  hides(tracker, "tracker");
  const [inquiry] = Inquiry.about(register);
  // It may be printed, and is passed on whole.
  assert.ok(!inspect(inquiry.withEmail("ada@example.com")).includes("ada@"));
  assert.ok(JSON.stringify(inquiry.withEmail("ada@example.com")).includes("ada@"));
});
