// Other realms: the one that the process began in, which isn't a test runner's, and a new one. Each has its own package.
const { readFileSync } = require("node:fs");
const vm = require("node:vm");

const code = `(() => {
  const module = { exports: {} };
  const { exports } = module;
  ${readFileSync(require.resolve("bananatech"), "utf8")}
  return { Uint8Array, DataView, Error, main: module.exports };
})()`;

module.exports = [
  vm.runInThisContext(code),
  vm.runInNewContext(code, { atob, crypto, TextDecoder: require("node:util").TextDecoder, TextEncoder: require("node:util").TextEncoder }),
];
