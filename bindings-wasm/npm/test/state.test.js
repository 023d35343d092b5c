// A card's state.
import assert from "node:assert/strict";
import { test } from "node:test";
import { CardState } from "bananatech";
import { thrown } from "./support.js";

const MINUTE = 60_000;
const change = (card_status, occur_time) => ({
  type: "CARD_STATUS_CHANGE", data: { card_id: 1, status: "SUCCESS", card_status, occur_time },
});
const balance = (before_available, available, occur_time = 5) => ({
  type: "CARD_BALANCE_CHANGE", data: { card_id: 1, amount: available, available, before_available, currency: "USD", occur_time },
});
const folded = (...events) => {
  const card = new CardState(1);
  for (const event of events) card.fold(event);
  return card;
};

test("a card's state tells what is known, or all that is possible", () => {
  const card = new CardState(1);
  assert.deepEqual([card.status, card.status_as_of, card.possible_statuses], [null, null, []]);
  assert.deepEqual([card.balance, card.possible_balances], [null, []]);
  assert.equal(card.fold(change("LOCKED", 5)), "applied");
  assert.equal(card.fold(change("LOCKED", 5)), "duplicate");
  assert.deepEqual([card.status, card.status_as_of, card.possible_statuses], ["LOCKED", 5, ["LOCKED"]]);
  assert.equal(card.fold(change("ACTIVE", 5)), "applied");
  assert.deepEqual([card.status, card.status_as_of, card.possible_statuses], [null, null, ["ACTIVE", "LOCKED"]]);
  card.check("unlock");
  card.check("recharge");
  assert.equal(thrown(() => card.check("activate")).code, "state.not_allowed");
  assert.equal(card.fold(change("ACTIVE", 6)), "applied");
  assert.equal(card.status, "ACTIVE");
  assert.equal(card.fold(change("LOCKED", 5)), "stale");
});

test("an observation beats what is older than clocks may differ", () => {
  const card = folded(change("LOCKED", 10 * MINUTE));
  card.observe({ status: "ACTIVE" }, 12 * MINUTE);
  assert.deepEqual(card.possible_statuses, ["ACTIVE", "LOCKED"]);
  card.observe({ status: "ACTIVE" }, 15 * MINUTE + 1);
  assert.equal(card.status, "ACTIVE");
  assert.equal(card.fold(change("LOCKED", 15 * MINUTE + 2)), "applied");
  assert.equal(card.status, "LOCKED");
});

test("states of one card are merged, in any order", () => {
  const here = folded(balance("90", "80"));
  const there = folded(balance("100", "90"), balance("70", "60"));
  assert.deepEqual(there.possible_balances.map((one) => one.available), ["60", "90"]);
  assert.equal(there.balance, null);
  const one = new CardState(String(here));
  one.merge(there);
  const other = new CardState(there.toJSON());
  other.merge(String(here));
  assert.equal(String(one), String(other));
  one.merge(folded(balance("80", "70")).toJSON());
  assert.equal(one.balance.available, "60");
  assert.equal(one.balance.before_available, "70");
  const error = thrown(() => one.merge(new CardState(2)));
  assert.deepEqual([error.code, error.category, error.field], ["state.mismatch", "invalid_input", "card_id"]);
  const template = thrown(() => new CardState(1, { needs_activation: true }).merge(new CardState(1, { needs_activation: false })));
  assert.deepEqual([template.code, template.field], ["state.mismatch", "needs_activation"]);
});

test("what a newer version stored is kept", () => {
  const card = new CardState('{"version":2,"card_id":1,"statuses":[],"balances":[],"limits":{"daily":1.10}}');
  card.fold(change("LOCKED", 5));
  assert.match(String(card), /"version":2/);
  assert.match(String(card), /"limits":\{"daily":1\.10\}/);
  const merged = folded(balance("1", "2"));
  merged.merge(card);
  merged.merge(card);
  assert.match(String(merged), /"limits":\{"daily":1\.10\}/);
  assert.equal(folded().toJSON().version, 1);
});
