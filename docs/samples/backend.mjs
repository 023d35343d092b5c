import { alert, base_url, book, merchant_id, port, secret_key, since, template_id, user_id } from "./given.mjs";

import { createServer } from "node:http";
import { Merchant, plan } from "bananatech";
import { Backend, sqlite } from "bananatech/backend";

const merchant = new Merchant({ merchant_id, base_url, secret_key });
const store = await sqlite("backend.db");
const backend = new Backend({ merchant, store, assumptions: { exclusive_since: since } });

createServer(backend.listener).listen(port); // webhooks; for Express, Hono, Fastify, Bun and Deno see below

// A virtual card. The reference is your name for it; a second request with the same one isn't carried out.
const sent = await backend.send(plan.card.apply({ user_id, template_id }), "order 7");
console.log(sent.state); // see the table of states

// From now on: ask what is overdue, send what waited, and tell what became known.
await backend.work(async (notice) => {
  const hasEnded = notice.kind === "settled" || notice.kind === "not_sent";
  if (hasEnded) await book(notice.operation); // by its reference and its outcome
  else await alert(notice);
});
