// The cases that every language reads, for any JavaScript: this file uses nothing of a runtime and imports nothing.

// A text that is equal for equal values, whatever the order of their fields. Not by `JSON.stringify` of the whole, from which
// events and responses hide.
const canonical = (value) => {
  if (Array.isArray(value)) return `[${value.map(canonical)}]`;
  if (value === null || typeof value !== "object") return JSON.stringify(value);
  const fields = Object.entries(value).filter(([, item]) => item !== undefined);
  return `{${fields.map(([name, item]) => `${JSON.stringify(name)}:${canonical(item)}`).sort()}}`;
};

const equal = (got, expected, what = "value") => {
  const [left, right] = [canonical(got), canonical(expected)];
  if (left !== right) throw new Error(`${what}: got ${left}, expected ${right}`);
};

const bytes = (hex) => Uint8Array.from(hex.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));

// The vectors hold unknown fields apart, as the package does, and as text what not every reader of JSON takes.
const apart = ({ extra, ...fields }, text = {}) => {
  const all = { ...extra, ...Object.fromEntries(Object.entries(text).map(([name, json]) => [name, JSON.parse(json)])) };
  return Object.keys(all).length > 0 ? { ...fields, extra: all } : fields;
};

const OPERATIONS = [
  "merchant.get_account_balance", "merchant.get_card_templates", "merchant.set_webhook_url", "merchant.get_webhook_records",
  "user.register", "user.get_users", "card.apply", "card.recharge", "card.update_status", "card.get_balance",
  "card.get_information", "card.get_transactions", "card.assign", "card.set_pin", "card.3ds_confirm",
];

// The reasons of the vectors, as `diagnose` names them.
const DIAGNOSES = {
  mac_not_hex: "mac_format", mac_length: "mac_format", mac_mismatch: "mac_mismatch", payload_not_base64: "payload_not_base64",
  payload_too_short: "payload_length", payload_not_blocks: "payload_length", bad_padding: "padding", not_utf8: "not_utf8",
  not_json: "not_json",
};

const isJson = (text) => {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
};

/** The files that `run` reads. */
export const FILES = [
  "amount", "card_number", "cvv", "envelope", "envelope_accepted", "envelope_rejected", "events", "expiry", "keys", "pin",
  "responses",
];

/** Runs all cases against the package's namespace, with merchants of these options. `vectors` holds each file's JSON by its name. */
export const run = (api, vectors, options = {}) => {
  const started = Date.now();
  const files = {};
  const failures = [];
  const each = (file, cases, check) => {
    files[file] ??= 0;
    if (!(cases?.length > 0)) failures.push(`${file}: no cases`);
    for (const vector of cases ?? []) {
      try {
        check(vector);
        files[file] += 1;
      } catch (error) {
        failures.push(`${file}: ${vector.name}: ${error?.message ?? error}`);
      }
    }
  };
  const thrown = (work) => {
    try {
      work();
    } catch (error) {
      if (!api.isBananaTechError(error)) throw error;
      return error;
    }
    throw new Error("nothing was thrown");
  };
  const refused = (work, code) => equal(thrown(work).code, code, "code");
  const made = [];
  const merchant = ({ key_text, codec }, limits) => {
    const one = new api.Merchant({
      merchant_id: "6f1c3f9e-52a4-4a0f-9b57-1b8d4a6f2c10",
      base_url: "https://api.example",
      secret_key: key_text,
      codec,
      key_id: "2026-11",
      ...limits,
      ...options,
    });
    made.push(one);
    return one;
  };
  // A rejection hands out its body as it was opened.
  const opened = (m, body) => {
    const { rejection } = thrown(() => m.read("merchant.get_account_balance", 400, body));
    equal(rejection?.authenticated, true, "authenticated");
    return rejection.body;
  };

  let requests = 0;
  each("envelope", vectors.envelope.cases, (vector) => {
    const m = merchant(vector);
    const iv = bytes(vector.iv_hex);
    equal(m.testAnswer("card.recharge", vector.plaintext, { iv }), vector.response_body);
    equal(merchant({ key_text: vector.key_hex, codec: "hex" }).testAnswer("card.recharge", vector.plaintext, { iv }), vector.response_body);
    equal(m.diagnose(vector.response_body), isJson(vector.plaintext) ? null : "not_json", "diagnosis");
    if (!isJson(vector.plaintext)) return;
    equal(opened(m, vector.response_body), vector.plaintext, "opened");
    for (const operation of OPERATIONS) {
      let call;
      try {
        call = m.seal(api.checkPlan(`{"operation":"${operation}","body":${vector.plaintext}}`), { iv });
      } catch (error) {
        if (!api.isBananaTechError(error)) throw error;
        continue;
      }
      // Only where our JSON is the vector's very text can the bytes be the same.
      if (call.init.body !== vector.request_body) continue;
      equal(call.init.headers["X-HMAC"], vector.hmac, "X-HMAC");
      requests += 1;
    }
  });
  if (requests < 10) failures.push(`envelope: only ${requests} vectors were an operation's own text`);

  each("envelope_accepted", vectors.envelope_accepted.cases, (vector) =>
    equal(opened(merchant(vector), vector.body), vector.plaintext));

  each("envelope_rejected", vectors.envelope_rejected.cases, (vector) => {
    const m = merchant(vector);
    for (const status of [200, 400]) refused(() => m.read("merchant.get_account_balance", status, vector.body), "not_authentic");
    if (vector.body.includes('"type"')) refused(() => m.receive(vector.body), "not_authentic");
    equal(m.diagnose(vector.body), DIAGNOSES[vector.reason], "diagnosis");
  });

  each("keys", vectors.keys.cases, (vector) => {
    if (!vector.ok) {
      const error = thrown(() => merchant(vector));
      equal(error.code, vector.code, "code");
      if (vector.got_bytes !== undefined) equal(error.message.includes(`got ${vector.got_bytes}`), true, "length told");
      return;
    }
    const iv = new Uint8Array(16).fill(3);
    const sealed = (key) => merchant(key).testAnswer("card.recharge", "{}", { iv });
    equal(sealed(vector), sealed({ key_text: vector.key_hex, codec: "hex" }));
  });

  each("card_number", vectors.card_number.cases, (vector) => {
    if (!vector.ok) return refused(() => api.cardNumber(vector.text), vector.code);
    const { luhn, masked, last4, bin6, bin8, brand } = vector;
    equal(api.cardNumber(vector.text), { luhn, masked, last4, bin6, bin8, brand });
  });

  each("pin", vectors.pin.cases, (vector) => {
    const check = vector.kind === "activation" ? api.activationPin : api.pin;
    if (!vector.ok) return refused(() => check(vector.text), vector.code);
    equal(check(vector.text), { weaknesses: vector.weaknesses });
  });

  each("cvv", vectors.cvv.cases, (vector) => {
    if (!vector.ok) return refused(() => api.cvv(vector.text), vector.code);
    equal(api.cvv(vector.text) === undefined, true, "answers nothing");
  });

  each("expiry", vectors.expiry.cases, (vector) => {
    if (!vector.ok) return refused(() => api.expiry(vector.text), vector.code);
    equal(api.expiry(vector.text), { month: vector.month, year: vector.year });
    for (const { year, month, expired } of vector.expired_at_cases) {
      equal(api.isExpired(vector.text, year, month), expired, `expired at ${year}-${month}`);
    }
  });

  each("amount", vectors.amount.cases, (vector) => {
    // In a field and as JSON text, so that its digits arrive as they are written: an event takes every amount, and a plan
    // says what is wrong with one.
    const event =
      '{"type":"CARD_BALANCE_CHANGE","data":{"card_id":1,"available":"1","before_available":"1","currency":"USD",' +
      `"occur_time":1,"amount":${vector.json}}}`;
    const plan = `{"operation":"card.recharge","body":{"user_id":1,"card_id":2,"amount":${vector.json}}}`;
    if (vector.ok) {
      equal(api.readEvent(event).data.amount, vector.text);
    } else {
      if (isJson(vector.json)) equal(api.readEvent(event).type, "unrecognized", "type");
      else refused(() => api.readEvent(event), "json.syntax");
      const { code } = thrown(() => api.checkPlan(plan));
      // No JSON reader would get as far as some of the wrong amounts, and null counts as absent.
      const others = vector.json === "null" ? ["field.required"] : vector.code === "amount.format" ? ["json.syntax"] : [];
      if (code !== vector.code && !others.includes(code)) throw new Error(`code ${code}, expected ${vector.code}`);
    }
    const value = isJson(vector.json) ? JSON.parse(vector.json) : undefined;
    if (typeof value !== "string") return;
    if (vector.ok) equal(api.amount.parse(value), vector.text, "parsed");
    else refused(() => api.amount.parse(value), vector.code);
  });
  const result = (work, expected, what) => {
    if (expected === null) refused(work, "amount.range");
    else equal(api.amount.compare(work(), expected), 0, what);
  };
  each("amount", vectors.amount.sums, ({ a, b, sum, difference }) => {
    result(() => api.amount.plus(a, b), sum, "sum");
    result(() => api.amount.minus(a, b), difference, "difference");
  });
  each("amount", vectors.amount.compare, ({ a, b, order }) => equal(api.amount.compare(a, b), order));
  each("amount", vectors.amount.percent, ({ amount, percent, fee }) =>
    result(() => api.amount.percent(amount, percent), fee, "fee"));

  const check = (vector, { type, data }) => {
    if (vector.unrecognized) {
      const { expected, ...rest } = data;
      equal(type, "unrecognized", "type");
      equal(rest, { type: vector.type, data: JSON.parse(vector.data), ...vector.unrecognized }, "data");
      equal(expected.length > 0, true, "expected");
      return;
    }
    equal(type, vector.type, "type");
    // Raw data stand whole.
    const { data: raw, data_text: text, extra } = vector.event;
    if (text !== undefined) equal(data, JSON.parse(text), "data");
    else if (raw !== undefined && extra === undefined) equal(data, raw, "data");
    else equal(data, apart(vector.event, vector.extra_text), "data");
  };
  each("events", vectors.events.cases, (vector) => {
    const m = merchant(vector);
    const receive = () => m.receive(vector.body);
    if (!vector.ok && !vector.javascript_unsafe) return refused(receive, vector.code);
    const delivery = receive();
    if (vector.javascript_unsafe) {
      // Kept whole: authentic, but nothing that a number holds.
      for (const { type, data } of [delivery, api.readEvent(delivery.json)]) {
        equal([type, data.type, data.code], ["unrecognized", vector.type, "id.range"], "unrecognized");
        equal(data.data, JSON.parse(vector.data), "raw data");
      }
      return equal(delivery.json, `{"type":${JSON.stringify(vector.type)},"data":${vector.data}}`, "exact text");
    }
    check(vector, delivery);
    equal(/^[0-9a-f]{64}$/.test(delivery.fingerprint), true, "fingerprint");
    equal(delivery.key_id, "2026-11", "key_id");
    equal(delivery.json, `{"type":${JSON.stringify(vector.type)},"data":${vector.data}}`, "exact text");
    check(vector, api.readEvent(delivery.json));
    if (!vector.unrecognized) check(vector, api.readEvent(api.readEvent(delivery.json)));
    const anew = m.testWebhook(vector.type, vector.data, { iv: bytes(vector.iv_hex) });
    equal(JSON.parse(anew), JSON.parse(vector.body), "sealed anew");
  });
  each("events", vectors.events.deliveries, (vector) => {
    const m = merchant(vector, { max_webhook_bytes: vector.max_bytes });
    if (!vector.ok) return refused(() => m.receive(vector.body), vector.code);
    const { type, data } = JSON.parse(m.receive(vector.body).json);
    equal({ type, data }, { type: vector.type, data: JSON.parse(vector.data) });
  });

  const plans = Object.fromEntries(
    vectors.responses.requests.map(({ operation, body }) => [operation, api.checkPlan(`{"operation":"${operation}","body":${body}}`)]),
  );
  each("responses", vectors.responses.cases, (vector) => {
    const m = merchant(vector);
    const call = m.seal(plans[vector.operation]);
    // Some answers are as empty as what was asked.
    call.init.body = vector.request_body ?? "";
    const read = () => call.answer(vector.status, vector.body);
    const told = ({ status, authenticated }) => equal({ status, authenticated }, { status: vector.status, authenticated: vector.sealed });
    if (vector.rejected) {
      const error = thrown(read);
      equal([error.code, error.status], ["rejected", vector.rejected.status], "code");
      equal(error.rejection.message, vector.rejected.message, "message");
      told(error.rejection);
    } else if (vector.failure === "not_known") {
      const error = thrown(read);
      equal([error.code, error.category, error.status], ["answer.not_known", "not_known", vector.status], "code");
      equal(error.answer.body, vector.plaintext, "body");
      told(error.answer);
    } else if (!vector.ok) {
      refused(read, vector.failure === "not_authentic" ? "not_authentic" : "answer.shape");
    } else if (vector.javascript_unsafe) {
      refused(read, "id.range");
    } else {
      const expected = apart(vector.response, vector.extra_text);
      // Records of webhooks and of users are kept whole.
      const isTyped = !["merchant.get_webhook_records", "user.get_users"].includes(vector.operation);
      if (isTyped && Array.isArray(expected.data)) expected.data = expected.data.map((record) => apart(record));
      const answer = read();
      equal(answer, { response: expected, sealed_with: vector.sealed ? "2026-11" : null });
      equal(answer.json.trim(), vector.plaintext.trim(), "exact text");
      equal(m.read(vector.operation, vector.status, vector.body), expected, "read without the call");
      equal(api.readResponse(vector.operation, answer.json), expected, "read anew");
      equal(api.readResponse(vector.operation, api.readResponse(vector.operation, answer.json)), expected, "passed on as an object");
    }
  });
  each("responses", vectors.responses.limits, (vector) => {
    const m = merchant(vector, { max_answer_bytes: vector.max_bytes });
    const read = () => m.read(vector.operation, vector.status, vector.body);
    if (vector.ok) read();
    else refused(read, vector.code);
  });

  // What the platform gives: random bytes, so that no two sealed messages are alike.
  each("platform", [{ name: "randomness" }], () => {
    const m = merchant({ key_text: "webhook-test-key-of-32-bytes-000", codec: "utf8" });
    const sealed = new Set(Array.from({ length: 200 }, () => m.seal(plans["card.recharge"]).init.body));
    equal(sealed.size, 200, "different bodies");
  });

  for (const one of made) one.free();
  const passed = Object.values(files).reduce((sum, count) => sum + count, 0);
  return { passed, failed: failures.length, failures: failures.slice(0, 20), files, version: api.version(), ms: Date.now() - started };
};
