// The border to the fields' WebAssembly module: `bindings-wasm/forms/src/lib.rs` is the other side.

// What a text takes in the module's memory: the longest that the core looks at, in UTF-16 code units, and one more so that a
// longer one is seen to be.
const TEXT = 1025;

let load, core, texts, answer;

/** How to get at the compiled module, synchronously. Each entry says that in its own way. */
export const provide = (source) => {
  load = source;
};

// Made at first use: importing costs nothing. The memory never grows, so that the places stay.
const start = () => {
  core = new WebAssembly.Instance(load()).exports;
  texts = new Uint16Array(core.memory.buffer, core.texts(), 4 * TEXT);
  answer = new Uint16Array(core.memory.buffer, core.answer(), 2 * TEXT);
};

/** Calls a function of the module with texts and numbers. `read` takes what it told: numbers, and how many. */
export const call = (name, given, numbers, read) => {
  core ?? start();
  let used = 0;
  let told = 0;
  try {
    const args = [];
    for (const text of given) {
      if (typeof text !== "string") throw new TypeError("expected a string");
      const length = Math.min(text.length, TEXT);
      for (let at = 0; at < length; at++) texts[used++] = text.charCodeAt(at);
      args.push(length);
    }
    // Numbers out of range are the nearest that there is.
    for (const number of numbers) args.push(Math.min(Math.max(number, 0), 65535));
    told = core[name](...args);
    return read(answer, told);
  } finally {
    // A card's number may have been there.
    texts.fill(0, 0, used);
    answer.fill(0, 0, told);
  }
};
