// The heart of a merchant's backend: seals and sends plans, takes webhooks, and knows what is pending and how the cards are.
// This is what to copy. What is kept in memory here belongs into a database, in one transaction per method.
import { CardState, PendingOperations, RecentDeliveries, isBananaTechError } from "bananatech";
import { judge } from "./inquiry.js";

export class Issuing {
  #merchant;
  #tell;
  #patience;
  #pending = new PendingOperations();
  #cards = new Map();
  #seen = new RecentDeliveries();
  #transactions = new Set();

  /** `tell` is called with everything that happens: `{what: "sent" | "acknowledged" | "refused" | "unclear" | "settled" | "event", …}`. */
  constructor({ merchant, tell, patience_ms = 60_000 }) {
    this.#merchant = merchant;
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
    const pending = call.pending({ sent_at, deadline: sent_at + this.#patience, reference });
    const id = this.#pending.add(pending); // before it is sent: nothing that was sent is ever unknown here
    this.#tell({ what: "sent", id, plan, pending });
    try {
      const response = await this.#send(call);
      const settlement = this.#pending.acknowledge(id, response);
      this.#tell({ what: "acknowledged", id, card_id: this.#pending.get(id)?.card_id });
      this.#settled(settlement);
    } catch (error) {
      if (!isBananaTechError(error) || error.category !== "rejected") {
        this.#tell({ what: "unclear", id }); // no answer, or none that can be read: it may have been carried out
        return id;
      }
      const settlement = this.#pending.reject(id, error);
      this.#tell({ what: settlement.kind === "unclear" ? "unclear" : "refused", id, error });
      this.#settled(settlement);
      await this.#look(pending); // perhaps the card isn't as it was thought to be
    }
    return id;
  }

  /** Takes a webhook's raw body. Throws if it isn't BananaTech's, or not what the contract says. */
  receive(rawBody) {
    const delivery = this.#merchant.receive(rawBody);
    if (this.#seen.remember(delivery.fingerprint) === "duplicate") return "duplicate";
    try {
      this.#handle(delivery);
    } catch (error) {
      // A repetition must not count as a duplicate of what wasn't handled.
      this.#seen.forget(delivery.fingerprint);
      throw error;
    }
    return "new";
  }

  #handle(delivery) {
    const { card_id, transaction_id } = delivery.data ?? {};
    if (transaction_id) this.#transactions.add(transaction_id);
    const settlement = this.#pending.settle(delivery);
    const fold = Number.isSafeInteger(card_id) ? this.#state(card_id).fold(delivery) : "irrelevant";
    const user_id = settlement.operations?.[0].pending.user_id;
    this.#tell({ what: "event", event: delivery, fold, user_id });
    this.#settled(settlement);
  }

  /** Asks the API what became of an operation whose webhook is overdue. Whether it is known now. */
  async findOut(id) {
    for (const plan of this.#pending.inquiries(id)) {
      const pending = this.#pending.get(id);
      if (pending === null) return true; // its event came meanwhile
      const asked_at = Date.now();
      let answer;
      try {
        answer = await this.ask(plan);
      } catch {
        continue; // this question brought nothing: on with the next
      }
      if (plan.operation === "card.get_information") this.#state(plan.body.card_id).observe(answer, asked_at);
      const found = judge(pending, plan, answer, this.#transactions);
      if (found === null) continue;
      if (found.transaction_id) this.#transactions.add(found.transaction_id);
      this.#settled(this.#pending.resolve(id, found.outcome, found.transaction_id));
      if (this.#pending.get(id) === null) this.#tell({ what: "settled", id, pending, outcome: found.outcome, by: "asking" });
    }
    return this.#pending.get(id) === null;
  }

  /** Those whose webhook should have come by now. */
  overdue() {
    this.#pending.tidy(Date.now());
    return this.#pending.overdue(Date.now());
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

  #settled(settlement) {
    if (settlement.kind !== "settled") return;
    for (const { id, pending, outcome } of settlement.operations)
      this.#tell({ what: "settled", id, pending, outcome, by: "event" });
  }

  async #send(call) {
    const response = await fetch(call.url, { ...call.init, redirect: "error", signal: AbortSignal.timeout(20_000) });
    return call.read(response.status, await response.text());
  }
}
