// Looks after an input of a page: formats what is typed, keeps the caret, and judges.
import { cvv, edit, expiry, name, number, pin, postalCode } from "./forms-api.js";

const KINDS = {
  number: {
    autocomplete: "cc-number",
    format: ({ assignment }) => (assignment ? "assigned-number" : "number"),
    judge(text, options) {
      const state = number(text, options);
      return options.assignment ? { ...state, ...state.assignment } : state;
    },
  },
  expiry: { autocomplete: "cc-exp", format: () => "expiry", judge: expiry },
  cvv: {
    autocomplete: "cc-csc",
    format: ({ size = 3 }) => ({ digits: Math.max(...[size].flat()) }),
    judge: (text, { size }) => cvv(text, size),
  },
  pin: { autocomplete: "off", format: () => ({ digits: 6 }), judge: pin },
  name: { autocomplete: "cc-name", judge: name },
  "postal-code": { autocomplete: "postal-code", judge: postalCode },
};

export const attach = (input, kind, options = {}) => {
  if (!KINDS[kind]) throw new TypeError("kind: expected " + Object.keys(KINDS));
  const { autocomplete, format, judge } = KINDS[kind];
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
  // Whoever says that an input is wrong goes on saying it.
  const marks = !input.hasAttribute("aria-invalid");
  if (marks) added.push("aria-invalid");
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
    const state = judge(written, options);
    state.isWrong = !state.isPotentiallyValid || (wasLeft && !state.isValid && written !== "");
    handle.state = state;
    if (marks && state.isWrong) input.setAttribute("aria-invalid", "true");
    else if (marks) input.removeAttribute("aria-invalid");
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
      const changed = { ...options, ...more };
      // Before anything is changed, as above.
      judge("", changed);
      options = changed;
      look();
    },
    detach() {
      listening.abort();
      added.forEach((name) => input.removeAttribute(name));
    },
  };

  add("autocomplete", autocomplete);
  add("spellcheck", "false");
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
