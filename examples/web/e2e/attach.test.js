// What `attach` does in documents of all kinds, in real browsers: compositions, right to left, templates, shadow roots, frames.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";
import { BROWSERS, becomes, setUpPages } from "./browser.js";

const FORMS = readFileSync(new URL(import.meta.resolve("bananatech/forms")), "utf8");
const pageOf = (attributes, body) => ({ body: `<!doctype html><html lang="en"${attributes}><title>Fields</title>${body}</html>`, type: "text/html" });

const PAGES = [
  ["/forms.js", { body: FORMS, type: "text/javascript" }],
  ["/favicon.ico", { body: "none", type: "text/plain" }],
  ["/plain.html", pageOf("", "<form><input id=field><input id=other></form>")],
  ["/rtl.html", pageOf(' dir="rtl"', "<input id=number><input id=expiry><input id=cvv><input id=pin><input id=name><input id=postal-code><input id=own dir=auto>")],
  ["/template.html", pageOf("", "<template><form><input id=field></form></template><div id=place></div>")],
  ["/shadow.html", pageOf("", "<div id=open></div><div id=closed></div>")],
  ["/frame.html", pageOf("", "<iframe></iframe><div id=place></div>")],
];

/** Attaches the page's input, and keeps what is told: `told` has the states, `inputs` what listeners of `input` see. */
const begin = (page, kind, options = {}) =>
  page.evaluate(
    async (kind, options) => {
      const { attach } = await import("/forms.js");
      const input = document.getElementById("field");
      globalThis.told = [];
      globalThis.inputs = [];
      input.addEventListener("fieldstate", ({ detail }) => told.push(detail));
      input.addEventListener("input", () => inputs.push(input.value));
      globalThis.field = attach(input, kind, options);
      input.focus();
    },
    kind,
    options,
  );

/** What is in the input, with `|` where the caret is. */
const shown = (page) =>
  page.evaluate(() => {
    const { value, selectionStart: at } = document.getElementById("field");
    return `${value.slice(0, at)}|${value.slice(at)}`;
  });

/** Each state that was told, by some of its parts. */
const told = (page, ...parts) => page.evaluate((parts) => globalThis.told.map((state) => parts.map((part) => state[part])), parts);

/**
 * Composes texts, one in the place of the other, and commits the last. Chromium does it by its interface for input methods;
 * for Firefox there is none, and the events that it would send are made, in its order.
 */
const composing = async (page, browser) => {
  const session = browser === "chrome" ? await page.createCDPSession() : undefined;
  const inPage = (type, text, isEnd = false) =>
    page.evaluate(
      (type, text, isEnd) => {
        const input = document.getElementById("field");
        const init = { bubbles: true, data: text, inputType: "insertCompositionText", isComposing: !isEnd };
        if (type === "compositionstart") {
          input.dispatchEvent(new CompositionEvent(type, init));
          globalThis.composed = [input.selectionStart, input.selectionEnd];
        } else if (type === "compositionend") {
          input.dispatchEvent(new CompositionEvent(type, init));
          input.dispatchEvent(new InputEvent("input", init));
        } else {
          input.dispatchEvent(new InputEvent("beforeinput", init));
          input.setRangeText(text, ...globalThis.composed, "end");
          globalThis.composed[1] = globalThis.composed[0] + text.length;
          input.dispatchEvent(new InputEvent("input", init));
        }
      },
      type,
      text,
      isEnd,
    );
  let hasBegun = false;
  return {
    compose: async (text) => {
      if (session) return session.send("Input.imeSetComposition", { text, selectionStart: text.length, selectionEnd: text.length });
      if (!hasBegun) await inPage("compositionstart", "");
      hasBegun = true;
      await inPage("input", text);
    },
    commit: async (text) => {
      if (session) return session.send("Input.insertText", { text });
      await inPage("input", text);
      await inPage("compositionend", text, true);
      hasBegun = false;
    },
  };
};

for (const browser of BROWSERS) {
  test(`attach in ${browser}`, async (t) => {
    const { open, troubles } = await setUpPages(t, browser, PAGES);
    const opened = async (path) => {
      const page = await open(path);
      await page.bringToFront();
      return page;
    };

    for (const [kind, steps, reasons] of [
      ["name", ["Z", "Zo", "Zoe"], [null, null, null]],
      ["name", ["\u3084", "\u3084\u307e", "\u5c71"], [null, null, null]],
      ["postal-code", ["9", "94", "941"], ["incomplete", null, null]],
    ]) {
      await t.test(`a composed ${kind}, ${steps.at(-1)}, is judged at each step and never written`, async () => {
        const page = await opened("/plain.html");
        await begin(page, kind);
        // As a page does that lets only a valid field be sent.
        await page.evaluate(() => {
          const button = document.body.appendChild(document.createElement("button"));
          button.disabled = true;
          document.addEventListener("fieldstate", ({ detail }) => (button.disabled = !detail.isValid));
        });
        const { compose, commit } = await composing(page, browser);
        for (const [at, step] of steps.entries()) {
          await compose(step);
          await becomes(() => told(page, "value", "reason"), [["", "empty"], ...steps.slice(0, at + 1).map((value, at) => [value, reasons[at]])]);
          assert.equal(await page.$eval("button", ({ disabled }) => disabled), reasons[at] !== null);
        }
        assert.equal(await shown(page), `${steps.at(-1)}|`);
        await commit(steps.at(-1));
        await becomes(() => shown(page), `${steps.at(-1)}|`);
        assert.equal((await told(page)).length, 4);
        await page.close();
      });
    }

    await t.test("composed digits are judged as they will be written, and written when the composition ends", async () => {
      const page = await opened("/plain.html");
      await begin(page, "number");
      await page.keyboard.type("411111111111111");
      const { compose, commit } = await composing(page, browser);
      await compose("\uff12");
      await becomes(async () => (await told(page, "value", "reason", "isWrong")).at(-1), ["4111111111111112", "check_digit", false]);
      assert.equal(await shown(page), "4111 1111 1111 111\uff12|");
      await compose("\uff11");
      await becomes(async () => (await told(page, "value", "isValid")).at(-1), ["4111111111111111", true]);
      // A component that looks anew at each step doesn't disturb it either.
      await page.evaluate(() => field.update());
      assert.equal(await shown(page), "4111 1111 1111 111\uff11|");
      await commit("\uff11");
      await becomes(() => shown(page), "4111 1111 1111 1111|");
      assert.equal(await page.evaluate(() => inputs.at(-1)), "4111 1111 1111 1111");
      await page.keyboard.press("Backspace");
      await becomes(() => shown(page), "4111 1111 1111 111|");
      await page.close();
    });

    await t.test("digits are written from left to right in a page from right to left", async () => {
      const page = await opened("/rtl.html");
      await page.evaluate(async () => {
        const { attach } = await import("/forms.js");
        globalThis.fields = [...document.querySelectorAll("input")].map((input) => attach(input, input.id === "own" ? "number" : input.id));
      });
      const directions = () => page.$$eval("input", (inputs) => inputs.map((input) => [input.id, getComputedStyle(input).direction]));
      assert.deepEqual(await directions(), [
        ["number", "ltr"], ["expiry", "ltr"], ["cvv", "ltr"], ["pin", "ltr"], ["name", "rtl"], ["postal-code", "rtl"], ["own", "ltr"],
      ]);
      assert.equal(await page.$eval("#own", (input) => input.dir), "auto");
      await page.focus("#number");
      await page.keyboard.type("4111222233334444");
      assert.equal(await page.$eval("#number", ({ value }) => value), "4111 2222 3333 4444");
      await page.evaluate(() => fields.forEach((field) => field.detach()));
      assert.equal(await page.$eval("#number", (input) => input.hasAttribute("dir")), false);
      await page.close();
    });

    await t.test("digits of all scripts", async () => {
      const page = await opened("/plain.html");
      await begin(page, "number");
      for (const zero of [0x660, 0x6f0, 0x966, 0x9e6, 0xe50, 0xff10, 0x1d7ce]) {
        await page.evaluate((zero) => {
          const input = document.getElementById("field");
          input.select();
          document.execCommand("insertText", false, [..."4111111111111111"].map((digit) => String.fromCodePoint(zero + Number(digit))).join(""));
        }, zero);
        await becomes(() => shown(page), "4111 1111 1111 1111|", zero.toString(16));
      }
      await page.close();
    });

    await t.test("a limit stops typing, by gaps or without", async () => {
      const page = await opened("/plain.html");
      await begin(page, "number", { maxLength: 16 });
      await page.keyboard.type("41111111111111112");
      await becomes(() => shown(page), "4111 1111 1111 1111|");
      assert.deepEqual((await told(page, "isValid", "isWrong")).at(-1), [true, false]);
      await page.evaluate(() => {
        field.detach();
        document.getElementById("field").value = "";
        document.getElementById("field").maxLength = 3;
      });
      await begin(page, "name");
      await page.keyboard.type("Zoey");
      await becomes(() => shown(page), "Zoe|");
      await page.close();
    });

    await t.test("an input of a template, and then of the page", async () => {
      const page = await opened("/template.html");
      const attached = await page.evaluate(async () => {
        const { attach } = await import("/forms.js");
        const { content } = document.querySelector("template");
        const clone = content.cloneNode(true);
        const input = clone.querySelector("input");
        globalThis.told = [];
        input.addEventListener("fieldstate", ({ detail }) => told.push(detail));
        globalThis.field = attach(input, "number");
        const hasWindow = input.ownerDocument.defaultView !== null;
        input.value = "41111";
        field.update();
        const { value } = input;
        document.getElementById("place").append(clone);
        input.focus();
        input.select();
        return { hasWindow, value, told: told.length };
      });
      assert.deepEqual(attached, { hasWindow: false, value: "4111 1", told: 2 });
      await page.keyboard.type("378282246310005");
      await becomes(() => shown(page), "3782 822463 10005|");
      assert.deepEqual((await told(page, "value", "isValid")).at(-1), ["378282246310005", true]);
      // It came to its form with the template's content.
      await page.evaluate(() => document.querySelector("form").reset());
      await becomes(async () => (await told(page, "reason")).at(-1), ["empty"]);
      await page.close();
    });

    await t.test("a shadow root keeps the state to itself", async () => {
      const page = await opened("/shadow.html");
      await page.evaluate(async () => {
        const { attach } = await import("/forms.js");
        globalThis.heard = [];
        const hear = (place, target) => target.addEventListener("fieldstate", ({ detail }) => heard.push([place, detail.value]));
        hear("window", window);
        hear("document", document);
        globalThis.inputs = ["open", "closed"].map((mode) => {
          const host = document.getElementById(mode);
          hear("host", host);
          const root = host.attachShadow({ mode });
          const form = root.appendChild(document.createElement("form"));
          hear("root", root);
          hear("form", form);
          const input = form.appendChild(document.createElement("input"));
          attach(input, "number");
          return input;
        });
      });
      for (const at of [0, 1]) {
        await page.evaluate((at) => {
          heard.length = 0;
          inputs[at].focus();
        }, at);
        await page.keyboard.type("41111");
        await becomes(() => page.evaluate((at) => [inputs[at].value, inputs[at].selectionStart], at), ["4111 1", 6]);
        const heard = await page.evaluate(() => globalThis.heard);
        assert.deepEqual([...new Set(heard.map(([place]) => place))], ["form", "root"]);
        assert.equal(heard.at(-1)[1], "41111");
      }
      await page.close();
    });

    await t.test("an input that moves to another document", async () => {
      const page = await opened("/frame.html");
      await page.evaluate(async () => {
        const { attach } = await import("/forms.js");
        const frame = document.querySelector("iframe");
        const input = frame.contentDocument.body.appendChild(frame.contentDocument.createElement("input"));
        input.id = "field";
        globalThis.told = [];
        input.addEventListener("fieldstate", ({ detail }) => told.push(detail));
        globalThis.field = attach(input, "number");
        document.getElementById("place").append(input);
        // The document that it was attached in is gone.
        frame.remove();
        input.focus();
      });
      await page.keyboard.type("41111");
      await becomes(() => shown(page), "4111 1|");
      assert.deepEqual((await told(page, "value")).at(-1), ["41111"]);
      await page.evaluate(() => field.detach());
      await page.keyboard.type("1111");
      await becomes(() => shown(page), "4111 11111|");
      await page.close();
    });

    await t.test("a form that is reset: before, while and after the input is attached, and one that it gets into later", async () => {
      const page = await opened("/plain.html");
      await page.evaluate(async () => {
        await import("/forms.js");
        const form = document.querySelector("form");
        const input = document.getElementById("field");
        input.defaultValue = "41111";
        input.value = "5";
        form.reset();
      });
      await begin(page, "number");
      assert.equal(await page.$eval("#field", ({ value }) => value), "4111 1");
      await page.keyboard.type("9");
      await page.evaluate(() => document.querySelector("form").reset());
      await becomes(async () => [(await shown(page)).replace("|", ""), ...(await told(page, "value")).at(-1)], ["4111 1", "41111"]);

      // Attached by a listener of the reset.
      await page.evaluate(async () => {
        const { attach } = await import("/forms.js");
        field.detach();
        const form = document.querySelector("form");
        document.getElementById("field").value = "1234";
        form.addEventListener("reset", () => (globalThis.field = attach(document.getElementById("field"), "number")), { once: true });
        form.reset();
      });
      await becomes(() => page.evaluate(() => [document.getElementById("field").value, field.state.value]), ["4111 1", "41111"]);

      // Another form.
      await page.evaluate(() => {
        const form = document.body.appendChild(document.createElement("form"));
        form.append(document.getElementById("field"));
        document.getElementById("field").focus();
      });
      await page.keyboard.press("End");
      await page.keyboard.type("22");
      await becomes(() => page.evaluate(() => field.state.value), "4111122");
      await page.evaluate(() => document.querySelectorAll("form")[1].reset());
      await becomes(() => page.evaluate(() => field.state.value), "41111");
      await page.close();
    });

    assert.deepEqual(troubles, []);
  });
}
