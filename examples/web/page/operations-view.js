// Operations: sent, acknowledged, and then confirmed, failed, or not known yet.
import { h, renderInto } from "./dom.js";
import { atTime, kindOf, reasonInWords } from "./words.js";

const SHOWN = 5;
const DONE = { confirmed: "Confirmed", failed: "Failed" };

const outcome = ({ stage, overdue, unclear, refused, by }) => {
  if (refused) return ["failed", "Refused"];
  if (stage === "failed") return ["failed", "Failed"];
  if (stage === "confirmed") return ["confirmed", by === "asking" ? "Confirmed by asking" : "Confirmed"];
  if (overdue) return ["overdue", "Overdue"];
  if (unclear) return ["overdue", "Not known"];
  return ["waiting", stage === "sent" ? "Sent" : "Waiting for the webhook"];
};

const step = (label, state) => h("li", { class: "step", "data-state": state }, h("span", { class: "step-dot", "aria-hidden": "true" }), h("span", {}, label), h("span", { class: "hidden" }, state === "open" ? " (not yet)" : ""));

const steps = (operation) => {
  const { stage, refused, overdue, unclear } = operation;
  const acknowledged = !refused && !unclear && stage !== "sent";
  const last = refused ? ["Refused", "failed"] : stage in DONE ? [DONE[stage], stage] : overdue || unclear ? ["Not known", "overdue"] : ["Confirmed", "open"];
  return h(
    "ol",
    { class: "steps" },
    step("Sent", "done"),
    step("Acknowledged", acknowledged ? "done" : "open"),
    step(last[0], last[1]),
  );
};

const item = (operation, findOut) => {
  const [state, text] = outcome(operation);
  const { reason, id, sent_at } = operation;
  return h(
    "li",
    { class: "operation", "data-state": state },
    h("p", { class: "operation-head" }, h("strong", {}, kindOf(operation)), h("span", { class: "tag", "data-state": state }, text)),
    steps(operation),
    h("p", { class: "operation-note" }, h("time", { datetime: new Date(sent_at).toISOString() }, atTime(sent_at)), reason ? ` · ${reason}` : ""),
    reason && reasonInWords(reason) && h("p", { class: "operation-note" }, reasonInWords(reason)),
    state === "overdue" &&
      h(
        "div",
        { class: "operation-ask" },
        h("p", {}, "No webhook came in time. It may have been carried out or not, so don't send it again: ask."),
        h("button", { class: "button small", type: "button", "data-key": `ask-${id}`, onclick: () => findOut(id) }, "Ask the issuer"),
      ),
  );
};

export const renderOperations = (element, operations, findOut) => {
  renderInto(element, operations, () => {
    if (operations.length === 0) return h("p", { class: "empty" }, "Nothing was sent yet.");
    const list = (some) => h("ol", { class: "operations" }, some.map((operation) => item(operation, findOut)));
    const older = operations.slice(SHOWN);
    return [list(operations.slice(0, SHOWN)), older.length > 0 && h("details", { class: "older" }, h("summary", {}, `${older.length} older`), list(older))].filter(Boolean);
  });
};
