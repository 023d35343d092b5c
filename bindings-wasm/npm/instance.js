// The compiled module's one instance, made at first use: importing the package costs nothing and awaits nothing.
import * as glue from "./glue.js";

let load;

/** How to get at the module (or its bytes), synchronously. Each entry of the package says that in its own way. */
export const provide = (source) => {
  load = source;
};

/** The functions of the compiled module. */
export const wasm = () => {
  if (load !== undefined) {
    glue.initSync({ module: load() });
    load = undefined;
  }
  return glue;
};
