// The compiled module out of the text that the build made of it: base64 is the spelling that survives every tool's idea of
// a character set, and it is compressed first because base64 itself hides from gzip and brotli what they look for.
import { inflateSync } from "fflate";
import { bytesOf } from "./base64.js";
import { length, text } from "./module.js";

export const bytes = () => {
  // Where the platform can inflate synchronously (Node, Deno, Bun) it takes a twentieth of the time. Looked up at run time,
  // so that no bundler sees an import that browsers don't have.
  const zlib = globalThis.process?.getBuiltinModule?.("node:zlib");
  return zlib ? zlib.inflateRawSync(bytesOf(text)) : inflateSync(bytesOf(text), { out: new Uint8Array(length) });
};
