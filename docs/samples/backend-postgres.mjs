import { connectionString } from "./given.mjs";

import pg from "pg";
import { postgres } from "bananatech/backend/postgres";
// pipeline, from pg 8.23 on: statements don't wait for one another's answers. Give the backend a pool of its own then.
const pool = new pg.Pool({ connectionString, pipeline: true });
pool.on("error", (error) => console.warn(error)); // a connection that wasn't in use was lost
const store = await postgres(pool);

console.log(store.dialect);
process.exit();
