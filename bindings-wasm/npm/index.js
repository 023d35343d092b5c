// The default entry: the compiled module stands in this file, so that any bundler and runtime takes it as it is.
import { bytes } from "./inlined.js";
import { provide } from "./instance.js";
import { providePlatform } from "./platform.js";

provide(bytes);
// Looked up at run time, so that no bundler sees an import that browsers don't have.
providePlatform(globalThis.process?.getBuiltinModule?.("node:crypto"), globalThis.process?.getBuiltinModule?.("node:buffer"));

export * from "./api.js";
