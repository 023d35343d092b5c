// The platform's encoder and decoder of texts, or what does their work where a program has none when it imports the package, as
// in Jest with jsdom. The build puts these in place of the globals.
// Node's own are asked for only where the globals are missing: Next.js refuses the question in its edge runtime.
const isThere = globalThis.TextEncoder !== undefined && globalThis.TextDecoder !== undefined;
const util = isThere ? undefined : globalThis.process?.getBuiltinModule?.("node:util");

class Encoder {
  encode(text) {
    const escaped = encodeURIComponent(text.replace(/[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g, "\ufffd"));
    return Uint8Array.from(escaped.match(/%..|./g) ?? [], (part) => (part.length === 1 ? part.charCodeAt(0) : Number.parseInt(part.slice(1), 16)));
  }

  encodeInto(text, target) {
    const bytes = this.encode(text);
    if (bytes.length > target.length) return { read: 0, written: 0 };
    target.set(bytes);
    return { read: text.length, written: bytes.length };
  }
}

class Decoder {
  decode(bytes = []) {
    return decodeURIComponent(Array.from(bytes, (byte) => `%${byte.toString(16).padStart(2, "0")}`).join(""));
  }
}

const encoder = globalThis.TextEncoder ?? util?.TextEncoder ?? Encoder;
const decoder = globalThis.TextDecoder ?? util?.TextDecoder ?? Decoder;
export { encoder as TextEncoder, decoder as TextDecoder };
