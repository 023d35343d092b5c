// What can be done with the card now: one form or set of buttons for each state. Each makes a plan and hands it to `send`.
import { amount, checkTemplate, plan } from "bananatech";
import { told } from "./backend.js";
import { h } from "./dom.js";
import { adviceOf } from "./field-words.js";
import { actionButton, cardField, field } from "./field.js";
import { explain, money } from "./words.js";

/** The error that a check throws, in words; null if it throws none. */
const problem = (check, me) => {
  try {
    check();
    return null;
  } catch (error) {
    const { code, message } = told(error);
    return { code, message: explain({ code, message }, me) };
  }
};

const title = (text) => h("h2", { id: "panel-title", tabindex: "-1" }, text);

/** A form that sends one operation. `make` returns the plan. */
const form = ({ fields, submit, make, send, fallback, children = [] }) => {
  const notice = h("p", { class: "notice" });
  const element = h(
    "form",
    { class: "form", novalidate: true },
    fields.map(({ root }) => root),
    notice,
    children,
    h("div", { class: "actions" }, submit.button),
    submit.reason,
  );
  let reference = null;
  element.addEventListener("input", () => {
    reference = null; // another intention
    notice.replaceChildren();
  });
  element.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (submit.held || fields.some((one) => !one.validate())) return;
    notice.replaceChildren();
    // One per intention: if the answer gets lost and the button is pressed again, nothing is sent twice.
    reference ??= crypto.randomUUID();
    submit.hold("Sending …");
    const error = await send(make, reference);
    submit.hold(null);
    if (error === null) {
      reference = null;
      return;
    }
    if (error.code !== "backend.unreachable") reference = null;
    const wrong = fields.find(({ input }) => input.name === error.field) ?? fallback;
    wrong.fail(error);
    wrong.input.focus();
  });
  return { element, notice };
};

const assign = ({ me, send }) => {
  const number = cardField({
    id: "card_number",
    label: "Card number",
    hint: "The 16 to 19 digits that are printed on the card.",
    placeholder: "1234 5678 9012 3456",
    kind: "number",
    options: { assignment: true },
    mask: true,
    // The vendor's sample number doesn't fit either, so this is advice and no error.
    advise: ({ isValid, isLuhnValid }) =>
      isValid && !isLuhnValid ? "The check digit doesn't fit. Is it a slip? Sample numbers don't fit either." : null,
  });
  const submit = actionButton({ id: "assign", label: "Assign this card", kind: "primary", type: "submit" });
  const { element } = form({
    fields: [number],
    fallback: number,
    submit,
    send,
    make: () =>
      plan.card.assign({ user_id: me.user_id, template_id: me.template.id, card_number: number.attached.state.value }),
  });
  return {
    nodes: (heading, text) => [title(heading), h("p", { class: "lead" }, text), element],
    fill: number.set,
    fail: number.fail,
    hold: ({ assign: why }) => submit.hold(why),
  };
};

const activate = ({ me, card_id, send }) => {
  const toggle = h(
    "button",
    { class: "button quiet small", type: "button", "aria-pressed": "false", "aria-controls": "pin" },
    "Show",
  );
  const pin = cardField({
    id: "pin",
    label: "New PIN",
    hint: "6 digits that only you know.",
    type: "password",
    after: toggle,
    kind: "pin",
    // The backend tells no numbers, so nothing is known that the PIN could be compared with.
    options: { activation: true },
    advise: adviceOf,
  });
  toggle.addEventListener("click", () => {
    const shown = pin.input.type === "password";
    pin.input.type = shown ? "text" : "password";
    toggle.setAttribute("aria-pressed", String(shown));
  });
  const submit = actionButton({ id: "activate", label: "Activate", kind: "primary", type: "submit" });
  const { element } = form({
    fields: [pin],
    fallback: pin,
    submit,
    send: async (make, reference) => {
      const error = await send(make, reference);
      if (error === null) pin.clear();
      return error;
    },
    make: () => plan.card.updateStatus({ user_id: me.user_id, card_id, alter: "ACTIVATE", pin: pin.input.value }),
  });
  return {
    nodes: () => [
      title("Activate your card"),
      h("p", { class: "lead" }, "The card is yours. Choose its PIN to switch it on."),
      element,
    ],
    fail: pin.fail,
    hold: ({ status: why }) => submit.hold(why),
  };
};

const recharge = ({ me, card_id, send }) => {
  const planned = (text) => plan.card.recharge({ user_id: me.user_id, card_id, amount: text.trim() });
  const check = (text) =>
    problem(() => {
      checkTemplate(me.template, planned(text));
    }, me) ??
    (amount.compare(text.trim(), me.recharge_limit) > 0
      ? { code: "amount.above_your_limit", message: explain({ code: "amount.above_your_limit" }, me) }
      : null);
  const sum = field({
    id: "amount",
    label: "Recharge",
    hint: `From ${money(me.template.recharge_min_limit)} to ${money(me.recharge_limit)} at once.`,
    inputmode: "decimal",
    placeholder: "100.00",
    maxlength: 20,
    after: h("span", { class: "field-unit" }, "USD"),
    early: (text) =>
      /[^\d.\s]/.test(text) ? { code: "amount.format", message: explain({ code: "amount.format" }, me) } : null,
    check,
  });
  const quick = h(
    "div",
    { class: "quick", role: "group", "aria-label": "Amounts to choose from" },
    ["25.00", "100.00", "250.00"].map((text) =>
      h("button", { class: "button quiet small", type: "button", onclick: () => sum.set(text) }, money(text)),
    ),
  );
  const submit = actionButton({ id: "recharge", label: "Recharge", kind: "primary", type: "submit" });
  const { element } = form({
    fields: [sum],
    fallback: sum,
    children: [quick],
    submit,
    send: async (make, reference) => {
      const error = await send(make, reference);
      if (error === null) sum.clear();
      return error;
    },
    make: () => planned(sum.input.value),
  });
  return { element, fill: sum.set, fail: sum.fail, hold: ({ recharge: why }) => submit.hold(why) };
};

const ALTERS = {
  lock: { label: "Lock", alter: "LOCK" },
  unlock: { label: "Unlock", alter: "UNLOCK" },
  close: { label: "Close …", alter: "CLOSE" },
};

/** Buttons for what the card's state allows. */
const statusButtons = ({ me, card_id, send, confirmClose, actions }) => {
  const notice = h("p", { class: "notice" });
  const run = async (button, action) => {
    if (action === "close" && !(await confirmClose())) return;
    notice.replaceChildren();
    button.hold("Sending …");
    const error = await send(
      () => plan.card.updateStatus({ user_id: me.user_id, card_id, alter: ALTERS[action].alter }),
      crypto.randomUUID(),
    );
    button.hold(null);
    if (error !== null) fail(error);
  };
  const fail = ({ code, message }) => notice.replaceChildren(h("span", {}, message), " ", h("code", {}, code));
  const buttons = actions.map((action) => {
    const kind = action === "close" ? "danger-quiet" : action === "unlock" ? "primary" : "";
    const button = actionButton({ id: action, label: ALTERS[action].label, kind, onclick: () => run(button, action) });
    return button;
  });
  // One reason for all of them: they wait for the same thing.
  const [first, ...others] = buttons;
  for (const { button } of others) button.setAttribute("aria-describedby", first.reason.id);
  return {
    nodes: [
      h(
        "div",
        { class: "actions" },
        buttons.map(({ button }) => button),
      ),
      first.reason,
      notice,
    ],
    fail,
    hold: ({ status: why }) => buttons.forEach((button) => button.hold(why)),
  };
};

const use = (tools) => {
  const top = recharge(tools);
  const status = statusButtons({ ...tools, actions: ["lock", "close"] });
  const shop = actionButton({ id: "buy", label: "Buy a coffee for 4.50", kind: "quiet", onclick: () => tools.buy() });
  return {
    nodes: () => [
      title("Use your card"),
      top.element,
      h("h3", {}, "Card"),
      ...status.nodes,
      h("h3", {}, "A shop, played by the sandbox"),
      h("div", { class: "actions" }, shop.button),
    ],
    fill: top.fill,
    fail: (error, kind) => (kind === "recharge" ? top : status).fail(error),
    hold: (reasons) => [top, status].forEach((part) => part.hold(reasons)),
  };
};

const locked = (tools) => {
  const status = statusButtons({ ...tools, actions: ["unlock", "close"] });
  return {
    nodes: () => [
      title("Your card is locked"),
      h("p", { class: "lead" }, "Nothing can be bought with it and it can't be recharged until you unlock it."),
      ...status.nodes,
    ],
    fail: status.fail,
    hold: status.hold,
  };
};

const wait = () => ({
  nodes: () => [title("A moment, please"), h("p", { class: "lead" }, "The card's state isn't known yet.")],
  hold: () => {},
});

const PANELS = {
  NONE: (tools) => {
    const panel = assign(tools);
    return { ...panel, nodes: () => panel.nodes("Assign your card", "Type in the number of the card that came by post.") };
  },
  CLOSED: (tools) => {
    const panel = assign(tools);
    return {
      ...panel,
      nodes: () => panel.nodes("This card is closed", "What was left on it was refunded. You can assign another one."),
    };
  },
  TBA: activate,
  ACTIVE: use,
  LOCKED: locked,
};

/** Which panel belongs to the card's state: by what the library says is allowed, not by a list of our own. */
const panelFor = (state) => {
  if (state === null) return "NONE";
  if (state.status === "CLOSED") return "CLOSED";
  const allowed = new Set(state.possible_statuses.length === 0 ? [] : state.allowed());
  if (allowed.has("activate")) return "TBA";
  // Where it is unclear whether it is locked, too: that leads on.
  if (allowed.has("unlock")) return "LOCKED";
  return allowed.has("recharge") ? "ACTIVE" : "WAIT";
};

export class Panel {
  #element;
  #shown = null;
  #current = null;

  constructor(element) {
    this.#element = element;
  }

  /** Shows what goes with this state, and keeps what is typed in while it stays the same. */
  show(state, tools, reasons) {
    const name = panelFor(state);
    const key = `${name} ${state?.card_id ?? ""}`;
    if (this.#shown !== key) {
      const wasIn = this.#element.contains(document.activeElement);
      this.#shown = key;
      this.#current = (PANELS[name] ?? wait)({ ...tools, card_id: state?.card_id });
      this.#element.replaceChildren(...this.#current.nodes());
      // What had the focus is gone: whoever was here goes on at the new heading.
      if (wasIn) this.#element.querySelector("h2").focus();
    }
    this.#current.hold(reasons);
    return name;
  }

  /** Shows the failure of an operation that was sent from here. */
  fail(error, kind) {
    this.#current?.fail?.(error, kind);
  }

  /** Puts a value into the form; whether there is one. */
  fill(value) {
    this.#current?.fill?.(value);
    return Boolean(this.#current?.fill);
  }
}
