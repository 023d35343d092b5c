// SQLite, in a file or in memory, by what Node itself has.
import { migrate } from "./schema.js";

/** How long a statement waits while another process writes, in milliseconds. */
const PATIENCE = 10_000;

/** Waits for its turn: SQLite has one transaction at a time. */
class Turns {
  #last = Promise.resolve();

  take() {
    let done;
    const before = this.#last;
    this.#last = new Promise((resolve) => (done = resolve));
    return before.then(() => done);
  }
}

class Sqlite {
  dialect = "sqlite";
  #database;
  #statements = new Map();
  #turns = new Turns();

  constructor(database) {
    this.#database = database;
  }

  async prepare() {
    await this.#writeAhead();
    this.#database.exec(`PRAGMA busy_timeout = ${PATIENCE}; PRAGMA synchronous = FULL`);
    const transaction = await this.begin();
    try {
      await migrate({ run: transaction.run, script: (sql) => this.#database.exec(sql) }, "sqlite");
      await transaction.commit();
    } catch (error) {
      // The first error says why.
      await transaction.rollBack().catch(() => {});
      throw error;
    }
    return this;
  }

  /** Sets write-ahead logging. While another process does, SQLite answers "busy" at once, whatever its timeout is. */
  async #writeAhead() {
    const until = performance.now() + PATIENCE;
    for (;;) {
      try {
        return this.#database.exec("PRAGMA journal_mode = WAL");
      } catch (error) {
        if (!this.isConflict(error) || performance.now() > until) throw error;
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
    }
  }

  #run({ sql, values }) {
    let statement = this.#statements.get(sql);
    if (statement === undefined) this.#statements.set(sql, (statement = this.#database.prepare(sql)));
    const named = Object.fromEntries(values.map((value, at) => [`$${at + 1}`, typeof value === "boolean" ? Number(value) : value]));
    return statement.all(named).map((row) => Object.values(row));
  }

  async begin() {
    const done = await this.#turns.take();
    const end = (how) => async () => {
      try {
        this.#database.exec(how);
      } catch (error) {
        // The next transaction couldn't begin otherwise.
        if (this.#database.isTransaction ?? true) this.#database.exec("ROLLBACK");
        throw error;
      } finally {
        done();
      }
    };
    try {
      this.#database.exec("BEGIN IMMEDIATE");
    } catch (error) {
      done();
      throw error;
    }
    return { run: async (statements) => statements.map((statement) => this.#run(statement)), commit: end("COMMIT"), rollBack: end("ROLLBACK") };
  }

  isConflict(error) {
    // Busy or locked.
    return [5, 6].includes(error?.errcode & 255);
  }

  close() {
    this.#database.close();
  }
}

/** An SQLite database in a file, made if it isn't there, or in memory: `":memory:"`. */
export const sqlite = async (path) => {
  const module = globalThis.process?.getBuiltinModule?.("node:sqlite");
  if (module === undefined) throw new Error("SQLite needs Node 22.13 or newer: it has no node:sqlite");
  return new Sqlite(new module.DatabaseSync(path)).prepare();
};
