// Measures the backend for Node with PostgreSQL beside a handler by hand: prints Markdown. `DATABASE_URL` is a new database.
import * as crypto from "node:crypto";
import { Merchant, plan } from "bananatech";
import { Backend } from "bananatech/backend";
import { postgres } from "bananatech/backend/postgres";
import pg from "pg";
import { nodeCrypto } from "./peers/node.js";

const quick = process.argv.includes("--quick");
const rounds = quick ? 33 : 369;
const BLOCKS = quick ? 3 : 9;
const SECRET = "an example key of 32 characters!";
const url = process.env.DATABASE_URL;

const merchant = new Merchant({
  merchant_id: "6f1c3f9e-52a4-4a0f-9b57-1b8d4a6f2c10",
  secret_key: SECRET,
  codec: "utf8",
  base_url: "https://api.example",
});
const peer = nodeCrypto(crypto, SECRET);

/** A webhook as the vendor seals it. */
const webhook = (card) => {
  const data = { card_id: card, transaction_id: card, receive_amount: 100, status: "SUCCESS", currency: "USD", occur_time: Date.now() };
  const { init } = peer.seal({ url: "", merchantId: "" }, data);
  const { encrypted_payload } = JSON.parse(init.body);
  return JSON.stringify({ type: "CARD_RECHARGE_RESULT", encrypted_payload, hmac: init.headers["X-HMAC"] });
};

const pool = new pg.Pool({ connectionString: url, max: 1, pipeline: true });
// The network isn't measured: every request is taken at once.
const answer = JSON.stringify({ success: true });
const backend = new Backend({
  merchant,
  assumptions: { exclusive_since: Date.now() - 3_600_000 },
  store: await postgres(pool),
  fetch: async () => new Response(answer, { status: 200 }),
});

const byHand = new pg.Client({ connectionString: url });
await byHand.connect();
await byHand.query(`
  CREATE TABLE events (transaction_id BIGINT PRIMARY KEY, body TEXT NOT NULL);
  CREATE TABLE recharges (id BIGINT PRIMARY KEY, card_id BIGINT NOT NULL, status TEXT, transaction_id BIGINT);
  CREATE INDEX recharges_open ON recharges (card_id) WHERE status IS NULL`);

const sides = [
  {
    send: (card) => backend.send(plan.card.recharge({ user_id: 12345, card_id: card, amount: "100" }), `order-${card}`),
    receive: async (body) => {
      const { report } = await backend.receive(body);
      if (report?.settled.length !== 1) throw new Error("nothing was settled");
    },
  },
  {
    send: (card) => byHand.query({ name: "send", text: "INSERT INTO recharges (id, card_id) VALUES ($1, $1)", values: [card] }),
    receive: async (body) => {
      const { data } = peer.open(body);
      await byHand.query("BEGIN");
      const insert = "INSERT INTO events (transaction_id, body) VALUES ($1, $2) ON CONFLICT DO NOTHING";
      await byHand.query({ name: "insert", text: insert, values: [data.transaction_id, body] });
      const update = "UPDATE recharges SET status = 'SUCCESS', transaction_id = $2 WHERE card_id = $1 AND status IS NULL";
      const { rowCount } = await byHand.query({ name: "update", text: update, values: [data.card_id, data.transaction_id] });
      if (rowCount !== 1) throw new Error("nothing was settled");
      await byHand.query("COMMIT");
    },
  },
];

const median = (numbers) => [...numbers].sort((one, other) => one - other)[numbers.length >> 1];
const times = [[], []];
for (let round = 1; round <= rounds; round++) {
  for (const [at, { send, receive }] of sides.entries()) {
    await send(round);
    const body = webhook(round);
    const started = performance.now();
    await receive(body);
    times[at].push(performance.now() - started);
  }
}
await Promise.all([pool.end(), byHand.end()]);
const ratios = times[0].map((time, round) => time / times[1][round]);
const ofBlocks = Array.from({ length: BLOCKS }, (_, block) => median(ratios.filter((_, round) => Math.floor((round * BLOCKS) / rounds) === block)));
const ms = (number) => `${number.toFixed(2)} ms`;
const spread = `${Math.min(...ofBlocks).toFixed(2)}-${Math.max(...ofBlocks).toFixed(2)}`;
console.log(`### Node ${process.versions.node}

| | ours | by hand | ours takes (least-most) |
|---|---|---|---|
| an event | ${ms(median(times[0]))} | ${ms(median(times[1]))} | ${median(ratios).toFixed(2)} (${spread}) |
`);
