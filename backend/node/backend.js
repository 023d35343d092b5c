// A merchant's backend. All that is decided is decided in the compiled module, which says step by step what to do; here it is done.
import { CardState, isBananaTechError } from "bananatech";
import { refused } from "../../bindings-wasm/npm/error.js";

export { sqlite } from "./sqlite.js";

const MAX_WEBHOOK_BYTES = 1024 * 1024;
const TIMEOUT_MS = 30_000;
/** For so long no other instance has the notices that this one was given. */
const LEASE_MS = 60_000;
const REST_MS = 2_000;

/** What the platform's `fetch` throws if no connection could be made, so that nothing of the request left. */
const NOT_CONNECTED = ["ECONNREFUSED", "ENOTFOUND", "EAI_AGAIN", "UND_ERR_CONNECT_TIMEOUT"];

/** A merchant's own work for a backend. */
const TASKS = Symbol.for("bananatech.backend");

const text = (value) => JSON.stringify(value) ?? "";

/** What went wrong, for whom nothing else tells. */
const warn = (event) => {
  const { kind, state, code, status, error } = event;
  const isFine = kind === "sending" || kind === "webhook" || ["taken", "waits", "known", "succeeded", "failed"].includes(state);
  if (isFine) return;
  // What the database threw is worth its trace, and what isn't authentic isn't.
  const words = [kind, state, status, code, event.operation, event.reference, event.scope, event.things?.join()].filter((word) => word !== undefined);
  console.warn("bananatech:", ...words, ...(error && !(kind === "webhook_failed" && code) ? [error] : []));
};

/** The body of a webhook, or nothing if it is longer than one can be. What is too long is read to its end, so that the answer arrives. */
const wholeBody = async (parts) => {
  const kept = [];
  let size = 0;
  for await (const part of parts) {
    size += part.length;
    if (size <= MAX_WEBHOOK_BYTES) kept.push(part);
  }
  if (size > MAX_WEBHOOK_BYTES) return undefined;
  const body = new Uint8Array(size);
  let at = 0;
  for (const part of kept) {
    body.set(part, at);
    at += part.length;
  }
  return body;
};

/** What isn't a text is no name for anything: `undefined` as a text would be one for all that lack one. */
const named = (reference) => (typeof reference === "string" ? reference : "");

export class Backend {
  #merchant;
  #inner;
  #store;
  #connects;
  #fetch;
  #take;
  #notify;
  #rest_ms;
  /** What begins the next round of sweeping and of delivering at once, for each `work`. */
  #sweepers = new Set();
  #deliverers = new Set();

  constructor({
    merchant, assumptions = {}, store, one_at_a_time, wait_at_most_ms, ask_after_ms, timeout_ms = TIMEOUT_MS, rest_ms = REST_MS, fetch, onDelivery, onEvent = warn,
    ...unknown
  }) {
    const names = "merchant, assumptions, store, one_at_a_time, wait_at_most_ms, ask_after_ms, timeout_ms, rest_ms, fetch, onDelivery, onEvent";
    if (Object.keys(unknown).length > 0) throw refused("field.unknown", "options", `no others than ${names}`);
    if (!merchant?.[TASKS]) throw refused("field.type", "merchant", "a Merchant");
    if (!store?.dialect) throw refused("field.type", "store", "what sqlite or postgres gave, awaited");
    for (const [name, ms] of Object.entries({ wait_at_most_ms, ask_after_ms, rest_ms })) {
      // As JSON, infinity would be as if it weren't set.
      if (ms !== undefined && ms !== null && !(Number.isSafeInteger(ms) && ms >= 0)) throw refused("field.type", name, "a whole number of milliseconds");
    }
    if (!(timeout_ms > 0)) throw refused("field.type", "timeout_ms", "a number of milliseconds above zero");
    this.#merchant = merchant;
    this.#store = store;
    // A timer of more would go off at once.
    this.#rest_ms = Math.min(rest_ms ?? REST_MS, 2 ** 31 - 1);
    // By its own code it is known when nothing left. What another `fetch` throws may be of its last attempt only.
    this.#connects = !fetch;
    this.#fetch = fetch ?? ((url, init) => globalThis.fetch(url, { ...init, signal: AbortSignal.timeout(timeout_ms) }));
    this.#take = onDelivery;
    // What was stored is sent, and what was sent is noted, also if `onEvent` throws.
    this.#notify = async (event) => {
      try {
        await onEvent(event);
      } catch {}
    };
    const { exclusive_since: since, ...others } = assumptions;
    const exclusive = since === undefined || since === null ? {} : { exclusive_since: Number(since) };
    if (Number.isNaN(exclusive.exclusive_since)) throw refused("timestamp.format", "exclusive_since", "a number of milliseconds since 1970");
    this.#inner = merchant[TASKS]({
      assumptions: { ...exclusive, ...others },
      dialect: store.dialect,
      one_at_a_time,
      wait_at_most_ms,
      ask_after_ms,
    });
  }

  /** Does what a task says, step by step. */
  async #run(task) {
    let transaction;
    let failure;
    const store = async (work) => {
      try {
        return (await work()) ?? {};
      } catch (error) {
        // Of several, the first says why.
        failure ??= error;
        return this.#store.isConflict(error) ? { conflict: true } : { failed: true };
      }
    };
    const end = (how) => {
      const ended = transaction;
      transaction = undefined;
      return store(() => ended?.[how]());
    };
    const network = async ({ url, headers, body }) => {
      try {
        const response = await this.#fetch(url, { method: "POST", headers, body, redirect: "manual" });
        return [{ status: response.status }, new TextEncoder().encode(await response.text())];
      } catch (error) {
        failure = error;
        return [this.#connects && NOT_CONNECTED.includes(error?.cause?.code) ? { not_sent: true } : { no_answer: true }];
      }
    };
    let came = {};
    let body;
    try {
      for (;;) {
        const step = task.next(JSON.stringify(came), body ?? new Uint8Array());
        body = undefined;
        switch (step.kind) {
          case "begin":
            if (transaction) await end("rollBack");
            failure = undefined;
            came = await store(async () => void (transaction = await this.#store.begin()));
            break;
          case "run":
            came = await store(async () => ({ rows: await transaction.run(step.statements) }));
            break;
          case "commit":
            came = await end("commit");
            break;
          case "roll_back":
            came = await end("rollBack");
            break;
          case "send":
            [came, body] = await network(step);
            break;
          case "tell": {
            const { event } = step;
            // What `fetch` threw says why. A log has it before the request leaves.
            const isWithout = event.state === "not_known" || event.state === "not_sent" || (event.kind === "not_answered" && !event.code);
            const told = this.#notify(failure && isWithout ? { ...event, error: failure } : event);
            // What is told of a request keeps its order. Of what became known, a webhook's answer doesn't wait for it.
            if (event.reference !== undefined) await told;
            came = {};
            break;
          }
          case "done":
            return JSON.parse(step.result);
          default:
            throw failure ?? new Error("what is stored can't be read");
        }
      }
    } finally {
      if (transaction) await end("rollBack");
      task.free();
    }
  }

  async send(plan, reference, { template, fee } = {}) {
    const templateText = template === undefined || template === null ? undefined : text(template);
    const task = this.#inner.send(text(plan), named(reference), templateText, fee ?? undefined);
    const { response, rejection, ...sent } = await this.#run(task);
    // Out of sight of whatever prints it: the words may repeat what was sent.
    for (const [name, value] of Object.entries({ response, rejection })) {
      if (value) Object.defineProperty(sent, name, { value });
    }
    return sent;
  }

  async ask(plan) {
    const json = text(plan);
    const response = await this.#run(this.#inner.ask(json));
    return this.#merchant[Symbol.for("bananatech.hidden")](JSON.parse(json).operation, response);
  }

  inquire(id) {
    return this.#run(this.#inner.inquire(String(id)));
  }

  cancel(id) {
    return this.#run(this.#inner.cancel(String(id)));
  }

  async receive(rawBody) {
    let delivery;
    try {
      delivery = this.#merchant.receive(rawBody);
      const bytes = typeof rawBody === "string" ? new TextEncoder().encode(rawBody) : new Uint8Array(rawBody.buffer ?? rawBody, rawBody.byteOffset, rawBody.byteLength);
      const report = await this.#run(this.#inner.receive(bytes));
      this.#notify({ kind: "webhook", type: delivery.type, verdict: report.verdict.kind });
      for (const wake of [...this.#sweepers, ...this.#deliverers]) wake();
      await this.#take?.(delivery, report);
      return { status: 200, delivery, report };
    } catch (error) {
      // Once it is authentic, what goes wrong is the database's or the caller's own.
      const isForged = !delivery && isBananaTechError(error);
      const status = isForged ? (error.code === "message.too_long" ? 413 : 400) : 503;
      this.#notify({ kind: "webhook_failed", status, code: isForged ? error.code : undefined, error });
      return { status, error };
    }
  }

  sweep() {
    return this.#run(this.#inner.sweep());
  }

  async deliver(take) {
    let count = 0;
    for (;;) {
      const asked = performance.now();
      const notices = await this.#run(this.#inner.untold());
      if (notices.length === 0) return count;
      for (const { position, ...notice } of notices) {
        // Another instance may have it by now.
        if (performance.now() - asked >= LEASE_MS) break;
        try {
          await take(notice);
        } catch (error) {
          this.#notify({ kind: "not_taken", operation: notice.operation?.id, error });
          continue;
        }
        await this.#run(this.#inner.told(position));
        count += 1;
      }
    }
  }

  async work(take, { signal } = {}) {
    const sweep = async () => {
      const { sent, asked } = await this.sweep();
      // There may be something to tell.
      if (sent + asked > 0) for (const wake of this.#deliverers) wake();
    };
    await Promise.all([this.#again(sweep, this.#sweepers, signal), this.#again(() => this.deliver(take), this.#deliverers, signal)]);
  }

  /** Does something, again and again. */
  async #again(round, wakes, signal) {
    let begin = () => {};
    let isDue = false;
    const wake = () => {
      isDue = true;
      begin();
    };
    wakes.add(wake);
    signal?.addEventListener("abort", wake);
    try {
      while (!signal?.aborted) {
        isDue = false;
        try {
          await round();
        } catch (error) {
          this.#notify({ kind: "work_failed", error });
        }
        if (isDue) continue;
        let timer;
        await new Promise((resolve) => {
          begin = resolve;
          timer = setTimeout(resolve, this.#rest_ms);
        });
        clearTimeout(timer);
      }
    } finally {
      signal?.removeEventListener("abort", wake);
      wakes.delete(wake);
    }
  }

  operation(id) {
    return this.#run(this.#inner.operation(String(id)));
  }

  operationByReference(reference) {
    return this.#run(this.#inner.operationByReference(String(reference)));
  }

  async operationsOf(card_id) {
    return this.#run(this.#inner.operationsOf(Number(card_id)));
  }

  async unsettled(most = 100) {
    return this.#run(this.#inner.unsettled(Number(most)));
  }

  async card(id) {
    const stored = await this.#run(this.#inner.card(Number(id)));
    return stored && new CardState(stored);
  }

  counts() {
    return this.#run(this.#inner.counts());
  }

  async forgetBefore(time) {
    return this.#run(this.#inner.forgetBefore(Number(time)));
  }

  find(id, outcome, { transaction_id } = {}) {
    return this.#run(this.#inner.find(String(id), JSON.stringify(outcome), transaction_id ?? undefined));
  }

  withdraw(id) {
    return this.#run(this.#inner.withdraw(String(id)));
  }

  nameForeign(thing) {
    return this.#run(this.#inner.nameForeign(String(thing)));
  }

  /** Takes a webhook as a `Request`, and answers with a `Response`. */
  handle = async (request) => {
    if (request.method !== "POST") return new Response(null, { status: 405 });
    const body = await wholeBody(request.body ?? []);
    return new Response(null, { status: body ? (await this.receive(body)).status : 413 });
  };

  /** Takes a webhook as Node's `http` and Express give it. */
  listener = async (request, response) => {
    if (request.method !== "POST") return void response.writeHead(405).end();
    let body;
    try {
      body = await wholeBody(request);
    } catch {
      return void response.destroy();
    }
    const { status } = body ? await this.receive(body) : { status: 413 };
    response.writeHead(status, { "content-length": 0 }).end();
  };
}
