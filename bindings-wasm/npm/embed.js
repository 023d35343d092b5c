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

// A value below MANY is one printable character, from FIRST on and before `}`; `}` and `~` before one make it MANY more, or twice.
const FIRST = 0x20;
const MANY = 0x5d;

const charsOf = (value) => ["", "}", "~"][Math.floor(value / MANY)] + String.fromCharCode(FIRST + (value % MANY));

// A loop over bytes: it runs once, before anything of it is compiled, and each visitor waits for it.
const SOURCE = `const decoded = (text) => {
  const order = new Uint8Array(256).map((_, at) => at);
  const bytes = new TextEncoder().encode(text);
  let more = 0, to = -${MANY};
  for (let at = 0, byte; (byte = bytes[at++]); ) {
    if (byte > ${FIRST + MANY - 1}) more = ${MANY} * (byte - ${FIRST + MANY - 1});
    else {
      const value = byte - ${FIRST} + more;
      more = 0;
      if (to < 0) [order[to + ${MANY}], order[value]] = [order[value], order[to + ${MANY}]];
      else bytes[to] = order[value];
      to++;
    }
  }
  return bytes.subarray(0, to);
};`;

// The counts of the values from 0 to 255 among some.
const countsOf = (values) => {
  const counts = new Array(256).fill(0);
  for (const value of values) counts[value]++;
  return counts;
};

// The places of a list of counts, the largest count first.
const ranked = (counts) => [...counts.keys()].sort((a, b) => counts[b] - counts[a] || a - b);

// How many exchanges of two characters are tried: more gain next to nothing.
const TRIALS = 3000;

/**
 * The code of a module whose `bytes()` are these. What is frequent in it becomes the characters that are frequent in the
 * script around it, because gzip has one code for both.
 */
export const inText = (bytes, script) => {
  const around = countsOf(Buffer.from(script, "latin1")).slice(FIRST, FIRST + MANY);
  // These are two characters within a string.
  for (const char of ["`", "\\"]) around[char.charCodeAt(0) - FIRST] = -1;
  const frequent = ranked(countsOf(bytes));
  let wanted = [];
  ranked(around).forEach((value, rank) => (wanted[value] = frequent[rank]));

  const textOf = (wanted) => {
    const order = [...new Array(256).keys()];
    // Each value's byte is fetched from where it stands by then: the other values' bytes need no list.
    const swaps = wanted.map((byte, to) => {
      const from = order.indexOf(byte);
      [order[to], order[from]] = [order[from], order[to]];
      return from;
    });
    const chars = [];
    order.forEach((byte, value) => (chars[byte] = charsOf(value)));
    return [...swaps.map(charsOf), ...Array.from(bytes, (byte) => chars[byte])].join("");
  };
  const sizeOf = (wanted) => {
    const text = textOf(wanted).replaceAll(/[`\\]|\$(?=\{)/g, "\\$&");
    return gzipSync(`${text}${script}`, { level: 9 }).length;
  };

  // Which bytes gzip writes out, and which it finds again, only trying tells. The same ones are tried each time.
  let size = sizeOf(wanted);
  let random = 1;
  const place = () => (random = (Math.imul(random, 1103515245) + 12345) & 0x7fffffff) % MANY;
  for (let trial = 0; trial < TRIALS; trial++) {
    const [a, b] = [place(), place()];
    const other = wanted.with(a, wanted[b]).with(b, wanted[a]);
    const otherSize = sizeOf(other);
    if (otherSize <= size) [wanted, size] = [other, otherSize];
  }

  const text = JSON.stringify(textOf(wanted));
  deepEqual(Buffer.from(new Function(`${SOURCE} return decoded(${text})`)()), Buffer.from(bytes));
  return `${SOURCE}\nexport const bytes = () => decoded(${text});\n`;
};
