// The tables, by version: the files of `backend/rust/schema`, as the other languages have them.
import postgres1 from "../rust/schema/postgres/0001.sql";
import sqlite1 from "../rust/schema/sqlite/0001.sql";

export const schemas = { postgres: [postgres1], sqlite: [sqlite1] };

/** Brings the tables up to date, in a transaction that is open and has them for itself. */
export const migrate = async ({ run, script }, dialect) => {
  await script("CREATE TABLE IF NOT EXISTS bananatech_schema (version BIGINT PRIMARY KEY)");
  const [[[found]]] = await run([{ sql: "SELECT coalesce(max(version), 0) AS version FROM bananatech_schema", values: [] }]);
  const lacking = schemas[dialect].slice(Number(found));
  if (Number(found) > schemas[dialect].length) throw new Error("the tables were made by a newer version of this package");
  for (const [at, sql] of lacking.entries()) {
    await script(sql);
    await run([{ sql: "INSERT INTO bananatech_schema (version) VALUES ($1)", values: [Number(found) + at + 1] }]);
  }
};
