// The cases that every language reads. `runtimes/` runs the same ones on the other runtimes.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import * as api from "bananatech";
import { FILES, run } from "./run-vectors.js";

const { files, failures } = run(api, JSON.parse(readFileSync(new URL("vectors.json", import.meta.url), "utf8")));

for (const name of FILES) {
  test(`${name}.json: ${files[name]} cases`, () => {
    assert.ok(files[name] > 0);
    assert.deepEqual(failures.filter((failure) => failure.startsWith(`${name}:`)), []);
  });
}
