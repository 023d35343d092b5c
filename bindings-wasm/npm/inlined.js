// The compiled module out of the text that the build made of it: base64 is the spelling that survives every tool's idea of
// a character set, and it is compressed first because base64 itself hides from gzip and brotli what they look for.
import inflate from "tiny-inflate";
import { deflated, length } from "./module.js";

export const bytes = () => {
  const text = atob(deflated);
  const compressed = new Uint8Array(text.length);
  for (let at = 0; at < text.length; at++) compressed[at] = text.charCodeAt(at);
  return inflate(compressed, new Uint8Array(length));
};
