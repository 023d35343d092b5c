/** The bytes of a text in base64. */
export const bytesOf = (base64) => {
  if (Uint8Array.fromBase64) return Uint8Array.fromBase64(base64);
  // Up to version 24, Node has only this one that is quick. Looked up at run time, so that no bundler sees an import that
  // browsers don't have.
  const buffer = globalThis.process?.getBuiltinModule?.("node:buffer");
  if (buffer) return buffer.Buffer.from(base64, "base64");
  const text = atob(base64);
  const bytes = new Uint8Array(text.length);
  for (let at = 0; at < text.length; at++) bytes[at] = text.charCodeAt(at);
  return bytes;
};
