// What `bananatech/forms` exports: verdicts on texts, and edits of them. forms.d.ts describes it.
import { call } from "./forms-core.js";
import { brands as cards, reasons, weaknesses } from "./forms-words.json";

const among = (all, bits) => all.filter((_, at) => (bits >> at) & 1);

const frozen = (value) => {
  if (typeof value === "object") Object.values(Object.freeze(value)).forEach(frozen);
  return value;
};

// Lists of cards by their sets of bits: the same ones each time, which is quicker and lets frameworks compare them.
const lists = new Map();

const cardsOf = (bits) => {
  if (!lists.has(bits)) lists.set(bits, frozen(among(cards, bits)));
  return lists.get(bits);
};

export const brands = () => cardsOf(0xffff);

const verdict = (answer, at = 0) => ({
  isValid: answer[at] === 2,
  isPotentiallyValid: answer[at] > 0,
  reason: reasons[answer[at + 1] - 1] ?? null,
});

const CHECK_DIGIT = [null, true, false];

export const number = (text, { maxLength, skipLuhnValidation, luhnValidateUnionPay } = {}) =>
  call("number", [text], [maxLength, !!skipLuhnValidation, !!luhnValidateUnionPay], (answer) => {
    const possible = cardsOf(answer[5]);
    return {
      value: text.replace(/[\s-]/g, ""),
      ...verdict(answer),
      card: possible.length === 1 ? possible[0] : null,
      cards: possible,
      isLuhnValid: CHECK_DIGIT[answer[4]],
      assignment: verdict(answer, 2),
    };
  });

const twoDigits = (part) => String(part % 100).padStart(2, "0");

export const expiry = (text, { now = new Date(), maxYears = 19 } = {}) => {
  const { year: thisYear = now.getFullYear(), month: thisMonth = now.getMonth() + 1 } = now;
  if (!(thisYear > 0 && thisMonth > 0 && thisMonth < 13)) throw new RangeError("now: expected a date");
  return call("expiry", [text], [thisYear, thisMonth, maxYears], (answer) => {
    const month = answer[2] || null;
    const year = answer[3] || null;
    return { ...verdict(answer), month, year, value: month && `${twoDigits(month)}/${twoDigits(year)}` };
  });
};

export const cvv = (text, size = 3) =>
  call("cvv", [text], [typeof size === "number" ? size : 0], (answer) => ({ value: text, ...verdict(answer) }));

export const name = (text) => call("name", [text], [], (answer) => ({ value: text.trim(), ...verdict(answer) }));

export const postalCode = (text, { minLength = 2 } = {}) =>
  call("postal_code", [text], [minLength], (answer) => ({ value: text.trim(), ...verdict(answer) }));

export const pin = (text, { activation, refuseWeak, context } = {}) => {
  const known = ["birth_date", "phone", "card_number"].map((name) => context?.[name] ?? "");
  return call("pin", [text, ...known], [!!activation, !!refuseWeak], (answer) => {
    if (answer[3]) throw new RangeError("birth_date: expected YYYY-MM-DD");
    return { ...verdict(answer), weaknesses: among(weaknesses, answer[2]) };
  });
};

export const review = (text, context) => {
  const judged = pin(text, { context });
  if (!judged.isValid) throw new RangeError("pin: expected 4 to 6 digits");
  return judged.weaknesses;
};

const FORMATS = ["number", "assigned-number", "expiry"];

// What a change does: the part from `from` to `to` becomes a text, or the text has become another, or it is only formatted.
const REPLACE = 0;
const CHANGED = 1;
const FORMAT = 2;

export const edit = (kind, text, [start, end], change = {}) => {
  const { insert, replace, with: put = insert, delete: erased, changed, selection } = change;
  const format = kind.digits >= 0 ? FORMATS.length + kind.digits : FORMATS.indexOf(kind.number >= 0 ? "number" : kind);
  if (format < 0) throw new TypeError("kind: expected digits," + FORMATS);
  let act = FORMAT;
  if (put != null || erased) act = REPLACE;
  else if (changed != null) act = CHANGED;
  const other = put ?? changed ?? "";
  let [from, to] = replace ?? selection ?? [start, end];
  if (erased && from === to) {
    from = to = Math.min(from, text?.length);
    if (erased === "forward") to++;
    else if (from > 0) from--;
  }
  const edited = call("edit", [text, other], [format, kind.number ?? 0, start, end, act, from, to], (answer, told) => {
    if (told === 0) return undefined;
    // Spreading takes a third more of the time of a keystroke.
    const text = String.fromCharCode.apply(null, answer.subarray(2, told));
    return { text, selection: [answer[0], answer[1]] };
  });
  if (edited) return edited;
  // Too long to be looked at: it is as if there were no format.
  if (act === FORMAT) return { text, selection: [from, to] };
  if (act === CHANGED) return { text: other, selection: [from, to] };
  const before = text.slice(0, from) + other;
  return { text: before + text.slice(to), selection: [before.length, before.length] };
};
