// Values for which the sandbox plays trouble.
import { h, renderInto } from "./dom.js";

const NUMBERS = [
  ["1234567890123456", "a card that came by post"],
  ["4000001200000354", "another one"],
  ["4000000000010100", "a number that nobody knows: the assignment fails"],
  ["4000000000090003", "assigned, but its activation fails"],
  ["4000000000090102", "assigned, but the webhook never comes: it gets overdue"],
];
const AMOUNTS = [
  ["66.01", "fails"],
  ["66.02", "succeeds, but the webhook never comes: it gets overdue"],
  ["5.00", "below the card's minimum"],
  ["2500.00", "above the backend's limit"],
];

export const renderTry = (element, panel, fill) => {
  const values = { NONE: NUMBERS, CLOSED: NUMBERS, ACTIVE: AMOUNTS }[panel] ?? [];
  element.hidden = values.length === 0;
  renderInto(element, values, () => [
    h("summary", {}, "Things to try"),
    h(
      "ul",
      { class: "tries" },
      values.map(([value, what]) =>
        h(
          "li",
          {},
          h("button", { class: "button quiet small", type: "button", onclick: () => fill(value) }, h("code", {}, value)),
          h("span", {}, what),
        ),
      ),
    ),
  ]);
};
