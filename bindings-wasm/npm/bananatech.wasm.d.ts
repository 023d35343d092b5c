/** For runtimes and bundlers that import `.wasm` as a compiled module, or as its address. */
declare const module: typeof globalThis extends { WebAssembly: { Module: { prototype: infer Type } } } ? Type : object;
export default module;
