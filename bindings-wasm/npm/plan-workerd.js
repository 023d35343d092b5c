// As workerd.js, without key and cipher.
import module from "./plan.wasm";
import { provide } from "./instance.js";

provide(() => module);

export * from "./plan-api.js";
