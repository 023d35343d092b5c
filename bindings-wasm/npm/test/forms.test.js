// The fields of forms, by the vectors that all platforms share.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { brands, cvv, edit, expiry, name, number, pin, postalCode, review } from "bananatech/forms";

const vectors = JSON.parse(readFileSync(new URL("vectors.json", import.meta.url), "utf8")).fields;

const verdictOf = ({ validity, reason }) => ({
  isValid: validity === "valid",
  isPotentiallyValid: validity !== "invalid",
  reason,
});
const cardOf = (code) => brands().find(({ type }) => type === code);

test("brands", () => {
  const cards = vectors.brands.map(({ name: type, title, lengths, gaps, security_code, security_code_length }) => ({
    type,
    niceType: title,
    lengths,
    gaps,
    code: { name: security_code, size: security_code_length },
  }));
  assert.deepEqual(brands(), cards);
  assert.equal(brands(), brands());
  for (const card of brands()) {
    for (const part of [card, card.lengths, card.gaps, card.code]) assert.ok(Object.isFrozen(part));
  }
});

const each = (list, run) =>
  test(list, () => {
    assert.ok(vectors[list].length > 0);
    for (const vector of vectors[list]) run(vector);
  });

each("number", ({ name, text, rules = {}, value, brand, brands, luhn, assignment, ...verdict }) => {
  const options = {
    maxLength: rules.max_length,
    skipLuhnValidation: rules.skip_luhn,
    luhnValidateUnionPay: rules.luhn_unionpay,
  };
  const expected = {
    value,
    ...verdictOf(verdict),
    card: cardOf(brand) ?? null,
    cards: brands.map(cardOf),
    isLuhnValid: luhn && luhn === "valid",
    assignment: verdictOf(assignment),
  };
  assert.deepEqual(number(text, options), expected, name);
});

each("expiry", ({ name, text, now, max_years, month, year, ...verdict }) => {
  const value = month && `${String(month).padStart(2, "0")}/${String(year % 100).padStart(2, "0")}`;
  const expected = { ...verdictOf(verdict), month, year, value };
  assert.deepEqual(expiry(text, { now, maxYears: max_years }), expected, name);
  const date = new Date(now.year, now.month - 1, 1);
  assert.deepEqual(expiry(text, { now: date, maxYears: max_years }), expected, name);
});

const SIZES = { three: 3, four: 4, three_or_four: [3, 4] };

each("cvv", ({ name, text, length, ...verdict }) => {
  assert.deepEqual(cvv(text, SIZES[length]), { value: text, ...verdictOf(verdict) }, name);
});

each("cardholder_name", ({ name: title, text, value, ...verdict }) => {
  assert.deepEqual(name(text), { value, ...verdictOf(verdict) }, title);
});

each("postal_code", ({ name, text, min_length, value, ...verdict }) => {
  assert.deepEqual(postalCode(text, { minLength: min_length }), { value, ...verdictOf(verdict) }, name);
});

each("pin", ({ name, text, length, refuse_weak, context, weaknesses, ...verdict }) => {
  const options = { activation: length === "six", refuseWeak: refuse_weak, context };
  assert.deepEqual(pin(text, options), { ...verdictOf(verdict), weaknesses }, name);
  if (/^\d{4,6}$/.test(text) && (length !== "six" || text.length === 6)) assert.deepEqual(review(text, context), weaknesses, name);
});

const CHANGES = {
  insert: ({ text }) => ({ insert: text }),
  delete_backward: () => ({ delete: "backward" }),
  delete_forward: () => ({ delete: "forward" }),
  replace: ({ range, text }) => ({ replace: range, with: text }),
  changed: ({ text, selection }) => ({ changed: text, selection }),
  format: () => undefined,
};

each("edit", ({ name, format, text, selection, edit: { kind, ...change }, result }) => {
  const how = format.kind === "digits" ? { digits: format.most } : format.kind.replace("_", "-");
  assert.deepEqual(edit(how, text, selection, CHANGES[kind](change)), result, name);
});
