// What an answer says about an operation whose webhook didn't come. Only what is sure counts: null means that nothing is.
import { amount } from "bananatech";

const REACHED = {
  activate: ["ACTIVE"],
  lock: ["LOCKED"],
  unlock: ["ACTIVE"],
  close: ["CLOSED"],
  assign: ["TBA", "ACTIVE", "LOCKED"],
};
const CLOCK_TOLERANCE_MS = 5 * 60_000;

/** `{outcome, transaction_id?}`, or null. `known` holds the transactions that belong to other operations. */
export const judge = (pending, plan, answer, known) => {
  if (plan.operation === "card.get_information") {
    const reached = REACHED[pending.kind]?.includes(answer.status);
    return reached ? { outcome: { kind: "succeeded", card_id: plan.body.card_id } } : null;
  }
  if (plan.operation === "card.get_transactions" && pending.kind === "recharge") {
    const candidates = answer.data.filter(
      (one) =>
        one.type === "RECHARGE" &&
        !known.has(one.id) &&
        amount.compare(one.amount, pending.amount) === 0 &&
        Date.parse(one.created_at) >= pending.sent_at - CLOCK_TOLERANCE_MS,
    );
    // Two of them: which is whose can't be told.
    if (candidates.length !== 1) return null;
    const [{ id, status }] = candidates;
    if (status === "SUCCESS") return { outcome: { kind: "succeeded" }, transaction_id: id };
    if (status === "FAILED") return { outcome: { kind: "failed" }, transaction_id: id };
  }
  return null;
};
