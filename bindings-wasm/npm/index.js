// The default entry: the compiled module stands in this file, so that any bundler and runtime takes it as it is.
import { bytes } from "./inlined.js";
import { provide } from "./instance.js";

provide(bytes);

export * from "./api.js";
