import { everything } from "./test/runtimes/everything.js";
import { entries } from "./test/runtimes/entries.js";

/** Tries the entries on the vectors that a request brings. */
export const answer = async (request) => Response.json(await everything(entries, await request.json()));
