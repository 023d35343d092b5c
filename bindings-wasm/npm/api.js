// Names and shapes over the compiled module; no logic. Structured values cross as JSON text: amounts as strings, the API's
// own names, and nothing rounded on the way.
import { wasm } from "./instance.js";

// Not exported: a program may hold two copies of this package, so errors are told by name.
class BananaTechError extends Error {
  constructor({ message, code, category, field, rejection }) {
    super(message);
    this.code = code;
    this.category = category;
    if (field !== undefined) this.field = field;
    if (rejection !== undefined) {
      this.status = rejection.status;
      // Out of sight of whatever prints errors: the words may repeat what was sent.
      Object.defineProperty(this, "rejection", { value: { message: null, ...rejection } });
    }
  }
}
Object.defineProperty(BananaTechError.prototype, "name", { value: "BananaTechError", configurable: true, writable: true });

export const isBananaTechError = (error) => error instanceof Error && error.name === "BananaTechError";

/** Runs something in the module; what it throws as JSON is thrown as an error. */
const run = (work) => {
  try {
    return work(wasm());
  } catch (thrown) {
    throw typeof thrown === "string" ? new BananaTechError(JSON.parse(thrown)) : thrown;
  }
};

/** Calls a function of the module, with the texts and numbers that it takes, and answers its text. */
const call = (name, [a = "", b = "", c = "", d] = [], [x, y, z] = []) => run((wasm) => wasm.call(name, a, b, c, d, x, y, z));

// A bigint becomes text, which the core refuses where it expects an id: an error of ours instead of a TypeError. Only then
// is the slower way taken.
const write = (value) => {
  try {
    return JSON.stringify(value) ?? "null";
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    return JSON.stringify(value, (_, item) => (typeof item === "bigint" ? String(item) : item)) ?? "null";
  }
};

const text = (value) => (typeof value === "string" ? value : write(value));

// Exact where the event is still the one that was received.
const eventText = (event) => {
  if (typeof event === "string") return event;
  return event instanceof Delivery ? event.json : write({ type: event?.type, data: event?.data });
};

/** An error of the caller's, found before the module is asked: there everything is text already. */
const refused = (code, field, expected) =>
  new BananaTechError({ message: `${field}: expected ${expected} [${code}]`, code, category: "invalid_input", field });

// Never made a text of: a key that is missing would become the key "undefined", and a number has lost its zeros or digits.
const aText = (field, value) => {
  if (typeof value === "string") return value;
  if (value === undefined || value === null) throw refused("field.required", field, "a value");
  throw refused("field.type", field, "a string");
};

const bytesOf = (body) => {
  if (body instanceof Uint8Array) return body;
  if (ArrayBuffer.isView(body)) return new Uint8Array(body.buffer, body.byteOffset, body.byteLength);
  return body instanceof ArrayBuffer ? new Uint8Array(body) : undefined;
};

// Random bytes for many messages at once: asking the platform costs more than sealing a short one.
const random = new Uint8Array(1024);
let used = random.length;
const newIv = () => {
  if (used === random.length) {
    crypto.getRandomValues(random);
    used = 0;
  }
  used += 16;
  return random.subarray(used - 16, used);
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
const entries = (entry) => {
  const groups = { merchant: {}, user: {}, card: {} };
  for (const name of NAMES) {
    const [group, title] = name.split(".");
    const method = title === "3ds_confirm" ? "confirm3ds" : title.replace(/_(.)/g, (_, letter) => letter.toUpperCase());
    groups[group][method] = entry(name);
  }
  return groups;
};

export const version = () => call("version");

export const plan = entries(
  (name) =>
    (body = {}) =>
      JSON.parse(call("plan", [name, write(body)])),
);

export const checkPlan = (plan) => JSON.parse(call("checkPlan", [text(plan)]));

export const cardNumber = (text) => ({ brand: null, ...JSON.parse(call("cardNumber", [aText("card_number", text)])) });

const weaknesses = (name, pin, context = {}) => {
  const about = ["birth_date", "phone", "card_number"].map((field) => aText(field, context[field] ?? ""));
  return { weaknesses: call(name, [aText("pin", pin), ...about]).split(" ").filter(Boolean) };
};

export const activationPin = (text, context) => weaknesses("activationPin", text, context);

export const pin = (text, context) => weaknesses("pin", text, context);

export const cvv = (text) => call("cvv", [aText("cvv", text)]);

export const expiry = (text) => {
  const number = Number(call("expiry", [aText("expiry_date", text)]));
  return { month: number % 100, year: Math.trunc(number / 100) };
};

export const isExpired = (text, year, month) => call("isExpired", [aText("expiry_date", text)], [year, month]) === "true";

export const amount = {
  parse: (value) => call("amount", [write(value)]),
  plus: (a, b) => call("amountPlus", [write(a), write(b)]),
  minus: (a, b) => call("amountMinus", [write(a), write(b)]),
  percent: (amount, percent) => call("amountPercent", [write(amount), write(percent)]),
  compare: (a, b) => Number(call("amountCompare", [write(a), write(b)])),
};

export const readEvent = (event) => JSON.parse(call("readEvent", [eventText(event)]));

export const readResponse = (operation, response) =>
  JSON.parse(call("readResponse", [String(operation), text(response)]));

export const judgeTime = (event, now, { past_ms, future_ms } = {}) => {
  const stated = call("judgeTime", [eventText(event)], [Number(now), past_ms, future_ms]);
  if (stated === undefined) return { verdict: "not_stated" };
  const beyond = Number(stated);
  if (beyond === 0) return { verdict: "fresh" };
  return { verdict: beyond < 0 ? "too_old" : "too_new", by_ms: Math.abs(beyond) };
};

export const checkTemplate = (template, plan) => call("checkTemplate", [text(template), text(plan)]);

export const charge = (template, plan, fee, balance) =>
  JSON.parse(call("charge", [text(template), text(plan), String(fee), balance === undefined ? undefined : write(balance)]));

export class RecentDeliveries {
  #known = new Set();
  #capacity;

  constructor(capacity = 10_000) {
    this.#capacity = Math.max(1, capacity);
  }

  get size() {
    return this.#known.size;
  }

  remember(fingerprint) {
    if (this.#known.has(fingerprint)) return "duplicate";
    this.#known.add(fingerprint);
    // A set keeps the order in which its items came.
    if (this.#known.size > this.#capacity) this.#known.delete(this.#known.values().next().value);
    return "new";
  }

  forget(fingerprint) {
    this.#known.delete(fingerprint);
  }
}

export class Pages {
  #text;

  constructor(plan) {
    this.#text = call("pages", [text(plan)]);
  }

  get total() {
    const total = call("pagesTotal", [this.#text]);
    return total === undefined ? null : Number(total);
  }

  next() {
    const plan = call("pagesNext", [this.#text]);
    return plan === undefined ? null : JSON.parse(plan);
  }

  accept(response) {
    this.#text = call("pagesAccept", [this.#text, text(response)]);
    return response.data;
  }
}

// What `console.log` shows in Node, Deno and Bun of a value whose fields are private.
const shown = Symbol.for("nodejs.util.inspect.custom");

export class PendingOperations {
  #text;

  constructor(stored) {
    this.#text = call("pendingOpen", ["", "", "", stored ?? undefined]);
  }

  add(pending) {
    const [id, operations] = split(call("pendingAdd", [this.#text, write(pending)]), " ");
    this.#text = operations;
    return Number(id);
  }

  get(id) {
    return this.list().find((entry) => entry.id === id)?.pending ?? null;
  }

  list() {
    return JSON.parse(call("pendingList", [this.#text]));
  }

  overdue(now) {
    return JSON.parse(call("pendingList", [this.#text], [Number(now)]));
  }

  inquiries(id) {
    return JSON.parse(call("pendingInquiries", [this.#text], [Number(id)]));
  }

  acknowledge(id, response) {
    return this.#take("pendingAcknowledge", text(response), [Number(id)]);
  }

  reject(id, error) {
    const rejection = error?.rejection ?? error;
    if (rejection?.status === undefined) throw refused("field.type", "error", "an error of the category rejected");
    return this.#take("pendingReject", write(rejection), [Number(id)]);
  }

  settle(event) {
    return this.#take("pendingSettle", eventText(event));
  }

  resolve(id, outcome, transactionId) {
    return this.#take("pendingResolve", write(outcome), [Number(id), transactionId]);
  }

  withdraw(id) {
    return this.#take("pendingWithdraw", "", [Number(id)]);
  }

  tidy(now) {
    this.#text = call("pendingTidy", [this.#text], [Number(now)]);
  }

  #take(name, argument, numbers) {
    const [settlement, operations] = split(call(name, [this.#text, argument], numbers), "\n");
    this.#text = operations;
    return JSON.parse(settlement);
  }

  toString() {
    return this.#text;
  }

  toJSON() {
    return this.#text;
  }

  [shown]() {
    return { PendingOperations: this.list() };
  }
}

export class CardState {
  #text;
  #state;

  constructor(card, { needs_activation } = {}) {
    this.#set(
      typeof card === "number"
        ? call("cardNew", ["", "", "", needs_activation == null ? undefined : String(Boolean(needs_activation))], [card])
        : call("cardRead", [text(card)]),
    );
  }

  #set(state) {
    this.#text = state;
    this.#state = JSON.parse(state);
  }

  #take(name, argument, numbers) {
    const [fold, state] = split(call(name, [this.#text, argument], numbers), " ");
    this.#set(state);
    return fold;
  }

  get card_id() {
    return this.#state.card_id;
  }

  get status() {
    return this.#state.known_status ?? null;
  }

  get balance() {
    return this.#state.balance === undefined ? null : { ...this.#state.balance };
  }

  fold(event) {
    return this.#take("cardFold", eventText(event));
  }

  observe(information, askedAt) {
    return this.#take("cardObserve", text(information), [Number(askedAt)]);
  }

  allowed() {
    return call("cardAllowed", [this.#text])
      .split(" ")
      .filter(Boolean);
  }

  check(action) {
    call("cardCheck", [this.#text, String(action)]);
  }

  checkPlan(plan) {
    call("cardCheckPlan", [this.#text, text(plan)]);
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

/** Before and after a separator's first place. */
const split = (text, separator) => {
  const at = text.indexOf(separator);
  return [text.slice(0, at), text.slice(at + separator.length)];
};

const FINGERPRINT = 64;

class Delivery {
  #json;

  constructor(text) {
    const end = text.indexOf("\n", FINGERPRINT);
    this.#json = text.slice(end + 1);
    const { type, data } = JSON.parse(this.#json);
    this.type = type;
    this.data = data;
    this.fingerprint = text.slice(0, FINGERPRINT);
    this.key_id = text.slice(FINGERPRINT, end);
  }

  get json() {
    return this.#json;
  }
}

class Call {
  #read;
  #plan;

  constructor(operation, plan, read, lines) {
    const [url, ...parts] = lines.split("\n");
    const body = parts.pop();
    const headers = {};
    for (let at = 0; at < parts.length; at += 2) headers[parts[at]] = parts[at + 1];
    this.operation = operation;
    this.url = url;
    this.init = { method: "POST", headers, body };
    this.#plan = plan;
    this.#read = read;
  }

  get plan() {
    return JSON.parse(this.#plan());
  }

  read(status, body) {
    return this.#read(this.operation, status, body).response;
  }

  answer(status, body) {
    return this.#read(this.operation, status, body);
  }

  pending({ sent_at, deadline, reference }) {
    const pending = call("pending", [this.#plan(), "", "", reference ?? undefined], [Number(sent_at), Number(deadline)]);
    return pending === undefined ? null : JSON.parse(pending);
  }
}

export class Merchant {
  #inner;
  #read = (operation, status, body) => {
    const bytes = bytesOf(body);
    if (bytes === undefined && typeof body !== "string") {
      throw refused("answer.shape", "body", "the answer's body as it came, text or bytes: await response.text()");
    }
    const inner = this.#held();
    const [sealedWith, json] = split(
      run(() => inner.read(operation, status, bytes ? undefined : body, bytes)),
      "\n",
    );
    return { response: JSON.parse(json), sealed_with: sealedWith || null };
  };

  constructor(options) {
    const {
      merchant_id,
      base_url,
      secret_key,
      codec = "utf8",
      key_id = "default",
      older_keys = [],
      paths = {},
      sealed_answers_only = false,
      ...unknown
    } = options ?? {};
    // A name that is spelt otherwise would be left out without a word.
    if (Object.keys(unknown).length > 0) {
      throw refused(
        "field.unknown",
        "options",
        "no others than merchant_id, base_url, secret_key, codec, key_id, older_keys, paths, sealed_answers_only",
      );
    }
    // A newer key is put over an older one, so the oldest comes first.
    const [oldest, ...newer] = [{ key_id, secret_key, codec }, ...older_keys].reverse();
    this.#inner = run(
      (wasm) =>
        new wasm.KeyHolder(
          aText("merchant_id", merchant_id),
          aText("base_url", base_url),
          aText("key_id", oldest.key_id),
          aText("secret_key", oldest.secret_key),
          aText("codec", oldest.codec ?? "utf8"),
        ),
    );
    try {
      for (const key of newer) {
        const parts = [aText("key_id", key.key_id), aText("secret_key", key.secret_key), aText("codec", key.codec ?? "utf8")];
        run(() => this.#inner.set("rotate", ...parts));
      }
      for (const [operation, path] of Object.entries(paths)) run(() => this.#inner.set("path", operation, aText("paths", path), ""));
      if (sealed_answers_only) run(() => this.#inner.set("sealedAnswersOnly", "", "", ""));
    } catch (error) {
      this.free();
      throw error;
    }
    Object.assign(
      this,
      entries((name) => (body = {}, options) => this.#call(name, write(body), options)),
    );
  }

  #held() {
    if (this.#inner === undefined) throw new Error("this merchant was freed: its key is gone");
    return this.#inner;
  }

  #call(operation, body, { iv } = {}) {
    const inner = this.#held();
    const lines = run(() => inner.seal(operation, body, iv ?? newIv()));
    return new Call(operation, () => call("plan", [operation, body]), this.#read, lines);
  }

  seal(plan, { iv } = {}) {
    const inner = this.#held();
    const json = text(plan);
    const lines = run(() => inner.seal(undefined, json, iv ?? newIv()));
    return new Call(JSON.parse(json).operation, () => json, this.#read, lines);
  }

  read(operation, status, body) {
    return this.#read(String(operation), status, body).response;
  }

  receive(rawBody) {
    const inner = this.#held();
    if (typeof rawBody === "string") return new Delivery(run(() => inner.receive(rawBody)));
    // Of anything but text and bytes nothing crosses, which the core refuses as not being a raw body.
    return new Delivery(run(() => inner.receive(undefined, bytesOf(rawBody))));
  }

  diagnose(rawBody) {
    const inner = this.#held();
    const isText = typeof rawBody === "string";
    return run(() => inner.diagnose(isText ? rawBody : undefined, isText ? undefined : bytesOf(rawBody))) ?? null;
  }

  async *pages(plan, fetch) {
    const pages = new Pages(plan);
    for (let next = pages.next(); next !== null; next = pages.next()) {
      const call = this.seal(next);
      const answer = await fetch(call.url, call.init);
      yield* pages.accept(call.read(answer.status, await answer.text()));
    }
  }

  testWebhook(type, data, { iv } = {}) {
    const inner = this.#held();
    return run(() => inner.test(String(type), text(data), iv ?? newIv()));
  }

  testAnswer(response, { iv } = {}) {
    const inner = this.#held();
    return run(() => inner.test(undefined, text(response), iv ?? newIv()));
  }

  free() {
    this.#inner?.free();
    this.#inner = undefined;
  }
}
if (Symbol.dispose) Merchant.prototype[Symbol.dispose] = Merchant.prototype.free;
