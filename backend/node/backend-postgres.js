// PostgreSQL, for any number of instances, by a pool of the program's own.
import { migrate } from "./schema.js";

const CONFLICTS = [
  "40001", // serialization_failure
  "40P01", // deadlock_detected
  "23505", // unique_violation: another instance made the same row; the second finds it when it begins again
];

/** The names of statements: one with a name is parsed once per connection. There are some twenty. */
const names = new Map();

const nameOf = (text) => {
  let name = names.get(text);
  if (name === undefined) names.set(text, (name = `bananatech_${names.size + 1}`));
  return name;
};

const ignore = () => {};

class Postgres {
  dialect = "postgres";
  #pool;

  constructor(pool) {
    this.#pool = pool;
  }

  async prepare() {
    const transaction = await this.begin();
    try {
      const [, held] = await transaction.run([
        // Several instances may start at once: one of them does it.
        { sql: "SELECT pg_advisory_xact_lock(hashtextextended('bananatech schema', 0))", values: [] },
        // Some databases that speak as PostgreSQL does take the words and lock nothing.
        { sql: "SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid()", values: [] },
      ]);
      if (held.length === 0) throw new Error("the database has no advisory locks");
      await migrate(transaction, "postgres");
      await transaction.commit();
    } catch (error) {
      // The first error says why.
      await transaction.rollBack().catch(ignore);
      throw error;
    }
    return this;
  }

  async begin() {
    const client = await this.#pool.connect();
    // Outside of the pool nobody else listens, and a connection that is lost would end the process. What is asked of it then fails.
    client.on?.("error", ignore);
    const release = (isBroken) => {
      client.release(isBroken);
      client.off?.("error", ignore);
    };
    // If one fails, a transaction may still be open, so the connection must not go back into the pool.
    const orBroken = async (sql) => {
      try {
        await client.query(sql);
      } catch (error) {
        release(true);
        throw error;
      }
    };
    // What is read after a lock was waited for has to be what is there then. Waited for: were it refused, what is sent behind it would be kept.
    await orBroken("BEGIN ISOLATION LEVEL READ COMMITTED");
    let isOpen = true;
    const end = (how) => async () => {
      if (!isOpen) return;
      isOpen = false;
      await orBroken(how);
      release();
    };
    const query = async ({ sql, values }) => (await client.query({ name: nameOf(sql), text: sql, values, rowMode: "array" })).rows;
    return {
      run: async (statements) => {
        // They go out without waiting for answers. A client without this mode has to be asked one after the other.
        if (client.pipeline) return Promise.all(statements.map(query));
        const rows = [];
        for (const statement of statements) rows.push(await query(statement));
        return rows;
      },
      script: (sql) => client.query(sql),
      commit: end("COMMIT"),
      rollBack: end("ROLLBACK"),
    };
  }

  isConflict(error) {
    return CONFLICTS.includes(error?.code);
  }
}

/**
 * The database that a pool of `pg` connects to. The pool decides about TLS, the number of connections, and timeouts, and whether
 * statements wait for one another's answers (`pipeline`).
 */
export const postgres = (pool) => new Postgres(pool).prepare();
