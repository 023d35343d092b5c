// Looks after an input of a page: formats what is typed, keeps the caret, and judges.
import { cvv, edit, expiry, name, number, pin, postalCode } from "./forms-api.js";

const KINDS = {
  number: {
    autocomplete: "cc-number",
    format: ({ assignment, maxLength }) => (assignment ? "assigned-number" : { number: maxLength ?? 0 }),
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

// Before listeners of the page, which see the text as it is written.
const CAPTURE = { capture: true };

export const attach = (input, kind, options = {}) => {
  if (!KINDS[kind]) throw new TypeError("kind: expected " + Object.keys(KINDS));
  const { autocomplete, format, judge } = KINDS[kind];
  // Inputs of other types tell no selection.
  if (input.selectionStart == null) throw new TypeError("input: expected type text or tel");
  // Before anything is touched: options that aren't any, or a page that may not compile.
  judge("", options);
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
  // Those of the document that the input is in now. One without a window, as templates have, has none.
  const events = () => input.ownerDocument.defaultView ?? globalThis;
  let noted, written, told, form;
  let isComposing = false;
  let isDetached = false;
  let wasLeft = false;

  // As others see it who have put a `value` of their own on the element, such as test tools. React has one, too, but takes what
  // is set by it for React's own doing, and tells no `onChange`.
  const write = (text) => {
    if (input._valueTracker) input.setRangeText(text, 0, input.value.length);
    else input.value = text;
  };

  const look = () => {
    // What is detached is no longer looked after.
    if (isDetached) return;
    followForm();
    const { value } = input;
    // Without a note (autofill, scripts) all of the text is new; so it is when the page prevented what was noted.
    const { text, selection } = noted?.event.defaultPrevented === false ? noted : { text: "", selection: [0, 0] };
    let shown = value;
    // What was written stays: nobody has edited it.
    if (format && value !== written) {
      const edited = edit(format(options), text, selection, { changed: value, selection: selected() });
      shown = edited.text;
      // A composition isn't to be disturbed. It is judged by what will be written when it ends.
      if (!isComposing) {
        if (shown !== value) write(shown);
        // Elsewhere, Safari would move the focus here.
        if (input.matches(":focus")) input.setSelectionRange(...edited.selection);
      }
    }
    if (!isComposing) {
      noted = undefined;
      written = shown = input.value;
    }
    const state = { kind, ...judge(shown, options) };
    state.isWrong = !state.isPotentiallyValid || (wasLeft && !state.isValid && shown !== "");
    handle.state = state;
    if (marks && state.isWrong) input.setAttribute("aria-invalid", "true");
    else if (marks) input.removeAttribute("aria-invalid");
    const now = JSON.stringify(state);
    if (now !== told) {
      told = now;
      const { CustomEvent } = events();
      // Not composed: a card's number stays in the shadow root that its input is in.
      input.dispatchEvent(new CustomEvent("fieldstate", { bubbles: true, detail: state }));
    }
    return shown !== value;
  };
  const listeners = {
    beforeinput(event) {
      // A composition is one edit, and Enter is none.
      if (event.inputType !== "insertLineBreak" && (!event.isComposing || !noted))
        noted = { event, text: input.value, selection: selected() };
    },
    compositionstart() {
      isComposing = true;
    },
    input(event) {
      wasLeft = false;
      isComposing = event.isComposing === true;
      // What is dragged within the input is dropped next, at a place in the text as it is now.
      if (event.inputType === "deleteByDrag") setTimeout(look);
      else look();
    },
    compositionend() {
      isComposing = false;
      const { Event } = events();
      // No event says to others that a composed text has been written anew.
      if (look()) input.dispatchEvent(new Event("input", { bubbles: true }));
    },
    focus: () => look(),
    blur() {
      wasLeft = true;
      look();
    },
  };
  // The form is reset after its event.
  const reset = (event) =>
    setTimeout(() => {
      if (event.defaultPrevented) return;
      wasLeft = false;
      look();
    });
  // An input may get into a form later, or into another one.
  const followForm = (now = input.form) => {
    if (now === form) return;
    form?.removeEventListener("reset", reset, CAPTURE);
    form = now;
    form?.addEventListener("reset", reset, CAPTURE);
  };
  const handle = {
    update(more) {
      const changed = { ...options, ...more };
      // Before anything is changed, as above.
      judge("", changed);
      options = changed;
      look();
    },
    detach() {
      isDetached = true;
      followForm(null);
      for (const [type, listener] of Object.entries(listeners)) input.removeEventListener(type, listener, CAPTURE);
      added.forEach((name) => input.removeAttribute(name));
    },
  };

  add("autocomplete", autocomplete);
  add("spellcheck", "false");
  if (format) {
    add("inputmode", "numeric");
    // Digits are written from left to right in every language; in an RTL page, gaps would turn their groups around.
    add("dir", "ltr");
  }
  for (const [type, listener] of Object.entries(listeners)) input.addEventListener(type, listener, CAPTURE);
  look();
  // Called by a listener of the form's `reset`, this comes before the reset itself.
  if (form) setTimeout(look);
  return handle;
};
