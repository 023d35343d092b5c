// The card's transactions, page by page, asked for by plans.
import { Pages, plan } from "bananatech";
import { ask } from "./backend.js";
import { h, renderInto } from "./dom.js";
import { money, onDay } from "./words.js";

const PER_PAGE = 5;
// Of the others, the merchant's name says more.
const NAMES = { RECHARGE: "Recharge", CLOSE: "Refund at closing", CORRECTION: "Correction" };
const SIGN = { RECHARGE: "+", REFUND: "+", PURCHASE: "−", CLOSE: "−" };

export class Transactions {
  #pages = null;
  #records = [];
  #element;

  constructor(element) {
    this.#element = element;
    this.#show();
  }

  /** Asks for the first page anew. */
  async refresh({ user_id, card_id }) {
    const pages = new Pages(plan.card.getTransactions({ user_id, card_id, limit: PER_PAGE }));
    const records = await this.#next(pages);
    this.#pages = pages;
    this.#records = records;
    this.#show();
  }

  forget() {
    this.#pages = null;
    this.#records = [];
    this.#show();
  }

  async #next(pages) {
    const next = pages.next();
    return next === null ? [] : pages.accept(await ask(next));
  }

  async #more() {
    this.#records = [...this.#records, ...(await this.#next(this.#pages))];
    this.#show();
  }

  #show() {
    const total = this.#pages?.total ?? this.#records.length;
    const more = this.#records.length < total;
    renderInto(this.#element, [this.#records, total], () => {
      if (this.#records.length === 0) return h("p", { class: "empty" }, "None yet.");
      return [
        h(
          "table",
          { class: "transactions" },
          h(
            "thead",
            {},
            h(
              "tr",
              {},
              h("th", { scope: "col" }, "What"),
              h("th", { scope: "col" }, "When"),
              h("th", { scope: "col", class: "sum" }, "Amount"),
            ),
          ),
          h(
            "tbody",
            {},
            this.#records.map(({ id, type, merchant_name, status, created_at, amount, currency }) =>
              h(
                "tr",
                { "data-id": id, "data-status": status },
                h(
                  "td",
                  {},
                  NAMES[type] ?? (merchant_name || type || "Transaction"),
                  status && status !== "SUCCESS" && h("span", { class: "tag" }, status.toLowerCase()),
                ),
                h("td", { class: "when" }, created_at ? onDay(created_at) : ""),
                h("td", { class: "sum" }, `${SIGN[type] ?? ""}${money(String(amount).replace(/^-/, ""), currency)}`),
              ),
            ),
          ),
        ),
        more &&
          h(
            "button",
            { class: "button quiet small", type: "button", "data-key": "more", onclick: () => this.#more() },
            "Show more",
          ),
      ].filter(Boolean);
    });
  }
}
