// Card fields for web pages: the core's fields alone, in a module of their own, which stands in this file as text.
import { bytesOf } from "./base64.js";
import { provide } from "./forms-core.js";
import { text } from "./module.js";

provide(() => new WebAssembly.Module(bytesOf(text)));

export * from "./forms-api.js";
export * from "./forms-attach.js";
