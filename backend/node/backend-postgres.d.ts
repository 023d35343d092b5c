import type { Store } from "./backend.js";

/** What is used of a `pg` pool. */
export interface Pool {
  connect(): Promise<{
    query(query: string | { text: string; values: unknown[]; rowMode: "array" }): Promise<{ rows: any[] }>;
    readonly pipeline?: boolean;
    on?(event: "error", listener: () => void): unknown;
    off?(event: "error", listener: () => void): unknown;
    release(destroy?: boolean): void;
  }>;
}

/**
 * The PostgreSQL database that a pool of `pg` connects to, for any number of instances. Its tables are brought up to date first. The pool decides
 * about TLS, the number of connections, and timeouts. With its option `pipeline`, from pg 8.23 on, statements don't wait for one another's answers: a webhook
 * is four round trips to the database, and eight without. Cursors and `rows` don't work with it, and a query that takes too long
 * ends its connection: give the backend a pool of its own.
 *
 * @param pool The pool.
 */
export function postgres(pool: Pool): Promise<Store>;
