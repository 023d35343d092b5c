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

// A text is of bytes as this machine says. A character from ESCAPES on stands for a byte that the text has named before, the
// first one for the first byte, and one before it names a byte, together with the character behind it: two bits and six.
const FIRST = 0x20;
const ESCAPES = 0x24;
const SINGLES = 0x7f - ESCAPES;

// JavaScript would run such a loop before anything of it is compiled, and each visitor waits for it: this is four times as
// fast. It has to be of ASCII itself, so that it is a text that needs nothing else: constants are below 64, and so on.
const READER = `(module
  (memory (export "m") 1)
  ;; Takes the text at ${ESCAPES}, to the first zero, leaves bytes in its place, and says how many.
  (func (export "d") (result i32)
    (local $at i32) (local $to i32) (local $char i32) (local $is_named i32)
    (loop $next (result i32)
      (local.set $at
        (i32.add
          (local.get $at)
          (i32.add
            (i32.const 1)
            (local.tee $is_named
              (i32.lt_u (local.tee $char (i32.load8_u offset=${ESCAPES} (local.get $at))) (i32.const ${ESCAPES}))))))
      (i32.store8 offset=${ESCAPES} (local.get $to)
        (if (result i32) (local.get $is_named)
          (then (i32.add (i32.shl (local.get $char) (i32.const 6)) (i32.load8_u offset=${ESCAPES - 1} (local.get $at))))
          ;; The first byte is where the first character's number says.
          (else (i32.load8_u (local.get $char)))))
      (local.set $to (i32.add (local.get $to) (i32.const 1)))
      (br_if $next (i32.load8_u offset=${ESCAPES} (local.get $at)))
      (local.get $to))))`;

const reader = (binaryen) => {
  const module = binaryen.parseText(READER);
  const bytes = shrink(binaryen, Buffer.from(module.emitBinary()));
  module.dispose();
  if (bytes.some((byte) => byte > 0x7f)) throw new Error("the reader isn't of ASCII");
  return JSON.stringify(bytes.toString("latin1"));
};

const source = (reader) => `const instance = (bytes) => new WebAssembly.Instance(new WebAssembly.Module(bytes)).exports;
const decoded = (text) => {
  const encoder = new TextEncoder();
  const { m: { buffer }, d } = instance(encoder.encode(${reader}));
  encoder.encodeInto(text, new Uint8Array(buffer, ${ESCAPES}));
  return new Uint8Array(buffer, ${ESCAPES + SINGLES}, d() - ${SINGLES});
};
`;

// The two characters that name a byte. Several pairs do: gzip gains when most begin with the same one.
const named = (byte) => {
  for (let escape = FIRST; escape < ESCAPES; escape++) {
    const char = (byte - (escape << 6)) & 0xff;
    if (char >= FIRST && char < ESCAPES + SINGLES) return String.fromCharCode(escape, char);
  }
};

// The counts of the values from 0 to 255 among some.
const countsOf = (values) => {
  const counts = new Array(256).fill(0);
  for (const value of values) counts[value]++;
  return counts;
};

// The places of a list of counts, the largest count first.
const ranked = (counts) => [...counts.keys()].sort((a, b) => counts[b] - counts[a] || a - b);

// How many exchanges of two characters are tried: more gain next to nothing.
const TRIALS = 8000;

/**
 * The code of a module whose `load()` answers the exports of the WebAssembly module of these bytes. What is frequent in it
 * becomes the characters that are frequent in the script around it, because gzip has one code for both.
 */
export const inText = (binaryen, bytes, script) => {
  const around = countsOf(Buffer.from(script, "latin1")).slice(ESCAPES, ESCAPES + SINGLES);
  // These are two characters within a string.
  for (const char of ["`", "\\"]) around[char.charCodeAt(0) - ESCAPES] = -1;
  const frequent = ranked(countsOf(bytes));
  let wanted = [];
  ranked(around).forEach((single, rank) => (wanted[single] = frequent[rank]));

  const code = source(reader(binaryen));
  const names = Array.from({ length: 256 }, (_, byte) => named(byte));
  const textOf = (wanted) => {
    const chars = [...names];
    wanted.forEach((byte, single) => (chars[byte] = String.fromCharCode(ESCAPES + single)));
    return [...wanted.map((byte) => names[byte]), ...Array.from(bytes, (byte) => chars[byte])].join("");
  };
  const sizeOf = (wanted) => {
    const text = textOf(wanted).replaceAll(/[`\\]|\$(?=\{)/g, "\\$&");
    return gzipSync(`${code}${text}${script}`, { level: 9 }).length;
  };

  // Which bytes gzip writes out, and which it finds again, only trying tells. The same ones are tried each time.
  let size = sizeOf(wanted);
  let random = 3;
  const place = () => (random = (Math.imul(random, 1103515245) + 12345) & 0x7fffffff) % SINGLES;
  for (let trial = 0; trial < TRIALS; trial++) {
    const [a, b] = [place(), place()];
    const other = wanted.with(a, wanted[b]).with(b, wanted[a]);
    const otherSize = sizeOf(other);
    if (otherSize <= size) [wanted, size] = [other, otherSize];
  }
  const text = JSON.stringify(textOf(wanted));
  deepEqual(Buffer.from(new Function(`${code} return decoded(${text})`)()), Buffer.from(bytes));
  return `${code}const text = ${text};\nexport const load = () => instance(decoded(text));\n`;
};
