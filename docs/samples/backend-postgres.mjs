import { connectionString } from "./given.mjs";

import pg from "pg";
import { postgres } from "bananatech/backend/postgres";
// pipeline, from pg 8.23 on: statements don't wait for one another's answers.
const store = await postgres(new pg.Pool({ connectionString, pipeline: true }));

console.log(store.dialect);
process.exit();
