// The entry for Vercel's edge runtime, where `?module` asks for a compiled module.
import module from "./bananatech.wasm?module";
import { provide } from "./instance.js";

provide(() => module);

export * from "./api.js";
