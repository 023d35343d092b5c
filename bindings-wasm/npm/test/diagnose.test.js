// Why a body doesn't open: the vectors, by the function and by `npx bananatech diagnose`.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { inspect } from "node:util";
import { diagnose } from "bananatech";

const { cases } = JSON.parse(readFileSync(new URL("vectors.json", import.meta.url), "utf8")).diagnosis;
const bodyOf = ({ body, body_hex }) => (body === undefined ? Buffer.from(body_hex, "hex") : Buffer.from(body));
const [good] = cases;

const bananatech = (args, { key, input } = {}) => {
  const { BANANATECH_SECRET_KEY: _, ...env } = process.env;
  if (key !== undefined) env.BANANATECH_SECRET_KEY = key;
  const bin = fileURLToPath(new URL("node_modules/.bin/bananatech", import.meta.url));
  return spawnSync(bin, ["diagnose", ...args], { env, input, encoding: "utf8" });
};

for (const vector of cases) {
  test(`${vector.name}: the step and the cause`, () => {
    const diagnosis = diagnose(bodyOf(vector), vector.keys);
    assert.equal(diagnosis.failed_at, vector.step);
    const { says } = diagnosis.findings.find(({ step }) => step === (vector.step ?? "mac"));
    assert.ok(says.includes(vector.hint), says);
    assert.equal(diagnosis.content() !== null, [null, "type", "fields"].includes(vector.step));
  });
}

test("what was sealed is told only if it is asked for", () => {
  const diagnosis = diagnose(bodyOf(good), good.keys);
  assert.match(diagnosis.content(), /receive_amount/);
  for (const text of [inspect(diagnosis, { depth: 9, showHidden: true }), JSON.stringify(diagnosis)]) assert.doesNotMatch(text, /receive_amount/);
});

test("npx bananatech diagnose: files, standard input, the environment, and exit codes", () => {
  const folder = mkdtempSync(join(tmpdir(), "diagnose-"));
  try {
    const [body, key] = ["body", "key"].map((name) => join(folder, name));
    writeFileSync(body, bodyOf(good));
    writeFileSync(key, `${good.keys[0]}\n`);
    const byFile = bananatech([body, "--key-file", key]);
    assert.equal(byFile.status, 0, byFile.stderr);
    assert.match(byFile.stdout, /^mac +ok /m);
    assert.doesNotMatch(byFile.stdout, /receive_amount/);
    const byInput = bananatech(["--show"], { key: good.keys[0], input: bodyOf(good) });
    assert.equal(byInput.status, 0, byInput.stderr);
    assert.match(byInput.stdout, /receive_amount/);
    const failed = bananatech(["--json"], { key: "another key, of 32 characters ..", input: bodyOf(good) });
    assert.equal(failed.status, 1);
    assert.equal(JSON.parse(failed.stdout).findings.at(-1).step, "mac");
    for (const args of [["/nowhere"], ["--key-file", "/nowhere"], ["--key", "text"]]) {
      const { status, stdout } = bananatech(args, { input: "" });
      assert.deepEqual({ status, stdout }, { status: 2, stdout: "" });
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
});
