// What is printed of values holds no card number, PIN, CVV, one-time password or personal data.
import assert from "node:assert/strict";
import { inspect } from "node:util";
import { test } from "node:test";
import { plan, readEvent, readResponse } from "bananatech";
import { merchant, thrown } from "./support.js";

const number = "4111222233334444";
const secrets = [number, "493817", "737", "900913", "Lovelace", "ada@example.com"];
const printed = (value) => [inspect(value), inspect([value], { depth: 9 }), `${JSON.stringify(value)}`, JSON.stringify({ value: [value] })];
const hides = (value, what) => {
  for (const text of printed(value)) {
    for (const secret of secrets) assert.ok(!text.includes(secret), `${what}: ${text}`);
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
    assert.deepEqual({ ...answer.response }, body);
    assert.deepEqual(readResponse(operation, answer.response), answer.response);
  }
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
