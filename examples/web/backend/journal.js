// What each user sees: operations with their stages, cards, and the timeline. Changes go to the user's feeds.
import { EventEmitter } from "node:events";
import { cardNumber } from "bananatech";
import { shownEvent, words } from "./shown.js";

const KEPT = 60;

export class Journal {
  #users = new Map();
  #operations = new Map();
  #owners = new Map();
  #faces = new Map();
  #entries = 0;
  #cardState;
  #changes = new EventEmitter().setMaxListeners(0);

  constructor(cardState) {
    this.#cardState = cardState;
  }

  /** Whose card it is. */
  ownerOf = (card_id) => this.#owners.get(card_id) ?? null;

  /** The user of an operation. */
  userOf = (id) => this.#operations.get(id)?.user_id ?? null;

  /** The operation that this user sent under this reference: it must not be sent twice. */
  byReference(user_id, reference) {
    return this.#user(user_id).operations.find((operation) => operation.reference === reference) ?? null;
  }

  operation(id) {
    return this.#operations.get(id)?.view ?? null;
  }

  /** Everything that a page shows. */
  view(user_id) {
    const { operations, timeline, cards } = this.#user(user_id);
    return { operations, timeline, cards: cards.map((card_id) => this.#card(card_id)) };
  }

  /** Calls `listener(name, data)` at each change of what this user sees. Returns what ends that. */
  follow(user_id, listener) {
    this.#changes.on(String(user_id), listener);
    return () => this.#changes.off(String(user_id), listener);
  }

  /** Takes what happened, as `Issuing` tells it. */
  note(happened) {
    this[`_${happened.what}`](happened);
  }

  /** The time for an operation's webhook is over. */
  overdue(id) {
    const operation = this.#operations.get(id);
    if (!operation || operation.view.overdue) return;
    operation.view.overdue = true;
    this.#entry(operation.user_id, {
      what: "overdue",
      operation: id,
      kind: operation.view.kind,
      amount: operation.view.amount,
    });
    this.#changed(operation.user_id);
  }

  _sent({ id, plan, operation }) {
    const { kind, amount, user_id, card_id, reference, sent_at } = operation;
    const view = { id, kind, amount, card_id, reference, sent_at, stage: "sent" };
    this.#operations.set(id, { user_id, view, number: plan.body.card_number });
    const { operations } = this.#user(user_id);
    operations.unshift(view);
    operations.length = Math.min(operations.length, KEPT);
    this.#entry(user_id, { what: "sent", operation: id, kind, amount });
    this.#changed(user_id);
  }

  _acknowledged({ id }) {
    this.#step(id, { stage: "acknowledged" }, { what: "acknowledged" });
  }

  _unclear({ id }) {
    this.#step(id, { unclear: true }, { what: "unclear" });
  }

  _refused({ id, error }) {
    const reason = words(error.rejection?.message);
    this.#step(id, { stage: "failed", refused: true, reason }, { what: "refused", reason });
  }

  _doubted({ id }) {
    const operation = this.#operations.get(id);
    if (operation) operation.view.stage = "acknowledged";
    this._unclear({ id });
  }

  _settled({ id, operation: { kind }, outcome, by }) {
    const operation = this.#operations.get(id);
    if (!operation || operation.view.refused) return;
    const succeeded = outcome.kind === "succeeded";
    const card_id = outcome.card_id ?? operation.view.card_id;
    // Which card it is may be found out later.
    if (succeeded && kind === "assign" && card_id !== undefined) {
      this.#owners.set(card_id, operation.user_id);
      const { masked, last4, brand } = cardNumber(operation.number);
      this.#faces.set(card_id, { masked, last4, brand });
      this.#user(operation.user_id).cards.unshift(card_id);
    }
    if (!succeeded || card_id !== undefined) operation.number = null;
    const reason = succeeded ? undefined : words(outcome.reason);
    const stage = succeeded ? "confirmed" : "failed";
    this.#step(id, { stage, reason, card_id, overdue: false, unclear: false, by }, { what: stage, reason, by });
  }

  _observed({ user_id }) {
    this.#changed(user_id);
  }

  _event({ event, fold, user_id }) {
    const owner = user_id ?? this.ownerOf(event.data?.card_id) ?? event.data?.user_id;
    const shown = shownEvent(event);
    // A user that nobody here is has no timeline.
    if (!this.#users.has(owner) || shown === null) return;
    this.#entry(owner, { what: "event", event: shown, fold });
    this.#changed(owner);
  }

  #card(card_id) {
    return { state: this.#cardState(card_id), ...this.#faces.get(card_id) };
  }

  #user(user_id) {
    if (!this.#users.has(user_id)) this.#users.set(user_id, { operations: [], timeline: [], cards: [] });
    return this.#users.get(user_id);
  }

  #step(id, change, entry) {
    const operation = this.#operations.get(id);
    if (!operation) return;
    const { user_id, view } = operation;
    // Its event may have overtaken the answer.
    const done = view.stage === "confirmed" || view.stage === "failed";
    if (!done) Object.assign(view, change);
    this.#entry(user_id, { operation: id, kind: view.kind, amount: view.amount, ...entry });
    this.#changed(user_id);
  }

  #entry(user_id, entry) {
    const { timeline } = this.#user(user_id);
    const whole = { id: ++this.#entries, at: Date.now(), ...entry };
    timeline.unshift(whole);
    timeline.length = Math.min(timeline.length, KEPT);
    this.#changes.emit(String(user_id), "entry", whole);
  }

  #changed(user_id) {
    const { operations, cards } = this.view(user_id);
    this.#changes.emit(String(user_id), "view", { operations, cards });
  }
}
