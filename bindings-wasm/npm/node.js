// The entry for Node: reads the module beside it, synchronously, so that there is nothing to await.
import { readFileSync } from "node:fs";
import { initSync } from "./wasm/bananatech.js";

initSync({ module: readFileSync(new URL("./wasm/bananatech_bg.wasm", import.meta.url)) });

export * from "./api.js";
