// The fields for Cloudflare Workers, which compile modules only when they are deployed.
import { provide } from "./forms-core.js";
import module from "./forms.wasm";

provide(() => module);

export * from "./forms-api.js";
export * from "./forms-attach.js";
