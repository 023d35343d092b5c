// What looks for the key must be able to find it.
import assert from "node:assert/strict";
import test from "node:test";
import { found, spellings } from "./secrets.js";

const KEY = "sandbox-secret-key-0123456789abc";

test("a secret is found however it is written, and wherever it stands", () => {
  for (const [name, needle] of spellings(KEY)) assert.ok(needle.length >= 32, name);
  for (let before = 0; before < 7; before += 1) {
    const framed = Buffer.concat([Buffer.alloc(before, 0xa5), Buffer.from(KEY), Buffer.alloc(9 - before, 0x5a)]);
    assert.deepEqual(found(framed, KEY), ["text"]);
    assert.ok(found(Buffer.from(framed.toString("base64")), KEY).includes("base64"));
    assert.ok(found(Buffer.from(framed.toString("base64url")), KEY).includes("base64url"));
    assert.ok(found(Buffer.from(framed.toString("hex")), KEY).includes("hex"));
  }
  assert.deepEqual(found(Buffer.from("sandbox-secret-key-0123456789abd"), KEY), []);
});
