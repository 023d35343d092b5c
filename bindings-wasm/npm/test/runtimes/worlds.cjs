// Other realms: the one that the process began in, which isn't a test runner's, and a new one that has next to nothing of what
// a platform gives. In each, the package can be loaded again.
const { readFileSync } = require("node:fs");
const vm = require("node:vm");

const code = `({
  Uint8Array,
  DataView,
  Error,
  load() {
    const module = { exports: {} };
    const { exports } = module;
    ${readFileSync(require.resolve("bananatech"), "utf8")}
    return module.exports;
  },
})`;

module.exports = [vm.runInThisContext(code), vm.runInNewContext(code, { atob, crypto })];
