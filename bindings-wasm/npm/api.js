// All of the package: what needs no key, and what needs one.
import { refused } from "./error.js";
import { bodyText, eventText, hideEvent, hidePlan, hideReport, hideResponse, responseText, shown, text, write } from "./hidden.js";
import { wasm } from "./instance.js";
import { entries, openFields, Pages } from "./plan-api.js";
import { platformFrom } from "./platform.js";
import { random16 } from "./random.js";
import { testData, testResponse } from "./test-data.js";

export * from "./plan-api.js";

const encoder = new TextEncoder();
// For the usual text: a place that is there is quicker than a new one.
const places = { sent: new Uint8Array(4 * 1024), body: new Uint8Array(128 * 1024) };

/** A text's bytes, until those of the next one are put in the same place. */
const encoded = (text, place) => {
  if (text.length > place.length) return encoder.encode(text);
  const { read, written } = encoder.encodeInto(text, place);
  return read === text.length ? place.subarray(0, written) : encoder.encode(text);
};

/** A body as it came, until the next one; nothing of what is neither text nor bytes. */
const bytesOf = (body) => {
  if (typeof body === "string") return encoded(body, places.body);
  if (ArrayBuffer.isView(body)) return new Uint8Array(body.buffer, body.byteOffset, body.byteLength);
  return Object.prototype.toString.call(body) === "[object ArrayBuffer]" ? new Uint8Array(body) : undefined;
};

class Diagnosis {
  #content;

  constructor({ value: { findings, failed_at, is_open }, text }) {
    this.findings = findings;
    this.failed_at = failed_at;
    this.#content = is_open ? text : null;
  }

  content() {
    return this.#content;
  }
}

export const diagnose = (rawBody, keys) => new Diagnosis(wasm().diagnose(bytesOf(rawBody) ?? new Uint8Array(), keys.map(String)));

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

const newOperationId = () => wasm().operationId(random16());

export const operationState = (operation) => wasm().operationState(text(operation));

export class Inquiry {
  #text;

  constructor(text) {
    this.#text = String(text);
  }

  static about(operation) {
    return wasm().inquiriesAbout(write(operation)).map((text) => new Inquiry(text));
  }

  static fromJson(text) {
    return new Inquiry(wasm().readInquiry(String(text)));
  }

  get operation_id() {
    return wasm().operationOfInquiry(this.#text);
  }

  withEmail(address) {
    return new Inquiry(wasm().inquiryWithEmail(this.#text, String(address)));
  }

  nextRequest() {
    const plan = wasm().nextRequest(this.#text);
    return plan && hidePlan(plan);
  }

  accept(response, askedAt) {
    this.#text = wasm().acceptAnswer(this.#text, responseText(response), Number(askedAt));
  }

  toJson() {
    return this.#text;
  }

  toJSON() {
    return this.#text;
  }

  [shown]() {
    return { Inquiry: { operation_id: this.operation_id } };
  }
}

// In place of the assumptions of a tracker that is read.
const STORED = Symbol();

export class Tracker {
  #inner;

  constructor(assumptions = {}) {
    if (assumptions === STORED) return;
    const { exclusive_since: since, ...others } = assumptions;
    const exclusive = since === undefined || since === null ? {} : { exclusive_since: Number(since) };
    this.#inner = new (wasm().TrackerHolder)(write({ ...exclusive, ...others }));
  }

  static fromJson(text) {
    const tracker = new Tracker(STORED);
    tracker.#inner = wasm().TrackerHolder.fromJson(String(text));
    return tracker;
  }

  #held() {
    if (this.#inner === undefined) throw new Error("this tracker was freed");
    return this.#inner;
  }

  get assumptions() {
    return this.#held().assumptions();
  }

  store(operation) {
    return hideReport(this.#held().store(write(operation)));
  }

  acknowledge(id, response) {
    return hideReport(this.#held().acknowledge(String(id), responseText(response)));
  }

  reject(id, error) {
    const rejection = error?.rejection ?? error?.answer ?? error;
    if (rejection?.status === undefined) throw refused("field.type", "error", "an error of the category rejected");
    return hideReport(this.#held().reject(String(id), write(rejection)));
  }

  receive(delivery) {
    if (typeof delivery?.json !== "string") throw refused("field.type", "delivery", "what merchant.receive returned");
    return hideReport(this.#held().receive(delivery.json));
  }

  take(event) {
    if (typeof event?.json === "string") return this.receive(event);
    return hideReport(this.#held().take(eventText(event)));
  }

  overdue(now) {
    return this.#held().overdue(Number(now)).map((text) => new Inquiry(text));
  }

  learn(inquiry) {
    return hideReport(this.#held().learn(inquiry.toJson()));
  }

  find(id, outcome, { transaction_id, at }) {
    return hideReport(this.#held().find(String(id), write(outcome), transaction_id ?? undefined, Number(at)));
  }

  withdraw(id) {
    return hideReport(this.#held().withdraw(String(id)));
  }

  nameForeign(thing) {
    return hideReport(this.#held().nameForeign(String(thing)));
  }

  operation(id) {
    return this.#held().operation(String(id));
  }

  operationByReference(reference) {
    return this.#held().operationByReference(String(reference));
  }

  operations() {
    return this.#held().operations();
  }

  forgetBefore(time) {
    return this.#held().forgetBefore(Number(time));
  }

  toJson() {
    return this.#held().toJson();
  }

  toJSON() {
    return this.toJson();
  }

  [shown]() {
    return { Tracker: this.#inner === undefined ? "(freed)" : this.operations() };
  }

  free() {
    this.#inner?.free();
    this.#inner = undefined;
  }
}
if (Symbol.dispose) Tracker.prototype[Symbol.dispose] = Tracker.prototype.free;

class Delivery {
  #type;
  #data;

  constructor({ value: { event, event_type, facts, fingerprint, key_id }, text }) {
    this.#type = event_type ?? event.type;
    this.#data = text;
    this.type = event.type;
    this.data = event.data;
    Object.assign(this, facts);
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
    this.init = { method: "POST", headers, body: text, redirect: "manual" };
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

  tracked({ id, sent_at, ask_at, reference, template, fee }) {
    return wasm().tracked(
      this.#plan(),
      String(id ?? newOperationId()),
      Number(sent_at),
      ask_at === undefined || ask_at === null ? undefined : Number(ask_at),
      reference ?? undefined,
      template === undefined || template === null ? undefined : text(template),
      fee ?? undefined,
    );
  }
}

export class Merchant {
  #inner;
  #read = (operation, sent, status, body, isWhole) => {
    const bytes = bytesOf(body);
    if (bytes === undefined) {
      throw refused("answer.shape", "body", "the answer's body as it came, text or bytes: await response.text()");
    }
    const read = this.#held().read(operation, sent === undefined ? sent : encoded(sent, places.sent), status, bytes, isWhole);
    hideResponse(operation, isWhole ? read.value.response : read);
    return read;
  };

  constructor(options = {}) {
    this.#inner = new (wasm().KeyHolder)(write(options), platformFrom(options));
    Object.assign(
      this,
      entries((name) => (body = {}, { iv = random16() } = {}) => {
        const json = bodyText(body);
        const sealed = this.#held().call(name, encoder.encode(json), iv);
        return new Call(name, () => `{"operation":"${name}","body":${json}}`, this.#read, sealed);
      }),
    );
  }

  #held() {
    if (this.#inner === undefined) throw new Error("this merchant was freed: its key is gone");
    return this.#inner;
  }

  seal(plan, { iv = random16(), ...options } = {}) {
    const json = text(plan);
    const sealed = this.#held().seal(encoder.encode(json), openFields(options), iv);
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

  // For `bananatech/backend`, which is a file of its own.
  [Symbol.for("bananatech.backend")](options) {
    return this.#held().backend(write(options));
  }

  [Symbol.for("bananatech.hidden")](operation, response) {
    return hideResponse(operation, response);
  }

  testWebhook(type, data, { iv = random16() } = {}) {
    return this.#held().testWebhook(String(type), typeof data === "string" ? data : write(testData(type, data)), iv);
  }

  testAnswer(operation, response, { iv = random16() } = {}) {
    return this.#held().testAnswer(typeof response === "string" ? response : write(testResponse(operation, response)), iv);
  }

  free() {
    this.#inner?.free();
    this.#inner = undefined;
  }
}
if (Symbol.dispose) Merchant.prototype[Symbol.dispose] = Merchant.prototype.free;
