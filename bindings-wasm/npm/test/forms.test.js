// The fields of forms, by the vectors that all platforms share.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { attach, brands, cvv, edit, expiry, name, number, pin, postalCode, review } from "bananatech/forms";

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

test("digits are those of this runtime's Unicode", () => {
  const isDecimal = /\p{Nd}/u;
  // Unassigned here: an older Unicode than the fields'.
  const isUnknown = /\p{Cn}/u;
  let before = 0;
  for (let code = 0; code <= 0x10ffff; code++) {
    const character = String.fromCodePoint(code);
    if (isUnknown.test(character)) continue;
    before = isDecimal.test(character) ? before + 1 : 0;
    const expected = before > 0 ? String((before - 1) % 10) : "";
    assert.equal(edit({ digits: 1 }, "", [0, 0], { insert: character }).text, expected, code.toString(16));
  }
});

test("a caret behind the text is at its end", () => {
  assert.deepEqual(edit("number", "4111", [9, 9], { delete: "backward" }), { text: "411", selection: [3, 3] });
  assert.deepEqual(edit("number", "4111", [9, 9], { delete: "forward" }), { text: "4111", selection: [4, 4] });
  const long = "1".repeat(2000);
  assert.equal(edit("number", long, [3000, 3000], { delete: "backward" }).text.length, 1999);
  assert.equal(edit("number", long, [0, 0], { delete: "backward" }).text, long);
});

test("a limit of a number's digits stops typing, and cuts nothing that is pasted", () => {
  const typed = (limit, text) => {
    let [now, at] = ["", 0];
    for (const insert of text) ({ text: now, selection: [at] } = edit({ number: limit }, now, [at, at], { insert }));
    return now;
  };
  assert.equal(typed(16, "41111111111111111"), "4111 1111 1111 1111");
  assert.equal(typed(6, "4111111"), "4111 11");
  // The brand's own is fewer, or there is no limit.
  assert.equal(typed(19, "3782822463100055"), "3782 822463 10005");
  for (const limit of [0, Infinity]) assert.equal(typed(limit, "41111111111111111111"), "4111 1111 1111 1111111");
  assert.deepEqual(edit({ number: 6 }, "4111 11", [7, 7], { insert: "1" }), { text: "4111 11", selection: [7, 7] });
  assert.deepEqual(edit({ number: 6 }, "4111 11", [7, 7], { changed: "4111 112", selection: [8, 8] }), { text: "4111 11", selection: [7, 7] });
  assert.equal(edit({ number: 6 }, "", [0, 0], { insert: "41111111" }).text, "4111 1111");
  assert.equal(edit({ number: 6 }, "4111 11", [0, 1], { insert: "5" }).text, "5111 11");
});

test("a text is asked for, and what was sent is never repeated", () => {
  for (const run of [number, expiry, cvv, name, postalCode, pin, review]) {
    for (const value of [undefined, null, 4111, ["4111"]]) {
      assert.throws(() => run(value), { name: "TypeError", message: "expected a string" });
    }
  }
  assert.throws(() => edit("number", 4111, [0, 0]), { name: "TypeError", message: "expected a string" });
  assert.throws(() => edit("number", "", [0, 0], { insert: 4111 }), { name: "TypeError", message: "expected a string" });
  assert.throws(() => edit("4111", "", [0, 0]), { name: "TypeError", message: "kind: expected digits,number,assigned-number,expiry" });
  assert.throws(() => pin("4829", { context: { phone: 4829 } }), { name: "TypeError", message: "expected a string" });
  for (const text of ["", "482", "4829153", "48a9", "4".repeat(2000)]) {
    assert.throws(() => review(text), { name: "RangeError", message: "pin: expected 4 to 6 digits" });
  }
  for (const birth_date of ["1987-3-14", "14.03.1987", "1987-02-30", "1".repeat(2000)]) {
    const expected = { name: "RangeError", message: "birth_date: expected YYYY-MM-DD" };
    assert.throws(() => review("4829", { birth_date }), expected);
    assert.throws(() => pin("", { context: { birth_date } }), expected);
  }
  assert.deepEqual(review("4829", { birth_date: "", phone: null }), []);
  // Numbers out of range are the nearest that there is.
  assert.equal(expiry("12/2099", { now: { year: 2026, month: 11 }, maxYears: Infinity }).isValid, true);
  assert.equal(expiry("12/2027", { now: { year: 2026, month: 11 }, maxYears: -1 }).reason, "too_far");
  assert.equal(postalCode("12345", { minLength: -1 }).isValid, true);
  assert.equal(postalCode("1", { minLength: Infinity }).isPotentiallyValid, true);
  assert.equal(postalCode("1", { minLength: Infinity }).isValid, false);
  assert.equal(number("4111111111111111", { maxLength: 257 }).isValid, true);
  assert.equal(edit({ digits: 256 }, "12", [2, 2], { insert: "3" }).text, "123");
  for (const now of [new Date("yesterday"), { year: NaN, month: 5 }, { year: 2026, month: 13 }, { year: 2026, month: 0 }]) {
    assert.throws(() => expiry("12/27", { now }), { name: "RangeError", message: "now: expected a date" });
  }
});

test("a text that isn't Unicode gets a verdict", () => {
  // Half a surrogate pair, as some keyboards' Backspace leaves.
  for (const half of ["\ud83d", "\udc4d"]) {
    for (const text of [half, `Zoe ${half}`, `${half}4111`, `4111${half}`, `12/${half}`, half.repeat(1024), half.repeat(2000)]) {
      for (const run of [number, expiry, cvv, name, postalCode, pin]) {
        const { isValid, isPotentiallyValid, reason } = run(text);
        assert.equal(isValid, reason === null);
        assert.equal(typeof isPotentiallyValid, "boolean");
      }
      for (const kind of ["number", "assigned-number", "expiry", { digits: 4 }]) {
        for (const change of [undefined, { insert: text }, { delete: "backward" }, { changed: text, selection: [1, 1] }, { replace: [0, 1], with: text }]) {
          assert.equal(typeof edit(kind, text, [1, 1], change).text, "string");
        }
      }
      assert.deepEqual(review("4829", { phone: text, card_number: text }), []);
    }
  }
  assert.deepEqual(name("Zoe \ud83d"), { value: "Zoe \ud83d", isValid: true, isPotentiallyValid: true, reason: null });
  assert.equal(number("4111\ud83d").reason, "characters");
  assert.equal(edit("number", "411", [3, 3], { insert: "1\ud83d1" }).text, "4111 1");
});

test("a text that is too long isn't looked at", () => {
  const long = "1".repeat(1e6);
  for (const run of [number, expiry, cvv, name, postalCode, pin]) {
    const { isPotentiallyValid, reason } = run(long);
    assert.deepEqual({ isPotentiallyValid, reason }, { isPotentiallyValid: false, reason: "too_long" });
  }
  assert.deepEqual(edit("number", long, [1, 2], { delete: "backward" }), { text: long.slice(1), selection: [1, 1] });
  assert.deepEqual(edit("number", "", [0, 0], { changed: long, selection: [3, 4] }), { text: long, selection: [3, 4] });
});

test("now is the page's own clock", () => {
  const now = new Date();
  const written = (year) => `${now.getMonth() + 1}/${year}`;
  assert.ok(expiry(written(now.getFullYear())).isValid);
  assert.ok(expiry(written(now.getFullYear() + 19)).isValid);
  assert.equal(expiry(written(now.getFullYear() + 20)).reason, "too_far");
  assert.ok(expiry(written(now.getFullYear() + 90), { maxYears: Infinity }).isValid);
  assert.equal(expiry(written(now.getFullYear() - 1)).reason, "expired");
});

test("nothing of a text stays in the module, which is made at first use", async () => {
  const { Instance } = WebAssembly;
  const made = [];
  WebAssembly.Instance = class extends Instance {
    constructor(...parts) {
      super(...parts);
      made.push(this);
    }
  };
  // A package of its own, so that its instance is seen.
  const own = await import(`${import.meta.resolve("bananatech/forms")}?own`);
  assert.equal(made.length, 0);
  own.number("4829 1537 6402 8916");
  own.cvv("482915376402");
  own.pin("482915", { context: { phone: "482915376402", card_number: "4829153764028916", birth_date: "1987-03-14" } });
  own.edit("number", "4829 1537 6402 891", [18, 18], { insert: "6" });
  own.edit("number", "4829 1537 6402 891", [18, 18], { changed: "4829 1537 6402 8916", selection: [19, 19] });
  assert.throws(() => own.review("482915376402"));
  WebAssembly.Instance = Instance;
  assert.equal(made.length, 1);
  const bytes = Buffer.from(made[0].exports.memory.buffer);
  for (const digits of ["4829", "1537", "6402", "8916", "1987"]) {
    assert.equal(bytes.indexOf(digits, 0, "latin1"), -1, digits);
    assert.equal(bytes.indexOf(digits, 0, "utf16le"), -1, digits);
    assert.equal(bytes.indexOf(Buffer.from([...digits].map(Number))), -1, digits);
  }
});

test("nothing of a page is needed before an input is attached", () => {
  assert.equal(typeof attach, "function");
  assert.equal(globalThis.document, undefined);
});
