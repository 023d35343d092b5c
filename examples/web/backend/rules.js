// Who may do what. A plan that is well formed says nothing about that: it comes from a browser.
import { amount, checkPlan, checkTemplate } from "bananatech";

/** The kind of card that this shop gives out. */
export const TEMPLATE_ID = 1;
/** The most that a cardholder may put on a card at once. */
export const RECHARGE_LIMIT = "1000.00";

/** A refusal of this backend's own, with the HTTP status to answer with. */
export class Refused extends Error {
  constructor(status, code, message, field) {
    super(message);
    Object.assign(this, { status, code, field });
  }
}

/** What a page may ask for, and whether an event confirms it. Not among them: card.get_information, whose answer has the CVV. */
const ALLOWED = {
  "card.assign": { confirmed: true },
  "card.update_status": { confirmed: true },
  "card.recharge": { confirmed: true },
  "card.get_balance": { confirmed: false },
  "card.get_transactions": { confirmed: false },
};

/** Reads a plan that a page made, and lets it pass only if this user may do that. */
export const admit = (untrusted, user_id, { ownerOf, template }) => {
  const plan = checkPlan(untrusted);
  const { operation, body } = plan;
  const allowed = Object.hasOwn(ALLOWED, operation) ? ALLOWED[operation] : null;
  if (!allowed) throw new Refused(403, "operation.not_allowed", `Pages may not ask for ${operation}.`);
  if (body.user_id !== user_id) throw new Refused(403, "user.not_you", "That is another user's business.", "user_id");
  if (operation === "card.assign") {
    if (body.template_id !== TEMPLATE_ID)
      throw new Refused(403, "template.not_offered", "That kind of card isn't offered here.", "template_id");
  } else if (ownerOf(body.card_id) !== user_id) {
    // Also for a card that doesn't exist: who guesses ids learns nothing.
    throw new Refused(403, "card.not_yours", "That isn't a card of yours.", "card_id");
  }
  if (operation === "card.recharge") {
    checkTemplate(template, plan);
    if (amount.compare(body.amount, RECHARGE_LIMIT) > 0) {
      throw new Refused(403, "amount.above_your_limit", `At most ${RECHARGE_LIMIT} at once.`, "amount");
    }
  }
  return { plan, confirmed: allowed.confirmed };
};
