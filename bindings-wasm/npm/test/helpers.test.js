// The helpers for tests of a receiver and of a caller, what an event is about, and fields that the contract doesn't name.
import assert from "node:assert/strict";
import { test } from "node:test";
import { CardState, other, plan, readEvent, readResponse, Tracker } from "bananatech";
import { merchant } from "./support.js";

const m = merchant();
const TYPES = [
  "USER_CREATE_RESULT", "CARD_APPLY_RESULT", "CARD_ACTIVATE_RESULT", "CARD_ASSIGN_RESULT", "CARD_STATUS_CHANGE", "CARD_RECHARGE_RESULT",
  "CARD_CLOSE_RESULT", "CARD_BALANCE_CHANGE", "TRANSACTION_CREATED", "CARD_CORRECTION", "CARD_3DS", "CARD_VERIFICATION",
];
const receive = (...given) => m.receive(m.testWebhook(...given));

test("a webhook for a test needs no more than its type", () => {
  for (const type of TYPES) assert.equal(receive(type).type, type);
  for (const data of [undefined, {}, { status: undefined, card_id: undefined }]) {
    const { occur_time, ...rest } = receive("CARD_RECHARGE_RESULT", data).data;
    assert.ok(Math.abs(Date.now() - occur_time) < 60_000);
    assert.deepEqual(rest, { card_id: 67890, transaction_id: 987654, receive_amount: "100.00", status: "SUCCESS", currency: "USD" });
  }
  const failed = receive("CARD_ASSIGN_RESULT", { status: "FAILED", occur_time: 1 });
  assert.deepEqual({ ...failed.data }, { user_id: 12345, status: "FAILED", error_reason: "101:0 - card number not exist", occur_time: 1 });
  assert.equal(receive(other("NEW_TYPE"), { extra: { a: 1 } }).data.extra.a, 1);
  assert.equal(receive("CARD_3DS", { extra: { a: 1 } }).data.extra.a, 1);
  assert.equal(receive("CARD_3DS", null).data, null);
});

test("each success and each failure of the helpers settles what was asked", () => {
  const card = { user_id: 12345, card_id: 67890 };
  for (const [operation, type] of [
    [plan.card.apply({ user_id: 12345, template_id: 456 }), "CARD_APPLY_RESULT"],
    [plan.card.assign({ user_id: 12345, template_id: 456, card_number: "1234567890123456" }), "CARD_ASSIGN_RESULT"],
    [plan.card.updateStatus({ ...card, alter: "ACTIVATE" }), "CARD_ACTIVATE_RESULT"],
    [plan.card.updateStatus({ ...card, alter: "LOCK" }), "CARD_STATUS_CHANGE"],
    [plan.card.recharge({ ...card, amount: "100.00" }), "CARD_RECHARGE_RESULT"],
    [plan.card.updateStatus({ ...card, alter: "CLOSE" }), "CARD_CLOSE_RESULT"],
  ]) {
    for (const status of [undefined, "FAILED"]) {
      const tracker = new Tracker({ exclusive_since: 0 });
      tracker.store(m.seal(operation).tracked({ sent_at: Date.now() }));
      const { settled } = tracker.receive(receive(type, { status }));
      assert.deepEqual(settled.map(({ outcome }) => outcome.kind), [status ? "failed" : "succeeded"], `${type} ${status}`);
    }
  }
});

test("an answer for a test needs no more than the operation", () => {
  const read = (operation, response) => m.read(operation, 200, m.testAnswer(operation, response));
  for (const operation of [
    "merchant.get_account_balance", "merchant.get_card_templates", "merchant.set_webhook_url", "merchant.get_webhook_records",
    "user.register", "user.get_users", "card.apply", "card.recharge", "card.update_status", "card.get_balance",
    "card.get_information", "card.get_transactions", "card.assign", "card.set_pin", "card.3ds_confirm",
  ]) {
    assert.equal(typeof read(operation), "object");
    assert.equal(typeof read(operation, undefined), "object");
  }
  assert.deepEqual({ ...read("card.get_balance", { balance: "7.50", currency: undefined }) }, { balance: "7.50", currency: "USD" });
});

test("every delivery tells what it is about", () => {
  const about = ({ user_id, card_id, transaction_id, occurred_at }) => [user_id, card_id, transaction_id, occurred_at];
  const given = { user_id: 1, card_id: 2, transaction_id: 3, occur_time: 4, extra: {} };
  for (const [type, fields, expected] of [
    ["USER_CREATE_RESULT", ["user_id"], [1]],
    ["CARD_APPLY_RESULT", ["user_id", "card_id"], [1, 2, undefined, 4]],
    ["CARD_ACTIVATE_RESULT", ["card_id"], [undefined, 2, undefined, 4]],
    ["CARD_ASSIGN_RESULT", ["user_id", "card_id"], [1, 2, undefined, 4]],
    ["CARD_STATUS_CHANGE", ["card_id"], [undefined, 2, undefined, 4]],
    ["CARD_RECHARGE_RESULT", ["user_id", "card_id", "transaction_id"], [1, 2, 3, 4]],
    ["CARD_CLOSE_RESULT", ["card_id", "transaction_id"], [undefined, 2, 3, 4]],
    ["CARD_BALANCE_CHANGE", ["card_id"], [undefined, 2, undefined, 4]],
    // Nothing of these is documented, so nothing is believed of them.
    ["CARD_3DS", ["user_id", "card_id"], []],
    ["NEW_TYPE", ["card_id"], []],
  ]) {
    const data = Object.fromEntries([...fields, ...(type === "USER_CREATE_RESULT" ? [] : ["occur_time"])].map((name) => [name, given[name]]));
    const delivery = receive(type, data);
    assert.deepEqual(about(delivery), [...expected, ...Array(4 - expected.length).fill(undefined)], type);
    assert.equal("user_id" in delivery, expected[0] !== undefined);
  }
  assert.deepEqual(about(receive("CARD_CLOSE_RESULT", '{"card_id":1.5}')), Array(4).fill(undefined));
});

test("what the contract doesn't name stands apart, and travels among the other fields", () => {
  const data = { card_id: 2, status: "SUCCESS", card_status: "LOCKED", occur_time: 1, region: { a: 1 }, extra: { b: 1 } };
  const delivery = receive("CARD_STATUS_CHANGE", JSON.stringify(data));
  assert.deepEqual({ ...delivery.data.extra }, { region: { a: 1 }, extra: { b: 1 } });
  assert.equal(delivery.data.region, undefined);
  assert.deepEqual(JSON.parse(delivery.json).data, data);
  const { type, data: read } = readEvent({ type: delivery.type, data: delivery.data });
  assert.deepEqual([type, read], [delivery.type, delivery.data]);
  // What another type's field says counts, also of an event that is passed on as an object.
  const states = [delivery, readEvent(delivery.json)].map((event) => {
    const state = new CardState(2, { needs_activation: true });
    state.fold(event);
    return state.status;
  });
  assert.deepEqual(states, ["LOCKED", "LOCKED"]);

  const given = { email: "ada@example.com", template_id: 1, kyc_data: { first_name: "Ada", extra: { nickname: "A" } }, extra: { referral: [1] } };
  const body = { email: "ada@example.com", template_id: 1, kyc_data: { first_name: "Ada", nickname: "A" }, referral: [1] };
  assert.deepEqual(plan.user.register(given).body, body);
  assert.deepEqual(m.user.register(given).plan.body, body);
  assert.throws(() => plan.card.setPin({ user_id: 1, card_id: 2, pin: "6789", extra: { x: 1 } }), { code: "field.unknown" });

  const list = { data: [{ id: 1, amount: "5", region: "EU" }], total: 1, next: "x" };
  const response = m.read("card.get_transactions", 200, JSON.stringify(list));
  assert.deepEqual([response.extra.next, response.data[0].extra.region], ["x", "EU"]);
  assert.deepEqual(readResponse("card.get_transactions", response), response);
  assert.deepEqual({ ...readResponse("card.get_transactions", list) }, { ...response });
  const anew = m.read("card.get_transactions", 200, m.testAnswer("card.get_transactions", { data: [...response.data], extra: { next: "x" } }));
  assert.deepEqual([anew.extra.next, anew.data[0].extra.region], ["x", "EU"]);
});
