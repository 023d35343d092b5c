// For Node and Bun: the entries by `require`.
const { entries } = require("./entries.cjs");
const worlds = require("./worlds.cjs");

Promise.all([import("./support.mjs"), import("./everything.js")]).then(async ([{ print, vectors }, { everything }]) =>
  print(await everything(entries, vectors(), worlds)),
);
