// What became of operations: the vectors' histories, and what only JavaScript has to do with.
import assert from "node:assert/strict";
import { test } from "node:test";
import * as api from "bananatech";
import { Inquiry, plan, Tracker } from "bananatech";
import { merchant, thrown, vectors } from "./support.js";
import { expected, judge } from "./tracking-vectors.js";

const m = merchant();
const SINCE = 1_691_200_000_000;
const SENT = 1_691_249_025_000;
const HOUR = 3_600_000;
const exclusive = { exclusive_since: SINCE };

const cases = vectors("tracking");
test(`tracking.json: ${cases.length} cases`, () => {
  assert.ok(cases.length >= 67);
  for (const vector of cases) assert.deepEqual(judge(api, vector), expected(vector), vector.name);
});

const recharge = (fields = {}) => m.card.recharge({ user_id: 12345, card_id: 67890, amount: "100.00", ...fields });
const recharged = (fields = {}) => ({
  type: "CARD_RECHARGE_RESULT",
  data: { card_id: 67890, transaction_id: 1, receive_amount: 100, status: "SUCCESS", currency: "USD", occur_time: SENT + 1000, ...fields },
});
const stored = (tracker, call, options = {}) => {
  const operation = call.tracked({ sent_at: SENT, ...options });
  tracker.store(operation);
  return operation.id;
};
const kind = ({ verdict }) => verdict.kind;

test("whether others act is to be said, and nothing is assumed by itself", () => {
  for (const nothing of [undefined, {}, { clock_tolerance_ms: 1 }, { shared: false }, { exclusive_since: undefined }, { exclusive_since: NaN }]) {
    const error = thrown(() => new Tracker(nothing));
    assert.deepEqual([error.code, error.field, error.category], ["field.required", "exclusive_since", "invalid_input"]);
  }
  assert.equal(thrown(() => new Tracker({ exclusive_since: 0, shared: true })).code, "field.type");
  assert.equal(thrown(() => new Tracker({ exclusive: true })).code, "field.unknown");
  assert.equal(thrown(() => new Tracker({ exclusive_since: 2 ** 53 })).code, "id.range");
  const usual = { clock_tolerance_ms: 300_000, trust_type: false };
  assert.deepEqual(new Tracker({ shared: true }).assumptions, { shared: true, ...usual });
  assert.deepEqual(new Tracker({ exclusive_since: new Date(SINCE) }).assumptions, { exclusive_since: SINCE, ...usual });
  const all = { exclusive_since: SINCE, clock_tolerance_ms: 1, trust_type: true, final_after_ms: HOUR };
  assert.deepEqual(Tracker.fromJson(new Tracker(all).toJson()).assumptions, all);
});

test("where others act, an event alone settles nothing", () => {
  const tracker = new Tracker({ shared: true });
  const id = stored(tracker, recharge());
  const report = tracker.take(recharged());
  assert.deepEqual([kind(report), report.candidates], ["open", [id]]);
  assert.equal(kind(tracker.find(id, { kind: "succeeded" }, { transaction_id: 1, at: SENT + HOUR })), "settled");
});

test("each operation has an id of its own", () => {
  const tracker = new Tracker(exclusive);
  const ids = Array.from({ length: 50 }, () => stored(tracker, recharge()));
  assert.equal(new Set(ids).size, 50);
  for (const id of ids) assert.match(id, /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  assert.equal(thrown(() => stored(tracker, recharge(), { id: ids[0] })).code, "tracking.known");
  assert.deepEqual(tracker.operations().map(({ id }) => id), ids);
  assert.equal(tracker.operation("6f1c3f9e-52a4-4a0f-9b57-1b8d4a6f2c10"), null);
  assert.equal(m.card.getBalance({ user_id: 1, card_id: 2 }).tracked({ sent_at: 1 }), null);
});

test("a fee says how much may be missing", () => {
  const { least } = recharge().tracked({ sent_at: SENT, template: { id: 1, recharge_fee: "1.5" }, fee: "percent" });
  assert.equal(Number(least), 98.5);
});

test("a delivery counts by its exact data, in whatever spelling it comes again", () => {
  const tracker = new Tracker(exclusive);
  const id = stored(tracker, recharge());
  const delivery = (data) => m.receive(m.testWebhook("CARD_RECHARGE_RESULT", data));
  const data = `{"card_id":67890,"transaction_id":"1","receive_amount":100.0,"status":"SUCCESS","currency":"USD","occur_time":${SENT},"n":12345678901234567890}`;
  const first = delivery(data);
  assert.deepEqual(tracker.receive(first).settled.map(({ operation }) => operation.id), [id]);
  const { events } = JSON.parse(tracker.toJson());
  assert.equal(events.length, 1);
  for (const again of [data, data.replace("100.0", "1e2"), data.replace('{"card_id":67890,', '{ "card_id":67890,').replace(/,"n".*\}/, ',\n"n":12345678901234567890}')]) {
    assert.equal(kind(tracker.receive(delivery(again))), "repeated");
  }
  // Passed on as its text it is the same; under another type it is something to look at again.
  assert.equal(kind(tracker.take(first.json)), "repeated");
  assert.equal(kind(tracker.take(first.json.replace("CARD_RECHARGE_RESULT", "CARD_CLOSE_RESULT"))), "already_ended");
  assert.notEqual(kind(tracker.receive(delivery(data.replace("567890}", "567891}")))), "repeated");
});

test("what can't be read as its type is evidence all the same, as it came and as it is passed on", () => {
  const data = { card_id: 67890, transaction_id: 1, receive_amount: 100, status: "SUCCESS", currency: "USD" };
  const delivery = m.receive(m.testWebhook("CARD_RECHARGE_RESULT", JSON.stringify(data)));
  assert.equal(delivery.type, "unrecognized");
  const tracker = new Tracker({ shared: true });
  stored(tracker, recharge());
  assert.deepEqual(tracker.receive(delivery).things, ["tx:1"]);
  assert.equal(kind(tracker.take({ type: delivery.type, data: delivery.data })), "repeated");
});

test("an answer, a refusal, and what isn't known", () => {
  const tracker = new Tracker(exclusive);
  const call = recharge();
  const [refused, unclear] = [stored(tracker, call), stored(tracker, call)];
  const rejection = thrown(() => call.read(400, m.testAnswer("card.recharge", { message: "the card is LOCKED" })));
  const report = tracker.reject(refused, rejection);
  assert.equal(kind(report), "settled");
  assert.deepEqual({ ...report.settled[0].outcome }, { kind: "failed", reason: "the card is LOCKED" });
  assert.equal(kind(tracker.reject(unclear, thrown(() => call.read(502, "")))), "open");
  assert.equal(tracker.operation(unclear).outcome, undefined);
  const setPin = m.card.setPin({ user_id: 1, card_id: 2, pin: "6789" });
  assert.equal(kind(tracker.reject(unclear, thrown(() => setPin.read(200, '{"message":"noted"}')))), "open");
  assert.equal(kind(tracker.acknowledge(unclear, { message: "ok" })), "noted");
  assert.equal(thrown(() => tracker.withdraw(unclear)).code, "tracking.refuted");
});

test("a registration is settled by the user that its answer brings", () => {
  const tracker = new Tracker(exclusive);
  const call = m.user.register({ email: "ada@example.com", template_id: 1 });
  const id = stored(tracker, call);
  assert.equal(kind(tracker.take({ type: "USER_CREATE_RESULT", data: { user_id: 7, status: "APPROVED" } })), "noted");
  const report = tracker.acknowledge(id, call.read(200, '{"user_id":7}'));
  assert.deepEqual(report.settled.map(({ operation }) => [operation.id, operation.user_id]), [[id, 7]]);
});

const answerAll = (inquiry, answer, at = SENT + HOUR) => {
  for (let next = inquiry.nextRequest(); next !== null; next = inquiry.nextRequest()) {
    const call = m.seal(next);
    inquiry.accept(call.read(200, m.testAnswer(next.operation, answer(next))), at);
  }
};

test("what is overdue is asked for, page by page, also after a restart", () => {
  const tracker = new Tracker(exclusive);
  const ids = [stored(tracker, recharge()), stored(tracker, recharge({ amount: "50" }))];
  assert.deepEqual(tracker.overdue(SENT + 599_999), []);
  const [inquiry, ...more] = tracker.overdue(SENT + HOUR);
  // One list tells of all recharges of the card.
  assert.deepEqual([more, ids.includes(inquiry.operation_id)], [[], true]);
  assert.deepEqual(tracker.overdue(SENT + HOUR), []);
  const line = (at) => ({ id: at, card_id: 67890, amount: "1", type: "PURCHASE", status: "SUCCESS", created_at: "2023-08-05T15:23:45Z" });
  const all = [...Array.from({ length: 101 }, (_, at) => line(at + 1)), { ...line(300), type: "RECHARGE", amount: "100" }];
  const pages = [];
  const restarted = Inquiry.fromJson(inquiry.toJson());
  answerAll(restarted, ({ operation, body }) => {
    assert.equal(operation, "card.get_transactions");
    pages.push(body.skip ?? 0);
    return { data: all.slice(body.skip ?? 0, (body.skip ?? 0) + body.limit), total: all.length };
  });
  assert.deepEqual(pages, [0, 100]);
  const report = tracker.learn(restarted);
  assert.deepEqual(report.settled.map(({ operation }) => operation.id), [ids[0]]);
  assert.equal(thrown(() => restarted.accept({ data: [], total: 0 }, SENT)).code, "page.mismatch");
  assert.equal(tracker.operation(ids[1]).outcome, undefined);
});

test("a card's information, a new card, and a user are asked for", () => {
  const tracker = new Tracker(exclusive);
  const about = (id) => Inquiry.about(tracker.operation(id));
  const lock = stored(tracker, m.card.updateStatus({ user_id: 12345, card_id: 67890, alter: "LOCK" }));
  const [status] = about(lock);
  answerAll(status, () => ({ status: "LOCKED", number: "4111111111111111" }));
  assert.ok(!status.toJson().includes("411111111111"));
  assert.equal(kind(tracker.learn(status)), "settled");

  const assign = (user_id) => m.card.assign({ user_id, template_id: 7, card_number: `123456789012345${user_id}` });
  const [one, other] = [stored(tracker, assign(1)), stored(tracker, assign(2))];
  for (const card_id of [51, 52]) tracker.take({ type: "CARD_ASSIGN_RESULT", data: { card_id, status: "SUCCESS", occur_time: SENT + card_id } });
  assert.deepEqual(tracker.operation(one).cards, [51, 52]);
  assert.equal(tracker.operation(one).outcome.card_id, undefined);
  const [first] = about(one);
  answerAll(first, ({ body }) => ({ status: "TBA", number: body.card_id === 51 ? "************3452" : "************3451" }));
  tracker.learn(first);
  const second = about(one)[1];
  answerAll(second, () => ({ status: "TBA", number: "************3451" }));
  const report = tracker.learn(second);
  const cards = Object.fromEntries(report.settled.map(({ operation, outcome }) => [operation.id, outcome.card_id]));
  assert.deepEqual(cards, { [one]: 52, [other]: 51 });

  const register = stored(tracker, m.user.register({ email: "ada@example.com", template_id: 1 }));
  const users = about(register)[0].withEmail("ada@example.com");
  assert.equal(users.nextRequest().body.search, "ada@example.com");
  answerAll(users, () => ({ data: [{ id: 9, email: "Ada@example.com", status: "APPROVED" }], total: 1 }));
  assert.equal(tracker.learn(users).settled[0].operation.user_id, 9);
});

test("a stranger is told of, and named", () => {
  const tracker = new Tracker(exclusive);
  const id = stored(tracker, recharge());
  assert.equal(kind(tracker.take(recharged())), "settled");
  const { transaction_id, receive_amount } = tracker.operation(id);
  assert.deepEqual([transaction_id, receive_amount], [1, "100"]);
  const report = tracker.take(recharged({ transaction_id: 2 }));
  assert.deepEqual([kind(report), report.doubted, report.foreign_activity], ["doubted", [id], ["card:67890:money"]]);
  const [thing] = report.things;
  assert.equal(thing, "tx:2");
  tracker.nameForeign(thing);
  assert.deepEqual([tracker.operation(id).doubted, tracker.operation(id).outcome.kind], [false, "succeeded"]);
});

test("a clock that is wrong loses no event", () => {
  const tracker = new Tracker(exclusive);
  const id = stored(tracker, recharge());
  const { verdict } = tracker.take(recharged({ occur_time: SENT - HOUR }));
  assert.deepEqual(verdict, { kind: "clocks_differ", milliseconds: HOUR });
  assert.equal(tracker.operation(id).outcome, undefined);
  const report = tracker.take(recharged({ transaction_id: 2 }));
  assert.deepEqual(report.settled.map(({ operation }) => operation.id), [id]);
});

test("what a person found is taken, unless the evidence is against it", () => {
  const tracker = new Tracker(exclusive);
  const [one, other] = [stored(tracker, recharge()), stored(tracker, recharge())];
  assert.equal(kind(tracker.find(one, { kind: "succeeded" }, { transaction_id: 7, at: SENT })), "settled");
  assert.equal(thrown(() => tracker.find(other, { kind: "succeeded" }, { transaction_id: 7, at: SENT })).code, "tracking.owned");
  assert.equal(kind(tracker.find(one, { kind: "failed" }, { at: SENT })), "already_ended");
  assert.equal(kind(tracker.withdraw(other)), "settled");
});

test("what has ended is forgotten, what is open isn't", () => {
  const tracker = new Tracker(exclusive);
  stored(tracker, recharge());
  tracker.take(recharged());
  const open = stored(tracker, recharge({ card_id: 3 }), { sent_at: SENT + 48 * HOUR });
  assert.equal(tracker.forgetBefore(SENT + 24 * HOUR), 1);
  assert.deepEqual(tracker.operations().map(({ id }) => id), [open]);
  // What is said later of the time before is nobody's, and no alarm.
  assert.equal(kind(tracker.take(recharged({ transaction_id: 9 }))), "noted");
});

test("an id that a number can't hold is an error, and leaves all as it was", () => {
  const tracker = new Tracker(exclusive);
  const apply = m.card.apply({ user_id: 1, template_id: 7 });
  const id = stored(tracker, apply);
  const before = tracker.toJson();
  const large = "9007199254740993";
  const made = `{"user_id":1,"template_id":7,"status":"SUCCESS","occur_time":${SENT},"card_id":${large}}`;
  const range = (run, field) => {
    const error = thrown(run);
    assert.deepEqual([error.code, error.field], ["id.range", field]);
  };
  range(() => tracker.take(`{"type":"CARD_APPLY_RESULT","data":${made}}`), "card_id");
  // Also where the type has no such field, and where JavaScript has rounded it already.
  range(() => tracker.take(`{"type":"CARD_3DS","data":${made}}`), "card_id");
  range(() => tracker.take({ type: "CARD_3DS", data: JSON.parse(made) }), "card_id");
  range(() => tracker.take(`{"type":"CARD_3DS","data":{"card_id":1,"occur_time":${large}}}`), "occur_time");
  range(() => tracker.take(`{"type":"CARD_STATUS_CHANGE","data":{"card_id":1,"status":"FAILED","occur_time":1,"transaction_id":${large}}}`), "transaction_id");
  range(() => tracker.acknowledge(id, `{"card_id":${large}}`), "card_id");
  range(() => tracker.find(id, { kind: "succeeded" }, { transaction_id: 2 ** 53, at: 1 }), "transaction_id");
  range(() => tracker.find(id, { kind: "succeeded", card_id: 2 ** 53 }, { at: 1 }), "card_id");
  assert.equal(tracker.toJson(), before);
  const [inquiry] = Inquiry.about(m.user.register({ email: "a@example.com", template_id: 1 }).tracked({ sent_at: 1 }));
  const asked = inquiry.withEmail("a@example.com");
  range(() => asked.accept(JSON.parse(`{"data":[{"id":${large},"email":"a@example.com","status":"APPROVED"}],"total":1}`), 1), "approved");
  assert.notEqual(asked.nextRequest(), null);
  range(() => Tracker.fromJson(before.replace('"user_id":1', `"user_id":${large}`)), "user_id");
  // The largest that it holds is none of these.
  const taken = tracker.take(`{"type":"CARD_3DS","data":${made.replace(large, "9007199254740991")}}`);
  assert.equal(taken.settled[0].outcome.card_id, Number.MAX_SAFE_INTEGER);
});

test("a delivery with an id that a number can't hold isn't refused", () => {
  const tracker = new Tracker(exclusive);
  const applied = stored(tracker, m.card.apply({ user_id: 1, template_id: 7 }));
  const before = tracker.toJson();
  const large = "9007199254740993";
  const made = `{"user_id":1,"template_id":7,"status":"SUCCESS","occur_time":${SENT},"card_id":${large}}`;
  // Nor is anything settled by what can't be told, whatever its type and spelling.
  for (const [type, data] of [
    ["CARD_APPLY_RESULT", made],
    ["CARD_3DS", made],
    ["CARD_3DS", made.replace(large, `"${large}"`)],
    ["CARD_3DS", made.replace(large, "1e300")],
    ["CARD_3DS", made.replace(`${SENT}`, large).replace(`"card_id":${large}`, '"card_id":1')],
  ]) {
    const report = tracker.receive(m.receive(m.testWebhook(type, data)));
    assert.deepEqual([kind(report), report.settled, report.things], ["noted", [], []]);
  }
  assert.equal(tracker.toJson(), before);
  assert.equal(tracker.operation(applied).outcome, undefined);
  // A transaction is told as text, and exactly; of the operation it is left out.
  const id = stored(tracker, recharge());
  const { data } = recharged();
  const report = tracker.receive(m.receive(m.testWebhook("CARD_RECHARGE_RESULT", JSON.stringify(data).replace('"transaction_id":1,', `"transaction_id":${large},`))));
  assert.deepEqual([report.settled.map(({ operation }) => operation.id), report.things], [[id], [`tx:${large}`]]);
  const { transaction_id, receive_amount } = report.settled[0].operation;
  assert.deepEqual([transaction_id, receive_amount], [undefined, "100"]);
  assert.equal(Tracker.fromJson(tracker.toJson()).toJson(), tracker.toJson());
});

test("what a newer version stored is kept", () => {
  const tracker = new Tracker(exclusive);
  const id = stored(tracker, recharge());
  const newer = JSON.parse(tracker.toJson());
  newer.later = { a: [1] };
  newer.operations[0].later = "b";
  const read = Tracker.fromJson(JSON.stringify(newer));
  read.take(recharged());
  const state = JSON.parse(read.toJson());
  assert.deepEqual([state.later, state.operations[0].later, read.operation(id).later], [{ a: [1] }, "b", "b"]);
});

test("a tracker can be freed, and is its text for JSON.stringify", () => {
  const tracker = new Tracker(exclusive);
  stored(tracker, recharge());
  assert.equal(JSON.parse(JSON.stringify({ tracker })).tracker, tracker.toJson());
  tracker.free();
  tracker.free();
  assert.throws(() => tracker.toJson(), /freed/);
  if (Symbol.dispose) assert.equal(typeof Tracker.prototype[Symbol.dispose], "function");
});

test("an inquiry is asked as any other plan", () => {
  const tracker = new Tracker(exclusive);
  const id = stored(tracker, recharge());
  const [inquiry] = Inquiry.about(tracker.operation(id));
  assert.equal(inquiry.operation_id, id);
  const next = inquiry.nextRequest();
  assert.deepEqual(next, plan.card.getTransactions(next.body));
  assert.equal(JSON.parse(JSON.stringify({ inquiry })).inquiry, inquiry.toJson());
});
