// For Node and Bun: the entries as ES modules.
import { entries } from "./entries.js";
import { everything } from "./everything.js";
import { print, vectors } from "./support.mjs";
import worlds from "./worlds.cjs";

print(await everything(entries, vectors(), worlds));
