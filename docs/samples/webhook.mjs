import { createServer } from "node:http";
import { isBananaTechError, Merchant, Tracker } from "bananatech";

const merchant = new Merchant({
  merchant_id: "6f1c3f9e-52a4-4a0f-9b57-1b8d4a6f2c10",
  base_url: "https://api.example",
  secret_key: "only-for-trying-it-out: 32 bytes",
});

// In place of your database: one row, which is changed as a whole or not at all.
let row;
const load = () => Tracker.fromJson(row.tracker);
const save = (tracker, settled) => {
  row = { tracker: tracker.toJson(), ended: [...row.ended, ...settled] };
  for (const { outcome } of settled) console.log(outcome.kind);
};

const tracker = new Tracker({ exclusive_since: Date.parse("2026-01-01") });
const call = merchant.card.recharge({ user_id: 12345, card_id: 200001, amount: "100.00" });
tracker.store(call.tracked({ sent_at: Date.now() }));
row = { tracker: tracker.toJson(), ended: [] };

// #region handler
const server = createServer(async (request, response) => {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  try {
    const delivery = merchant.receive(Buffer.concat(chunks)); // the raw body
    const tracker = load(); // what your database has. Lock it until it is saved
    const { settled } = tracker.receive(delivery);
    save(tracker, settled); // one transaction: the tracker, and what you do about each operation that ended
    response.writeHead(200).end();
  } catch (error) {
    if (!isBananaTechError(error)) response.writeHead(503).end(); // your database, for example: nothing was saved
    else response.writeHead(error.code === "message.too_long" ? 413 : 400).end();
  }
});
// #endregion handler

server.listen(0, "127.0.0.1", async () => {
  const url = `http://127.0.0.1:${server.address().port}/webhooks`;
  const webhook = merchant.testWebhook("CARD_RECHARGE_RESULT", { card_id: 200001, receive_amount: "100.00" });
  for (const body of [webhook, webhook, "{}"]) console.log((await fetch(url, { method: "POST", body })).status);
  server.close();
});
