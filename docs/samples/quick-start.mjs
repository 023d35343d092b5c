import { Merchant, Tracker } from "bananatech";

const merchant = new Merchant({
  merchant_id: "6f1c3f9e-52a4-4a0f-9b57-1b8d4a6f2c10",
  base_url: "https://api.example",
  secret_key: "only-for-trying-it-out: 32 bytes",
});
const call = merchant.card.recharge({ user_id: 12345, card_id: 200001, amount: "100.00" });

// Since then only this system acts for your users and cards. If others act too, use { shared: true }.
const tracker = new Tracker({ exclusive_since: Date.parse("2026-01-01") });
const operation = call.tracked({ sent_at: Date.now() });
tracker.store(operation);
// Store tracker.toJson() here. Then: const response = await fetch(call.url, call.init), and
// call.read(response.status, await response.text()).
const answer = call.read(200, merchant.testAnswer("card.recharge"));
tracker.acknowledge(operation.id, answer);

const webhook = merchant.testWebhook("CARD_RECHARGE_RESULT", { card_id: 200001, receive_amount: "100.00" });
const { verdict } = tracker.receive(merchant.receive(webhook));
console.log(verdict.kind); // "settled"
