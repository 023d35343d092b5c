// The entries in a page, and values of a frame's realm; in a worker, which has no document, without these.
import { entries } from "./entries.js";
import { everything } from "./everything.js";
import { report } from "./report.js";

const worlds = globalThis.document ? [document.body.appendChild(document.createElement("iframe")).contentWindow] : [];
report((vectors) => everything(entries, vectors, worlds));
