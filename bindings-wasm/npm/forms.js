// Card fields for web pages: the core's fields alone, in a module of their own. Every byte of this is sent to every visitor.
import { load } from "./forms-module.js";
import { cards, reasons, weaknesses } from "./forms-words.js";

// What a text takes in the room: the longest that the core looks at, in UTF-16 code units, and one more so that a longer one
// is seen to be.
const TEXT = 1025;

const { freeze } = Object;

let core, room, answer;

// Cards by their codes, and lists of them by sets of bits.
const known = {};

const cardOf = ([type, niceType, lengths, gaps, size, name]) =>
  (known[type] ??= freeze({ type, niceType, lengths: freeze(lengths), gaps: freeze(gaps), code: freeze({ name, size }) }));

// Made when they are asked for: the first verdict needs but few.
const cardsOf = (bits) => (known[bits] ??= freeze(among(cards, bits).map(cardOf)));

const start = () => {
  core = load();
  // The memory never grows, so that these stay: four texts of two bytes a unit, and the answer behind them.
  const { buffer } = core.memory;
  room = new Uint16Array(buffer, core.room(), 4 * TEXT);
  answer = new Uint8Array(buffer, core.room() + 8 * TEXT, 2 * TEXT);
};

// Calls a function of the core: texts are written to the room, and their lengths take their place. Numbers have 16 bits.
const call = (name, ...args) => {
  core ?? start();
  let used = 0;
  args.forEach((text, place) => {
    if (typeof text === "string") {
      const length = (args[place] = Math.min(text.length, TEXT));
      for (let at = 0; at < length; ) room[used++] = text.charCodeAt(at++);
    } else args[place] = Math.min(Math.max(text, 0), 65535);
  });
  const told = core[name](...args);
  // A card's number may have been there.
  room.fill(0, 0, used);
  return told;
};

const string = (text) => {
  if (typeof text !== "string") throw new TypeError("expected a string");
  return text;
};

const verdict = (bits) => ({
  isValid: !!(bits & 2),
  isPotentiallyValid: !!(bits & 3),
  reason: reasons[((bits >> 2) & 15) - 1] ?? null,
});

const among = (all, bits) => all.filter((_, at) => (bits >> at) & 1);

export const brands = () => cardsOf(-1);

export const number = (text, { maxLength, skipLuhnValidation, luhnValidateUnionPay } = {}) => {
  const bits = call("judge", 0, string(text), maxLength, !!skipLuhnValidation + 2 * !!luhnValidateUnionPay);
  const possible = cardsOf(bits >> 14);
  return {
    value: text.replace(/[\s-]/g, ""),
    ...verdict(bits),
    card: possible[1] ? null : possible[0] ?? null,
    cards: possible,
    isLuhnValid: [null, true, false][(bits >> 12) & 3],
    assignment: verdict(bits >> 6),
  };
};

export const expiry = (text, { now = new Date(), maxYears = 19 } = {}) => {
  const { year: thisYear = now.getFullYear(), month: thisMonth = now.getMonth() + 1 } = now;
  if (!(thisYear > 0 && thisMonth > 0 && thisMonth < 13)) throw new RangeError("now: expected a date");
  const bits = call("judge", 1, string(text), thisYear, thisMonth, maxYears);
  const month = (bits >> 6) & 15 || null;
  const year = bits >> 10 || null;
  const two = (part) => `${part % 100}`.padStart(2, 0);
  return { ...verdict(bits), month, year, value: month && `${two(month)}/${two(year)}` };
};

export const cvv = (text, size = 3) => ({ value: text, ...verdict(call("judge", 2, string(text), size)) });

export const name = (text) => ({ value: string(text).trim(), ...verdict(call("judge", 3, text)) });

export const postalCode = (text, { minLength = 2 } = {}) => ({
  value: string(text).trim(),
  ...verdict(call("judge", 4, text, minLength)),
});

export const pin = (text, { activation, refuseWeak, context } = {}) => {
  const known = ["birth_date", "phone", "card_number"].map((name) => string(context?.[name] ?? ""));
  const bits = call("judge", 5 + !!activation + 2 * !!refuseWeak, string(text), ...known);
  if (bits >> 18) throw new RangeError("birth_date: expected YYYY-MM-DD");
  return { ...verdict(bits), weaknesses: among(weaknesses, bits >> 6) };
};

export const review = (text, context) => {
  const judged = pin(text, { context });
  if (!judged.isValid) throw new RangeError("pin: expected 4 to 6 digits");
  return judged.weaknesses;
};

const FORMATS = ["number", "assigned-number", "expiry"];

export const edit = (kind, text, [start, end], change = {}) => {
  const { insert, replace, with: put = insert, delete: erased, changed, selection } = change;
  const format = kind.digits >= 0 ? 3 + kind.digits : FORMATS.indexOf(kind);
  if (format < 0) throw new TypeError("kind: expected digits," + FORMATS);
  const act = put != null || erased ? 0 : changed != null ? 1 : 2;
  const other = string(put ?? changed ?? "");
  let [from, to] = replace ?? selection ?? [start, end];
  if (erased && from === to) {
    from = to = Math.min(from, string(text).length);
    if (erased === "forward") to++;
    else if (from) from--;
  }
  const told = call("edit", format, string(text), start, end, act, other, from, to);
  if (told >= 0) {
    const written = answer.subarray(0, answer.indexOf(0));
    // Spreading takes a third more of the time of a keystroke.
    const edited = String.fromCharCode.apply(null, written);
    written.fill(0);
    return { text: edited, selection: [told & 65535, told >> 16] };
  }
  // Too long to be looked at: it is as if there were no format.
  if (act) return { text: act > 1 ? text : other, selection: [from, to] };
  const before = text.slice(0, from) + other;
  return { text: before + text.slice(to), selection: [before.length, before.length] };
};

const KINDS = {
  number: [
    "cc-number",
    ({ assignment }) => (assignment ? "assigned-number" : "number"),
    (text, options) => {
      const state = number(text, options);
      return { ...state, ...(options.assignment && state.assignment) };
    },
  ],
  expiry: ["cc-exp", () => "expiry", expiry],
  cvv: ["cc-csc", ({ size = 3 }) => ({ digits: Math.max(...[size].flat()) }), (text, { size }) => cvv(text, size)],
  pin: ["off", () => ({ digits: 6 }), pin],
  name: ["cc-name", , name],
  "postal-code": ["postal-code", , postalCode],
};

export const attach = (input, kind, options = {}) => {
  if (!KINDS[kind]) throw new TypeError("kind: expected " + Object.keys(KINDS));
  const [autocomplete, format, judge] = KINDS[kind];
  // Inputs of other types tell no selection.
  if (input.selectionStart == null) throw new TypeError("input: expected type text or tel");
  // Before anything is touched: options that aren't any, or a page that may not compile.
  judge("", options);
  const view = input.ownerDocument.defaultView;
  const listening = new view.AbortController();
  // A framework may have put its own `value` on the element: it isn't to take this for its own doing.
  const { set } = Object.getOwnPropertyDescriptor(view.HTMLInputElement.prototype, "value");
  const added = [];
  const add = (name, value) => {
    if (!input.hasAttribute(name)) {
      input.setAttribute(name, value);
      added.push(name);
    }
  };
  const marks = !input.hasAttribute("aria-invalid") && added.push("aria-invalid");
  const selected = () => [input.selectionStart, input.selectionEnd];
  let noted, written, told;
  let wasLeft = false;

  const look = (isComposed) => {
    // A composition isn't to be disturbed, and what is detached is no longer looked after.
    if (listening.signal.aborted || (!isComposed && noted?.event.isComposing)) return;
    const { value } = input;
    // Without a note (autofill, scripts) all of the text is new; so it is when the page prevented what was noted.
    const { text, selection } = noted?.event.defaultPrevented === false ? noted : { text: "", selection: [0, 0] };
    noted = undefined;
    // What was written stays: nobody has edited it.
    if (format && value !== written) {
      const edited = edit(format(options), text, selection, { changed: value, selection: selected() });
      if (edited.text !== value) set.call(input, edited.text);
      // Elsewhere, Safari would move the focus here.
      if (input.matches(":focus")) input.setSelectionRange(...edited.selection);
    }
    written = input.value;
    const state = (handle.state = judge(written, options));
    state.isWrong = !state.isPotentiallyValid || (wasLeft && !state.isValid && written !== "");
    if (marks) input[state.isWrong ? "setAttribute" : "removeAttribute"]("aria-invalid", true);
    const now = JSON.stringify(state);
    if (now !== told) {
      told = now;
      input.dispatchEvent(new view.CustomEvent("fieldstate", { bubbles: true, detail: state }));
    }
    return written !== value;
  };
  const on = (target, type, listener) =>
    target?.addEventListener(type, listener, { capture: true, signal: listening.signal });
  const handle = {
    update(more) {
      judge("", (more = { ...options, ...more }));
      options = more;
      look();
    },
    detach() {
      listening.abort();
      added.forEach((name) => input.removeAttribute(name));
    },
  };

  add("autocomplete", autocomplete);
  add("spellcheck", false);
  if (format) add("inputmode", "numeric");
  on(input, "beforeinput", (event) => {
    // A composition is one edit, and Enter is none.
    if (event.inputType !== "insertLineBreak" && (!event.isComposing || !noted))
      noted = { event, text: input.value, selection: selected() };
  });
  on(input, "input", ({ isComposing, inputType }) => {
    wasLeft = false;
    // What is dragged within the input is dropped next, at a place in the text as it is now.
    if (inputType === "deleteByDrag") setTimeout(look);
    else if (!isComposing) look();
  });
  // No event says to others that a composed text has been written anew.
  on(input, "compositionend", () => look(true) && input.dispatchEvent(new view.Event("input", { bubbles: true })));
  on(input, "blur", () => {
    wasLeft = true;
    look();
  });
  // The form is reset after its event.
  on(input.form, "reset", () =>
    setTimeout(() => {
      wasLeft = false;
      look();
    }),
  );
  look();
  return handle;
};
