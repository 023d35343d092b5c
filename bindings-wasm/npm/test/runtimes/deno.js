// The entries in Deno, with no permission.
import { entries } from "./entries.js";
import { everything } from "./everything.js";
import vectors from "../vectors.json" with { type: "json" };

console.log(JSON.stringify(await everything(entries, vectors)));
