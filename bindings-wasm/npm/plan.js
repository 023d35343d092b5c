// The entry without key and cipher: what pages and apps import, and can't seal by mistake.
import { bytes } from "./inlined.js";
import { provide } from "./instance.js";

provide(bytes);

export * from "./plan-api.js";
