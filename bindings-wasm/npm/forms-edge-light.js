// The fields for Vercel's edge runtime, where `?module` asks for a compiled module.
import { provide } from "./forms-core.js";
import module from "./forms.wasm?module";

provide(() => module);

export * from "./forms-api.js";
export * from "./forms-attach.js";
