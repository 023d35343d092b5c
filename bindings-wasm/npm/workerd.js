// The entry for Cloudflare Workers, which compile modules only when they are deployed.
import module from "./bananatech.wasm";
import { provide } from "./instance.js";

provide(() => module);

export * from "./api.js";
