// Server-sent events: everything at the start, then each change.
const HEARTBEAT_MS = 15_000;

export class Feeds {
  #open = new Set();

  /** Answers a request with what `journal` says of this user, until the page is gone. */
  serve(response, user_id, journal) {
    response.writeHead(200, { "content-type": "text/event-stream; charset=utf-8", "cache-control": "no-store" });
    const send = (name, data) => response.write(`event: ${name}\ndata: ${JSON.stringify(data)}\n\n`);
    response.write("retry: 1000\n\n");
    send("all", journal.view(user_id));
    const leave = journal.follow(user_id, send);
    const heartbeat = setInterval(() => response.write(": still here\n\n"), HEARTBEAT_MS);
    this.#open.add(response);
    response.on("close", () => {
      leave();
      clearInterval(heartbeat);
      this.#open.delete(response);
    });
  }

  close() {
    for (const response of this.#open) response.end();
  }
}
