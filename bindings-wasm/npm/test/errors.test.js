import assert from "node:assert/strict";
import { inspect } from "node:util";
import { test } from "node:test";
import { CardState, Inquiry, Merchant, Tracker, activationPin, cardNumber, checkPlan, isBananaTechError, isExpired, pin, plan, readEvent } from "bananatech";
import { merchant, thrown } from "./support.js";

const recharge = { user_id: 12345, card_id: 67890, amount: "100.00" };
const brief = ({ name, code, field, category }) => ({ name, code, field, category });
const input = (code, field) => ({ name: "BananaTechError", code, field, category: "invalid_input" });

test("an error is a real one, with name, code, field and category", () => {
  const error = thrown(() => pin("12"));
  assert.ok(error instanceof Error && isBananaTechError(error));
  assert.deepEqual(brief(error), input("pin.length", "pin"));
  assert.equal(error.message, "pin: expected 4 to 6 digits [pin.length]");
  assert.match(error.stack, /pin/);
  assert.ok(!isBananaTechError(new Error("another")));
});

test("each wrong field is named", () => {
  for (const [fields, code, field] of [
    [{ amount: "0" }, "amount.not_positive", "amount"],
    [{ amount: "33.333333333" }, "amount.decimals", "amount"],
    [{ amount: "1,000.00" }, "amount.format", "amount"],
    [{ amount: undefined }, "field.required", "amount"],
    [{ amount: NaN }, "field.required", "amount"],
    [{ amount: {} }, "field.type", "amount"],
    [{ user_id: "12345" }, "id.range", "user_id"],
    [{ card_id: 1.5 }, "id.range", "card_id"],
    [{ card_id: -1 }, "id.range", "card_id"],
    [{ card_id: 67890n }, "id.range", "card_id"],
    [{ card: 1 }, "field.unknown", "card"],
    // What doesn't look like a name may be a value.
    [{ 4111: 1 }, "field.unknown", undefined],
  ]) {
    const error = thrown(() => plan.card.recharge({ ...recharge, ...fields }));
    assert.deepEqual(brief(error), input(code, field), inspect(fields));
  }
  for (const nothing of [7, "text", []]) {
    assert.equal(thrown(() => plan.card.recharge(nothing)).code, "field.type");
  }
  for (const nothing of [undefined, null]) assert.equal(thrown(() => plan.card.recharge(nothing)).code, "field.required");
});

test("an id that a number can't hold is an error, not another id", () => {
  assert.equal(plan.card.recharge({ ...recharge, card_id: Number.MAX_SAFE_INTEGER }).body.card_id, 9007199254740991);
  for (const card_id of [Number.MAX_SAFE_INTEGER + 1, 2 ** 60, 1e21, Infinity]) {
    const error = thrown(() => plan.card.recharge({ ...recharge, card_id }));
    assert.equal(error.category, "invalid_input");
    assert.ok(["id.range", "field.required"].includes(error.code), error.code);
    assert.equal(error.field, "card_id");
  }
});

test("what is expected of an id is told in JavaScript's numbers", () => {
  const m = merchant();
  for (const card_id of [Number.MAX_SAFE_INTEGER + 1, 2 ** 60, 2 ** 63, 1e21, -1, 1.5]) {
    const body = { ...recharge, card_id };
    for (const run of [
      () => plan.card.recharge(body),
      () => m.card.recharge(body),
      () => checkPlan({ operation: "card.recharge", body }),
      () => m.seal({ operation: "card.recharge", body }),
      () => new CardState(card_id),
      () => m.card.recharge(recharge).read(200, "{}") && m.read("card.assign", 200, JSON.stringify({ card_id })),
    ]) {
      const { code, field, message } = thrown(run);
      assert.ok(["id.range", "answer.shape"].includes(code), `${card_id}: ${code}`);
      assert.equal(field, "card_id");
      if (code === "id.range") assert.match(message, /up to 9007199254740991/);
    }
  }
});

test("a field has the same name in a plan that is made here and in one that was read", () => {
  const m = merchant();
  const user = { email: "ada@example.com", template_id: 1 };
  for (const [operation, body, field, code] of [
    ["card.recharge", { ...recharge, amount: "x" }, "amount", "amount.format"],
    ["card.recharge", { ...recharge, amount: "0" }, "amount", "amount.not_positive"],
    ["card.recharge", { ...recharge, card_id: undefined }, "card_id", "field.required"],
    ["card.recharge", { ...recharge, more: 1 }, "more", "field.unknown"],
    ["card.update_status", { user_id: 1, card_id: 2, alter: "LOCK", pin: "482915" }, "pin", "pin.not_taken"],
    ["card.set_pin", { user_id: 1, card_id: 2, pin: "12" }, "pin", "pin.length"],
    ["card.set_pin", 7, undefined, "field.type"],
    ["user.register", { ...user, email: "" }, "email", "field.required"],
    ["user.register", { ...user, kyc_data: 7 }, "kyc_data", "field.type"],
    ["user.register", { ...user, kyc_data: { gender: 7 } }, "kyc_data.gender", "field.type"],
    ["user.register", { ...user, kyc_data: { issue: "x" } }, "kyc_data.issue", "field.type"],
  ]) {
    const [group, title] = operation.split(".");
    const method = title.replace(/_(.)/g, (_, letter) => letter.toUpperCase());
    for (const run of [
      () => plan[group][method](body),
      () => m[group][method](body),
      () => checkPlan({ operation, body }),
      () => checkPlan(JSON.stringify({ operation, body })),
      () => m.seal({ operation, body }),
    ]) {
      const error = thrown(run);
      assert.deepEqual([error.field, error.code], [field, code], operation + inspect(body));
    }
  }
  for (const [extra, field] of [[{ email: "x" }, "email"], [{ kyc_data: 1 }, "kyc_data"]]) {
    const error = thrown(() => plan.user.register({ ...user, kyc_data: {}, extra }));
    assert.deepEqual([error.field, error.code], [field, "json.duplicate_field"]);
  }
  const within = { ...user, kyc_data: { city: "x", extra: { city: "y" } } };
  assert.equal(thrown(() => m.user.register(within)).field, "kyc_data.city");
});

test("what may be absent may be undefined", () => {
  const m = merchant(undefined, undefined, { paths: undefined, other_keys: undefined, sealed_answers_only: undefined, max_answer_bytes: undefined });
  const { body } = plan.card.apply({ user_id: 1, template_id: 2, deposit_amount: undefined });
  assert.deepEqual(body, { user_id: 1, template_id: 2 });
  const register = { email: "ada@example.com", template_id: 1, extra: undefined, kyc_data: { city: undefined, extra: undefined } };
  assert.deepEqual(m.user.register(register, { iv: undefined }).plan.body, { email: "ada@example.com", template_id: 1, kyc_data: {} });
  assert.equal(checkPlan({ operation: "merchant.get_account_balance", body: { x: undefined } }, { open_fields: undefined }).operation, "merchant.get_account_balance");
  const call = m.seal({ operation: "card.recharge", body: { ...recharge, more: undefined } }, { iv: undefined, open_fields: undefined });
  const times = { id: undefined, ask_at: undefined, reference: undefined, template: undefined, fee: undefined };
  const tracker = new Tracker({ exclusive_since: 0, shared: undefined, trust_type: undefined, clock_tolerance_ms: undefined, final_after_ms: undefined });
  const operation = call.tracked({ sent_at: Date.now(), ...times });
  tracker.store({ ...operation, reference: undefined });
  const found = tracker.find(operation.id, { kind: "failed", reason: undefined }, { at: Date.now(), transaction_id: undefined });
  assert.equal(found.verdict.kind, "settled");
  assert.equal(new CardState(2, { needs_activation: undefined }).status, null);
  assert.deepEqual(pin("482915", { birth_date: undefined, phone: undefined, card_number: undefined }), pin("482915"));
  // What has to be there and isn't is told so, however it isn't.
  for (const given of [{}, { amount: undefined }]) {
    const { amount, ...rest } = recharge;
    assert.equal(thrown(() => plan.card.recharge({ ...rest, ...given })).code, "field.required");
  }
});

test("an event with an id that a number can't hold is kept whole", () => {
  const card = { card_id: 67890, status: "SUCCESS", occur_time: 1691249025085 };
  const EVENTS = {
    USER_CREATE_RESULT: { user_id: 12345, status: "APPROVED" },
    CARD_APPLY_RESULT: { ...card, user_id: 12345, template_id: 12 },
    CARD_ACTIVATE_RESULT: { ...card, card_number: "4111222233334444" },
    CARD_ASSIGN_RESULT: { ...card, user_id: 12345 },
    CARD_STATUS_CHANGE: { ...card, card_status: "LOCKED" },
    CARD_RECHARGE_RESULT: { ...card, transaction_id: 7, receive_amount: 100.5, currency: "USD", template_id: 12, user_id: 12345 },
    CARD_CLOSE_RESULT: { ...card, transaction_id: 7, refund_amount: 1.5 },
    CARD_BALANCE_CHANGE: { ...card, amount: 1.5, available: 1.5, before_available: 1, currency: "USD" },
  };
  const m = merchant();
  let tried = 0;
  for (const [type, fields] of Object.entries(EVENTS)) {
    assert.equal(m.receive(m.testWebhook(type, fields)).type, type);
    for (const field of Object.keys(fields).filter((name) => /_id$|_time$/.test(name))) {
      for (const big of ["9007199254740992", "9007199254740993", "9223372036854775807"]) {
        const data = JSON.stringify({ ...fields, [field]: "?" }).replace('"?"', big);
        const event = `{"type":"${type}","data":${data}}`;
        const delivery = m.receive(m.testWebhook(type, data));
        const expected = { type, data: JSON.parse(data), field, code: "id.range", expected: "a whole number up to 9007199254740991" };
        assert.equal(delivery.type, "unrecognized", data);
        assert.deepEqual({ ...delivery.data }, expected);
        assert.equal(delivery.json, event);
        assert.equal(delivery.fingerprint.length, 64);
        // Passed on, it stays what it is.
        const { type: read, data: anew } = readEvent(event);
        assert.deepEqual([read, { ...anew }], ["unrecognized", expected]);
        assert.equal(readEvent(delivery).type, "unrecognized");
        assert.equal(readEvent({ type: delivery.type, data: delivery.data }).type, "unrecognized");
        tried++;
      }
    }
  }
  assert.equal(tried, 3 * 22);
});

test("an answer with an id that a number can't hold is an error that names it; raw records are kept exact", () => {
  const m = merchant();
  const call = m.card.getTransactions({ card_id: 67890 });
  for (const field of ["id", "card_id"]) {
    const fields = { id: 1, card_id: 67890, amount: 1, [field]: "?" };
    const body = JSON.stringify({ data: [{ id: 1, amount: 1 }, fields] }).replace('"?"', "9007199254740993");
    const error = thrown(() => call.read(200, body));
    assert.deepEqual(brief(error), { name: "BananaTechError", code: "id.range", field, category: "unexpected" });
  }
  const users = '{"data":[{"id":9007199254740993}],"total":1}';
  assert.equal(m.user.getUsers().answer(200, users).json, users);
});

test("raw numbers are kept exact beside what JavaScript makes of them", () => {
  const m = merchant();
  const delivery = m.receive(m.testWebhook("CARD_3DS", '{"challenge":12345678901234567890,"limit":1.10}'));
  assert.equal(delivery.json, '{"type":"CARD_3DS","data":{"challenge":12345678901234567890,"limit":1.10}}');
});

test("what isn't a raw body is told so", () => {
  const m = merchant();
  const body = m.testWebhook("CARD_3DS", "{}");
  for (const wrong of [JSON.parse(body), undefined, null, 7, "", new Uint8Array(), "[1]", new Map()]) {
    const error = thrown(() => m.receive(wrong));
    assert.equal(error.code, "webhook.raw_body");
    assert.equal(error.category, "unexpected");
    assert.match(error.message, /the raw request body as it was delivered: not a parsed object/);
  }
  assert.equal(m.receive(Buffer.from(body)).type, "CARD_3DS");
});

test("whatever can't be opened looks the same", () => {
  const body = merchant().testWebhook("CARD_3DS", "{}");
  const other = merchant("another key, also of 32 letters!");
  const error = thrown(() => other.receive(body));
  assert.deepEqual(brief(error), { name: "BananaTechError", code: "not_authentic", field: undefined, category: "not_authentic" });
  const forged = body.replace(/(?<="hmac":")./, (digit) => (digit === "0" ? "1" : "0"));
  assert.equal(thrown(() => merchant().receive(forged)).message, error.message);
});

test("a rejection has status and words, and doesn't print them", () => {
  const call = merchant().card.recharge(recharge);
  const error = thrown(() => call.read(400, '{"message":"the words of card 4111111111111111"}'));
  assert.deepEqual(brief(error), { name: "BananaTechError", code: "rejected", field: undefined, category: "rejected" });
  assert.equal(error.status, 400);
  assert.deepEqual({ ...error.rejection }, {
    status: 400,
    message: "the words of card 4111111111111111",
    body: '{"message":"the words of card 4111111111111111"}',
    authenticated: false,
    meaning: "refused",
  });
  assert.ok(!inspect(error).includes("4111") && !JSON.stringify(error).includes("4111"));
});

test("an answer that doesn't say how it ended has what came, and doesn't print it", () => {
  const call = merchant().card.setPin({ user_id: 1, card_id: 2, pin: "6789" });
  const error = thrown(() => call.read(200, '{"message":"PIN 6789 noted"}'));
  assert.deepEqual(brief(error), { name: "BananaTechError", code: "answer.not_known", field: undefined, category: "not_known" });
  assert.equal(error.status, 200);
  assert.equal(error.rejection, undefined);
  assert.deepEqual({ ...error.answer }, {
    status: 200, message: "PIN 6789 noted", body: '{"message":"PIN 6789 noted"}', authenticated: false, meaning: "not_known",
  });
  assert.ok(!inspect(error).includes("6789") && !JSON.stringify(error).includes("6789"));

  const recharged = merchant().card.recharge(recharge);
  for (const status of [302, 408, 429, 500, 502, 504]) {
    const unsure = thrown(() => recharged.read(status, ""));
    assert.deepEqual([unsure.code, unsure.status, unsure.answer.meaning], ["answer.not_known", status, "not_known"]);
  }
});

test("a message above its limit isn't looked at", () => {
  const small = merchant(undefined, undefined, { max_webhook_bytes: 10, max_answer_bytes: 10 });
  const body = small.testWebhook("CARD_3DS", "{}");
  for (const run of [() => small.receive(body), () => small.read("card.get_balance", 200, body)]) {
    assert.deepEqual(brief(thrown(run)), { name: "BananaTechError", code: "message.too_long", field: "body", category: "unexpected" });
  }
});

test("an answer that is the request itself isn't taken", () => {
  const m = merchant();
  const call = m.user.getUsers({ limit: 10 });
  const reflected = JSON.stringify({ ...JSON.parse(call.init.body), hmac: call.init.headers["X-HMAC"] });
  assert.equal(thrown(() => call.read(200, reflected)).code, "not_authentic");
  assert.equal(thrown(() => call.answer(200, '{"limit":10}')).code, "not_authentic");
});

test("a plan from elsewhere has no open fields unless they are allowed", () => {
  const plan = { operation: "card.3ds_confirm", body: { card_id: 1, code: "x" } };
  const open_fields = ["card.3ds_confirm"];
  assert.equal(thrown(() => checkPlan(plan)).code, "field.unknown");
  assert.equal(thrown(() => merchant().seal(plan)).code, "field.unknown");
  assert.equal(thrown(() => checkPlan(plan, { open_fields: ["user.register"] })).code, "field.unknown");
  assert.deepEqual(checkPlan(plan, { open_fields }), plan);
  assert.deepEqual(merchant().seal(plan, { open_fields }).plan, plan);
  assert.deepEqual(merchant().card.confirm3ds({ card_id: 1, extra: { code: "x" } }).plan, plan);
});

test("what can't be read as its type arrives as it came", () => {
  const m = merchant();
  const delivery = m.receive(m.testWebhook("CARD_ASSIGN_RESULT", '{"card_id":1.5,"status":"SUCCESS","occur_time":1}'));
  assert.equal(delivery.type, "unrecognized");
  const { expected, ...data } = delivery.data;
  assert.deepEqual(data, {
    type: "CARD_ASSIGN_RESULT", data: { card_id: 1.5, status: "SUCCESS", occur_time: 1 }, field: "card_id", code: "id.range",
  });
  assert.equal(delivery.json, '{"type":"CARD_ASSIGN_RESULT","data":{"card_id":1.5,"status":"SUCCESS","occur_time":1}}');
  assert.equal(new Tracker({ shared: true }).receive(delivery).verdict.kind, "noted");
});

test("plans, merchants and stored texts that are wrong are told by code, and nothing of them is repeated", () => {
  const canary = "canary-4111111111111111";
  const options = { merchant_id: "6f1c3f9e-52a4-4a0f-9b57-1b8d4a6f2c10", base_url: "https://api.example", secret_key: "k".repeat(32) };
  const tracker = new Tracker({ shared: true });
  const ID = "6f1c3f9e-52a4-4a0f-9b57-1b8d4a6f2c10";
  for (const [run, code] of [
    [() => checkPlan({ operation: canary, body: {} }), "plan.operation"],
    [() => checkPlan({ operation: "card.recharge", body: { ...recharge, amount: canary } }), "amount.format"],
    [() => checkPlan({ operation: "card.recharge", body: { ...recharge, [canary]: 1 } }), "field.unknown"],
    [() => new Merchant({ ...options, secret_key: canary }), "key.length"],
    [() => new Merchant({ ...options, secret_key: canary, codec: "hex" }), "key.encoding"],
    [() => new Merchant({ ...options, codec: canary }), "key.encoding"],
    [() => new Merchant({ ...options, merchant_id: canary }), "merchant_id.format"],
    [() => new Merchant({ ...options, base_url: canary }), "url.format"],
    [() => new Merchant({ ...options, key_id: "" }), "key.id"],
    // What is no text is never made one: the key of a missing variable would be "undefined".
    [() => new Merchant({ ...options, secret_key: undefined, codec: "sha256" }), "field.required"],
    [() => new Merchant({ ...options, secret_key: new Uint8Array(32) }), "field.type"],
    [() => new Merchant({ ...options, other_keys: [{ key_id: "old", secret_key: null }] }), "field.required"],
    [() => new Merchant({ ...options, [canary]: 1 }), "field.unknown"],
    [() => new Merchant(), "field.required"],
    [() => cardNumber(6200001234567890123), "field.type"],
    [() => activationPin(493817), "field.type"],
    [() => pin(undefined), "field.required"],
    [() => isExpired("12/25", 2026, 13), "expiry.month"],
    [() => tracker.reject(ID, new Error(canary)), "field.type"],
    [() => tracker.reject(ID, { status: 400, message: null, body: canary, authenticated: false, meaning: "refused" }), "tracking.unknown"],
    [() => tracker.acknowledge(ID, {}), "tracking.unknown"],
    [() => tracker.withdraw(canary), "operation_id.format"],
    [() => tracker.find(ID, { kind: canary }, { at: 1 }), "field.type"],
    [() => tracker.find(ID, { kind: "failed" }, {}), "timestamp.format"],
    [() => tracker.nameForeign(canary), "field.type"],
    [() => tracker.nameForeign("tx:7"), "tracking.unknown"],
    [() => tracker.receive({ type: "CARD_3DS", data: canary }), "field.type"],
    [() => tracker.store({ kind: canary }), "field.type"],
    [() => tracker.take({ type: 7, data: canary }), "field.type"],
    [() => tracker.take(canary), "json.syntax"],
    [() => tracker.overdue(canary), "timestamp.format"],
    [() => Tracker.fromJson(canary), "json.syntax"],
    [() => Tracker.fromJson("{}"), "field.required"],
    [() => Inquiry.fromJson(canary), "json.syntax"],
    [() => new Merchant(options).testAnswer("card.recharge", "{}", { iv: new Uint8Array(15) }), "iv.length"],
    [() => new Merchant({ ...options, max_webhook_bytes: -1 }), "field.type"],
    [() => checkPlan({ operation: "card.3ds_confirm", body: { [canary]: canary } }), "field.unknown"],
    [() => checkPlan({ operation: "card.3ds_confirm", body: {} }, { open_fields: [canary] }), "plan.operation"],
    [() => merchant().card.recharge(recharge).tracked({ sent_at: 0.5 }), "timestamp.format"],
    [() => merchant().card.recharge(recharge).tracked({}), "timestamp.format"],
    [() => merchant().card.recharge(recharge).tracked({ sent_at: 1, ask_at: canary }), "timestamp.format"],
    [() => merchant().card.recharge(recharge).tracked({ sent_at: 1, id: canary }), "operation_id.format"],
    [() => merchant().card.recharge(recharge).tracked({ sent_at: 1, template: { id: 1, recharge_fee: 1 } }), "field.required"],
  ]) {
    const error = thrown(run);
    assert.equal(error.code, code);
    assert.ok(!inspect(error).includes(canary));
  }
});
