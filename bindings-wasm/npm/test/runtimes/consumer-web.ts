// With the platform's own types. Checked by the compiler, never run.
import { init, initSync } from "bananatech/slim";
import compiled from "bananatech/bananatech.wasm";

export const answer: Promise<void> = init(fetch("/bananatech.wasm"));
export const address: Promise<void> = init(new URL("https://example.com/bananatech.wasm"));
export const module: WebAssembly.Module = compiled;
initSync(new WebAssembly.Module(new Uint8Array(8)));
