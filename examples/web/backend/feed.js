// What each user sees, live: what they asked for, their cards, and what happened. How operations and cards are says the backend; here is
// only whose they are, which is for your own tables, and what a page is told beyond that. Card numbers and PINs never come here.
import { CardState } from "bananatech";
import { shownEvent, shownOperation, words } from "./shown.js";

const HEARTBEAT_MS = 15_000;
const KEPT = 60;

export class Feeds {
  #backend;
  #patience;
  #users = new Map();
  #cards = new Map();
  #entries = 0;
  #last = Promise.resolve();

  /** `backend` is a `Backend` of `bananatech/backend`. After `patience_ms` without a webhook, a page is told so. */
  constructor(backend, patience_ms) {
    this.#backend = backend;
    this.#patience = patience_ms;
  }

  /** Whose card it is. */
  ownerOf = (card_id) => this.#cards.get(card_id)?.user_id ?? null;

  /** Answers a request with all that this user sees, and then with each change, until the page is gone. */
  serve(response, user_id) {
    response.writeHead(200, { "content-type": "text/event-stream; charset=utf-8", "cache-control": "no-store" });
    response.write("retry: 1000\n\n");
    const heartbeat = setInterval(() => response.write(": still here\n\n"), HEARTBEAT_MS);
    const { pages } = this.#user(user_id);
    response.on("close", () => {
      clearInterval(heartbeat);
      pages.delete(response);
    });
    return this.#inTurn(async () => {
      response.write(message("all", await this.#view(user_id)));
      if (!response.destroyed) pages.add(response);
    });
  }

  /** Everything that a page shows. */
  view(user_id) {
    return this.#inTurn(() => this.#view(user_id));
  }

  /** An operation, as a page shows it. */
  operation(id) {
    return this.#inTurn(async () => {
      const operation = await this.#backend.operation(id);
      return operation && shownOperation(operation, this.#noted(operation));
    });
  }

  /** An operation is stored, and is sent now. */
  sending(reference) {
    return this.#inTurn(async () => {
      await this.#happened(await this.#backend.operationByReference(reference), { what: "sent" });
    });
  }

  /** What the issuer answered, or that it didn't. */
  sent({ operation, state, rejection }) {
    return this.#inTurn(() => {
      const noted = this.#noted(operation);
      if (state === "refused") noted.reason = words(rejection.message);
      if (state === "not_known") noted.unclear = true;
      const what = { taken: "acknowledged", waits: "waits", not_known: "unclear" }[state];
      // Of a refusal a notice tells.
      return what ? this.#happened(operation, { what }) : this.#told();
    });
  }

  /** Takes a webhook, has it answered by `answer(status)`, and tells what it means. */
  receive(rawBody, answer) {
    return this.#inTurn(async () => {
      const { status, delivery, report } = await this.#backend.receive(rawBody);
      answer(status);
      if (status !== 200 || report.verdict.kind === "repeated") return;
      // Of a failure's words the backend stores only the code that they begin with.
      for (const { operation, outcome } of report.settled) {
        Object.assign(this.#noted(operation), { by: "event", reason: words(outcome.reason) });
      }
      const { card_id, user_id } = delivery.data ?? {};
      const owner = report.settled[0]?.operation.user_id ?? this.ownerOf(card_id) ?? user_id;
      const event = shownEvent(delivery);
      // A user that nobody here is sees nothing.
      if (this.#users.has(owner) && event !== null) await this.#entry(owner, { what: "event", event });
      await this.#told();
    });
  }

  /** Tells what became known, and what takes long. */
  tend() {
    return this.#inTurn(async () => {
      await this.#told();
      const late = Date.now() - this.#patience;
      for (const noted of [...this.#users.values()].flatMap(({ operations }) => operations)) {
        if (noted.settled || noted.overdue) continue;
        const operation = await this.#backend.operation(noted.id);
        // One that waits for its turn has no place in the order yet.
        if (!operation?.seq || operation.outcome || operation.sent_at > late) continue;
        noted.overdue = true;
        await this.#happened(operation, { what: "overdue" });
      }
    });
  }

  /** A card may be another way than before. */
  changed(user_id) {
    return this.#inTurn(() => this.#changed(user_id));
  }

  close() {
    for (const { pages } of this.#users.values()) {
      for (const page of pages) page.end();
      pages.clear();
    }
  }

  /** One after the other, so that pages see everything in the order in which it happened. */
  #inTurn(work) {
    const done = this.#last.then(work);
    this.#last = done.catch(() => {});
    return done;
  }

  #told() {
    return this.#backend.deliver((notice) => this.#notice(notice));
  }

  async #notice({ kind, operation, code }) {
    if (operation === undefined) return; // somebody else acts: that is for an operator
    const noted = this.#noted(operation);
    noted.settled = kind === "settled" || kind === "not_sent";
    if (kind === "not_sent") {
      noted.reason = code;
      return this.#happened(operation, { what: "failed", reason: code });
    }
    if (kind !== "settled") return this.#happened(operation, { what: "unclear" });
    const { user_id, last_four: last4, outcome } = operation;
    // Which card it is may be found out later.
    if (operation.kind === "assign" && outcome.card_id !== undefined) this.#cards.set(outcome.card_id, { user_id, last4 });
    const { stage, refused, reason, by } = shownOperation(operation, noted);
    return this.#happened(operation, { what: refused ? "refused" : stage, reason, by });
  }

  async #view(user_id) {
    const { operations, timeline } = this.#user(user_id);
    const shown = operations
      .slice(0, KEPT)
      .map(async (noted) => shownOperation(await this.#backend.operation(noted.id), noted));
    const cards = [...this.#cards].filter(([, card]) => card.user_id === user_id).reverse();
    const states = cards.map(async ([card_id, { last4 }]) => {
      const state = (await this.#backend.card(card_id)) ?? new CardState(card_id);
      return { state, masked: last4.padStart(16, "*"), last4 };
    });
    return { operations: await Promise.all(shown), timeline, cards: await Promise.all(states) };
  }

  #user(user_id) {
    if (!this.#users.has(user_id)) this.#users.set(user_id, { operations: [], timeline: [], pages: new Set() });
    return this.#users.get(user_id);
  }

  /** What a page is told of an operation beyond what the backend has of it. */
  #noted({ id, user_id }) {
    const { operations } = this.#user(user_id);
    const noted = operations.find((one) => one.id === id);
    if (noted) return noted;
    operations.unshift({ id });
    return operations[0];
  }

  #happened(operation, what) {
    this.#noted(operation);
    const { id, kind, amount, user_id } = operation;
    return this.#entry(user_id, { operation: id, kind, amount, ...what });
  }

  #entry(user_id, entry) {
    const { timeline } = this.#user(user_id);
    timeline.unshift({ id: ++this.#entries, at: Date.now(), ...entry });
    timeline.length = Math.min(timeline.length, KEPT);
    this.#send(user_id, "entry", timeline[0]);
    return this.#changed(user_id);
  }

  async #changed(user_id) {
    if (this.#user(user_id).pages.size === 0) return;
    const { operations, cards } = await this.#view(user_id);
    this.#send(user_id, "view", { operations, cards });
  }

  #send(user_id, name, data) {
    for (const page of this.#user(user_id).pages) page.write(message(name, data));
  }
}

const message = (name, data) => `event: ${name}\ndata: ${JSON.stringify(data)}\n\n`;
