// All of the package: what needs no key, and what needs one.
import { refused } from "./error.js";
import { eventText, hideEvent, hidePlan, hideResponse, responseText, shown, text, write } from "./hidden.js";
import { wasm } from "./instance.js";
import { entries, openFields, Pages } from "./plan-api.js";

export * from "./plan-api.js";

const encoder = new TextEncoder();
// For the usual short text: a place that is there is quicker than a new one. Each character takes three bytes at most.
const place = new Uint8Array(3 * 1024);

/** A body as it came, until the next one; nothing of what is neither text nor bytes. */
const bytesOf = (body) => {
  if (typeof body === "string") {
    if (3 * body.length > place.length) return encoder.encode(body);
    return place.subarray(0, encoder.encodeInto(body, place).written);
  }
  if (ArrayBuffer.isView(body)) return new Uint8Array(body.buffer, body.byteOffset, body.byteLength);
  return Object.prototype.toString.call(body) === "[object ArrayBuffer]" ? new Uint8Array(body) : undefined;
};

const IV_BYTES = 16;
const KEPT_MS = 1000;
// Random bytes for many messages at once: asking the platform costs more than sealing a short one. They are kept for a moment only,
// so that a machine which is restored from a snapshot has none to repeat, and overwritten as they are used.
const random = new Uint8Array(64 * IV_BYTES);
let used = random.length;
let filledAt = 0;
const newIv = () => {
  const now = Date.now();
  if (used === random.length || Math.abs(now - filledAt) > KEPT_MS) {
    crypto.getRandomValues(random);
    used = 0;
    filledAt = now;
  }
  const iv = random.slice(used, used + IV_BYTES);
  random.fill(0, used, (used += IV_BYTES));
  return iv;
};

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

export class PendingOperations {
  #text;

  constructor(stored) {
    this.#text = wasm().openPending(stored ?? undefined);
  }

  add(pending) {
    const { id, operations } = wasm().addPending(this.#text, write(pending));
    this.#text = operations;
    return id;
  }

  get(id) {
    return this.list().find((entry) => entry.id === id)?.pending ?? null;
  }

  list() {
    return wasm().listPending(this.#text);
  }

  overdue(now) {
    return wasm().listPending(this.#text, Number(now));
  }

  inquiries(id) {
    return wasm().inquiriesOfPending(this.#text, Number(id)).map(hidePlan);
  }

  acknowledge(id, response) {
    return this.#take(wasm().acknowledgePending(this.#text, responseText(response), Number(id)));
  }

  reject(id, error) {
    const rejection = error?.rejection ?? error?.answer ?? error;
    if (rejection?.status === undefined) throw refused("field.type", "error", "an error of the category rejected");
    return this.#take(wasm().rejectPending(this.#text, write(rejection), Number(id)));
  }

  settle(event) {
    return this.#take(wasm().settlePending(this.#text, eventText(event)));
  }

  resolve(id, outcome, transactionId) {
    return this.#take(wasm().resolvePending(this.#text, write(outcome), Number(id), transactionId));
  }

  withdraw(id) {
    return this.#take(wasm().withdrawPending(this.#text, Number(id)));
  }

  tidy(now) {
    this.#text = wasm().tidyPending(this.#text, Number(now));
  }

  #take({ settlement, operations }) {
    this.#text = operations;
    return settlement;
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

class Delivery {
  #type;
  #data;

  constructor({ value: { event, event_type, fingerprint, key_id }, text }) {
    this.#type = event_type;
    this.#data = text;
    this.type = event.type;
    this.data = event.data;
    this.fingerprint = fingerprint;
    this.key_id = key_id;
    hideEvent(this);
  }

  get json() {
    return `{"type":${JSON.stringify(this.#type)},"data":${this.#data}}`;
  }
}

class Call {
  #read;
  #plan;

  constructor(operation, plan, read, { value: { url, headers }, text }) {
    this.operation = operation;
    this.url = url;
    this.init = { method: "POST", headers, body: text };
    this.#plan = plan;
    this.#read = read;
  }

  get plan() {
    return hidePlan(JSON.parse(this.#plan()));
  }

  read(status, body) {
    return this.#read(this.operation, this.init.body, status, body, false);
  }

  answer(status, body) {
    const { value, text } = this.#read(this.operation, this.init.body, status, body, true);
    return Object.defineProperty(value, "json", { value: text });
  }

  pending({ sent_at, deadline, reference }) {
    return wasm().pending(this.#plan(), Number(sent_at), Number(deadline), reference ?? undefined);
  }
}

export class Merchant {
  #inner;
  #read = (operation, sent, status, body, isWhole) => {
    const bytes = bytesOf(body);
    if (bytes === undefined) {
      throw refused("answer.shape", "body", "the answer's body as it came, text or bytes: await response.text()");
    }
    const read = this.#held().read(operation, sent, status, bytes, isWhole);
    hideResponse(operation, isWhole ? read.value.response : read);
    return read;
  };

  constructor(options = {}) {
    this.#inner = new (wasm().KeyHolder)(write(options));
    Object.assign(
      this,
      entries((name) => (body = {}, { iv = newIv() } = {}) => {
        const json = write(body);
        const sealed = this.#held().call(name, json, iv);
        return new Call(name, () => `{"operation":"${name}","body":${json}}`, this.#read, sealed);
      }),
    );
  }

  #held() {
    if (this.#inner === undefined) throw new Error("this merchant was freed: its key is gone");
    return this.#inner;
  }

  seal(plan, { iv = newIv(), ...options } = {}) {
    const json = text(plan);
    const sealed = this.#held().seal(json, openFields(options), iv);
    return new Call(JSON.parse(json).operation, () => json, this.#read, sealed);
  }

  read(operation, status, body) {
    return this.#read(String(operation), undefined, status, body, false);
  }

  receive(rawBody) {
    // Of anything but text and bytes nothing crosses, which the core refuses as not being a raw body.
    return new Delivery(this.#held().receive(bytesOf(rawBody) ?? new Uint8Array()));
  }

  diagnose(rawBody) {
    return this.#held().diagnose(bytesOf(rawBody) ?? new Uint8Array()) ?? null;
  }

  pages(plan, fetch, options) {
    let end = null;
    const records = async function* (merchant) {
      const pages = new Pages(plan);
      for (let next = pages.next(); next !== null; next = pages.next()) {
        const call = merchant.seal(next, options);
        const answer = await fetch(call.url, call.init);
        yield* pages.accept(call.read(answer.status, await answer.text()));
      }
      end = pages;
    };
    return Object.defineProperty(records(this), "end", { get: () => end });
  }

  testWebhook(type, data, { iv = newIv() } = {}) {
    return this.#held().testWebhook(String(type), text(data), iv);
  }

  testAnswer(response, { iv = newIv() } = {}) {
    return this.#held().testAnswer(text(response), iv);
  }

  free() {
    this.#inner?.free();
    this.#inner = undefined;
  }
}
if (Symbol.dispose) Merchant.prototype[Symbol.dispose] = Merchant.prototype.free;
