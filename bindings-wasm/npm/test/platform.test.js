// Both ways to seal and to open: the compiled module's own, and the platform's. They do the same, with messages that are right and wrong.
import assert from "node:assert/strict";
import * as crypto from "node:crypto";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import * as api from "bananatech";
import { run } from "./run-vectors.js";
import { merchant, thrown } from "./support.js";

const FROM = Symbol.for("bananatech.platform_from");
const WAYS = { own: { [FROM]: 2 ** 32 - 1 }, platform: { [FROM]: 0 } };
const all = JSON.parse(readFileSync(new URL("vectors.json", import.meta.url), "utf8"));
const SECRET = "webhook-test-key-of-32-bytes-000";

for (const [way, options] of Object.entries(WAYS)) {
  test(`the vectors, ${way}`, () => {
    const { passed, failures } = run(api, all, options);
    assert.deepEqual(failures, []);
    assert.ok(passed > 300, `only ${passed} cases`);
  });
}

test("the platform is asked for long messages, and only for them", (t) => {
  const names = ["createHmac", "createCipheriv", "createDecipheriv", "timingSafeEqual"];
  const asked = names.map((name) => t.mock.method(crypto.default, name));
  const counts = (work) => {
    const before = asked.map(({ mock }) => mock.callCount());
    work();
    return asked.map(({ mock }, at) => mock.callCount() - before[at]);
  };
  const [own, platform] = Object.values(WAYS).map((options) => merchant(SECRET, "utf8", options));
  for (const [m, length, expected] of [[own, 10_000, 0], [platform, 10, 1], [merchant(), 10, 0], [merchant(), 10_000, 1]]) {
    let body;
    assert.deepEqual(counts(() => (body = m.testWebhook("CARD_3DS", { text: "x".repeat(length) }))), [expected, expected, 0, 0]);
    assert.deepEqual(counts(() => m.receive(body)), [expected, 0, expected, expected]);
  }
});

/** A sealed message whose parts somebody with or without the key has changed. */
const message = (change = {}) => {
  const key = Buffer.from(SECRET);
  const iv = Buffer.alloc(16, 7);
  const cipher = crypto.createCipheriv("aes-256-cbc", key, iv).setAutoPadding(change.padding !== false);
  const plaintext = change.plaintext ?? JSON.stringify({ card_id: 2, number: "x".repeat(5000) });
  const sealed = Buffer.concat([iv, cipher.update(plaintext), cipher.final()]);
  const payload = (change.payload ?? ((text) => text))(sealed.toString("base64"));
  const hmac = crypto.createHmac("sha256", key).update(payload).digest("hex");
  return JSON.stringify({ type: "CARD_3DS", encrypted_payload: payload, hmac, ...change.after?.(payload, hmac) });
};
const swap = (text, at) => text.slice(0, at) + (text[at] === "A" ? "B" : "A") + text.slice(at + 1);

test("what was changed is refused alike, by the same code and for the same reason", () => {
  const WRONG = {
    "another MAC": [{ after: (_, hmac) => ({ hmac: hmac.replace(/^./, (digit) => (digit === "0" ? "1" : "0")) }) }, "mac_mismatch"],
    "a short MAC": [{ after: (_, hmac) => ({ hmac: hmac.slice(2) }) }, "mac_format"],
    "no hexadecimal": [{ after: (_, hmac) => ({ hmac: hmac.replace(/^./, "g") }) }, "mac_format"],
    "no MAC": [{ after: () => ({ hmac: undefined }) }, "not_an_envelope"],
    "another IV": [{ after: (payload) => ({ encrypted_payload: swap(payload, 3) }) }, "mac_mismatch"],
    "another block": [{ after: (payload) => ({ encrypted_payload: swap(payload, 2000) }) }, "mac_mismatch"],
    "another end": [{ after: (payload) => ({ encrypted_payload: swap(payload, payload.length - 8) }) }, "mac_mismatch"],
    "cut off": [{ after: (payload) => ({ encrypted_payload: payload.slice(0, -4) }) }, "mac_mismatch"],
    // What follows was signed with the key.
    "no base64": [{ payload: (text) => text.replace(/.$/, "*") }, "payload_not_base64"],
    "a line break": [{ payload: (text) => `${text.slice(0, 64)}\n${text.slice(64)}` }, "payload_not_base64"],
    "the alphabet of URLs": [{ payload: (text) => text.replaceAll("+", "-").replaceAll("/", "_") }, "payload_not_base64"],
    "no padding of base64": [{ payload: (text) => `${text.slice(0, -4)}QUE` }, "payload_not_base64"],
    "stray bits": [{ payload: (text) => `${text.slice(0, -4)}QUF=` }, "payload_not_base64"],
    "no whole block": [{ payload: (text) => `${text.slice(0, -4)}` }, "payload_length"],
    "an IV alone": [{ payload: (text) => Buffer.from(text, "base64").subarray(0, 16).toString("base64") }, "payload_length"],
    "no padding of blocks": [{ padding: false, plaintext: `"${"x".repeat(4094)}"` }, "padding"],
    "no UTF-8": [{ plaintext: Buffer.concat([Buffer.from('"'), Buffer.alloc(4000, 0xff), Buffer.from('"')]) }, "not_utf8"],
    "no JSON": [{ plaintext: "x".repeat(4000) }, "not_json"],
  };
  for (const [what, [change, reason]] of Object.entries(WRONG)) {
    const body = message(change);
    for (const [way, options] of Object.entries(WAYS)) {
      const m = merchant(SECRET, "utf8", options);
      assert.equal(m.diagnose(body), reason, `${what}, ${way}`);
      const { code, category, field, message: words } = thrown(() => m.receive(body));
      assert.deepEqual([code, category, field], ["not_authentic", "not_authentic", undefined], `${what}, ${way}`);
      assert.equal(words, thrown(() => merchant().receive(message({ after: () => ({ hmac: "0".repeat(64) }) }))).message);
    }
  }
  for (const options of Object.values(WAYS)) {
    const m = merchant(SECRET, "utf8", options);
    assert.equal(m.receive(message()).type, "CARD_3DS");
    // A key before the newest one, too.
    const rotated = merchant("a newer test key of 32 bytes 000", "utf8", { ...options, key_id: "new", other_keys: [{ key_id: "old", secret_key: SECRET }] });
    assert.equal(rotated.receive(message()).key_id, "old");
  }
});

test("every length around the blocks goes there and back, either way", () => {
  const [own, platform] = Object.values(WAYS).map((options) => merchant(SECRET, "utf8", options));
  const iv = new Uint8Array(16).fill(9);
  for (const length of [0, 1, 13, 14, 15, 16, 17, 31, 32, 1000, 1023, 1024, 1025, 65_535, 65_536, 1_000_000]) {
    const answer = { message: "é".repeat(length) };
    const body = own.testAnswer("card.recharge", answer, { iv });
    assert.equal(platform.testAnswer("card.recharge", answer, { iv }), body);
    for (const m of [own, platform]) assert.equal(m.read("card.recharge", 200, body).message ?? "", answer.message);
  }
});
