import { connectionString } from "./given.mjs";

import pg from "pg";
import { postgres } from "bananatech/backend/postgres";
const store = await postgres(new pg.Pool({ connectionString }));

console.log(store.dialect);
process.exit();
