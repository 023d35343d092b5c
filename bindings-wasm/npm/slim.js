// The entry without the compiled module: the program says where it comes from.
import { isModule, provide, wasm } from "./instance.js";

const missing = () => {
  throw new Error(
    'bananatech/slim: call init() first, for example await init(fetch("/bananatech.wasm")), or initSync() with a module or its bytes',
  );
};
provide(missing);

/** Takes a compiled module or its bytes. Once one is there, later calls change nothing. */
export function initSync(source) {
  provide(() => source);
  try {
    wasm();
  } catch (error) {
    provide(missing);
    throw error;
  }
}

/** As `initSync`, and for what takes time: an address, an answer of `fetch`, and promises. */
export async function init(source) {
  source = await source;
  if (typeof source === "string" || Object.prototype.toString.call(source) === "[object URL]") source = await fetch(source);
  // What a runtime's or a bundler's `import("….wasm")` gives.
  if (source?.default !== undefined) source = source.default;
  if (typeof source?.arrayBuffer === "function") {
    if (source.ok === false) throw new Error(`bananatech/slim: the module's address answered with status ${source.status}`);
    // Streaming saves time, and the platform refuses it unless the server names the type.
    const streams = WebAssembly.compileStreaming && source.headers?.get("content-type") === "application/wasm";
    source = streams ? await WebAssembly.compileStreaming(source) : await source.arrayBuffer();
  }
  initSync(isModule(source) ? source : await WebAssembly.compile(source));
}

export * from "./api.js";
