// What a webhook or an answer says, for tests: what isn't given is that of a success.
import { flat } from "./hidden.js";

const [user_id, card_id, template_id, transaction_id] = [12345, 67890, 456, 987654];
const [card_number, balance, currency] = ["1234567890123456", "100.00", "USD"];

/** Of each type: the fields that it always has, those of a success alone, and those of a failure alone. */
const EVENTS = {
  USER_CREATE_RESULT: [{ user_id, status: "APPROVED" }],
  CARD_APPLY_RESULT: [{ user_id, template_id, status: "SUCCESS" }, { card_id }],
  CARD_ACTIVATE_RESULT: [{ card_id, status: "SUCCESS" }, { card_number }],
  CARD_ASSIGN_RESULT: [{ user_id, status: "SUCCESS" }, { card_id }, { error_reason: "101:0 - card number not exist" }],
  CARD_STATUS_CHANGE: [{ card_id, status: "SUCCESS" }, { card_status: "LOCKED" }],
  CARD_RECHARGE_RESULT: [{ card_id, status: "SUCCESS" }, { transaction_id, receive_amount: balance, currency }],
  CARD_CLOSE_RESULT: [{ card_id, status: "SUCCESS" }, { transaction_id, refund_amount: balance }],
  CARD_BALANCE_CHANGE: [{ card_id, amount: balance, available: balance, before_available: "0.00", currency }],
};

const message = "Operation requested";
const RESPONSES = {
  "merchant.get_account_balance": { balance, currency },
  "merchant.get_card_templates": { data: [] },
  "merchant.get_webhook_records": { data: [] },
  "user.register": { user_id },
  "user.get_users": { data: [] },
  "card.get_balance": { balance, currency },
  "card.get_information": { number: card_number, status: "ACTIVE", template_id },
  "card.get_transactions": { data: [] },
  "card.assign": { card_id },
  "card.set_pin": { success: true },
};

/** What is given over what isn't; `undefined` is absent. */
const over = (standard, given) => ({ ...standard, ...Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) });

const isFields = (value) => value === undefined || (typeof value === "object" && value !== null && !Array.isArray(value));

/** An event's data. */
export const testData = (type, given) => {
  if (!Object.hasOwn(EVENTS, type) || !isFields(given)) return given === undefined ? {} : given;
  const fields = flat(given ?? {});
  const [always, succeeded, failed] = EVENTS[type];
  const time = type === "USER_CREATE_RESULT" ? {} : { occur_time: Date.now() };
  const isSuccess = (fields.status ?? "SUCCESS") === "SUCCESS";
  return over({ ...always, ...(isSuccess ? succeeded : failed), ...time }, fields);
};

const TYPED_LISTS = ["merchant.get_card_templates", "card.get_transactions"];

/** A response. */
export const testResponse = (operation, given) => {
  if (!isFields(given)) return given;
  const fields = over(RESPONSES[operation] ?? { message }, flat(given ?? {}));
  return TYPED_LISTS.includes(operation) && Array.isArray(fields.data) ? { ...fields, data: fields.data.map(flat) } : fields;
};
