// Puts the backend together: server, sandbox, merchant.
import { once } from "node:events";
import { createServer } from "node:http";
import { fileURLToPath } from "node:url";
import { Merchant, Tracker } from "bananatech";
import { Issuing } from "./bananatech.js";
import { Journal } from "./journal.js";
import { TEMPLATE_ID } from "./rules.js";
import { SANDBOX_MERCHANT, SANDBOX_USER, startSandbox } from "./sandbox.js";
import { handler } from "./server.js";
import { Sessions } from "./sessions.js";
import { readPage } from "./static.js";

const DIST = fileURLToPath(new URL("../dist", import.meta.url));

/**
 * Starts the backend with a sandbox of its own. `sandbox` is the command that runs it; `origins` are others than the backend's
 * own that the page may come from (a development server).
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
  const journal = new Journal((card_id) => issuing.card(card_id));
  // The sandbox is this backend's alone, from its beginning. Of your merchant you have to say since when that is so, or that it isn't.
  const tracker = new Tracker({ exclusive_since: 0 });
  const issuing = new Issuing({ merchant, tracker, patience_ms, tell: (happened) => journal.note(happened) });
  const templates = await issuing.ask({ operation: "merchant.get_card_templates", body: {} });
  const template = templates.data.find(({ id }) => id === TEMPLATE_ID);

  const sessions = new Sessions();
  const { handle, close } = handler({
    issuing,
    journal,
    sessions,
    demo_user: SANDBOX_USER,
    template,
    files: readPage(dist),
    origins: new Set([url, url.replace("127.0.0.1", "localhost"), ...origins]),
    sandbox,
    log,
  });
  server.on("request", handle);

  const watch = setInterval(() => {
    for (const { id } of issuing.overdue()) journal.overdue(id);
  }, 250);

  return {
    url,
    sandbox,
    merchant,
    sessions,
    journal,
    stop: async () => {
      clearInterval(watch);
      close();
      server.close();
      server.closeAllConnections();
      await sandbox.stop();
      tracker.free();
      merchant.free();
    },
  };
};
