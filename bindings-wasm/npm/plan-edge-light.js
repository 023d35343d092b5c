// As edge-light.js, without key and cipher.
import module from "./plan.wasm?module";
import { provide } from "./instance.js";

provide(() => module);

export * from "./plan-api.js";
