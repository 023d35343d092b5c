// One instance of the backend, in Node. See src/lib.rs for what an instance is. Its argument is a folder that has `pg`.
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { join } from "node:path";
import { isBananaTechError, Merchant } from "bananatech";
import { Backend } from "bananatech/backend";
import { postgres } from "bananatech/backend/postgres";

const { Pool } = createRequire(join(process.argv[2], "package.json"))("pg");
const { DATABASE_URL, API_URL, MERCHANT_ID, SECRET_KEY, ASK_AFTER_MS, FINAL_AFTER_MS, NOTICES_URL } = process.env;

const backend = new Backend({
  merchant: new Merchant({ merchant_id: MERCHANT_ID, secret_key: SECRET_KEY, codec: "utf8", base_url: API_URL, sealed_answers_only: true }),
  // Nobody else ever acts in this sandbox.
  assumptions: { exclusive_since: 0, final_after_ms: Number(FINAL_AFTER_MS) },
  store: await postgres(new Pool({ connectionString: DATABASE_URL, max: 8, pipeline: true })),
  ask_after_ms: Number(ASK_AFTER_MS),
  rest_ms: 200,
  onEvent: ({ kind, status, error }) => {
    if (status === 503 || kind === "not_taken" || kind === "work_failed") console.error(kind, error);
  },
});

const body = async (request) => {
  const parts = [];
  for await (const part of request) parts.push(part);
  return JSON.parse(Buffer.concat(parts));
};

const answer = async (request) => {
  const { pathname, searchParams } = new URL(request.url, "http://127.0.0.1");
  try {
    switch (pathname) {
      case "/send": {
        const { plan, reference } = await body(request);
        return [200, (await backend.send(plan, reference)).state];
      }
      case "/say": {
        const { reference, said } = await body(request);
        const { id } = await backend.operationByReference(reference);
        await (said === "withdrawn" ? backend.withdraw(id) : backend.find(id, { kind: said }));
        return [200, "noted"];
      }
      case "/operation":
        return [200, await backend.operationByReference(searchParams.get("reference"))];
      case "/counts":
        return [200, await backend.counts()];
      default:
        return [404, null];
    }
  } catch (error) {
    if (isBananaTechError(error) && error.category === "invalid_input") return [409, { code: error.code }];
    console.error(pathname, error);
    return [503, null];
  }
};

const server = createServer(async (request, response) => {
  if (request.url === "/webhooks") return backend.listener(request, response);
  const [status, said] = await answer(request);
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(said));
}).listen(0, "127.0.0.1", () => console.log(`listening on http://127.0.0.1:${server.address().port}`));

const tell = async ({ kind, operation }) => {
  const { ok, status } = await fetch(NOTICES_URL, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ kind, operation }),
  });
  if (!ok) throw new Error(`not taken: ${status}`);
};

// It ends with whoever started it.
process.stdin.on("end", () => process.exit(0)).resume();

await backend.work(tell);
