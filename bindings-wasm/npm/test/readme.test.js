// The README's lines do what they say, in a folder that has nothing but the package.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const blocks = (path) =>
  [...readFileSync(new URL(path, import.meta.url), "utf8").matchAll(/```js\n(.*?)```/gs)].map(([, code]) => code);
const runs = (code, name) => {
  const file = new URL(name, import.meta.url);
  writeFileSync(file, code);
  return execFileSync(process.execPath, [fileURLToPath(file)], { encoding: "utf8", timeout: 120_000 });
};

for (const [at, path] of ["README.md", "node_modules/bananatech/README.md"].entries()) {
  test(`${path}: the ten lines run`, () => {
    const [first] = blocks(path);
    assert.ok(first.trimEnd().split("\n").length <= 10);
    const printed = runs(first, `readme-${at}.mjs`);
    assert.match(printed, /settled/);
  });
}
