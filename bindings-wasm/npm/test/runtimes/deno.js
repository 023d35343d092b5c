// The default entry in Deno, with no permission.
import * as api from "bananatech";
import vectors from "../vectors.json" with { type: "json" };
import { run } from "../run-vectors.js";

console.log(JSON.stringify(run(api, vectors)));
