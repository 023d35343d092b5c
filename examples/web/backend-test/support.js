// A backend with a sandbox of its own, and a client that does what a page would.
import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { plan } from "bananatech";
import { start } from "../backend/start.js";

export const USER = 12345;
export const OTHER_USER = 67890;
export const CARD_NUMBER = "1234567890123456";
export const PIN = "482915";

export const backendFor = async (test, options = {}) => {
  const program = process.env.BANANATECH_SANDBOX;
  if (!program) throw new Error("BANANATECH_SANDBOX is needed: the path of the program bananatech-sandbox");
  const lines = [];
  const backend = await start({ sandbox: [program], log: (line) => lines.push(line), ...options });
  test.after(() => backend.stop());
  return { ...backend, lines };
};

/** Waits until something is so. */
export const until = async (what, check, patience_ms = 60_000) => {
  const end = Date.now() + patience_ms;
  while (Date.now() < end) {
    const value = await check();
    if (value) return value;
    await sleep(20);
  }
  throw new Error(`it didn't come about: ${what}`);
};

/** Somebody with a session. */
export const clientOf = (backend, user_id = USER) => {
  const cookie = backend.sessions.start(user_id).split(";")[0];
  backend.feeds.view(user_id);
  const post = async (path, body, headers = {}) => {
    const response = await fetch(backend.url + path, {
      method: "POST",
      headers: { cookie, origin: backend.url, "content-type": "application/json", ...headers },
      body: JSON.stringify(body),
    });
    const text = await response.text();
    return { status: response.status, headers: response.headers, text, body: text ? JSON.parse(text) : null };
  };
  const send = (planned, reference = randomUUID()) => post("/api/plans", { plan: planned, reference });
  const done = (id) =>
    until(`operation ${id} ends`, async () => {
      const { stage } = await backend.feeds.operation(id);
      return ["confirmed", "failed"].includes(stage);
    });
  return {
    cookie,
    post,
    send,
    view: () => backend.feeds.view(user_id),
    /** Sends a plan, and waits for its webhook. */
    carryOut: async (planned) => {
      const { status, body, text } = await send(planned);
      if (status !== 202) throw new Error(`answered with ${status} ${text}`);
      await done(body.operation.id);
      return backend.feeds.operation(body.operation.id);
    },
    assign: (card_number = CARD_NUMBER) => plan.card.assign({ user_id, template_id: 1, card_number }),
    alter: (card_id, alter, pin) => plan.card.updateStatus({ user_id, card_id, alter, ...(pin && { pin }) }),
    recharge: (card_id, sum) => plan.card.recharge({ user_id, card_id, amount: sum }),
  };
};

/** A client with an active card. */
export const withActiveCard = async (backend, user_id = USER, number = CARD_NUMBER) => {
  const client = clientOf(backend, user_id);
  const { card_id } = await client.carryOut(client.assign(number));
  await client.carryOut(client.alter(card_id, "ACTIVATE", PIN));
  return { ...client, card_id };
};
