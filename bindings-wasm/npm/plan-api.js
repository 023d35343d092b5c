// What needs no key: names and shapes over the compiled module, no logic. Amounts are strings, names are the API's own, and
// nothing is rounded on the way.
import { isBananaTechError, refused } from "./error.js";
import { bodyText, eventText, flatResponse, hideEvent, hidePlan, hideResponse, responseText, shown, text, write } from "./hidden.js";
import { wasm } from "./instance.js";

export { isBananaTechError };

// Never made a text of: a key that is missing would become the key "undefined", and a number has lost its zeros or digits.
const aText = (field, value) => {
  if (typeof value === "string") return value;
  if (value === undefined || value === null) throw refused("field.required", field, "a value");
  throw refused("field.type", field, "a string");
};

const NAMES = [
  "merchant.get_account_balance",
  "merchant.get_card_templates",
  "merchant.set_webhook_url",
  "merchant.get_webhook_records",
  "user.register",
  "user.get_users",
  "card.apply",
  "card.recharge",
  "card.update_status",
  "card.get_balance",
  "card.get_information",
  "card.get_transactions",
  "card.assign",
  "card.set_pin",
  "card.3ds_confirm",
];

/** One function per operation, in its group. */
export const entries = (entry) => {
  const groups = { merchant: {}, user: {}, card: {} };
  for (const name of NAMES) {
    const [group, title] = name.split(".");
    const method = title === "3ds_confirm" ? "confirm3ds" : title.replace(/_(.)/g, (_, letter) => letter.toUpperCase());
    groups[group][method] = entry(name);
  }
  return groups;
};

export const other = (word) => String(word);

export const version = () => wasm().version();

export const plan = entries(
  (name) =>
    (body = {}) =>
      hidePlan(wasm().plan(name, bodyText(body))),
);

/** The names of operations whose plans may have fields that the contract doesn't name. */
export const openFields = ({ open_fields = [] } = {}) => Array.from(open_fields, String);

export const checkPlan = (plan, options) => hidePlan(wasm().checkPlan(text(plan), openFields(options)));

export const cardNumber = (text) => wasm().cardNumber(aText("card_number", text));

const weaknesses = (check, pin, context = {}) => {
  const about = ["birth_date", "phone", "card_number"].map((field) => aText(field, context[field] ?? ""));
  return { weaknesses: check(aText("pin", pin), ...about) };
};

export const activationPin = (text, context) => weaknesses(wasm().activationPin, text, context);

export const pin = (text, context) => weaknesses(wasm().pin, text, context);

export const cvv = (text) => wasm().cvv(aText("cvv", text));

export const expiry = (text) => wasm().expiry(aText("expiry_date", text));

export const isExpired = (text, year, month) => wasm().isExpired(aText("expiry_date", text), year, month);

export const amount = {
  parse: (value) => wasm().amount(write(value)),
  plus: (a, b) => wasm().amountPlus(write(a), write(b)),
  minus: (a, b) => wasm().amountMinus(write(a), write(b)),
  percent: (amount, percent) => wasm().amountPercent(write(amount), write(percent)),
  compare: (a, b) => wasm().amountCompare(write(a), write(b)),
};

export const readEvent = (event) => hideEvent(wasm().readEvent(eventText(event)));

export const readResponse = (operation, response) => {
  const name = String(operation);
  return hideResponse(name, wasm().readResponse(name, flatResponse(name, response)));
};

export const judgeTime = (event, now, { past_ms, future_ms } = {}) =>
  wasm().judgeTime(eventText(event), Number(now), write({ past_ms: past_ms ?? undefined, future_ms: future_ms ?? undefined }));

export const checkTemplate = (template, plan) => wasm().checkTemplate(text(template), text(plan));

export const charge = (template, plan, fee, balance) =>
  wasm().charge(text(template), text(plan), String(fee), balance === undefined ? undefined : write(balance));

export class Pages {
  #text;

  constructor(plan) {
    this.#text = wasm().beginPages(text(plan));
  }

  get total() {
    return wasm().progressOfPages(this.#text).total ?? null;
  }

  get is_complete() {
    return wasm().progressOfPages(this.#text).is_complete;
  }

  get is_stable() {
    return wasm().progressOfPages(this.#text).is_stable;
  }

  next() {
    const plan = wasm().nextPage(this.#text);
    return plan && hidePlan(plan);
  }

  accept(response) {
    this.#text = wasm().acceptPage(this.#text, responseText(response));
    return response.data;
  }
}

export class CardState {
  #text;

  constructor(card, { needs_activation } = {}) {
    this.#text =
      typeof card === "number"
        ? wasm().newCard(card, needs_activation == null ? undefined : Boolean(needs_activation))
        : wasm().readCard(text(card));
  }

  #take({ fold, state }) {
    this.#text = state;
    return fold;
  }

  get card_id() {
    return this.toJSON().card_id;
  }

  get status() {
    return wasm().knownOfCard(this.#text).status;
  }

  get status_as_of() {
    return wasm().knownOfCard(this.#text).status_as_of;
  }

  get possible_statuses() {
    return wasm().knownOfCard(this.#text).possible_statuses;
  }

  get balance() {
    return wasm().knownOfCard(this.#text).balance;
  }

  get possible_balances() {
    return wasm().knownOfCard(this.#text).possible_balances;
  }

  fold(event) {
    return this.#take(wasm().foldCard(this.#text, eventText(event)));
  }

  observe(information, askedAt) {
    return this.#take(wasm().observeCard(this.#text, responseText(information), Number(askedAt)));
  }

  merge(other) {
    this.#text = wasm().mergeCards(this.#text, #text in Object(other) ? other.#text : text(other));
  }

  allowed() {
    return wasm().allowedOfCard(this.#text);
  }

  check(action) {
    wasm().checkCard(this.#text, String(action));
  }

  checkPlan(plan) {
    wasm().checkCardPlan(this.#text, text(plan));
  }

  toJSON() {
    return JSON.parse(this.#text);
  }

  [shown]() {
    return { CardState: this.toJSON() };
  }

  toString() {
    return this.#text;
  }
}
