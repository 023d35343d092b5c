// A form field with a label, a hint, and an error that belongs to it.
import { attach } from "bananatech/forms";
import { h } from "./dom.js";
import { masked, politely, reasonOf, stateOf } from "./field-words.js";

/**
 * `early` checks while the user types (only what can't become right by typing on), `check` when they leave the field.
 * Both return an error `{code, message}`, or null; `advise` returns a friendly remark, or null.
 */
export const field = ({ id, label, hint, early, check, advise, before, after, ...attributes }) => {
  const input = h("input", {
    id,
    name: id,
    autocomplete: "off",
    spellcheck: "false",
    "aria-describedby": `${id}-hint ${id}-error`,
    ...attributes,
  });
  const note = h("p", { class: "field-hint", id: `${id}-hint` }, hint);
  const error = h("p", { class: "field-error", id: `${id}-error`, "aria-live": "polite" });
  const root = h(
    "div",
    { class: "field" },
    h("label", { for: id }, label),
    h("div", { class: "field-box" }, before, input, after),
    note,
    error,
  );

  let told = null;
  const show = (problem) => {
    told = problem;
    root.classList.toggle("is-wrong", problem !== null);
    if (problem === null) {
      input.removeAttribute("aria-invalid");
      error.replaceChildren();
    } else {
      input.setAttribute("aria-invalid", "true");
      error.replaceChildren(h("span", {}, problem.message), " ", h("code", {}, problem.code));
    }
  };
  const shown = () => told !== null;
  const remark = () => {
    const advice = input.value === "" || shown() ? null : advise?.(input.value);
    note.textContent = advice ?? hint;
    note.classList.toggle("is-advice", Boolean(advice));
  };

  input.addEventListener("input", () => {
    const problem = early?.(input.value) ?? null;
    // What was wrong is looked at with each key, so that the error goes as soon as it is mended.
    show(problem ?? (shown() && input.value !== "" ? check(input.value) : null));
    remark();
  });
  input.addEventListener("blur", () => {
    show(input.value !== "" || shown() ? check(input.value) : null);
    remark();
  });
  // Listeners hear of it as if it had been typed.
  const put = (value) => {
    input.value = value;
    input.dispatchEvent(new Event("input", { bubbles: true }));
  };

  return {
    root,
    input,
    /** Shows an error that came from elsewhere. */
    fail: show,
    /** Checks it, and goes there if it is wrong. Whether it is right. */
    validate: () => {
      const problem = check(input.value);
      show(problem);
      remark();
      if (problem !== null) input.focus();
      return problem === null;
    },
    /** Empties it once it was sent. An error stays: a webhook can be quicker than the answer. */
    clear: () => {
      const problem = told;
      put("");
      show(problem);
    },
    set: (value) => {
      put(value);
      input.focus();
    },
  };
};

/**
 * A field that the library looks after: it writes what is typed, and judges it. `advise` gets its state. With `mask`, only the
 * last four digits are seen once the field is left: a picture before the input, whose value stays as it is.
 */
export const cardField = ({ kind, options, advise, mask = false, after, ...rest }) => {
  const state = h("p", { class: "field-state", id: `${rest.id}-state` });
  const cover = mask && h("span", { class: "field-mask", "aria-hidden": "true" });
  const said = h("p", { class: "hidden", role: "status" });
  const say = politely(said);
  const wrong = () => ({ code: `${rest.id}.${attached.state.reason}`, message: reasonOf(kind, attached.state) });
  const made = field({
    ...rest,
    after: [cover, after],
    early: () => (attached.state.isPotentiallyValid ? null : wrong()),
    check: () => (attached.state.isValid ? null : wrong()),
    advise: () => advise?.(attached.state) ?? null,
  });
  const { root, input } = made;
  root.append(state, said);
  input.addEventListener("fieldstate", ({ detail }) => {
    state.textContent = stateOf(detail);
    say([state.textContent, detail.isValid && advise?.(detail)].filter(Boolean).join(". "));
  });
  if (mask) {
    input.addEventListener("blur", () => {
      cover.textContent = attached.state.isValid ? masked(input.value) : "";
    });
    for (const type of ["focus", "input"]) input.addEventListener(type, () => cover.replaceChildren());
  }
  const attached = attach(input, kind, options);
  return { ...made, attached };
};

/** A button that says why it does nothing at the moment: it stays in reach of the keyboard, and its reason is read out. */
export const actionButton = ({ id, label, kind = "", type = "button", onclick }) => {
  const reason = h("p", { class: "reason", id: `${id}-reason` });
  const button = h("button", { id, class: `button ${kind}`, type, "aria-describedby": `${id}-reason` }, label);
  button.addEventListener("click", (event) => {
    if (button.getAttribute("aria-disabled") === "true") event.preventDefault();
    else onclick?.(event);
  });
  return {
    button,
    reason,
    /** Null lets it work again. */
    hold: (why) => {
      if (why) button.setAttribute("aria-disabled", "true");
      else button.removeAttribute("aria-disabled");
      if (reason.textContent !== (why ?? "")) reason.textContent = why ?? "";
    },
    get held() {
      return button.getAttribute("aria-disabled") === "true";
    },
  };
};
