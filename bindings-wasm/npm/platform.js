// The platform's own cryptography: `node:crypto`, which Node, Bun and Deno have. It is quicker with long messages; what is short, and a payload
// that isn't what it has to be, is left to the compiled module. But for keys, all bytes are the module's memory: none of them stays here.

/** From how many bytes on it is quicker: docs/benchmarks.md. */
const FROM = 1024;

// Only the default entry asks. Looked up at run time, so that no bundler sees an import that browsers don't have.
const buffer = IS_DEFAULT && globalThis.process?.getBuiltinModule?.("node:buffer");
const crypto = buffer && globalThis.process?.getBuiltinModule?.("node:crypto");

/** From how many bytes on to ask for it, or nothing where there is none. A test may say it, by a symbol in a merchant's options. */
export const platformFrom = (options) => (crypto ? (options?.[Symbol.for("bananatech.platform_from")] ?? FROM) : undefined);

// Merchants' keys by number, as objects that don't show them. No program gets here.
const keys = new Map();
let last = 0;

export const takeKey = (bytes) => {
  if (!IS_DEFAULT) return 0;
  keys.set(++last, { key: crypto.createSecretKey(bytes), cipher: `aes-${bytes.length * 8}-cbc` });
  return last;
};

export const dropKey = (number) => void keys.delete(number);

const macOf = (number, payload) => IS_DEFAULT && crypto.createHmac("sha256", keys.get(number).key).update(payload).digest();
const over = (bytes) => IS_DEFAULT && buffer.Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);

export const seal = (number, iv, plaintext, payload, mac) => {
  if (!IS_DEFAULT) return false;
  try {
    const { key, cipher: name } = keys.get(number);
    const cipher = crypto.createCipheriv(name, key, iv);
    const sealed = buffer.Buffer.concat([iv, cipher.update(plaintext), cipher.final()]);
    if (over(payload).write(sealed.toString("base64"), "latin1") !== payload.length) return false;
    mac.set(macOf(number, payload));
    return true;
  } catch {
    return false;
  }
};

export const verify = (number, payload, mac) => {
  if (!IS_DEFAULT) return undefined;
  try {
    return crypto.timingSafeEqual(macOf(number, payload), mac);
  } catch {}
};

/**
 * Whether bytes are all that a text says in strict base64. What decodes passes over what isn't base64, and takes the alphabet of URLs; with a
 * character less there would be fewer bytes. To encode all of them again would take as long as the cipher.
 */
const isAllOf = (bytes, text) => {
  const end = bytes.subarray(bytes.length - (bytes.length % 3 || 3)).toString("base64");
  return text.length === Math.ceil(bytes.length / 3) * 4 && text.endsWith(end) && !text.includes("-") && !text.includes("_");
};

export const open = (number, payload, plaintext) => {
  if (!IS_DEFAULT) return undefined;
  try {
    const { key, cipher: name } = keys.get(number);
    const text = over(payload).latin1Slice();
    // In place: each new buffer is work for the garbage collector.
    const place = over(plaintext);
    const sealed = place.subarray(0, place.write(text, "base64"));
    if (!isAllOf(sealed, text)) return undefined;
    const decipher = crypto.createDecipheriv(name, key, sealed.subarray(0, 16));
    let length = 0;
    const take = (part) => {
      plaintext.set(part, length);
      length += part.length;
      part.fill(0);
    };
    take(decipher.update(sealed.subarray(16)));
    take(decipher.final());
    return length;
  } catch {}
};

const decoder = new TextDecoder();

/** What the compiled module makes of a value and a long text of ASCII: see merchant.rs. */
export const withAscii = (json, text) => ({
  value: JSON.parse(json),
  text: IS_DEFAULT && buffer && text.length >= FROM ? over(text).latin1Slice() : decoder.decode(text),
});
