// Opens every page of the built site in a browser, at desktop and phone size, light and dark: nothing fails to load, nothing is wider than the
// page, axe has nothing to say, and every page is reachable from the first one.
import assert from "node:assert/strict";
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { extname, join } from "node:path";
import { after, before, test } from "node:test";
import puppeteer from "puppeteer-core";

const { BANANATECH_SITE: site, BANANATECH_SCREENSHOTS: screenshots, CHROMIUM } = process.env;
const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core"), "utf8");
const TYPES = { ".html": "text/html", ".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml", ".woff2": "font/woff2", ".json": "application/json" };
const SIZES = { desktop: { width: 1280, height: 800 }, phone: { width: 390, height: 844 } };

let server, browser, origin;

before(async () => {
  if (screenshots) mkdirSync(screenshots, { recursive: true });
  server = createServer(async (request, response) => {
    const path = decodeURI(new URL(request.url, "http://site").pathname);
    const file = await readFile(join(site, path.endsWith("/") ? `${path}index.html` : path)).catch(() => undefined);
    response.writeHead(file ? 200 : 404, { "content-type": TYPES[extname(path) || ".html"] ?? "application/octet-stream" });
    response.end(file);
  });
  await new Promise((done) => server.listen(0, "127.0.0.1", done));
  origin = `http://127.0.0.1:${server.address().port}`;
  browser = await puppeteer.launch({ executablePath: CHROMIUM, args: ["--no-sandbox"] });
});

after(async () => {
  await browser?.close();
  server?.close();
});

/** All pages that were built. */
const pages = async () => {
  const files = await readdir(site, { recursive: true });
  return files.filter((file) => file.endsWith(".html") && file !== "404.html" && !file.startsWith("api/")).sort();
};

/** A tab, and what goes wrong in it. */
const open = async (size, scheme) => {
  const page = await browser.newPage();
  const problems = [];
  page.on("pageerror", (error) => problems.push(String(error)));
  page.on("console", (message) => message.type() === "error" && problems.push(message.text()));
  page.on("response", (response) => response.status() >= 400 && problems.push(`${response.status()} ${response.url()}`));
  await page.setViewport(SIZES[size]);
  await page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: scheme }, { name: "prefers-reduced-motion", value: "reduce" }]);
  return { page, problems };
};

test("every page is reachable from the first one", async () => {
  const { page } = await open("desktop", "light");
  const seen = new Set();
  const queue = ["index.html"];
  while (queue.length) {
    const path = queue.pop();
    if (seen.has(path)) continue;
    seen.add(path);
    await page.goto(`${origin}/${path}`);
    const links = await page.$$eval("a[href]", (all) => all.map((link) => link.href));
    for (const link of links.map((text) => new URL(text)).filter((url) => url.origin === origin && !url.pathname.startsWith("/api/"))) {
      queue.push(link.pathname.slice(1).replace(/(^|\/)$/, "$1index.html"));
    }
  }
  assert.deepEqual([...seen].sort(), await pages());
});

test("each reference is there, and shows something", async () => {
  const { page } = await open("desktop", "light");
  await page.goto(`${origin}/references.html`);
  const links = await page.$$eval('a[href^="/api/"]', (all) => all.map((link) => link.getAttribute("href")));
  assert.ok(links.length >= 4);
  for (const link of links) {
    // Of a language whose tools aren't on this machine.
    if (!process.env.CI && !existsSync(join(site, ...link.split("/").slice(0, 3)))) continue;
    const { page, problems } = await open("desktop", "light");
    await page.goto(`${origin}${link}`);
    await page.waitForFunction(() => /bananatech/i.test(document.body.innerText));
    // The tools' pages ask for files that there needn't be, such as an icon or a theme.
    assert.deepEqual(problems.filter((problem) => !problem.includes("404")), [], link);
    await page.close();
  }
});

test("the fields on a page can be tried", async () => {
  const { page, problems } = await open("desktop", "light");
  await page.goto(`${origin}/fields.html`);
  const says = async (field, text, words) => {
    await page.type(`#live-${field}`, text);
    await page.waitForFunction((id, words) => document.getElementById(id).textContent.includes(words), {}, `live-${field}-words`, words);
  };
  await says("number", "4111111111111111", "Visa, complete");
  assert.equal(await page.$eval("#live-number", (input) => input.value), "4111 1111 1111 1111");
  await says("pin", "1234", "easy to guess");
  assert.deepEqual(problems, []);
});

// Sizes decide the layout and schemes the colours: two of the four pairs have all of both.
for (const [size, scheme] of [["desktop", "light"], ["phone", "dark"]]) {
  test(`every page, ${size}, ${scheme}`, async () => {
    const { page, problems } = await open(size, scheme);
    const found = [];
    for (const path of await pages()) {
      await page.goto(`${origin}/${path}`);
      await page.waitForSelector("main h1");
      await page.waitForFunction(() => !document.querySelector(".diagram.waiting"));
      const tooWide = await page.evaluate(() => document.documentElement.scrollWidth > innerWidth);
      if (tooWide) problems.push("wider than the page");
      await page.evaluate(axe);
      const { violations } = await page.evaluate(() => axe.run({ runOnly: ["wcag2a", "wcag2aa"], resultTypes: ["violations"] }));
      for (const { id, nodes } of violations) problems.push(`${id}, ${nodes.length} times: ${nodes[0].html}`);
      if (screenshots) await page.screenshot({ path: join(screenshots, `${path.replaceAll("/", "-")}-${size}-${scheme}.png`) });
      found.push(...problems.splice(0).map((problem) => `${path}: ${problem}`));
    }
    assert.deepEqual(found, []);
  });
}
