// For Node and Bun: the default entry by `require`.
const api = require("bananatech");

Promise.all([import("./support.mjs"), import("../run-vectors.js")]).then(([{ print, vectors }, { run }]) =>
  print(run(api, vectors())),
);
