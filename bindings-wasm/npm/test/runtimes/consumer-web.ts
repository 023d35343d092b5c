// With the platform's own types. Checked by the compiler, never run.
import { number } from "bananatech/forms";
import { init, initSync } from "bananatech/slim";
import compiled from "bananatech/bananatech.wasm";

export const answer: Promise<void> = init(fetch("/bananatech.wasm"));
export const address: Promise<void> = init(new URL("https://example.com/bananatech.wasm"));
export const module: WebAssembly.Module = compiled;
export const isValid: boolean = number("4111111111111111").isValid;
initSync(new WebAssembly.Module(new Uint8Array(8)));
