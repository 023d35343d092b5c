// What is tried in every surrounding: the vectors on the main entry, and a few cases of each entry. For any JavaScript.
import { run } from "../run-vectors.js";

const NUMBER = "4111111111111111";
const RECHARGE = { user_id: 1, card_id: 2, amount: "5" };
const EVENT = {
  type: "CARD_BALANCE_CHANGE",
  data: { card_id: 2, amount: "5", available: "5", before_available: "0", currency: "USD", occur_time: 1700000000000 },
};

/** Keys, and what they come to in a field of a kind. */
const TYPED = [
  ["number", "4111111111111111{Backspace}{Backspace}", "4111 1111 1111 11"],
  ["number", "41111{Backspace}{Backspace}", "411"],
  ["number", "41111111{ArrowLeft}{ArrowLeft}{ArrowLeft}9", "4111 1911 1"],
  ["number", "4111111{ArrowLeft}{ArrowLeft}{ArrowLeft}{Backspace}", "4111 11"],
  ["expiry", "12/28{Backspace}", "12/2"],
  ["expiry", "1228{Backspace}{Backspace}{Backspace}", "1"],
  ["cvv", "1234{Backspace}", "12"],
  ["pin", "48291{Backspace}5", "48295"],
  ["name", "Zoe{Backspace}", "Zo"],
  ["postal-code", "94103{Backspace}", "9410"],
];

const expect = (got, expected) => {
  const [left, right] = [got, expected].map((value) => JSON.stringify(value));
  if (left !== right) throw new Error(`got ${left}, expected ${right}`);
};

const thrown = (work) => {
  try {
    work();
  } catch (error) {
    return error;
  }
  throw new Error("nothing was thrown");
};

/** A text's bytes as all that a program may hold them in. Nothing is told by the realm that a value was made in. */
const bodies = async (text, worlds) => {
  const bytes = Array.from(text, (char) => char.charCodeAt(0));
  const made = [globalThis, ...worlds].map((world, at) => {
    const array = world.Uint8Array.from(bytes);
    const views = { Uint8Array: array, ArrayBuffer: array.buffer, DataView: new world.DataView(array.buffer) };
    return Object.entries(views).map(([name, value]) => [at === 0 ? name : `${name} of realm ${at}`, value]);
  });
  return [
    ["text", text],
    ...made.flat(),
    // Some surroundings have these from another realm than their own.
    ...(globalThis.Buffer ? [["Buffer", globalThis.Buffer.from(text)]] : []),
    ...(globalThis.Response ? [["arrayBuffer()", await new Response(text).arrayBuffer()]] : []),
    ...(globalThis.TextEncoder ? [["TextEncoder", new TextEncoder().encode(text)]] : []),
  ];
};

/** An input that looks after itself, where there is a document. */
const field = (forms) => {
  const input = document.body.appendChild(document.createElement("input"));
  const { detach } = forms.attach(input, "number");
  input.value = NUMBER;
  input.dispatchEvent(new Event("input", { bubbles: true }));
  detach();
  input.remove();
  return input.value;
};

/** What is in an input after a test tool has typed in it. */
const typed = async (forms, user, kind, keys) => {
  const input = document.body.appendChild(document.createElement("input"));
  const { detach } = forms.attach(input, kind);
  await user.click(input);
  await user.keyboard(keys);
  detach();
  input.remove();
  return input.value;
};

/**
 * Tries all of it. `entries` has a function for each entry of the package, `worlds` other realms' globals, with a function
 * `load` where the package can be loaded too, and `user` is what types there.
 */
export const everything = async (entries, vectors, worlds = [], user = undefined) => {
  const used = {};
  const failures = [];
  let passed = 0;
  const attempt = (name, work) => {
    try {
      const value = work();
      passed += 1;
      return value;
    } catch (error) {
      failures.push(`${name}: ${error}`);
    }
  };
  for (const name of ["main", "plan", "forms"]) {
    attempt(`entry ${name}`, () => {
      if (!entries[name]) throw new Error("the package has no such entry");
      used[name] = entries[name]();
    });
  }
  const { main, plan, forms } = used;

  if (main) {
    attempt("the vectors", () => {
      const outcome = run(main, vectors);
      passed += outcome.passed - 1;
      failures.push(...outcome.failures);
    });
    const merchant = attempt("a merchant", () => {
      const merchant_id = "6f1c3f9e-52a4-4a0f-9b57-1b8d4a6f2c10";
      return new main.Merchant({ merchant_id, base_url: "https://api.example", secret_key: "webhook-test-key-of-32-bytes-000" });
    });
    if (merchant) {
      for (const [name, body] of await bodies(merchant.testWebhook(EVENT.type, EVENT.data), worlds))
        attempt(`a webhook's body: ${name}`, () => expect(merchant.receive(body).data.card_id, 2));
      for (const [name, body] of await bodies(merchant.testAnswer("card.recharge"), worlds))
        attempt(`an answer's body: ${name}`, () => void merchant.read("card.recharge", 200, body));
    }
    // By the platform's own cryptography, where there is one.
    attempt("a long message", () => {
      const message = "x".repeat(100_000);
      expect(merchant.read("card.recharge", 200, merchant.testAnswer("card.recharge", { message })).message, message);
    });
    attempt("other errors aren't its own", () =>
      expect([new Error("x"), "x", null, ...worlds.map((world) => new world.Error("x"))].some(main.isBananaTechError), false));
  }

  if (plan) {
    attempt("plan: a card number", () => expect(plan.cardNumber(NUMBER).brand, "visa"));
    attempt("plan: a plan", () => expect(plan.plan.card.recharge(RECHARGE), { operation: "card.recharge", body: RECHARGE }));
    attempt("plan: an event", () => expect(plan.readEvent(EVENT).data.card_id, 2));
    attempt("plan: no key", () => expect("Merchant" in plan, false));
  }

  // Whoever throws: another entry, another copy of the package, another realm.
  const apis = Object.entries({ main, plan }).filter(([, api]) => api);
  worlds.forEach((world, at) => {
    const main = world.load && attempt(`the package in realm ${at + 1}`, world.load);
    if (main) apis.push([`realm ${at + 1}`, main]);
  });
  for (const [by, { cardNumber }] of apis)
    for (const [to, { isBananaTechError }] of apis)
      attempt(`an error of ${by} is told by ${to}`, () => expect(isBananaTechError(thrown(() => cardNumber("4"))), true));

  if (forms) {
    attempt("forms: a card number", () => expect(forms.number(NUMBER).card.type, "visa"));
    if (globalThis.document) attempt("forms: a field", () => expect(field(forms), "4111 1111 1111 1111"));
    for (const [kind, keys, expected] of user ? TYPED : []) {
      const value = await typed(forms, user, kind, keys);
      attempt(`forms: a ${kind} by keys, ${keys}`, () => expect(value, expected));
    }
  }
  return { passed, failed: failures.length, failures };
};
