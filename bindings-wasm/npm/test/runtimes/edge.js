// For the edge runtime: what the package's names resolve to there.
import { entries } from "./entries.js";
import { everything } from "./everything.js";

globalThis.runEverything = async (vectors) => JSON.stringify(await everything(entries, JSON.parse(vectors)));
