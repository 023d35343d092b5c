// A stand-in for your sessions: whoever opens the page is the sandbox's user. The cookie is as it should be all the same.
import { randomBytes } from "node:crypto";

const NAME = "session";

export class Sessions {
  #users = new Map();

  /** Starts a session. With TLS, add `Secure` and the prefix `__Host-`. */
  start(user_id) {
    const token = randomBytes(16).toString("hex");
    this.#users.set(token, user_id);
    return `${NAME}=${token}; Path=/; HttpOnly; SameSite=Strict`;
  }

  /** Whose session a request belongs to; null if it has none. */
  user(request) {
    for (const part of (request.headers.cookie ?? "").split(";")) {
      const [name, value] = part.trim().split("=");
      if (name === NAME) return this.#users.get(value) ?? null;
    }
    return null;
  }
}
