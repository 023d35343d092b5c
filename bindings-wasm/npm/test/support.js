import { readFileSync } from "node:fs";
import { Merchant } from "bananatech";

const all = JSON.parse(readFileSync(new URL("vectors.json", import.meta.url), "utf8"));

export const vectors = (name) => all[name].cases;

export const hex = (text) => new Uint8Array(Buffer.from(text, "hex"));

export const merchant = (secret_key = "webhook-test-key-of-32-bytes-000", codec = "utf8", more = {}) =>
  new Merchant({
    merchant_id: "6f1c3f9e-52a4-4a0f-9b57-1b8d4a6f2c10",
    base_url: "https://api.example",
    secret_key,
    codec,
    key_id: "2026-11",
    ...more,
  });

// What a function throws, for looking at all of it.
export const thrown = (run) => {
  try {
    run();
  } catch (error) {
    return error;
  }
  throw new Error("nothing was thrown");
};
