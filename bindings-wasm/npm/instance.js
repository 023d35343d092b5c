// The compiled module's one instance, made at first use: importing the package costs nothing and awaits nothing.
import * as glue from "./wasm/bananatech_bg.js";

let load;

/** How to get at the module (or its bytes), synchronously. Each entry of the package says that in its own way. */
export const provide = (source) => {
  load = source;
};

/** Whether it is a compiled module. Not by its class: another realm has another one. */
export const isModule = (source) => Object.prototype.toString.call(source) === "[object WebAssembly.Module]";

/** The functions of the compiled module. */
export const wasm = () => {
  if (load !== undefined) {
    const source = load();
    const module = isModule(source) ? source : new WebAssembly.Module(source);
    const { exports } = new WebAssembly.Instance(module, { "./bananatech_bg.js": glue });
    glue.__wbg_set_wasm(exports);
    exports.__wbindgen_start();
    load = undefined;
  }
  return glue;
};
