// The page's only way out: its own backend.
import { isBananaTechError } from "bananatech";

/** What the backend refused, or that it can't be reached. */
export class BackendError extends Error {
  constructor({ code, message, field }) {
    super(message);
    Object.assign(this, { code, field });
  }
}

const call = async (method, path, value) => {
  let response;
  let text;
  try {
    response = await fetch(path, {
      method,
      headers: value === undefined ? {} : { "content-type": "application/json" },
      body: value === undefined ? undefined : JSON.stringify(value),
      credentials: "same-origin",
    });
    text = await response.text();
  } catch {
    throw new BackendError({ code: "backend.unreachable", message: "The backend can't be reached." });
  }
  const answer = text ? JSON.parse(text) : null;
  if (!response.ok)
    throw new BackendError(answer?.error ?? { code: `http.${response.status}`, message: "The backend refused." });
  return answer;
};

/** Starts a session, and says who the user is. */
export const start = async () => {
  await call("POST", "/api/session", {});
  return call("GET", "/api/me");
};

/** Has a plan carried out. `reference` is one per intention: sent again with the same one, it isn't carried out again. */
export const carryOut = async (plan, reference) => (await call("POST", "/api/plans", { plan, reference })).operation;

/** Has something asked. */
export const ask = async (plan) => (await call("POST", "/api/plans", { plan })).response;

export const findOut = (id) => call("POST", "/api/find-out", { id });

export const purchase = (card_id, amount, merchant_name) =>
  call("POST", "/api/demo/purchase", { card_id, amount, merchant_name });

/** What happens, as it happens. `on` has a function for each event's name, and `connection`. */
export const follow = (on) => {
  const source = new EventSource("/api/feed");
  for (const name of ["all", "view", "entry"]) source.addEventListener(name, (event) => on[name](JSON.parse(event.data)));
  source.addEventListener("open", () => on.connection("live"));
  source.addEventListener("error", () => {
    on.connection("lost");
    if (source.readyState !== EventSource.CLOSED) return;
    // The backend began anew, and knows no session.
    setTimeout(
      () =>
        start().then(
          () => follow(on),
          () => source.dispatchEvent(new Event("error")),
        ),
      2000,
    );
  });
};

/** What may be shown of an error: its code and its words. */
export const told = (error) =>
  isBananaTechError(error) || error instanceof BackendError
    ? { code: error.code, field: error.field, message: error.message }
    : { code: "page", message: "Something went wrong in this page." };
