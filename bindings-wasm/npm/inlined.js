// The compiled module out of the text that the build made of it: base64 is the spelling that survives every tool's idea of
// a character set, and it is compressed first because base64 itself hides from gzip and brotli what they look for.
import inflate from "tiny-inflate";
import { deflated, length } from "./module.js";

const decoded = () => {
  if (Uint8Array.fromBase64) return Uint8Array.fromBase64(deflated);
  const text = atob(deflated);
  const bytes = new Uint8Array(text.length);
  for (let at = 0; at < text.length; at++) bytes[at] = text.charCodeAt(at);
  return bytes;
};

export const bytes = () => {
  // Where the platform can inflate synchronously (Node, Deno, Bun) it takes a twentieth of the time. Looked up at run time,
  // so that no bundler sees an import that browsers don't have.
  const { process } = globalThis;
  const zlib = process?.getBuiltinModule?.("node:zlib");
  const buffer = process?.getBuiltinModule?.("node:buffer");
  if (zlib && buffer) return zlib.inflateRawSync(buffer.Buffer.from(deflated, "base64"));
  return inflate(decoded(), new Uint8Array(length));
};
