// A backend runs for months: what one message takes must be given back, and nothing secret of it may stay behind.
import assert from "node:assert/strict";
import { test } from "node:test";

// The package's own memory, found when its instance is made at first use.
const memories = [];
const Instance = WebAssembly.Instance;
WebAssembly.Instance = class extends Instance {
  constructor(...from) {
    super(...from);
    memories.push(this.exports.memory);
  }
};

const { plan, Tracker } = await import("bananatech");
const { merchant } = await import("./support.js");

test("100,000 plans, requests and webhooks take no memory", () => {
  const m = merchant();
  const recharge = { user_id: 12345, card_id: 67890, amount: "100.00" };
  const body = m.testWebhook("CARD_3DS", { challenge: "x".repeat(200) });
  assert.equal(memories.length, 1);
  const rounds = (count) => {
    for (let at = 0; at < count; at++) {
      m.seal(plan.card.recharge(recharge));
      m.receive(body);
      if (at % 100 === 0) {
        try {
          m.receive("{}");
        } catch {
          // Errors must not leak either, nor merchants.
        }
        merchant().free();
      }
    }
    gc();
    return { module: memories[0].buffer.byteLength, all: process.memoryUsage().rss };
  };
  const before = rounds(10_000);
  const after = rounds(100_000);
  assert.equal(after.module, before.module);
  assert.ok(after.all - before.all < 32 * 1024 * 1024, `${after.all - before.all} bytes more`);
});

test("merchants that nobody frees are freed with their object", async () => {
  const rounds = async (count) => {
    for (let at = 0; at < count; at++) {
      merchant();
      if (at % 500 === 0) {
        gc();
        // Finalizers run between tasks.
        await new Promise((resolve) => setTimeout(resolve, 1));
      }
    }
    return memories[0].buffer.byteLength;
  };
  const before = await rounds(5_000);
  // When the collector comes isn't certain: some may wait for it. All of them would take more than 20 MB.
  const grown = (await rounds(20_000)) - before;
  assert.ok(grown < 2 * 1024 * 1024, `${grown} bytes more`);
});

test("trackers that are freed, or that nobody has any more, take no memory", async () => {
  const m = merchant();
  const call = m.card.recharge({ user_id: 12345, card_id: 67890, amount: "100.00" });
  const round = () => {
    const tracker = new Tracker({ exclusive_since: 0 });
    for (let at = 1; at <= 50; at++) {
      tracker.store(call.tracked({ sent_at: at * 1e9 }));
      const data = { card_id: 67890, transaction_id: at, receive_amount: 100, status: "SUCCESS", currency: "USD", occur_time: at * 1e9 };
      tracker.take({ type: "CARD_RECHARGE_RESULT", data });
    }
    return tracker;
  };
  const rounds = async (count) => {
    for (let at = 0; at < count; at++) {
      const tracker = round();
      if (at % 2 === 0) tracker.free();
      if (at % 20 === 0) {
        gc();
        await new Promise((resolve) => setTimeout(resolve, 1));
      }
    }
    return memories[0].buffer.byteLength;
  };
  const before = await rounds(100);
  const grown = (await rounds(400)) - before;
  assert.ok(grown < 4 * 1024 * 1024, `${grown} bytes more`);
});

const KEY = "a key of 32 bytes, in the module";
const found = (text) => Buffer.from(memories[0].buffer).includes(text) || Buffer.from(memories[0].buffer).includes(Buffer.from(text, "utf16le"));

test("after use, no PIN, card number, CVV or one-time password is left in the module's memory", () => {
  const m = merchant(KEY);
  const [pin, number, cvv, otp, name] = ["938174", "4444333322221114", "737373", "990013", "Lövelace-Zoë"];
  for (let round = 0; round < 3; round++) {
    const call = m.card.setPin({ user_id: 1, card_id: 2, pin });
    assert.throws(() => call.read(400, m.testAnswer("card.set_pin", { message: `no PIN ${pin}` })));
    m.seal(plan.card.assign({ user_id: 1, template_id: 2, card_number: number }));
    m.user.register({ email: "a@example.com", template_id: 1, kyc_data: { last_name: name, identification_number: number } });
    m.read("card.get_information", 200, m.testAnswer("card.get_information", { number, cvv }));
    m.receive(m.testWebhook("CARD_VERIFICATION", { otp, name }));
    String(m.receive(m.testWebhook("CARD_ACTIVATE_RESULT", { card_id: 1, card_number: number, status: "SUCCESS", occur_time: 1 })).data.toJSON());
    assert.throws(() => plan.card.setPin({ user_id: 1, card_id: 2, pin: `${pin}938174` }));
  }
  for (const secret of [pin, number, cvv, otp, name]) assert.ok(!found(secret), secret);
  assert.ok(!found(KEY), "the key's text");
  m.free();
  assert.ok(!found(KEY), "the key's text, after free()");
});
