// Words for what the library and the backend say in codes.
import { amount } from "bananatech";

const time = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", second: "2-digit" });
const day = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" });

export const atTime = (millis) => time.format(millis);
export const onDay = (text) => (Number.isNaN(Date.parse(text)) ? text : day.format(Date.parse(text)));

/** An amount with two decimals at least, and groups of three. It stays text: no number could hold all of them. */
export const money = (text, currency) => {
  const [whole, decimals = ""] = amount.parse(text).split(".");
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, " ");
  return `${grouped}.${decimals.padEnd(2, "0")}${currency ? ` ${currency}` : ""}`;
};

export const STATUS = {
  TBA: "To be activated",
  ACTIVE: "Active",
  LOCKED: "Locked",
  CLOSED: "Closed",
};

const KINDS = {
  assign: "Assignment",
  activate: "Activation",
  recharge: "Recharge",
  lock: "Lock",
  unlock: "Unlock",
  close: "Closing",
};

export const kindOf = ({ kind, amount: sum }) => `${KINDS[kind] ?? kind}${sum ? ` of ${money(sum)}` : ""}`;

const ERRORS = {
  "amount.format": () => "An amount such as 25 or 25.50.",
  "amount.range": () => "That is more than an amount can be.",
  "amount.not_positive": () => "More than nothing, please.",
  "amount.below_minimum": ({ template }) => `At least ${money(template.recharge_min_limit)} at once.`,
  "amount.above_maximum": ({ template }) => `At most ${money(template.recharge_max_limit)} at once.`,
  "amount.above_your_limit": ({ recharge_limit }) =>
    `At most ${money(recharge_limit)} at once: the backend's limit for you.`,
  "state.not_allowed": () => "The card's state doesn't allow that now.",
};

/** An error in words for people; the library's own where there are none. */
export const explain = ({ code, message }, me) => ERRORS[code]?.(me) ?? message;

const REASONS = [
  [/^101:0\b/, "The issuer knows no card with this number. Compare it with your card."],
  [/^102:0\b/, "This card is assigned already."],
  [/^500:0\b/, "The provider has trouble. Try again later."],
];

/** An issuer's reason in words for people, if it is a known one. */
export const reasonInWords = (reason) => REASONS.find(([pattern]) => pattern.test(reason))?.[1] ?? null;

/** A typed event in a few words. */
export const eventInWords = (event) => {
  const ok = event.data?.status === "SUCCESS";
  switch (event.type) {
    case "CARD_ASSIGN_RESULT":
      return ok ? `Card ${event.data.card_id} is assigned` : "The card wasn't assigned";
    case "CARD_ACTIVATE_RESULT":
      return ok ? "The card is active" : "The card wasn't activated";
    case "CARD_STATUS_CHANGE":
      return ok
        ? `The card is ${(STATUS[event.data.card_status] ?? event.data.card_status).toLowerCase()}`
        : "The card's status didn't change";
    case "CARD_RECHARGE_RESULT":
      return ok ? `${money(event.data.receive_amount, event.data.currency)} arrived` : "The recharge failed";
    case "CARD_CLOSE_RESULT":
      return ok ? `The card is closed, ${money(event.data.refund_amount)} refunded` : "The card wasn't closed";
    case "CARD_BALANCE_CHANGE":
      return `Balance ${money(event.data.before_available)} → ${money(event.data.available, event.data.currency)}`;
    default:
      return "An event";
  }
};

/** A line of the timeline in words. */
export const entryInWords = (entry) => {
  const what = kindOf(entry);
  switch (entry.what) {
    case "sent":
      return `${what} sent`;
    case "acknowledged":
      return `${what} acknowledged, not done yet`;
    case "waits":
      return `${what} waits for the one before it`;
    case "unclear":
      return `${what}: no clear answer, it may have been carried out`;
    case "refused":
      return `${what} refused by the issuer`;
    case "confirmed":
      return entry.by === "asking" ? `${what} confirmed by asking` : `${what} confirmed`;
    case "failed":
      return `${what} failed`;
    case "overdue":
      return `${what}: no webhook so far, so its outcome isn't known`;
    default:
      return entry.what;
  }
};
