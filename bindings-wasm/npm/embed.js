// A small WebAssembly module as text in JavaScript. Base64 hides from gzip and brotli what they look for, and inflating takes
// a library, so each byte stands for itself: one character for a frequent byte, two for a rare one.
import { deepEqual } from "node:assert/strict";
import { gzipSync } from "node:zlib";

// A module without its custom sections: names, and which compiler made it.
const withoutCustomSections = (module) => {
  const kept = [module.subarray(0, 8)];
  for (let at = 8; at < module.length; ) {
    const from = at;
    const id = module[at++];
    let size = 0;
    for (let shift = 0, more = true; more; shift += 7) {
      const byte = module[at++];
      size |= (byte & 0x7f) << shift;
      more = byte > 0x7f;
    }
    at += size;
    if (id !== 0) kept.push(module.subarray(from, at));
  }
  return Buffer.concat(kept);
};

/** A module as small as Binaryen gets it, with no features but those that it is compiled with. */
export const shrink = (binaryen, module) => {
  const { BulkMemory, BulkMemoryOpt, Multivalue, MutableGlobals, NontrappingFPToInt, ReferenceTypes, SignExt } = binaryen.Features;
  binaryen.setOptimizeLevel(2);
  binaryen.setShrinkLevel(2);
  let smallest = withoutCustomSections(module);
  const optimized = binaryen.readBinary(smallest);
  optimized.setFeatures(
    BulkMemory | BulkMemoryOpt | Multivalue | MutableGlobals | NontrappingFPToInt | ReferenceTypes | SignExt,
  );
  // Until it gains nothing more.
  for (;;) {
    optimized.optimize();
    const next = withoutCustomSections(Buffer.from(optimized.emitBinary()));
    if (next.length >= smallest.length) break;
    smallest = next;
  }
  optimized.dispose();
  return smallest;
};

// The printable characters before `}`, which stand for the first values; after `}` or `~` they stand for others.
const FIRST = 0x20;
const MANY = 0x5d;

/** The text of bytes, once each was multiplied and moved: which ones are the first values. */
const textOf = (bytes, factor, offset) => {
  let text = "";
  for (const byte of bytes) {
    const value = (byte * factor + offset) & 0xff;
    text += ["", "}", "~"][Math.floor(value / MANY)] + String.fromCharCode(FIRST + (value % MANY));
  }
  return text;
};

/** The code of a module whose `bytes()` are these. */
export const inText = (bytes) => {
  const counts = new Array(256).fill(0);
  for (const byte of bytes) counts[byte]++;
  // Which factor and offset make the most bytes one character each: it saves a table.
  const all = [];
  for (let factor = 1; factor < 256; factor += 2) {
    for (let offset = 0; offset < 256; offset++) {
      const frequent = counts.reduce((sum, count, byte) => {
        const value = (byte * factor + offset) & 0xff;
        const isEscaped = value === 0x22 - FIRST || value === 0x5c - FIRST;
        return value < MANY && !isEscaped ? sum + count : sum;
      }, 0);
      all.push({ factor, offset, frequent });
    }
  }
  all.sort((a, b) => b.frequent - a.frequent);
  const sized = all.slice(0, 64).map(({ factor, offset }) => {
    const text = JSON.stringify(textOf(bytes, factor, offset));
    return { factor, offset, text, size: gzipSync(text, { level: 9 }).length };
  });
  const { factor, offset, text } = sized.reduce((best, each) => (each.size < best.size ? each : best));
  let inverse = 1;
  while (((inverse * factor) & 0xff) !== 1) inverse += 2;
  const moved = ((-(offset + FIRST) * inverse) % 256) + 256;
  const decoded = `(text) => Uint8Array.from(text.match(/[}~]?./g), (c) =>
  (c.charCodeAt(c.length - 1) + (c[1] ? (c > "~" ? ${2 * MANY} : ${MANY}) : 0)) * ${inverse} + ${moved})`;
  deepEqual(Buffer.from(new Function(`return ${decoded}`)()(JSON.parse(text))), Buffer.from(bytes));
  return `const decoded = ${decoded};\nexport const bytes = () => decoded(${text});\n`;
};
