// The heart of a merchant's backend: seals and sends plans, takes webhooks, and knows what became of operations and how the cards
// are. This is what to copy. What is kept in memory here belongs into a database, in one transaction per method: `tracker.toJson()` and
// `card.toJSON()`.
import { CardState, Inquiry, isBananaTechError } from "bananatech";

export class Issuing {
  #merchant;
  #tracker;
  #tell;
  #patience;
  #cards = new Map();

  /**
   * `tracker` says what is assumed. `tell` is called with everything that happens: `{what: "sent" | "acknowledged" | "refused" |
   * "unclear" | "settled" | "doubted" | "event", …}`.
   */
  constructor({ merchant, tracker, tell, patience_ms = 60_000 }) {
    this.#merchant = merchant;
    this.#tracker = tracker;
    this.#tell = tell;
    this.#patience = patience_ms;
  }

  /** The state of a card, folded from its events; null if there is no such card. */
  card(card_id) {
    return this.#cards.get(card_id) ?? null;
  }

  /** Sends a plan and reads the answer. Throws what `call.read` throws; or the network's error, after which nothing is known. */
  async ask(plan) {
    return this.#send(this.#merchant.seal(plan));
  }

  /** Carries out a plan that an event confirms. It returns when the request was taken, refused, or its fate isn't known. */
  async carryOut(plan, reference) {
    this.card(plan.body.card_id)?.checkPlan(plan); // what the card's state rules out costs no call
    const call = this.#merchant.seal(plan);
    const sent_at = Date.now();
    const operation = call.tracked({ sent_at, ask_at: sent_at + this.#patience, reference });
    const { id } = operation;
    this.#tracker.store(operation); // before it is sent: nothing that was sent is ever unknown here
    this.#tell({ what: "sent", id, plan, operation });
    try {
      const response = await this.#send(call);
      const report = this.#tracker.acknowledge(id, response);
      this.#tell({ what: "acknowledged", id });
      this.#became(report, "event"); // which may have overtaken the answer
    } catch (error) {
      if (!isBananaTechError(error) || error.category !== "rejected") {
        this.#tell({ what: "unclear", id }); // no answer, or none that can be read: it may have been carried out
        return id;
      }
      const report = this.#tracker.reject(id, error);
      this.#tell({ what: report.verdict.kind === "open" ? "unclear" : "refused", id, error });
      this.#became(report, "event");
      await this.#look(operation); // perhaps the card isn't as it was thought to be
    }
    return id;
  }

  /** Takes a webhook's raw body, whenever it comes. Throws if it isn't BananaTech's, or not what the contract says. */
  receive(rawBody) {
    const delivery = this.#merchant.receive(rawBody);
    // The card first: its state may take an event twice. What fails before the tracker has the delivery isn't known to have come.
    const { card_id } = delivery.data ?? {};
    const fold = Number.isSafeInteger(card_id) ? this.#state(card_id).fold(delivery) : "irrelevant";
    const report = this.#tracker.receive(delivery);
    if (report.verdict.kind === "repeated") return "duplicate";
    this.#tell({ what: "event", event: delivery, fold, user_id: report.settled[0]?.operation.user_id });
    this.#became(report, "event");
    return "new";
  }

  /** Asks the API what became of an operation whose webhook is overdue. Whether it is known now. */
  async findOut(id) {
    const operation = this.#tracker.operation(id);
    for (const inquiry of operation === null ? [] : Inquiry.about(operation)) {
      if (this.#isKnown(id)) break; // its event came meanwhile
      try {
        await this.#answer(inquiry);
      } catch {
        continue; // this question brought nothing: on with the next
      }
      this.#became(this.#tracker.learn(inquiry), "asking");
    }
    return this.#isKnown(id);
  }

  /** Those whose webhook should have come by now. */
  overdue() {
    const now = Date.now();
    return this.#tracker.operations().filter(({ outcome, ask_at }) => outcome === undefined && ask_at <= now);
  }

  /** Sends an inquiry's requests until all is answered. */
  async #answer(inquiry) {
    for (let plan = inquiry.nextRequest(); plan !== null; plan = inquiry.nextRequest()) {
      const asked_at = Date.now();
      const answer = await this.ask(plan);
      inquiry.accept(answer, asked_at);
      if (plan.operation === "card.get_information") this.#state(plan.body.card_id).observe(answer, asked_at);
    }
  }

  /** Whether it is certain how an operation ended, and which card it made. */
  #isKnown(id) {
    const { outcome, doubted, kind } = this.#tracker.operation(id) ?? {};
    if (outcome === undefined || doubted) return false;
    return kind !== "assign" || outcome.kind === "failed" || outcome.card_id !== undefined;
  }

  /** Asks how a card is, whatever its events said. Of the answer only the status is kept: it has the number and the CVV too. */
  async #look({ user_id, card_id }) {
    if (!this.#cards.has(card_id)) return;
    const asked_at = Date.now();
    try {
      const information = await this.ask({ operation: "card.get_information", body: { user_id, card_id } });
      if (this.card(card_id).observe(information, asked_at) === "applied") this.#tell({ what: "observed", user_id });
    } catch {
      // It stays as the events say.
    }
  }

  #state(card_id) {
    if (!this.#cards.has(card_id)) this.#cards.set(card_id, new CardState(card_id));
    return this.#cards.get(card_id);
  }

  /** Tells what became certain, and what isn't certain any more. */
  #became({ settled, doubted, contradicted }, by) {
    for (const { operation, outcome } of settled) {
      this.#tell({ what: "settled", id: operation.id, operation, outcome, by });
      // Two were assigned at once, and the events don't say who has which card.
      if (!this.#isKnown(operation.id)) void this.findOut(operation.id);
    }
    // Somebody else acts for the same cards: a person has to look.
    for (const id of [...doubted, ...contradicted]) this.#tell({ what: "doubted", id });
  }

  async #send(call) {
    const response = await fetch(call.url, { ...call.init, redirect: "error", signal: AbortSignal.timeout(20_000) });
    return call.read(response.status, await response.text());
  }
}
