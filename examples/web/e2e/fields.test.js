// Card fields in real browsers: keys, clipboard, compositions, autofill; and in React and Vue.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";
import { BROWSERS, DESKTOP, PHONE, becomes, click, inspect, setUpPages } from "./browser.js";

const PLACE = process.env.BANANATECH_VECTORS ?? new URL("../../../tests/vectors/fields.json", import.meta.url);
const VECTORS = JSON.parse(readFileSync(PLACE));

/** A number as it is written: `3782 822463 10005`. */
const written = (digits, gaps) => [...digits].map((digit, at) => (gaps.includes(at) ? ` ${digit}` : digit)).join("");

/** A text with `|` where the caret is, or two around what is selected. */
const shown = (page, id) =>
  page.$eval(`#${id}`, ({ value, selectionStart: from, selectionEnd: to }) =>
    [value.slice(0, from), ...(from < to ? [value.slice(from, to)] : []), value.slice(to)].join("|"),
  );
const value = (page, id) => page.$eval(`#${id}`, ({ value }) => value);
const plainValue = async (page, id) => (await value(page, id)).replaceAll(" ", "");
const attribute = (page, id, name) => page.$eval(`#${id}`, (input, name) => input.getAttribute(name), name);
const text = (page, id) => page.$eval(`#${id}`, ({ textContent }) => textContent);

/** The form in the package's README, and what it needs. */
const README = (() => {
  const file = (name) => readFileSync(new URL(name, import.meta.resolve("bananatech/forms")), "utf8");
  const [, html] = file("README.md").match(/```html\n(.*?)```/s);
  const [script, code] = html.match(/<script type="module">(.*?)<\/script>/s);
  const body = html.replace(script, '<script type="module" src="/readme.js"></script>');
  return [
    ["/readme.html", { body: `<!doctype html>\n<html lang="en"><title>Pay</title>${body}</html>`, type: "text/html" }],
    ["/readme.js", { body: code.replace('"bananatech/forms"', '"./forms.js"'), type: "text/javascript" }],
    ["/forms.js", { body: file("forms.js"), type: "text/javascript" }],
    ["/favicon.ico", { body: "none", type: "text/plain" }],
  ];
})();

/** Begins anew with a text, typed, and puts the caret somewhere. */
const begin = async (page, id, typed, from, to = from) => {
  await page.focus(`#${id}`);
  await page.$eval(`#${id}`, (input) => input.select());
  await page.keyboard.press("Backspace");
  await page.keyboard.type(typed);
  if (from !== undefined) await page.$eval(`#${id}`, (input, from, to) => input.setSelectionRange(from, to), from, to);
};

const chord = async (page, key) => {
  await page.keyboard.down("Control");
  await page.keyboard.press(key);
  await page.keyboard.up("Control");
};

/** Pastes from the clipboard, into which it gets from another input by its own key. */
const paste = async (page, id, pasted) => {
  const before = await page.evaluate((id) => {
    const { selectionStart, selectionEnd } = document.getElementById(id);
    return [selectionStart, selectionEnd];
  }, id);
  await page.evaluate((pasted) => {
    const source = document.body.appendChild(document.createElement("input"));
    source.id = "source";
    source.value = pasted;
    source.select();
    source.focus();
  }, pasted);
  await chord(page, "c");
  await page.$eval("#source", (source) => source.remove());
  await page.focus(`#${id}`);
  await page.$eval(`#${id}`, (input, before) => input.setSelectionRange(...before), before);
  await chord(page, "v");
};

for (const browser of BROWSERS) {
  test(`fields in ${browser}`, async (t) => {
    const { open, troubles } = await setUpPages(t, browser);
    const page = await open("/fields.html");
    const keys = page.keyboard;
    await page.waitForSelector("#number[autocomplete]");

    await t.test("attributes", async () => {
      for (const [id, autocomplete, inputmode] of [
        ["number", "cc-number", "numeric"],
        ["expiry", "cc-exp", "numeric"],
        ["cvv", "cc-csc", "numeric"],
        ["name", "cc-name", null],
        ["postal-code", "postal-code", null],
        ["pin", "off", "numeric"],
      ]) {
        await becomes(() => attribute(page, id, "autocomplete"), autocomplete, id);
        await becomes(() => attribute(page, id, "inputmode"), inputmode, id);
        await becomes(() => attribute(page, id, "aria-invalid"), null, id);
      }
    });

    for (const { name, title, gaps } of VECTORS.brands) {
      await t.test(`${title}, key by key`, async () => {
        const digits = VECTORS.number.find(
          ({ brand, validity, text }) => brand === name && validity === "valid" && /^\d+$/.test(text),
        ).text;
        await begin(page, "number", "");
        for (let typed = 1; typed <= digits.length; typed += 1) {
          await keys.press(digits[typed - 1]);
          await becomes(async () => (await shown(page, "number")).replaceAll(" ", ""), `${digits.slice(0, typed)}|`);
        }
        await becomes(() => shown(page, "number"), `${written(digits, gaps)}|`);
        await becomes(() => text(page, "number-state"), `${title}, complete`);
        await becomes(() => attribute(page, "number", "aria-invalid"), null);
      });
    }

    for (const [what, typed, [from, to = from], key, expected] of [
      ["a digit in the middle", "41111111", [2], "9", "419|1 1111 1"],
      ["a digit at a gap", "41111111", [4], "9", "4111 9|111 1"],
      ["a letter in the middle", "41111111", [2], "x", "41|11 1111"],
      ["one digit too many", "4111111111111111111", [], "1", "4111 1111 1111 1111111|"],
      ["Backspace over a gap", "41234567", [5], "Backspace", "412|4 567"],
      ["Delete over a gap", "41234567", [4], "Delete", "4123| 567"],
      ["Backspace in the middle", "41234567", [2], "Backspace", "4|234 567"],
      ["a selection over a gap, replaced", "412345678", [3, 7], "9", "4129| 678"],
      ["a selection over a gap, erased", "412345678", [3, 7], "Delete", "412|6 78"],
      ["all, replaced", "412345678", [0, 11], "5", "5|"],
    ]) {
      await t.test(what, async () => {
        await begin(page, "number", typed, from, to);
        await keys.press(key);
        await becomes(() => shown(page, "number"), expected);
      });
    }

    await t.test("undo after a gap was written does nothing, and the field goes on", async () => {
      await begin(page, "number", "41111");
      await chord(page, "z");
      await becomes(() => shown(page, "number"), "4111 1|");
      await keys.type("23");
      await becomes(() => shown(page, "number"), "4111 123|");
    });

    await t.test("undo of what nothing was written into is the browser's own", async () => {
      await begin(page, "number", "");
      await keys.type("411");
      await chord(page, "z");
      await becomes(() => value(page, "number"), /^(4(11?)?)?$/);
      await keys.type("4");
      await becomes(() => shown(page, "number"), /4\|$/);
    });

    await t.test("pasted: spaces, hyphens and letters", async () => {
      for (const pasted of ["4111 1111 1111 1111", "4111-1111-1111-1111", "no. 4111\u00a01111\u20111111 1111,"]) {
        await begin(page, "number", "");
        await paste(page, "number", pasted);
        await becomes(() => shown(page, "number"), "4111 1111 1111 1111|", pasted);
      }
      await begin(page, "number", "4111", 2);
      await paste(page, "number", "2-3 4");
      await becomes(() => shown(page, "number"), "4123 4|11");
    });

    await t.test("pasted: too long stays, and is told", async () => {
      await begin(page, "number", "");
      await paste(page, "number", "4".repeat(24));
      await becomes(() => plainValue(page, "number"), "4".repeat(24));
      await becomes(() => attribute(page, "number", "aria-invalid"), "true");
      await becomes(() => text(page, "number-state"), "That is more digits than the number has.");
      await keys.press("Backspace");
      await becomes(() => plainValue(page, "number"), "4".repeat(23));
    });

    await t.test("several brands, and none", async () => {
      await begin(page, "number", "5");
      await becomes(() => text(page, "number-state"), "Mastercard, Naranja, Verve, Maestro or another, not complete yet");
      await begin(page, "number", "1234");
      await becomes(() => text(page, "number-state"), "No card's number begins like this.");
      await becomes(() => attribute(page, "number", "aria-invalid"), "true");
    });

    await t.test("the security code goes by the brand", async () => {
      await begin(page, "number", "378282246310005");
      await becomes(() => text(page, "cvv-label"), "Security code (CID)");
      await begin(page, "cvv", "12345");
      await becomes(() => value(page, "cvv"), "1234");
      await begin(page, "number", "4111111111111111");
      await becomes(() => attribute(page, "cvv", "aria-invalid"), "true");
      await begin(page, "cvv", "1234");
      await becomes(() => value(page, "cvv"), "123");
    });

    await t.test("filled in by a script, as password managers do", async () => {
      const fill = (filled) =>
        page.evaluate((filled) => {
          for (const [id, value] of Object.entries(filled)) {
            const input = document.getElementById(id);
            input.value = value;
            input.dispatchEvent(new Event("input", { bubbles: true }));
          }
        }, filled);
      await fill({ number: "378282246310005", expiry: "0829", cvv: "1234", name: "Ada Lovelace", "postal-code": "94103" });
      await becomes(() => value(page, "number"), "3782 822463 10005");
      await becomes(() => value(page, "expiry"), "08/29");
      for (const id of ["number", "expiry", "cvv", "name", "postal-code"])
        await becomes(() => text(page, `${id}-state`), /complete$/i, id);
      // Enter tells of an edit that doesn't come: what is filled in next isn't taken for it.
      await begin(page, "cvv", "1234");
      await keys.press("Enter");
      await fill({ cvv: "12345" });
      await becomes(() => value(page, "cvv"), "12345");
    });

    await t.test("an expiry date", async () => {
      await begin(page, "expiry", "1227");
      await becomes(() => shown(page, "expiry"), "12/27|");
      await becomes(() => text(page, "expiry-state"), "Complete");
      await begin(page, "expiry", "3");
      await becomes(() => shown(page, "expiry"), "03/|");
      await begin(page, "expiry", "12");
      await becomes(() => shown(page, "expiry"), "12/|");
      await keys.press("Backspace");
      await becomes(() => shown(page, "expiry"), "1|");
      await begin(page, "expiry", "12/25");
      await becomes(() => text(page, "expiry-state"), "The card has expired.");
      await begin(page, "expiry", "1");
      await becomes(() => attribute(page, "expiry", "aria-invalid"), null);
      await keys.press("Tab");
      await becomes(() => attribute(page, "expiry", "aria-invalid"), "true");
      await becomes(() => text(page, "expiry-state"), "Month and year, such as 08/29.");
    });

    await t.test("a PIN, and advice", async () => {
      await begin(page, "pin", "12a34");
      await becomes(() => value(page, "pin"), "1234");
      await becomes(() => text(page, "pin-state"), /^That is easy to guess: digits in a row/);
      await becomes(() => attribute(page, "pin", "aria-invalid"), null);
      // Said once the typing pauses.
      await becomes(() => text(page, "announcer"), /digits in a row/);
      await begin(page, "pin", "482915");
      await becomes(() => text(page, "pin-state"), "Complete");
    });

    await t.test("the form is reset", async () => {
      await begin(page, "number", "1234");
      await click(page, "[type=reset]");
      await becomes(() => text(page, "number-state"), "");
      for (const id of ["number", "expiry", "cvv", "name", "postal-code", "pin"]) {
        await becomes(() => value(page, id), "");
        await becomes(() => attribute(page, id, "aria-invalid"), null);
        await becomes(() => text(page, `${id}-state`), "");
      }
      await begin(page, "number", "41111");
      await becomes(() => shown(page, "number"), "4111 1|");
    });

    if (browser === "chrome") {
      await t.test("filled in by Chromium itself", async () => {
        // A page of its own: Chromium fills in again what changes within seconds.
        const page = await open("/fields.html");
        await page.waitForSelector("#pin[autocomplete]");
        const creditCard = { number: "378282246310005", name: "Ada Lovelace", expiryMonth: "08", expiryYear: "2029", cvc: "1234" };
        const number = await page.$("#number");
        await number.autofill({ creditCard });
        await becomes(() => text(page, "name-state"), "Complete");
        for (const [id, filled] of [
          ["number", "3782 822463 10005"],
          ["expiry", "08/29"],
          ["cvv", "1234"],
          ["name", "Ada Lovelace"],
        ]) {
          await becomes(() => value(page, id), filled);
          await becomes(() => text(page, `${id}-state`), /complete$/i, id);
        }
        await page.close();
      });

      await t.test("a look by rule, empty and with complaints", async () => {
        // A colour that is still changing has another contrast.
        await page.emulateMediaFeatures([{ name: "prefers-reduced-motion", value: "reduce" }]);
        for (const [what, viewport] of Object.entries({ DESKTOP, PHONE })) {
          await page.setViewport(viewport);
          await click(page, "[type=reset]");
          await becomes(() => text(page, "number-state"), "");
          await inspect(page, `${what}, empty`);
          await begin(page, "number", "1234");
          await begin(page, "expiry", "12/25");
          await begin(page, "name", "4111111111111111");
          await begin(page, "pin", "1234");
          await inspect(page, `${what}, with complaints`);
        }
        await page.setViewport(DESKTOP);
      });

      await t.test("a composition", async () => {
        const session = await page.createCDPSession();
        await begin(page, "number", "411");
        for (const text of ["\uff11", "\uff11\uff12"])
          await session.send("Input.imeSetComposition", { text, selectionStart: text.length, selectionEnd: text.length });
        await becomes(() => value(page, "number"), "411\uff11\uff12");
        await session.send("Input.insertText", { text: "\uff11\uff12" });
        await becomes(() => shown(page, "number"), "4111 2|");
        await keys.type("3");
        await becomes(() => shown(page, "number"), "4111 23|");
      });
    }

    assert.deepEqual(troubles, []);
  });

  test(`the README's form in ${browser}`, async (t) => {
    const { open, troubles } = await setUpPages(t, browser, README);
    const page = await open("/readme.html");
    await page.waitForSelector("#cvv[autocomplete]");
    await page.evaluate(() => (globalThis.pay = (number, { month, year }, cvv) => (globalThis.paid = [number, month, year, cvv])));
    const press = (key) => page.keyboard.press(key);
    const problem = () => text(page, "problem");
    const focused = () => page.evaluate(() => document.activeElement.id);
    await click(page, "button");
    await becomes(async () => [await problem(), await focused()], ["This is needed as well.", "number"]);
    await begin(page, "number", "4111111111111112");
    await becomes(() => problem(), "");
    await press("Tab");
    await becomes(() => problem(), "Is a digit mistyped?");
    await becomes(() => attribute(page, "number", "aria-invalid"), "true");
    await begin(page, "number", "378282246310005");
    await begin(page, "expiry", "1220");
    await press("Enter");
    await becomes(async () => [await problem(), await focused()], ["Please check what is marked.", "expiry"]);
    await begin(page, "expiry", "0835");
    await begin(page, "cvv", "123");
    await press("Tab");
    await becomes(() => problem(), "Please check what is marked.");
    await begin(page, "cvv", "1234");
    await becomes(() => problem(), "");
    await press("Enter");
    await becomes(() => page.evaluate(() => globalThis.paid), ["378282246310005", 8, 2035, "1234"]);
    assert.deepEqual(troubles, []);
  });

  for (const framework of ["react", "vue"]) {
    test(`${framework} in ${browser}`, async (t) => {
      const { open, troubles } = await setUpPages(t, browser);
      const page = await open(`/frameworks/${framework}.html`);
      await page.waitForSelector("#uncontrolled[autocomplete]");
      for (const [id, said] of [
        ["controlled", "3782 822463 10005"],
        ["uncontrolled", "378282246310005"],
      ]) {
        await begin(page, id, "378282246310005");
        await becomes(() => shown(page, id), "3782 822463 10005|");
        await becomes(() => text(page, `${id}-value`), said);
        await becomes(() => text(page, `${id}-brand`), "American Express");
        await begin(page, id, "41111111", 2);
        await page.keyboard.type("99");
        await becomes(() => shown(page, id), "4199| 1111 11", id);
        await becomes(() => text(page, `${id}-value`), /^4199 ?1111 ?11$/);
        await page.keyboard.press("Backspace");
        await becomes(() => shown(page, id), "419|1 1111 1", id);
      }
      // What one field's state says of another.
      await begin(page, "uncontrolled", "378282246310005");
      await begin(page, "cvv", "12345");
      await becomes(() => value(page, "cvv"), "1234");
      await becomes(() => text(page, "cvv-reason"), "");
      await begin(page, "uncontrolled", "4111111111111111");
      await becomes(() => text(page, "cvv-reason"), "too_long");
      await click(page, "#fill");
      // A script's value is written too, and the framework has it as it was written.
      await becomes(() => text(page, "controlled-value"), "3782 822463 10005");
      await becomes(() => value(page, "controlled"), "3782 822463 10005");
      await becomes(() => text(page, "controlled-brand"), "American Express");
      // Vue asks for a Trusted Types policy, and does without where it gets none.
      const others = troubles.filter((trouble) => framework === "react" || !/Trusted ?Type/.test(trouble));
      assert.deepEqual(others, []);
    });
  }
}
