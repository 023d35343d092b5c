// The documentation's programs do what they say, in a folder that has nothing but the package.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const here = (name) => fileURLToPath(new URL(name, import.meta.url));
const printed = (name) => execFileSync(process.execPath, [here(name)], { encoding: "utf8", timeout: 120_000 });

test("the quick start runs", () => assert.match(printed("quick-start.mjs"), /settled/));

test("the handler of webhooks books once, and refuses what isn't a webhook", () => {
  assert.equal(printed("webhook.mjs"), "succeeded\n200\n200\n400\n");
});

test("the plans of the documentation are taken", () => {
  assert.equal(printed("plans.mjs"), "card.recharge\nuser.register\ncard.assign\ncard.update_status\n");
});

test("the package's README: the ten lines run", () => {
  const [, first] = readFileSync(here("node_modules/bananatech/README.md"), "utf8").match(/```js\n(.*?)```/s);
  assert.ok(first.trimEnd().split("\n").length <= 10);
  writeFileSync(here("readme.mjs"), first);
  assert.match(printed("readme.mjs"), /settled/);
});
