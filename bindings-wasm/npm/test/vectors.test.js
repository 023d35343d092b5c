// The cases that every language reads, as far as this surface reaches.
import assert from "node:assert/strict";
import { test } from "node:test";
import { activationPin, cardNumber, pin } from "bananatech";
import { hex, merchant, thrown, vectors } from "./support.js";

const each = (file, cases, check) =>
  test(`${file}: ${cases.length} cases`, () => {
    assert.ok(cases.length > 0);
    for (const vector of cases) {
      try {
        check(vector);
      } catch (error) {
        throw new Error(`${file}: ${vector.name}`, { cause: error });
      }
    }
  });

each("envelope.json", vectors("envelope"), (vector) => {
  const m = merchant(vector.key_text, vector.codec);
  assert.equal(m.testAnswer(vector.plaintext, { iv: hex(vector.iv_hex) }), vector.response_body);
});

each("card_number.json", vectors("card_number"), (vector) => {
  if (!vector.ok) return assert.equal(thrown(() => cardNumber(vector.text)).code, vector.code);
  const { luhn, masked, last4, bin6, bin8, brand } = vector;
  assert.deepEqual(cardNumber(vector.text), { luhn, masked, last4, bin6, bin8, brand });
});

each("pin.json", vectors("pin"), (vector) => {
  const check = vector.kind === "activation" ? activationPin : pin;
  if (!vector.ok) return assert.equal(thrown(() => check(vector.text)).code, vector.code);
  assert.equal(check(vector.text).simple, vector.simple);
});

each("events.json", vectors("events"), (vector) => {
  const receive = () => merchant(vector.key_text, vector.codec).receive(vector.body);
  if (vector.javascript_unsafe) return assert.equal(thrown(receive).code, "id.range");
  if (!vector.ok) return assert.equal(thrown(receive).code, vector.code);
  const { event } = receive();
  assert.equal(event.type, vector.type);
  const { extra, ...fields } = vector.event;
  // Raw data stand whole; typed fields and unknown ones stand side by side.
  assert.deepEqual(event.data, "data" in fields && !extra ? fields.data : { ...fields, ...extra });
});

each(
  "responses.json, card.recharge",
  vectors("responses").filter((vector) => vector.operation === "card.recharge"),
  (vector) => {
    const call = merchant(vector.key_text, vector.codec).card.recharge(
      { user_id: 12345, card_id: 67890, amount: "100.00" },
    );
    const read = () => call.read(vector.status, vector.body);
    if (vector.rejected) {
      const error = thrown(read);
      assert.equal(error.code, "rejected");
      assert.equal(error.status, vector.status);
      assert.equal(error.rejection.message, vector.rejected.message);
      assert.equal(error.rejection.authenticated, vector.sealed);
    } else if (!vector.ok) {
      assert.ok(["not_authentic", "answer.shape"].includes(thrown(read).code));
    } else {
      const { response, sealed_with } = read();
      const { extra, ...fields } = vector.response;
      assert.deepEqual(response, { ...fields, ...extra });
      assert.equal(sealed_with, vector.sealed ? "2026-11" : null);
    }
  },
);
