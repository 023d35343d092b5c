// The card as one sees it, and its balance.
import { h, svg, renderInto } from "./dom.js";
import { STATUS, atTime, money } from "./words.js";

const LOCK =
  "M7 11V8a5 5 0 0 1 10 0v3h1.5a1 1 0 0 1 1 1v8a1 1 0 0 1-1 1h-13a1 1 0 0 1-1-1v-8a1 1 0 0 1 1-1zm2 0h6V8a3 3 0 0 0-6 0z";

const art = () =>
  svg(
    "svg",
    { class: "card-art", viewBox: "0 0 400 252", preserveAspectRatio: "xMidYMid slice", "aria-hidden": "true" },
    svg("path", {
      class: "arc arc-1",
      d: "M430 -40C455 130 365 300 160 318 106 322 60 310 30 288 216 276 345 140 372 -70z",
    }),
    svg("path", {
      class: "arc arc-2",
      d: "M470 40C480 180 400 300 260 330 225 337 190 334 168 322 300 296 400 180 420 20z",
    }),
  );

const chip = () =>
  svg(
    "svg",
    { class: "card-chip", viewBox: "0 0 44 34", "aria-hidden": "true" },
    svg("rect", { x: 1, y: 1, width: 42, height: 32, rx: 6 }),
    svg("path", { d: "M1 12h13v10H1M43 12H30v10h13M14 1v32M30 1v32", fill: "none" }),
  );

/** The number in groups of four, as printed; what is masked as dots. */
const groups = (masked) =>
  masked
    .match(/.{1,4}/g)
    .map((group) => {
      const dots = group.match(/^\**/)[0].length;
      return [
        dots > 0 &&
          h(
            "span",
            { class: "card-dots" },
            Array.from({ length: dots }, () => h("i")),
          ),
        group.slice(dots) && h("span", {}, group.slice(dots)),
      ].filter(Boolean);
    })
    .flat();

/** The card. `card` is null while there is none. */
export const renderCard = (element, card, user_id) => {
  const status = card?.state.status ?? "NONE";
  // Several if it is unclear, and none while nothing is known.
  const told = (card?.state.possible_statuses ?? []).map((one) => STATUS[one] ?? one).join(" or ") || status;
  renderInto(element, [card?.masked, told, card?.state.card_id], () => {
    if (card === null) {
      return h(
        "div",
        { class: "card", "data-status": "NONE" },
        h("p", { class: "card-none" }, "No card yet"),
        h("p", { class: "card-none-note" }, "It appears here once it is assigned to you."),
      );
    }
    return h(
      "div",
      { class: "card", "data-status": status },
      art(),
      h(
        "div",
        { class: "card-row" },
        chip(),
        h(
          "p",
          { class: "card-status", "data-status": status },
          status === "LOCKED" && svg("svg", { viewBox: "0 0 24 24", "aria-hidden": "true" }, svg("path", { d: LOCK })),
          h("span", { class: "hidden" }, "Status: "),
          told,
        ),
      ),
      h(
        "p",
        { class: "card-number" },
        h("span", { class: "hidden" }, `Card number ending in ${card.last4}`),
        h("span", { "aria-hidden": "true" }, groups(card.masked)),
      ),
      h(
        "div",
        { class: "card-row" },
        h("p", { class: "card-fact" }, h("span", {}, "Cardholder"), ` User ${user_id}`),
        h("p", { class: "card-fact" }, h("span", {}, "Card id"), ` ${card.state.card_id}`),
        h("p", { class: "card-mark", "aria-hidden": "true" }, "bananatech"),
      ),
    );
  });
};

/** The balance: what the newest event or answer said. */
export const renderBalance = (element, balance) => {
  renderInto(element, balance, () => {
    if (balance === null) return [];
    const [whole, decimals] = money(balance.available).split(".");
    return h(
      "div",
      { class: "balance" },
      h("p", { class: "balance-label" }, "Available balance"),
      h(
        "p",
        { class: "balance-sum" },
        h("span", { class: "balance-whole" }, whole),
        h("span", { class: "balance-rest" }, `.${decimals} ${balance.currency ?? ""}`),
      ),
      h("p", { class: "balance-note" }, `${balance.by} at ${atTime(balance.as_of)}`),
    );
  });
};
