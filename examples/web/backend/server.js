// HTTP: routes, sessions, same-origin checks, and which error becomes which status.
import { isBananaTechError, plan as plans } from "bananatech";
import { RECHARGE_LIMIT, Refused, admit } from "./rules.js";
import { words } from "./shown.js";
import { SECURITY_HEADERS } from "./static.js";

const LARGEST_PLAN = 16 * 1024;
const LARGEST_WEBHOOK = 1024 * 1024;
const REFERENCE = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** Answers requests. `backend` is a `Backend` of `bananatech/backend`; `origins` are those that the page may come from. */
export const handler = ({ backend, feeds, sessions, demo_user, template, files, origins, sandbox, log }) => {
  /** Has a plan carried out, once per reference. Returns when it is taken, refused, or its fate isn't known. */
  const carryOut = async (plan, user_id, reference) => {
    const sent = await backend.send(plan, `${user_id} ${reference}`);
    await feeds.sent(sent);
    if (sent.state === "refused" && plan.body.card_id !== undefined) {
      // Perhaps the card isn't as it was thought to be. If that can't be asked, it stays as the events say.
      const { card_id } = plan.body;
      await backend.ask(plans.card.getInformation({ user_id, card_id })).catch(() => {});
      await feeds.changed(user_id);
    }
    return feeds.operation(sent.operation.id);
  };

  const routes = {
    // Here belongs your log-in.
    "POST /api/session": (_, response) => {
      response.setHeader("set-cookie", sessions.start(demo_user));
      empty(response, 204);
    },

    "GET /api/me": (_, response, user_id) => json(response, 200, { user_id, template, recharge_limit: RECHARGE_LIMIT }),

    "GET /api/feed": (_, response, user_id) => feeds.serve(response, user_id),

    // A plan, made by the page. Nothing in it is trusted; it is sealed only after `admit`.
    "POST /api/plans": async (request, response, user_id) => {
      const { plan: untrusted, reference } = await body(request);
      const { plan, confirmed } = admit(untrusted, user_id, { ownerOf: feeds.ownerOf, template });
      // As JSON an answer shows nothing personal. Its fields do, and `admit` lets a user ask for their own alone.
      if (!confirmed) return json(response, 200, { response: { ...(await backend.ask(plan)) } });
      if (!REFERENCE.test(reference))
        throw new Refused(400, "reference.format", "A UUID is needed as the reference.", "reference");
      // The API has no idempotency key: what was sent already (a double click, a retry) is told again, not sent again.
      json(response, 202, { operation: await carryOut(plan, user_id, reference) });
    },

    "POST /api/find-out": async (request, response, user_id) => {
      const { id } = await body(request);
      const asked = await backend.operation(id);
      if (asked?.user_id !== user_id) throw new Refused(403, "operation.not_yours", "That isn't an operation of yours.");
      await backend.inquire(id);
      await feeds.tend();
      const operation = await feeds.operation(id);
      json(response, 200, { known: operation.stage === "confirmed" || operation.stage === "failed", operation });
    },

    // Only in this demo: the sandbox plays a shop.
    "POST /api/demo/purchase": async (request, response, user_id) => {
      const { card_id, amount, merchant_name } = await body(request);
      if (feeds.ownerOf(card_id) !== user_id) throw new Refused(403, "card.not_yours", "That isn't a card of yours.");
      json(response, 200, await sandbox.purchase({ card_id, amount, merchant_name }));
    },
  };

  const webhook = async (request, response) => {
    const raw = await bytes(request, LARGEST_WEBHOOK);
    await feeds.receive(raw, (status) => empty(response, status));
  };

  const answer = async (request, response, path) => {
    for (const [name, value] of Object.entries(SECURITY_HEADERS)) response.setHeader(name, value);
    if (path === "/webhooks/bananatech") {
      if (request.method !== "POST") return empty(response, 405);
      return webhook(request, response);
    }
    // A name that somebody else pointed at this machine is none of ours.
    if (!origins.has(`http://${request.headers.host}`)) return empty(response, 421);
    const file = (request.method === "GET" || request.method === "HEAD") && files.get(path);
    if (file) {
      return response
        .writeHead(200, { "content-type": file.type, "content-length": file.body.length, "cache-control": file.cache })
        .end(file.body);
    }
    const route = `${request.method} ${path}`;
    if (!Object.hasOwn(routes, route)) return empty(response, 404);
    if (
      request.method === "POST" &&
      !(sameOrigin(request, origins) && /^application\/json\b/.test(request.headers["content-type"]))
    ) {
      throw new Refused(403, "origin.other", "Only this backend's own page may ask for that.");
    }
    const user_id = sessions.user(request);
    if (user_id === null && path !== "/api/session") throw new Refused(401, "session.none", "Start a session first.");
    return routes[route](request, response, user_id);
  };

  const handle = async (request, response) => {
    // Only compared with known paths, so it needn't be a URL.
    const [path] = request.url.split("?");
    const began = Date.now();
    // Known paths only, no query, no body: nothing that came from outside is logged.
    const shown =
      files.has(path) || path === "/webhooks/bananatech" || Object.keys(routes).some((route) => route.endsWith(` ${path}`));
    response.on("close", () =>
      log(`${request.method} ${shown ? path : "(unknown)"} ${response.statusCode} ${Date.now() - began} ms`),
    );
    try {
      await answer(request, response, path);
    } catch (error) {
      const [status, told] = failure(error);
      if (status === 500) log(`failed: ${error?.name}`);
      if (!response.headersSent) json(response, status, { error: told });
      else response.destroy();
    }
  };
  return handle;
};

/** The status and body for an error. Words of the library hold no value that came in, so they may be passed on. */
const failure = (error) => {
  if (error instanceof Refused) return [error.status, { code: error.code, message: error.message, field: error.field }];
  if (isBananaTechError(error)) {
    const { code, message, field, category } = error;
    if (category === "rejected")
      return [502, { code, message: words(error.rejection?.message) ?? "The issuer refused it." }];
    if (category === "not_known") return [502, { code, message: "The issuer didn't say whether it was done." }];
    if (category === "invalid_input") return [code === "state.not_allowed" ? 409 : 422, { code, message, field }];
    return [502, { code, message: "The issuer's answer can't be read." }];
  }
  if (error?.name === "TimeoutError" || error instanceof TypeError)
    return [503, { code: "issuer.unreachable", message: "The issuer can't be reached." }];
  return [500, { code: "internal", message: "Something went wrong here." }];
};

// `Origin` is what browsers send with a POST; a page can't change it.
const sameOrigin = (request, origins) => origins.has(request.headers.origin);

const bytes = (request, largest) =>
  new Promise((resolve, reject) => {
    let parts = [];
    let size = 0;
    request.on("data", (part) => {
      size += part.length;
      if (size <= largest) return parts.push(part);
      parts = []; // the rest is read and thrown away, so that the answer arrives
      reject(new Refused(413, "body.too_large", "The body is too large."));
    });
    request.on("end", () => resolve(Buffer.concat(parts)));
    request.on("error", reject);
  });

const body = async (request) => {
  let value = null;
  try {
    value = JSON.parse((await bytes(request, LARGEST_PLAN)).toString("utf8"));
  } catch (error) {
    if (error instanceof Refused) throw error;
  }
  if (value === null || typeof value !== "object") throw new Refused(400, "body.format", "A JSON object is needed.");
  return value;
};

const json = (response, status, value) => {
  const text = JSON.stringify(value);
  response
    .writeHead(status, {
      "content-type": "application/json",
      "content-length": Buffer.byteLength(text),
      "cache-control": "no-store",
    })
    .end(text);
};

const empty = (response, status) => response.writeHead(status, { "content-length": 0 }).end();
