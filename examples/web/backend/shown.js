// What a page gets to see of operations and events: named fields of what it shows, and card numbers masked.
const FIELDS = {
  CARD_ASSIGN_RESULT: ["card_id", "user_id", "status", "error_reason", "occur_time"],
  CARD_ACTIVATE_RESULT: ["card_id", "card_number", "status", "occur_time"],
  CARD_STATUS_CHANGE: ["card_id", "status", "card_status", "occur_time"],
  CARD_RECHARGE_RESULT: ["card_id", "transaction_id", "receive_amount", "currency", "status", "occur_time"],
  CARD_CLOSE_RESULT: ["card_id", "transaction_id", "refund_amount", "status", "occur_time"],
  CARD_BALANCE_CHANGE: ["card_id", "amount", "available", "before_available", "currency", "occur_time"],
};

/** All digits but the last four. */
export const masked = (number) => String(number).replace(/\d(?=(?:\D*\d){4})/g, "*");

/** Words of the issuer's: short, and without anything as long as a card number. */
export const words = (text) =>
  text
    ? String(text)
        .replace(/\d{8,}/g, "…")
        .slice(0, 200)
    : undefined;

/** The event as a page may have it; null for the other types, which may hold a one-time password. */
export const shownEvent = ({ type, data }) => {
  if (!Object.hasOwn(FIELDS, type)) return null;
  const shown = {};
  for (const field of FIELDS[type]) if (data[field] !== undefined) shown[field] = data[field];
  if (shown.card_number !== undefined) shown.card_number = masked(shown.card_number);
  if (shown.error_reason !== undefined) shown.error_reason = words(shown.error_reason);
  return { type, data: shown };
};

/** An operation as a page may have it. `noted` is what else is known of it here. */
export const shownOperation = (operation, { overdue, unclear, reason, by = "asking" }) => {
  const { id, kind, amount, sent_at, acknowledged, refused, outcome, doubted, contradicted } = operation;
  const asked = acknowledged ? "acknowledged" : "sent";
  const shown = { id, kind, amount, card_id: outcome?.card_id ?? operation.card_id, sent_at };
  if (outcome === undefined || doubted || contradicted) {
    return { ...shown, stage: asked, overdue, unclear: unclear || doubted || contradicted };
  }
  if (outcome.kind === "succeeded") return { ...shown, stage: "confirmed", by };
  return { ...shown, stage: "failed", refused, reason: reason ?? words(outcome.reason) };
};
