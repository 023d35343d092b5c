// For Node and Bun: the slim entry by `require`, synchronously.
const { readFileSync } = require("node:fs");
const api = require("bananatech/slim");

Promise.all([import("./support.mjs"), import("./slim.js"), import("../run-vectors.js")]).then(
  ([{ print, vectors }, { expectUninitialised }, { run }]) => {
    expectUninitialised(api);
    api.initSync(readFileSync(require.resolve("bananatech/bananatech.wasm")));
    print(run(api, vectors()));
  },
);
