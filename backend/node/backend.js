// A merchant's backend. All that is decided is decided in the compiled module, which says step by step what to do; here it is done.
import { CardState, isBananaTechError } from "bananatech";

export { sqlite } from "./sqlite.js";

const MAX_WEBHOOK_BYTES = 1024 * 1024;
const TIMEOUT_MS = 30_000;

/** Sends a request once, and follows no redirect. */
const sendOnce = (url, init) => fetch(url, { ...init, redirect: "manual", signal: AbortSignal.timeout(TIMEOUT_MS) });

const text = (value) => (typeof value === "string" ? value : (JSON.stringify(value) ?? ""));

/** What isn't a text is no name for anything: `undefined` as a text would be one for all that lack one. */
const named = (reference) => (typeof reference === "string" ? reference : "");

export class Backend {
  #merchant;
  #inner;
  #store;
  #fetch;
  #notify;

  constructor({ merchant, assumptions = {}, store, one_at_a_time, ask_after_ms, fetch = sendOnce, onEvent = () => {}, ...unknown }) {
    this.#merchant = merchant;
    this.#store = store;
    this.#fetch = fetch;
    // What was stored is sent, and what was sent is noted, whatever happens to whoever follows it.
    this.#notify = async (event) => {
      try {
        await onEvent(event);
      } catch {}
    };
    const { exclusive_since: since, ...others } = assumptions;
    const exclusive = since === undefined || since === null ? {} : { exclusive_since: Number(since) };
    this.#inner = merchant[Symbol.for("bananatech.backend")]({
      // By its name, what there isn't is refused.
      ...Object.fromEntries(Object.keys(unknown).map((name) => [name, null])),
      assumptions: { ...exclusive, ...others },
      dialect: store.dialect,
      one_at_a_time,
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
        failure = error;
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
        const response = await this.#fetch(url, { method: "POST", headers, body });
        return [{ status: response.status }, new Uint8Array(await response.arrayBuffer())];
      } catch (error) {
        failure = error;
        return [{ no_answer: true }];
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
          case "query":
            came = await store(async () => ({ rows: await transaction.query(step.sql, step.values) }));
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
            // What `fetch` threw says why.
            this.#notify(event.state === "not_known" && failure ? { ...event, error: failure } : event);
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
      return { status: 200, delivery, report };
    } catch (error) {
      const status = isBananaTechError(error) ? (error.code === "message.too_long" ? 413 : 400) : 503;
      this.#notify({ kind: "webhook_failed", status, code: error?.code });
      return { status, error };
    }
  }

  sweep() {
    return this.#run(this.#inner.sweep());
  }

  async deliver(take) {
    let count = 0;
    for (;;) {
      const notices = await this.#run(this.#inner.untold());
      if (notices.length === 0) return count;
      for (const { position, ...notice } of notices) {
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
    // The core looks at no longer body.
    const { status } = await this.receive(new Uint8Array(await request.arrayBuffer()));
    return new Response(null, { status });
  };

  /** Takes a webhook as Node's `http` and Express give it. */
  listener = async (request, response) => {
    if (request.method !== "POST") return void response.writeHead(405).end();
    const parts = [];
    let size = 0;
    try {
      for await (const part of request) {
        size += part.length;
        // What is too long is read to its end, so that the answer arrives.
        if (size <= MAX_WEBHOOK_BYTES) parts.push(part);
      }
    } catch {
      return void response.destroy();
    }
    const { status } = size > MAX_WEBHOOK_BYTES ? { status: 413 } : await this.receive(Buffer.concat(parts));
    response.writeHead(status, { "content-length": 0 }).end();
  };
}
