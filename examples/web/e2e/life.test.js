// A card's whole life in the page, and what goes wrong in it.
import assert from "node:assert/strict";
import test from "node:test";
import { SANDBOX_MERCHANT, SANDBOX_USER } from "../backend/sandbox.js";
import { until } from "../backend-test/support.js";
import { DESKTOP, PHONE, becomes, open, setUp } from "./browser.js";
import { found } from "./secrets.js";

const CARD_NUMBER = "1234567890123456";
const UNKNOWN_NUMBER = "4000000000010100";
const SILENT_NUMBER = "4000000000090102";
const NUMBERS = [CARD_NUMBER, UNKNOWN_NUMBER, SILENT_NUMBER];
const PIN = "482915";

/** Nothing went wrong in the page, it spoke to nobody but its backend, and no secret came to it. */
const unharmed = async ({ backend, wire, lines }, tab) => {
  assert.deepEqual(tab.troubles, []);
  for (const url of tab.requests) assert.equal(new URL(url).origin, wire.url, url);
  const received = Buffer.concat([wire.bytes(), await tab.bodies()]);
  // That it is all there: page, script with the library in it, feed, answers.
  for (const part of ["<!doctype html>", "text/event-stream", "CARD_ASSIGN_RESULT", '{"operation":', "WebAssembly"])
    assert.ok(received.includes(part), part);
  assert.ok(received.length > 300_000);
  const { host, port } = new URL(backend.sandbox.url);
  for (const secret of [SANDBOX_MERCHANT.secret_key, SANDBOX_MERCHANT.merchant_id, host, `localhost:${port}`])
    assert.deepEqual(found(received, secret), [], secret);
  assert.ok(!received.includes(PIN), "the PIN came back");
  // The page itself offers sample numbers. Nothing that the backend says names one.
  const said = received
    .toString("latin1")
    .split("\n")
    .filter((line) => /^(data: |\{"|(all|view|entry) )/.test(line));
  assert.ok(said.length > 20);
  for (const line of said) for (const number of NUMBERS) assert.ok(!line.includes(number), "a card number came");
  for (const secret of [PIN, ...NUMBERS])
    assert.ok(!tab.requests.some((url) => url.includes(secret)), "a secret in an address");
  for (const secret of [PIN, ...NUMBERS, SANDBOX_MERCHANT.secret_key])
    assert.ok(!lines.join("\n").includes(secret), "the log holds a secret");
};

/** The whole life, by pointer. */
const live = async (tab) => {
  const { page, sees, look, byRole, press } = tab;
  await sees("h2", "Assign your card");
  await sees("#live", "Live");
  await look("no-card");

  await page.type("#card_number", CARD_NUMBER);
  await press("Assign this card");
  await sees(".card-status", "To be activated");
  await sees("h2", "Activate your card");
  await sees("#announcer", "Assignment confirmed");
  await look("to-be-activated");

  await page.type("#pin", PIN);
  await press("Activate");
  await sees(".card-status", "Active");
  await sees("h2", "Use your card");

  await page.type("#amount", "100");
  await press("Recharge");
  await sees(".balance-sum", "100.00 USD");
  await sees(".transactions", "+100.00 USD");
  await sees(".entry-type", "CARD_RECHARGE_RESULT");
  await press("Buy a coffee for 4.50");
  await sees(".balance-sum", "95.50 USD");
  await sees(".transactions", "Coffee");
  await look("active");

  await press("Lock");
  await sees(".card-status", "Locked");
  await look("locked");

  await press("Unlock");
  await sees(".card-status", "Active");
  await sees("h2", "Use your card");

  await press("Close …");
  await byRole("dialog", "Close this card for good?");
  await look("closing");
  await press("Close the card");
  await sees(".card-status", "Closed");
  await sees("h2", "This card is closed");
  await sees(".transactions", "Refund at closing");
  await look("closed");
};

test("a card's life on a desktop", async (t) => {
  const set = await setUp(t);
  const tab = await open(set, { viewport: DESKTOP, name: "desktop" });
  await live(tab);
  await unharmed(set, tab);
});

test("a card's life on a phone, in the dark", async (t) => {
  const set = await setUp(t);
  const tab = await open(set, { viewport: PHONE, dark: true, name: "phone-dark" });
  await live(tab);
  await unharmed(set, tab);
});

test("a card's life on a phone, by keyboard alone", async (t) => {
  const set = await setUp(t);
  const tab = await open(set, { viewport: { width: 360, height: 740, deviceScaleFactor: 2 }, name: "keyboard" });
  const { page, sees } = tab;
  const keys = page.keyboard;
  const focused = () =>
    page.evaluate(() => {
      const { id, textContent, tagName } = document.activeElement;
      const visible = document.activeElement.matches(":focus-visible");
      return { id, text: textContent.trim(), tag: tagName, visible };
    });
  const tabTo = async (id) => {
    for (let times = 0; times < 40; times += 1) {
      await keys.press("Tab");
      const now = await focused();
      assert.ok(now.visible, `the focus can't be seen on ${now.id || now.text || now.tag}`);
      if (now.id === id) return;
    }
    assert.fail(`${id} can't be reached`);
  };

  await sees("h2", "Assign your card");
  await keys.press("Tab");
  await becomes(async () => (await focused()).text, "Skip to what you can do");
  await keys.press("Enter");
  await tabTo("card_number");
  await keys.type(CARD_NUMBER);
  await keys.press("Enter");
  await sees("h2", "Activate your card");
  // The form in which the focus was is gone: it goes on at the new one's heading.
  await becomes(async () => (await focused()).text, "Activate your card");
  await tabTo("pin");
  await keys.type(PIN);
  await keys.press("Enter");
  await sees("h2", "Use your card");
  await becomes(async () => (await focused()).text, "Use your card");
  await tabTo("amount");
  await keys.type("25.00");
  await keys.press("Enter");
  await sees(".balance-sum", "25.00 USD");
  await tabTo("lock");
  await keys.press("Space");
  await sees("h2", "Your card is locked");
  await tabTo("unlock");
  await keys.press("Enter");
  await sees("h2", "Use your card");
  await tabTo("close");
  await keys.press("Enter");
  await sees("#dialog-title", "Close this card for good?");
  await becomes(async () => (await focused()).text, "Keep it");
  await keys.press("Escape");
  await becomes(async () => (await focused()).id, "close");
  await keys.press("Enter");
  await tabTo("dialog-yes");
  await keys.press("Enter");
  await sees("h2", "This card is closed");
  await unharmed(set, tab);
});

test("what goes wrong is told where it went wrong", async (t) => {
  const set = await setUp(t, { patience_ms: 700 });
  const tab = await open(set, { viewport: DESKTOP, name: "failures" });
  const { page, sees, look, press, click, text } = tab;
  const fieldOf = (id) =>
    page.$eval(`#${id}`, (input) => ({
      invalid: input.getAttribute("aria-invalid"),
      described: input
        .getAttribute("aria-describedby")
        .split(" ")
        .map((one) => document.getElementById(one).textContent),
      focused: document.activeElement === input,
    }));
  const empty = (selector) =>
    page.$eval(selector, (input) => {
      input.value = "";
      input.dispatchEvent(new Event("input", { bubbles: true }));
    });
  await sees("h2", "Assign your card");

  await t.test("a wrong card number: while typing", async () => {
    // As a paste does it: what is too long stays, and is told.
    await page.focus("#card_number");
    await page.keyboard.sendCharacter("12345678901234567890");
    await sees("#card_number-error", "card_number.too_long");
    const { invalid, described } = await fieldOf("card_number");
    assert.equal(invalid, "true");
    assert.ok(described.some((one) => one.includes("more digits than the number has")));
    await look("typing");
    await page.keyboard.press("Backspace");
    await becomes(() => text("#card_number-error"), "");
    await sees("#card_number-state", "Complete");
    await empty("#card_number");
  });

  await t.test("a card number is covered once it is left, and is still there", async () => {
    await page.type("#card_number", UNKNOWN_NUMBER);
    await sees("#card_number-state", "Visa, complete");
    await page.keyboard.press("Tab");
    await becomes(() => text(".field-mask"), "•••• •••• •••• 0100");
    await becomes(() => page.$eval("#card_number", ({ value }) => value), "4000 0000 0001 0100");
    await look("covered");
    await page.focus("#card_number");
    await becomes(() => text(".field-mask"), "");
    await empty("#card_number");
  });

  await t.test("a wrong card number: when it is sent, and nothing is sent", async () => {
    await page.type("#card_number", "40000000");
    await click("#assign");
    await sees("#card_number-error", "card_number.incomplete");
    await becomes(async () => (await fieldOf("card_number")).focused, true);
    assert.equal((await set.backend.feeds.view(SANDBOX_USER)).operations.length, 0);
    await empty("#card_number");
  });

  await t.test("a number that the issuer doesn't know", async () => {
    await page.type("#card_number", UNKNOWN_NUMBER.replace(/(.{4})(?=.)/g, "$1 "));
    await click("#assign");
    await sees("#card_number-error", "The issuer knows no card with this number");
    await becomes(() => text("#card_number-error"), /101:0/);
    await becomes(async () => (await fieldOf("card_number")).invalid, "true");
    await sees("#alarm", "Assignment failed");
    await sees(".operation", "101:0 - card number not exist");
    await look("unknown-number");
    await empty("#card_number");
  });

  await t.test("a webhook that doesn't come: not known, until somebody asks", async () => {
    await page.type("#card_number", SILENT_NUMBER);
    await click("#assign");
    await sees(".operation", "Overdue");
    await sees("#assign-reason", "First ask what became of the last one");
    await becomes(() => page.$eval("#assign", (button) => button.getAttribute("aria-disabled")), "true");
    await click("#assign");
    assert.equal((await set.backend.feeds.view(SANDBOX_USER)).operations.length, 2, "it was sent again");
    await look("overdue");
    await press("Ask the issuer");
    await sees(".operation", "Confirmed by asking");
    await sees(".card-status", "To be activated");
  });

  await t.test("a PIN that is too short, and one that is easy to guess", async () => {
    await page.type("#pin", "12345");
    await click("#activate");
    await sees("#pin-error", "pin.incomplete");
    await page.type("#pin", "6");
    await sees("#pin-hint", "easy to guess");
    await becomes(async () => (await fieldOf("pin")).invalid, null);
    await look("simple-pin");
    await empty("#pin");
    await page.type("#pin", PIN);
    await click("#activate");
    await sees("h2", "Use your card");
  });

  await t.test("amounts: malformed, too small, too large, and one that fails", async () => {
    for (const [sum, code] of [
      ["1,5", "amount.format"],
      ["5", "amount.below_minimum"],
      ["2500", "amount.above_your_limit"],
      ["0", "amount.not_positive"],
    ]) {
      await page.type("#amount", sum);
      await click("#recharge");
      await sees("#amount-error", code);
      await empty("#amount");
    }
    await page.type("#amount", "66.01");
    await click("#recharge");
    await sees("#alarm", "Recharge of 66.01 failed");
    await sees("#amount-error", "Recharge of 66.01 failed");
  });

  await t.test("a webhook that is quicker than the answer", async () => {
    await empty("#amount");
    await page.evaluate(() => {
      const { fetch } = globalThis;
      globalThis.fetch = async (path, init) => {
        const response = await fetch(path, init);
        if (!init.body?.includes("66.01")) return response;
        globalThis.fetch = fetch;
        const isTold = () => document.getElementById("amount-error").textContent.includes("66.01");
        while (!isTold()) await new Promise((resolve) => setTimeout(resolve, 20));
        return response;
      };
    });
    await page.type("#amount", "66.01");
    await click("#recharge");
    await becomes(() => page.$eval("#amount", ({ value }) => value), "");
    await becomes(() => text("#amount-error"), /Recharge of 66\.01 failed/);
    await empty("#amount");
  });

  await t.test("an operation that the issuer refuses", async () => {
    // Behind the backend's back, so that only the issuer knows.
    const { control } = set.backend.sandbox;
    await control("faults", { kind: "drop", count: 1, event_type: "CARD_STATUS_CHANGE" });
    const [{ state }] = (await set.backend.feeds.view(SANDBOX_USER)).cards;
    await control("call", {
      path: "/card/update_status",
      body: { user_id: SANDBOX_USER, card_id: state.card_id, alter: "LOCK" },
    });
    await until("it is locked", async () => {
      const { body } = await control("call", {
        path: "/card/get_information",
        body: { user_id: SANDBOX_USER, card_id: state.card_id },
      });
      return body.status === "LOCKED";
    });
    await empty("#amount");
    await page.type("#amount", "20");
    await click("#recharge");
    await sees(".operation", "Refused");
    await sees("#alarm", "refused by the issuer");
    // The backend looked how the card is. The event that said it is active may be later, by what clocks may differ.
    await sees(".card-status", "Active or Locked");
    await look("refused");
  });

  await t.test("a backend that is gone for a while", async () => {
    await page.setOfflineMode(true);
    await click("#unlock");
    await sees(".notice", "backend.unreachable");
    await page.setOfflineMode(false);
    await click("#unlock");
    await becomes(() => text(".card-status"), /Active$/);
  });

  await t.test("a backend that begins anew, and knows no session", async () => {
    await set.restart(() => sees("#live", "Reconnecting"));
    await sees("#live", "Live");
    await sees("h2", "Assign your card");
  });

  tab.troubles.splice(
    0,
    tab.troubles.length,
    ...tab.troubles.filter((one) => !/ERR_(INTERNET_DISCONNECTED|EMPTY_RESPONSE|CONNECTION_|INCOMPLETE|SOCKET_NOT_CONNECTED)|401/.test(one)),
  );
  await unharmed(set, tab);
});
