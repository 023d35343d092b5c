// Puts the backend together: server, sandbox, merchant.
import { once } from "node:events";
import { createServer } from "node:http";
import { fileURLToPath } from "node:url";
import { setTimeout as sleep } from "node:timers/promises";
import { Merchant, plan } from "bananatech";
import { Backend, sqlite } from "bananatech/backend";
import { Feeds } from "./feed.js";
import { TEMPLATE_ID } from "./rules.js";
import { SANDBOX_MERCHANT, SANDBOX_USER, startSandbox } from "./sandbox.js";
import { handler } from "./server.js";
import { Sessions } from "./sessions.js";
import { readPage } from "./static.js";

const ASK_AFTER_MS = 120_000;
const TEND_EVERY_MS = 250;
const DIST = fileURLToPath(new URL("../dist", import.meta.url));

/**
 * Starts the backend with a sandbox of its own. `sandbox` is the command that runs it; `origins` are others than the backend's
 * own that the page may come from (a development server). After `patience_ms` without a webhook a page offers to ask.
 */
export const start = async ({
  sandbox: command,
  port = 0,
  patience_ms = 15_000,
  dist = DIST,
  origins = [],
  log = () => {},
}) => {
  const server = createServer();
  server.listen(port, "127.0.0.1");
  await once(server, "listening");
  const url = `http://127.0.0.1:${server.address().port}`;

  const sandbox = await startSandbox({ command, webhook_url: `${url}/webhooks/bananatech` });
  // The sandbox seals every success, so nothing else is taken for one.
  const merchant = new Merchant({ ...SANDBOX_MERCHANT, base_url: sandbox.url, sealed_answers_only: true });
  // The sandbox forgets all when it ends, so what is known of it needs no file: yours is sqlite("bananatech.db"), or PostgreSQL.
  const store = await sqlite(":memory:");
  const backend = new Backend({
    merchant,
    store,
    // The sandbox is this backend's alone, from its beginning. Of your merchant you have to say since when that is so, or that it isn't.
    assumptions: { exclusive_since: 0 },
    // Until then it is left to a person who sees that something takes long.
    ask_after_ms: ASK_AFTER_MS,
    onEvent: ({ kind, reference, code, error }) => {
      if (kind === "sending") feeds.sending(reference).catch(failed);
      if (kind === "webhook_failed") log(`webhook refused: ${code}`);
      if (kind === "not_taken") failed(error);
    },
  });
  const failed = (error) => log(`failed: ${error?.name}`);
  const feeds = new Feeds(backend, patience_ms);
  const templates = await backend.ask(plan.merchant.getCardTemplates());
  const template = templates.data.find(({ id }) => id === TEMPLATE_ID);

  const sessions = new Sessions();
  const handle = handler({
    backend,
    feeds,
    sessions,
    demo_user: SANDBOX_USER,
    template,
    files: readPage(dist),
    origins: new Set([url, url.replace("127.0.0.1", "localhost"), ...origins]),
    sandbox,
    log,
  });
  server.on("request", handle);

  let stopping = false;
  const tend = async () => {
    while (!stopping) {
      await backend.sweep().catch(failed);
      await feeds.tend().catch(failed);
      await sleep(TEND_EVERY_MS);
    }
  };
  const tending = tend();

  return {
    url,
    sandbox,
    merchant,
    sessions,
    feeds,
    stop: async () => {
      stopping = true;
      feeds.close();
      server.close();
      server.closeAllConnections();
      await tending;
      await sandbox.stop();
      store.close();
      merchant.free();
    },
  };
};
