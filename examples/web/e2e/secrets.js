// Finds a secret in bytes, however it is written.

/** What base64 makes of a text, whatever stands before and after it: three alignments, without the characters at their edges. */
const base64Cores = (secret) =>
  [0, 1, 2].map((before) => {
    const text = Buffer.concat([Buffer.alloc(before), secret])
      .toString("base64")
      .replace(/=+$/, "");
    const skip = [0, 2, 3][before];
    const whole = Math.floor(((before + secret.length) * 8) / 6);
    return text.slice(skip, whole);
  });

/** All ways of writing it that are looked for. */
export const spellings = (text) => {
  const secret = Buffer.from(text, "utf8");
  const hex = secret.toString("hex");
  const base64 = base64Cores(secret);
  return [
    ["text", secret],
    ["UTF-16", Buffer.from(text, "utf16le")],
    ["hex", Buffer.from(hex)],
    ["HEX", Buffer.from(hex.toUpperCase())],
    ...base64.map((core) => ["base64", Buffer.from(core)]),
    ...base64.map((core) => ["base64url", Buffer.from(core.replaceAll("+", "-").replaceAll("/", "_"))]),
    ["backwards", Buffer.from(secret).reverse()],
  ];
};

/** In which spellings it is there. */
export const found = (bytes, text) =>
  spellings(text)
    .filter(([, needle]) => bytes.includes(needle))
    .map(([name]) => name);
