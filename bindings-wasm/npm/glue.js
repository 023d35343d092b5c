// What wasm-bindgen generates, but for its default export: that one fetches, which no entry wants.
export * from "./wasm/bananatech.js";
