// Browsers, Chromium with everything that it receives recorded, and what the tests do in a page.
import assert from "node:assert/strict";
import { once } from "node:events";
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { createServer as createHttpServer } from "node:http";
import { connect, createServer } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import puppeteer from "puppeteer-core";
import { start } from "../backend/start.js";
import { SECURITY_HEADERS, readPage } from "../backend/static.js";

const FLAGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];
const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const SCREENSHOTS = process.env.BANANATECH_SCREENSHOTS;

// Machines that test are busy; what takes this long won't come.
const PATIENCE_MS = 60_000;

/** Looks until what is found is equal to what is expected, or matches it: a page shows what happens a little later. */
export const becomes = async (look, expected, what) => {
  const found = async () => {
    const found = await look();
    // Newer versions of Node refuse a message that is there and undefined.
    const message = what === undefined ? [] : [what];
    if (expected instanceof RegExp) assert.match(found, expected, ...message);
    else assert.deepEqual(found, expected, ...message);
  };
  for (const end = Date.now() + PATIENCE_MS; Date.now() < end; await sleep(20)) {
    try {
      return await found();
    } catch (error) {
      if (error.code !== "ERR_ASSERTION") throw error;
    }
  }
  await found();
};

/**
 * Clicks, with the mouse, until the click arrives: what appears above, or a page that is still scrolling,
 * moves an element away from under the pointer.
 */
export const click = async (page, selector) => {
  const element = page.locator(selector);
  for (const end = Date.now() + PATIENCE_MS; Date.now() < end; ) {
    await element.wait();
    await page.$eval(selector, (one) => {
      one.dataset.unhit = "";
      one.addEventListener("click", () => delete one.dataset.unhit, { once: true, capture: true });
    });
    await element.click();
    // An element that was made anew has no mark: by the click, or the click came before.
    if (await page.$eval(selector, (one) => !("unhit" in one.dataset)).catch(() => true)) return;
  }
  throw new Error(`no click arrives at ${selector}`);
};

export const DESKTOP = { width: 1200, height: 820 };
export const PHONE = { width: 360, height: 740, deviceScaleFactor: 2, isMobile: true, hasTouch: true };

const CHROMIUM = process.env.CHROMIUM ?? "/usr/bin/chromium";
const FIREFOX = process.env.FIREFOX ?? "/usr/bin/firefox";

/** Firefox, where it is; where everything has to run, its absence is an error. */
export const BROWSERS = ["chrome", "firefox"].filter((browser) => {
  if (browser === "chrome" || existsSync(FIREFOX)) return true;
  if (process.env.CI) throw new Error(`there is no Firefox at ${FIREFOX}`);
  console.log(`Firefox isn't at ${FIREFOX}: only Chromium is driven`);
  return false;
});

const launch = (browser) =>
  puppeteer.launch({
    browser,
    executablePath: browser === "chrome" ? CHROMIUM : FIREFOX,
    timeout: PATIENCE_MS,
    args: browser === "chrome" ? FLAGS : [],
    // No first page of the maker's, no telemetry, no updates.
    extraPrefsFirefox: {
      "app.normandy.enabled": false,
      "browser.startup.page": 0,
      "datareporting.policy.dataSubmissionEnabled": false,
      "network.captive-portal-service.enabled": false,
      "network.connectivity-service.enabled": false,
      "toolkit.telemetry.enabled": false,
    },
  });

/**
 * The built pages, and `more` files, without what else the backend does, and a browser before them. `open` answers with a
 * new page.
 */
export const setUpPages = async (test, browser, more = []) => {
  const files = new Map([...readPage(fileURLToPath(new URL("../dist", import.meta.url))), ...more]);
  const server = createHttpServer(({ url }, response) => {
    const { body, type } = files.get(url) ?? {};
    response.writeHead(body ? 200 : 404, { ...SECURITY_HEADERS, "content-type": type ?? "text/plain" }).end(body);
  });
  server.listen(0, "127.0.0.1");
  const [started] = await Promise.all([launch(browser), once(server, "listening")]);
  test.after(async () => {
    await started.close();
    server.close();
    server.closeAllConnections();
  });
  const troubles = [];
  return {
    troubles,
    open: async (path) => {
      const page = await started.newPage();
      page.setDefaultTimeout(PATIENCE_MS);
      page.on("console", (message) => ["error", "warn"].includes(message.type()) && troubles.push(message.text()));
      page.on("pageerror", (error) => troubles.push(error.message));
      await page.goto(`http://127.0.0.1:${server.address().port}${path}`);
      // A browser drops the keys for a page that it hasn't given the focus yet.
      await page.bringToFront();
      await page.waitForFunction(() => document.hasFocus(), { polling: 20 });
      return page;
    },
  };
};

/** A look at a page by rule: no violation of WCAG A or AA, nothing wider than the screen. */
export const inspect = async (page, what) => {
  const sideways = await page.evaluate(
    () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
  );
  assert.equal(sideways, 0, `${what}: it scrolls sideways`);
  await page.evaluate(AXE);
  const violations = await page.evaluate(async () => {
    const { violations } = await globalThis.axe.run({
      runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    });
    return violations.map(
      ({ id, nodes }) => `${id}: ${nodes.map(({ target, failureSummary }) => `${target} ${failureSummary}`).join("; ")}`,
    );
  });
  assert.deepEqual(violations, [], what);
};

/** A wire between browser and backend that keeps a copy of every byte to the browser. */
const tap = async () => {
  const received = [];
  let target = null;
  const server = createServer((browser) => {
    const backend = connect(target, "127.0.0.1");
    backend.on("data", (bytes) => received.push(bytes));
    browser.pipe(backend).pipe(browser);
    for (const socket of [browser, backend])
      socket.on("error", () => {}).on("close", () => [browser, backend].forEach((one) => one.destroy()));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    to: (url) => {
      target = Number(new URL(url).port);
    },
    bytes: () => Buffer.concat(received),
    close: () => server.close(),
  };
};

/** A backend, and a browser before it, for one test. */
export const setUp = async (test, { patience_ms = 15_000 } = {}) => {
  const program = process.env.BANANATECH_SANDBOX;
  if (!program) throw new Error("BANANATECH_SANDBOX is needed: the path of the program bananatech-sandbox");
  const wire = await tap();
  const lines = [];
  const set = { wire, lines, backend: null };
  const begin = async () => {
    set.backend = await start({ sandbox: [program], origins: [wire.url], patience_ms, log: (line) => lines.push(line) });
    wire.to(set.backend.url);
  };
  /** Ends the backend, lets something happen without it, and begins anew. */
  set.restart = async (meanwhile) => {
    await set.backend.stop();
    await meanwhile();
    await begin();
  };
  await begin();
  const browser = (set.browser = await launch("chrome"));
  test.after(async () => {
    await browser.close();
    wire.close();
    await set.backend.stop();
  });
  return set;
};

/** Opens the page. What goes wrong in it, and each request that it makes, is kept. */
export const open = async ({ browser, wire }, { viewport = DESKTOP, dark = false, name }) => {
  const page = await browser.newPage();
  page.setDefaultTimeout(PATIENCE_MS);
  await page.setViewport(viewport);
  await page.emulateMediaFeatures([
    { name: "prefers-color-scheme", value: dark ? "dark" : "light" },
    { name: "prefers-reduced-motion", value: "reduce" },
  ]);
  const troubles = [];
  const requests = [];
  const bodies = [];
  page.on("console", (message) => ["error", "warn"].includes(message.type()) && troubles.push(message.text()));
  page.on("pageerror", (error) => troubles.push(error.message));
  page.on("request", (request) => requests.push(request.url()));
  page.on("response", (response) => {
    const head = `${response.url()} ${response.status()} ${JSON.stringify(response.headers())}\n`;
    bodies.push(
      response.buffer().then(
        (body) => Buffer.concat([Buffer.from(head), body]),
        () => Buffer.from(head),
      ),
    );
  });
  // The feed never ends, so its messages are taken one by one.
  const session = await page.createCDPSession();
  await session.send("Network.enable");
  session.on("Network.eventSourceMessageReceived", ({ eventName, data }) =>
    bodies.push(Buffer.from(`${eventName} ${data}\n`)),
  );
  await page.goto(`${wire.url}/`);

  let shots = 0;
  return {
    page,
    troubles,
    requests,
    /** All responses and messages, as the browser understood them. The endless one isn't waited for. */
    bodies: async () => {
      const late = new Promise((resolve) => setTimeout(resolve, 1000, Buffer.alloc(0)).unref());
      return Buffer.concat(await Promise.all(bodies.map((body) => Promise.race([body, late]))));
    },
    /** Waits for a text in an element. */
    sees: (selector, text) =>
      page
        .waitForFunction(
          (selector, text) => [...document.querySelectorAll(selector)].some((one) => one.textContent.includes(text)),
          { polling: 20 },
          selector,
          text,
        )
        .catch(() => {
          throw new Error(`there is no "${text}" in ${selector}`);
        }),
    /** Waits for an element by its role and accessible name. */
    byRole: (role, name) => page.waitForSelector(`aria/${name}[role="${role}"]`),
    /** Presses the button of this name, also if the page makes it anew meanwhile. */
    press: (name) => click(page, `aria/${name}[role="button"]`),
    /** The same, by selector. */
    click: (selector) => click(page, selector),
    text: (selector) => page.$eval(selector, (one) => one.textContent),
    /** A picture, and a look at it by rule. */
    look: async (what) => {
      await page.evaluate(() => document.fonts.ready);
      if (SCREENSHOTS) {
        mkdirSync(SCREENSHOTS, { recursive: true });
        shots += 1;
        await page.screenshot({
          path: join(SCREENSHOTS, `${name}-${String(shots).padStart(2, "0")}-${what}.png`),
          fullPage: true,
        });
      }
      await inspect(page, what);
    },
  };
};
