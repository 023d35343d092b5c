// What is measured, in every runtime: seal, open, and a webhook to a typed event.
import { measure } from "./measure.js";

const SECRET = "an example key of 32 characters!";
const MERCHANT_ID = "6f1c3f9e-52a4-4a0f-9b57-1b8d4a6f2c10";
const BASE_URL = "https://api.example";

const SIZES = [
  ["60 B", 60],
  ["200 B", 200],
  ["1 KiB", 1024],
  ["4 KiB", 4 * 1024],
  ["64 KiB", 64 * 1024],
  ["1 MiB", 1024 * 1024],
  ["4 MiB", 4 * 1024 * 1024],
];

const same = (what, a, b) => {
  const [left, right] = [JSON.stringify(a), JSON.stringify(b)];
  if (left !== right) throw new Error(`${what}: not the same`);
};

/** An operation whose JSON has so many bytes. */
const operation = (size) => {
  const bodies = [
    ["card", "setPin", "/card/set_pin", { user_id: 1234567, card_id: 7654321, pin: "314159" }],
    ["user", "register", "/user/register", { email: "ada@example.com", template_id: 1, kyc_data: { front_img_base64: "" } }],
  ];
  const [group, name, path, body] = size < 100 ? bodies[0] : bodies[1];
  if (body.kyc_data) body.kyc_data.front_img_base64 = "A".repeat(size - JSON.stringify(body).length);
  return { group, name, path, body };
};

const WEBHOOKS = [
  ["webhook 122 B", "CARD_STATUS_CHANGE", '{"card_id":1234567,"status":"SUCCESS","card_status":"LOCKED","occur_time":1691249025085,"request":"2c9180867f3c5a01"}'],
  [
    "webhook 301 B",
    "CARD_RECHARGE_RESULT",
    '{"card_id":1234567,"transaction_id":987654321,"receive_amount":100.5,"status":"SUCCESS","currency":"USD","template_id":12,"user_id":7654321,"description":"Recharge of the card that ends in 4242, ordered by the cardholder in the app on the sixth of August","occur_time":1691249025085,"batch":"2023-08-06"}',
  ],
];

export const run = async (bananatech, peers, { quick }) => {
  const merchant = new bananatech.Merchant({ merchant_id: MERCHANT_ID, base_url: BASE_URL, secret_key: SECRET });
  const iv = new Uint8Array(16).fill(9);
  const rows = [];
  const row = async (name, sides, size = 0) => {
    const large = size > 100_000;
    const options = quick
      ? { rounds: large ? 3 : 15, warmMs: 20 }
      : { rounds: large ? 15 : 151, warmMs: large ? 100 : 400 };
    rows.push({ name, sides: await measure(sides, options) });
  };
  // What nobody would seal with it, since it takes seconds.
  const fit = (size) => peers.filter((peer) => peer.name !== "crypto-js" || size < 1024 * 1024);

  for (const [label, size] of SIZES) {
    const { group, name, path, body } = operation(size);
    const target = { url: BASE_URL + path, merchantId: MERCHANT_ID };
    const ours = { name: "ours", work: () => merchant[group][name](body) };
    const { url, init } = merchant[group][name](body, { iv });
    for (const peer of fit(size)) same(`seal ${label}, ${peer.name}`, await peer.seal(target, body, iv), { url, init });
    await row(
      `seal ${label}`,
      [ours, ...fit(size).map((peer) => ({ ...peer, work: () => peer.seal(target, body) }))],
      size,
    );
  }
  const call = merchant.card.recharge({ user_id: 1, card_id: 2, amount: "1" });
  for (const [label, size] of SIZES) {
    const response = { message: "A".repeat(size - '{"message":""}'.length) };
    const text = merchant.testAnswer("card.recharge", response);
    same(`open ${label}`, { ...call.read(200, text) }, response);
    for (const peer of fit(size)) same(`open ${label}, ${peer.name}`, (await peer.open(text)).data, response);
    await row(
      `open ${label}`,
      [{ name: "ours", work: () => call.read(200, text) }, ...fit(size).map((peer) => ({ ...peer, work: () => peer.open(text) }))],
      size,
    );
  }
  for (const [label, type, data] of WEBHOOKS) {
    const text = merchant.testWebhook(type, data);
    const received = merchant.receive(text);
    for (const peer of peers) {
      const opened = await peer.open(text);
      same(`${label}, ${peer.name}`, [opened.type, opened.data.card_id], [received.type, received.data.card_id]);
    }
    await row(label, [
      { name: "ours", work: () => merchant.receive(text) },
      ...peers.map((peer) => ({ ...peer, work: () => peer.open(text) })),
    ]);
  }
  merchant.free();
  return rows;
};

/** From the import of a package to the first sealed request, in milliseconds: `which` is ours or a peer. */
export const first = async (which, load) => {
  const body = { user_id: 1234567, card_id: 7654321, pin: "314159" };
  const start = performance.now();
  const loaded = await load();
  if (which === "ours") {
    new loaded.Merchant({ merchant_id: MERCHANT_ID, base_url: BASE_URL, secret_key: SECRET }).card.setPin(body);
  } else {
    await (await loaded(SECRET)).seal({ url: `${BASE_URL}/card/set_pin`, merchantId: MERCHANT_ID }, body);
  }
  return performance.now() - start;
};

export const secret = SECRET;
