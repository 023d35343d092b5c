// What an input that is looked after does. The document is only as much of one as that takes; in browsers, more is tested.
import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { attach } from "bananatech/forms";

class HTMLInputElement extends EventTarget {
  #value = "";
  #attributes = new Map();
  type = "text";
  form = null;
  selectionStart = 0;
  selectionEnd = 0;
  isFocused = true;

  get value() {
    return this.#value;
  }
  set value(value) {
    this.#value = value;
    this.selectionStart = this.selectionEnd = value.length;
  }
  ownerDocument = { defaultView: { CustomEvent, Event } };
  get attributes() {
    return Object.fromEntries(this.#attributes);
  }
  matches = (selector) => selector === ":focus" && this.isFocused;
  hasAttribute = (name) => this.#attributes.has(name);
  setAttribute = (name, value) => this.#attributes.set(name, String(value));
  removeAttribute = (name) => this.#attributes.delete(name);
  setSelectionRange(start, end) {
    [this.selectionStart, this.selectionEnd] = [start, end];
  }
  setRangeText(text, start, end) {
    this.#value = this.#value.slice(0, start) + text + this.#value.slice(end);
  }
}

const event = (type, more) => Object.assign(new Event(type), { isComposing: false }, more);

// An input with a text before `|`, the caret, and one behind it.
const inputOf = (text) => {
  const input = new HTMLInputElement();
  const at = text.indexOf("|");
  input.value = text.replace("|", "");
  input.setSelectionRange(at, at);
  return input;
};
const shown = ({ value, selectionStart, selectionEnd }) => {
  assert.equal(selectionStart, selectionEnd);
  return `${value.slice(0, selectionStart)}|${value.slice(selectionStart)}`;
};

// What browsers do: they tell, they edit, and they tell again.
const act = (input, text, more) => {
  input.dispatchEvent(event("beforeinput", more));
  const at = text.indexOf("|");
  input.value = text.replace("|", "");
  input.setSelectionRange(at, at);
  input.dispatchEvent(event("input", more));
  return shown(input);
};

const states = (input) => {
  const told = [];
  input.addEventListener("fieldstate", ({ detail, bubbles }) => {
    assert.ok(bubbles);
    told.push(detail);
  });
  return told;
};

test("what is typed is written with gaps, and the caret stays where it is by digits", () => {
  const input = inputOf("|");
  attach(input, "number");
  assert.equal(act(input, "4|"), "4|");
  assert.equal(act(input, "41111|"), "4111 1|");
  assert.equal(act(input, "4111 |"), "4111|");
  act(input, "4111 1111|");
  assert.equal(act(input, "41|11 1111"), "41|11 1111");
  assert.equal(act(input, "419|11 1111"), "419|1 1111 1");
  act(input, "4191| 1111 1");
  // Backspace and delete across a gap.
  input.setSelectionRange(5, 5);
  assert.equal(act(input, "4191|1111 1"), "419|1 1111");
  input.setSelectionRange(4, 4);
  assert.equal(act(input, "4191|1111"), "4191| 111");
});

test("the state is told at first, when it changes, and with other options", () => {
  const input = inputOf("|");
  const told = states(input);
  const field = attach(input, "cvv");
  assert.deepEqual(told, [
    { kind: "cvv", value: "", isValid: false, isPotentiallyValid: true, reason: "empty", isWrong: false },
  ]);
  act(input, "123|");
  assert.equal(act(input, "1234|"), "123|");
  assert.equal(told.length, 2);
  assert.deepEqual(field.state, told.at(-1));
  assert.ok(field.state.isValid);
  field.update({ size: 4 });
  assert.equal(field.state.reason, "incomplete");
  assert.equal(told.length, 3);
  assert.equal(act(input, "1234|"), "1234|");
});

test("a text without a note before it is a whole new one", () => {
  const input = inputOf("|");
  attach(input, "cvv");
  act(input, "123|");
  // As a password manager does it.
  input.value = "1234";
  input.dispatchEvent(event("input"));
  assert.equal(shown(input), "1234|");
  assert.equal(input.attributes["aria-invalid"], "true");
});

test("a composition is judged at each step, and written when it ends", () => {
  const input = inputOf("|");
  const field = attach(input, "expiry", { now: { year: 2026, month: 11 } });
  const told = [];
  input.addEventListener("input", ({ target }) => told.push(target.value));
  input.dispatchEvent(event("compositionstart"));
  act(input, "1|", { isComposing: true });
  assert.equal(field.state.reason, "incomplete");
  act(input, "12\uff12\uff17|", { isComposing: true });
  // As it will be written: 12/27.
  assert.deepEqual([field.state.value, field.state.isValid, field.state.isWrong], ["12/27", true, false]);
  field.update();
  assert.deepEqual(told, ["1", "12\uff12\uff17"]);
  assert.equal(shown(input), "12\uff12\uff17|");
  input.dispatchEvent(event("compositionend"));
  assert.equal(input.value, "12/27");
  assert.deepEqual(told.slice(2), ["12/27"]);
});

for (const kind of ["name", "postal-code"]) {
  test(`a composed ${kind} is judged at each step and never written`, () => {
    const input = inputOf("|");
    attach(input, kind);
    const told = states(input);
    let inputs = 0;
    input.addEventListener("input", () => (inputs += 1));
    // A keyboard that doesn't say that it is going to compose.
    for (const text of ["Z", "Zo", "Zoe"]) {
      input.value = text;
      input.dispatchEvent(event("input", { isComposing: true }));
    }
    assert.deepEqual(told.map(({ value }) => value), ["Z", "Zo", "Zoe"]);
    assert.ok(told.at(-1).isValid);
    input.dispatchEvent(event("compositionend"));
    assert.equal(input.value, "Zoe");
    assert.deepEqual([told.length, inputs], [3, 3]);
  });
}

test("other options disturb neither a composition, nor what is selected, nor a date that is being mended", () => {
  const composed = inputOf("|");
  const field = attach(composed, "number");
  act(composed, "4111|");
  act(composed, "4111\uff12|", { isComposing: true });
  field.update();
  assert.equal(shown(composed), "4111\uff12|");
  composed.dispatchEvent(event("compositionend"));
  assert.equal(shown(composed), "4111 2|");
  composed.setSelectionRange(1, 3);
  field.update();
  assert.deepEqual([composed.selectionStart, composed.selectionEnd], [1, 3]);

  const date = inputOf("12/27|");
  const dated = attach(date, "expiry");
  date.setSelectionRange(0, 0);
  assert.equal(act(date, "|2/27"), "|2/27");
  // As a component does it whenever the text changes.
  dated.update();
  assert.equal(shown(date), "|2/27");
  assert.equal(act(date, "1|2/27"), "1|2/27");
});

test("what is dragged within an input goes where it is dropped", async () => {
  const input = inputOf("|");
  attach(input, "number");
  act(input, "4111 2222 3333 4444|");
  assert.equal(act(input, "41|2222 3333 4444", { inputType: "deleteByDrag" }), "41|2222 3333 4444");
  assert.equal(act(input, "412222 11|3333 4444", { inputType: "insertFromDrop" }), "4122 2211| 3333 4444");
  act(input, "4122 2|33 4444", { inputType: "deleteByDrag" });
  // Dropped elsewhere.
  await sleep(5);
  assert.equal(input.value, "4122 2334 444");
});

test("an own value is told of what is written, but for React's, whose listeners hear", () => {
  const own = (input, set) =>
    Object.defineProperty(input, "value", { get: () => Reflect.get(HTMLInputElement.prototype, "value", input), set, configurable: true });
  const type = (input, text) => {
    input.dispatchEvent(event("beforeinput"));
    Reflect.set(HTMLInputElement.prototype, "value", text, input);
    input.dispatchEvent(event("input"));
  };
  const watched = inputOf("|");
  attach(watched, "number");
  const written = [];
  own(watched, (text) => {
    written.push(text);
    Reflect.set(HTMLInputElement.prototype, "value", text, watched);
  });
  type(watched, "41111");
  assert.deepEqual([written, watched.value], [["4111 1"], "4111 1"]);

  const react = inputOf("|");
  attach(react, "number");
  react._valueTracker = {};
  own(react, () => assert.fail("React takes it for its own doing"));
  const seen = [];
  react.addEventListener("input", () => seen.push(react.value));
  type(react, "41111");
  assert.deepEqual(seen, ["4111 1"]);
});

test("a document without a window, and another one later", () => {
  const input = inputOf("|");
  input.ownerDocument = { defaultView: null };
  const field = attach(input, "number");
  const told = states(input);
  act(input, "41111|");
  assert.equal(input.value, "4111 1");
  class OtherEvent extends CustomEvent {}
  input.ownerDocument = { defaultView: { CustomEvent: OtherEvent, Event } };
  let isOther;
  input.addEventListener("fieldstate", (event) => (isOther = event instanceof OtherEvent));
  act(input, "41112|");
  assert.ok(isOther);
  assert.equal(told.length, 2);
  field.detach();
});

test("digits are written from left to right where the page says nothing", () => {
  for (const kind of ["number", "expiry", "cvv", "pin"]) {
    const input = inputOf("|");
    const field = attach(input, kind);
    assert.equal(input.attributes.dir, "ltr", kind);
    field.detach();
    assert.equal(input.attributes.dir, undefined);
    input.setAttribute("dir", "auto");
    attach(input, kind).detach();
    assert.equal(input.attributes.dir, "auto");
  }
  for (const kind of ["name", "postal-code"]) {
    const input = inputOf("|");
    attach(input, kind);
    assert.equal(input.attributes.dir, undefined, kind);
  }
});

test("a form that the input gets into later is followed, and the one that it left isn't", async () => {
  const input = inputOf("|");
  const field = attach(input, "number");
  const [first, second] = [new EventTarget(), new EventTarget()];
  const reset = async (form, value) => {
    form.dispatchEvent(event("reset"));
    input.value = value;
    await sleep(5);
  };
  input.form = first;
  act(input, "4|");
  await reset(first, "41111");
  assert.equal(input.value, "4111 1");
  input.form = second;
  input.dispatchEvent(event("focus"));
  await reset(second, "41112");
  assert.equal(input.value, "4111 2");
  await reset(first, "41113");
  assert.equal(input.value, "41113");
  field.detach();
  await reset(second, "41114");
  assert.equal(input.value, "41114");
});

test("a form that is being reset when the input is attached", async () => {
  const input = inputOf("4111111111111112|");
  input.form = new EventTarget();
  let field;
  input.form.addEventListener("reset", () => (field = attach(input, "number")), true);
  input.form.dispatchEvent(event("reset"));
  assert.equal(field.state.reason, "check_digit");
  input.value = "";
  await sleep(5);
  assert.equal(field.state.reason, "empty");
});

test("what is filled in after a key that the page prevented isn't taken for that key's", () => {
  const fill = (isPrevented) => {
    const input = inputOf("123|");
    attach(input, "cvv");
    input.addEventListener("beforeinput", (event) => isPrevented && event.preventDefault());
    input.dispatchEvent(Object.assign(new Event("beforeinput", { cancelable: true }), { isComposing: false }));
    input.value = "1234";
    input.dispatchEvent(event("input"));
    return input.value;
  };
  assert.equal(fill(true), "1234");
  assert.equal(fill(false), "123");
});

test("it is said to be invalid once it can't become valid, or was left unfinished", () => {
  const input = inputOf("|");
  const field = attach(input, "expiry", { now: { year: 2026, month: 11 } });
  const told = states(input);
  const invalid = () => {
    assert.equal(field.state.isWrong, input.attributes["aria-invalid"] === "true");
    return input.attributes["aria-invalid"];
  };
  act(input, "1|");
  assert.equal(invalid(), undefined);
  input.dispatchEvent(event("blur"));
  assert.equal(invalid(), "true");
  // The text is the same, and what is to be said of it isn't.
  assert.deepEqual(told.map(({ reason, isWrong }) => [reason, isWrong]), [["incomplete", false], ["incomplete", true]]);
  input.dispatchEvent(event("blur"));
  assert.equal(told.length, 2);
  act(input, "12|");
  assert.equal(invalid(), undefined);
  act(input, "12/25|");
  assert.equal(invalid(), "true");
  assert.equal(field.state.reason, "expired");
  act(input, "12/27|");
  assert.equal(invalid(), undefined);
  assert.equal(field.state.value, "12/27");
  act(input, "|");
  input.dispatchEvent(event("blur"));
  assert.equal(invalid(), undefined);
});

test("options that aren't any are refused, and those before them stay", () => {
  const input = inputOf("12|");
  const expected = { name: "RangeError", message: "birth_date: expected YYYY-MM-DD" };
  assert.throws(() => attach(input, "pin", { context: { birth_date: "14.3.1987" } }), expected);
  assert.deepEqual(input.attributes, {});
  const field = attach(input, "pin", { context: { birth_date: "1987-03-14" } });
  assert.throws(() => field.update({ context: { birth_date: "12000-03-14" } }), expected);
  assert.equal(act(input, "1403|"), "1403|");
  assert.deepEqual(field.state.weaknesses, ["date", "birth_date"]);
});

test("the page's own attributes stay, and what was set is taken away", () => {
  const input = inputOf("|");
  input.setAttribute("autocomplete", "off");
  input.setAttribute("aria-invalid", "false");
  const field = attach(input, "number");
  assert.deepEqual(input.attributes, {
    autocomplete: "off",
    "aria-invalid": "false",
    spellcheck: "false",
    inputmode: "numeric",
    dir: "ltr",
  });
  assert.equal(act(input, "x|"), "|");
  field.detach();
  assert.deepEqual(input.attributes, { autocomplete: "off", "aria-invalid": "false" });
  assert.equal(act(input, "41111|"), "41111|");

  const name = inputOf("|");
  const held = attach(name, "name");
  assert.deepEqual(name.attributes, { autocomplete: "cc-name", spellcheck: "false" });
  assert.equal(act(name, "Ada 1|"), "Ada 1|");
  assert.equal(held.state.value, "Ada 1");
  held.detach();
  assert.deepEqual(name.attributes, {});
});

test("what an input holds at first, and after its form is reset, is written", async () => {
  const input = inputOf("4111111111111111|");
  input.form = new EventTarget();
  input.isFocused = false;
  const field = attach(input, "number");
  assert.equal(input.value, "4111 1111 1111 1111");
  assert.ok(field.state.isValid);
  input.form.dispatchEvent(event("reset"));
  input.value = "411111";
  await sleep(5);
  assert.equal(input.value, "4111 11");
  assert.equal(field.state.reason, "incomplete");
  // What was left before doesn't count any more.
  input.dispatchEvent(event("blur"));
  assert.ok(field.state.isWrong);
  input.form.dispatchEvent(event("reset"));
  await sleep(5);
  assert.ok(!field.state.isWrong);
  input.form.dispatchEvent(event("reset"));
  field.detach();
  input.value = "5";
  await sleep(5);
  field.update();
  assert.equal(field.state.value, "411111");
  assert.equal(input.attributes["aria-invalid"], undefined);
});

test("a number's limit stops typing, and other options change it", () => {
  const input = inputOf("|");
  const field = attach(input, "number", { maxLength: 16 });
  act(input, "4111111111111111|");
  assert.equal(act(input, "4111 1111 1111 11111|"), "4111 1111 1111 1111|");
  assert.ok(field.state.isValid);
  field.update({ maxLength: undefined });
  assert.equal(act(input, "4111 1111 1111 11111|"), "4111 1111 1111 11111|");
  field.update({ maxLength: 16 });
  // What is there stays, and is told.
  assert.deepEqual([input.value, field.state.reason], ["4111 1111 1111 11111", "too_long"]);
});

test("a card to assign has up to 19 digits, whatever its brand", () => {
  const input = inputOf("|");
  const field = attach(input, "number", { assignment: true });
  assert.equal(act(input, "5555555555554444|"), "5555 5555 5555 4444|");
  assert.equal(act(input, "5555 5555 5555 4444123|"), "5555 5555 5555 4444123|");
  assert.ok(field.state.isValid);
  assert.equal(field.state.reason, null);
});

test("a PIN's state doesn't hold it", () => {
  const input = inputOf("|");
  input.type = "password";
  const told = states(input);
  attach(input, "pin", { context: { phone: "+1 555 4 8 2 9" } });
  assert.equal(act(input, "4829|"), "4829|");
  assert.deepEqual(told.at(-1).weaknesses, ["phone"]);
  assert.ok(!JSON.stringify(told).includes("4829"));
});

test("an input that tells no selection is refused, and a kind that there isn't", () => {
  const input = inputOf("|");
  const message = "kind: expected number,expiry,cvv,pin,name,postal-code";
  assert.throws(() => attach(input, "card-number"), { name: "TypeError", message });
  // As inputs of type `number`, `email` or `date` do.
  input.selectionStart = null;
  assert.throws(() => attach(input, "number"), { name: "TypeError", message: /^input: expected type text/ });
});
