import type { Store } from "./backend.js";

/** What is used of a `pg` pool. */
export interface Pool {
  connect(): Promise<{
    query(query: string | { text: string; values: unknown[]; rowMode: "array" }): Promise<{ rows: any[] }>;
    release(destroy?: boolean): void;
  }>;
}

/**
 * The PostgreSQL database that a pool of `pg` connects to, for any number of instances. Its tables are brought up to date first. The pool decides
 * about TLS, the number of connections, and timeouts.
 *
 * @param pool The pool.
 */
export function postgres(pool: Pool): Promise<Store>;
