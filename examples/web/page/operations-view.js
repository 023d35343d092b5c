// Operations: sent, acknowledged, and then confirmed, failed, or not known yet.
import { h, renderInto } from "./dom.js";
import { atTime, kindOf, reasonInWords } from "./words.js";

const SHOWN = 6;
const DONE = { confirmed: "Confirmed", failed: "Failed" };

const outcome = ({ stage, overdue, unclear, refused, by }) => {
  if (refused) return ["failed", "Refused"];
  if (stage === "failed") return ["failed", "Failed"];
  if (stage === "confirmed") return ["confirmed", by === "asking" ? "Confirmed by asking" : "Confirmed"];
  if (overdue) return ["overdue", "Overdue"];
  if (unclear) return ["overdue", "Not known"];
  return ["waiting", stage === "sent" ? "Sent" : "Waiting for the webhook"];
};

const step = (label, state, next) =>
  h(
    "li",
    { class: "step", "data-state": state, "data-done": state === "done" && next !== "open" },
    h("span", { class: "step-dot", "aria-hidden": "true" }),
    h("span", {}, label),
    h("span", { class: "hidden" }, state === "open" ? " (not yet)" : ""),
  );

const steps = (operation) => {
  const { stage, refused, overdue, unclear } = operation;
  const acknowledged = !refused && !unclear && stage !== "sent";
  const last = refused
    ? ["Refused", "failed"]
    : stage in DONE
      ? [DONE[stage], stage]
      : overdue || unclear
        ? ["Not known", "overdue"]
        : ["Confirmed", "open"];
  return h(
    "ol",
    { class: "steps" },
    step("Sent", "done", acknowledged ? "done" : "open"),
    step("Acknowledged", acknowledged ? "done" : "open", last[1] === "confirmed" || last[1] === "failed" ? last[1] : "open"),
    step(last[0], last[1]),
  );
};

const item = (operation, findOut, newest) => {
  const [state, text] = outcome(operation);
  const { reason, id, sent_at } = operation;
  // Of what is over and done, the way there says little.
  const open = newest || state === "waiting" || state === "overdue";
  return h(
    "li",
    { class: "operation", "data-state": state },
    h(
      "p",
      { class: "operation-head" },
      h(
        "span",
        { class: "operation-what" },
        h("strong", {}, kindOf(operation)),
        " ",
        h("time", { datetime: new Date(sent_at).toISOString() }, atTime(sent_at)),
      ),
      h("span", { class: "tag", "data-state": state }, text),
    ),
    open && steps(operation),
    state === "failed" &&
      h(
        "p",
        { class: "operation-note" },
        reason ? [reasonInWords(reason), " ", h("code", {}, reason)] : "The issuer gave no reason.",
      ),
    state === "overdue" &&
      h(
        "div",
        { class: "operation-ask" },
        h("p", {}, "No webhook came in time. It may have been carried out or not, so don't send it again: ask."),
        h(
          "button",
          { class: "button small", type: "button", "data-key": `ask-${id}`, onclick: () => findOut(id) },
          "Ask the issuer",
        ),
      ),
  );
};

export const renderOperations = (element, operations, findOut) => {
  renderInto(element, operations, () => {
    if (operations.length === 0) return h("p", { class: "empty" }, "Nothing was sent yet.");
    const list = (some) =>
      h(
        "ol",
        { class: "operations" },
        some.map((operation) => item(operation, findOut, operation === operations[0])),
      );
    const older = operations.slice(SHOWN);
    return [
      list(operations.slice(0, SHOWN)),
      older.length > 0 && h("details", { class: "older" }, h("summary", {}, `${older.length} older`), list(older)),
    ].filter(Boolean);
  });
};
