// Names and shapes over the compiled module; no logic. Structured values cross as JSON text: amounts as strings, the API's
// own names, and nothing rounded on the way.
import * as wasm from "./wasm/bananatech.js";

// A bigint becomes text, which the core refuses where it expects an id: an error of ours instead of a TypeError.
const write = (value) =>
  JSON.stringify(value, (_, item) => (typeof item === "bigint" ? String(item) : item)) ?? "null";

// Undefined and null mean "the platform's randomness".
const bytes = (iv) => iv ?? undefined;

export const version = () => wasm.version();

export const isBananaTechError = (error) => error instanceof Error && error.name === "BananaTechError";

export const planRecharge = (recharge) => JSON.parse(wasm.plan("card.recharge", write(recharge)));

export const checkPlan = (plan) => JSON.parse(wasm.checkPlan(write(plan)));

export const cardNumber = (text) => JSON.parse(wasm.cardNumber(String(text)));

export const activationPin = (text) => ({ simple: wasm.activationPin(String(text)) });

export const pin = (text) => ({ simple: wasm.pin(String(text)) });

class Call {
  #merchant;
  #plan;

  constructor(merchant, plan, [method, url, body, ...headers]) {
    this.#merchant = merchant;
    this.#plan = plan;
    this.plan = JSON.parse(plan);
    this.url = url;
    this.init = { method, headers: {}, body };
    for (let at = 0; at < headers.length; at += 2) this.init.headers[headers[at]] = headers[at + 1];
  }

  read(status, body) {
    const [response, sealedWith] = this.#merchant.read(this.#plan, status, body);
    return { response: JSON.parse(response), sealed_with: sealedWith ?? null };
  }

  pending({ sent_at, deadline, reference }) {
    return pendingOf(this.#plan, sent_at, deadline, reference);
  }
}

const pendingOf = (plan, sentAt, deadline, reference) => {
  const pending = wasm.pending(plan, Number(sentAt), Number(deadline), reference ?? undefined);
  return pending === undefined ? null : JSON.parse(pending);
};

export class Merchant {
  #inner;

  constructor({ merchant_id, base_url, secret_key, codec = "utf8", key_id = "default" }) {
    this.#inner = new wasm.Merchant(
      String(merchant_id),
      String(base_url),
      String(key_id),
      String(secret_key),
      String(codec),
    );
  }

  card = {
    recharge: (recharge, { iv } = {}) =>
      this.#call(wasm.plan("card.recharge", write(recharge)), iv),
  };

  seal(plan, { iv } = {}) {
    return this.#call(write(plan), iv);
  }

  #call(plan, iv) {
    return new Call(this.#inner, plan, this.#inner.seal(plan, bytes(iv)));
  }

  receive(rawBody) {
    const [json, fingerprint, keyId] = this.#inner.receive(rawBody);
    return { event: JSON.parse(json), json, fingerprint, key_id: keyId };
  }

  testWebhook(type, data, { iv } = {}) {
    return this.#inner.testWebhook(type, typeof data === "string" ? data : write(data), bytes(iv));
  }

  testAnswer(response, { iv } = {}) {
    return this.#inner.testAnswer(typeof response === "string" ? response : write(response), bytes(iv));
  }

  free() {
    this.#inner.free();
  }
}
if (Symbol.dispose) Merchant.prototype[Symbol.dispose] = Merchant.prototype.free;

export class PendingOperations {
  #text;

  constructor(stored) {
    this.#text = stored ?? wasm.pendingNone();
    // Reads it once, so that a text that isn't one is told here.
    if (stored !== undefined) wasm.pendingList(this.#text);
  }

  add(pending) {
    const [text, id] = wasm.pendingAdd(this.#text, write(pending));
    this.#text = text;
    return Number(id);
  }

  acknowledge(id, plan, response) {
    return this.#take(wasm.pendingAcknowledge(this.#text, Number(id), write(plan), write(response)));
  }

  settle(delivery) {
    return this.#take(wasm.pendingSettle(this.#text, delivery.json ?? write(delivery.event ?? delivery)));
  }

  list() {
    return JSON.parse(wasm.pendingList(this.#text));
  }

  #take([text, settlement]) {
    this.#text = text;
    return JSON.parse(settlement);
  }

  toString() {
    return this.#text;
  }
}
