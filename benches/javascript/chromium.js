// Measures in Chromium: `node chromium.js CHROMIUM`, prints Markdown.
import { createServer } from "node:http";
import { build } from "esbuild";
import puppeteer from "puppeteer-core";
import { FIRST_VERDICT } from "./fields.js";
import { firsts, table } from "./measure.js";

const quick = process.argv.includes("--quick");
const bundle = async (entry, contents) => {
  const { outputFiles } = await build({
    ...(contents ? { stdin: { contents, resolveDir: import.meta.dirname } } : { entryPoints: [entry] }),
    bundle: true,
    format: "esm",
    minify: true,
    external: ["/ours.js", "/web.js", "/noble.js"],
    write: false,
  });
  return outputFiles[0].contents;
};
const files = new Map([
  ["/page.js", await bundle("page.js")],
  ["/page-first.js", await bundle("page-first.js")],
  ["/ours.js", await bundle("ours", 'export * from "bananatech"')],
  ["/web.js", await bundle("peers/web.js")],
  ["/noble.js", await bundle("peers/noble.js")],
  ["/fields.js", await bundle("fields.js")],
  ["/page-verdict.js", await bundle("page-verdict.js")],
]);
for (const [which, contents] of Object.entries(FIRST_VERDICT)) files.set(`/verdict-${which}.js`, await bundle(which, contents));
const page = '<!doctype html><meta charset="utf-8"><title>bench</title>';
const server = createServer(({ url }, answer) => {
  const file = files.get(url);
  // WebCrypto wants a secure context, and the loopback is one. Isolated, the page has a finer clock.
  answer.setHeader("Cross-Origin-Opener-Policy", "same-origin");
  answer.setHeader("Cross-Origin-Embedder-Policy", "require-corp");
  answer.setHeader("Content-Type", file ? "text/javascript" : "text/html");
  answer.end(file ?? page);
});
await new Promise((listening) => server.listen(0, "127.0.0.1", listening));
const base = `http://127.0.0.1:${server.address().port}`;

const browser = await puppeteer.launch({
  executablePath: process.argv[2],
  args: [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
  ],
  protocolTimeout: 20 * 60_000,
});
try {
  const inPage = async (script, run, argument) => {
    const tab = await browser.newPage();
    tab.on("pageerror", (error) => console.error(error));
    await tab.goto(base);
    const result = await tab.evaluate(
      async (script, run, argument) => (await import(script))[run](argument),
      script,
      run,
      argument,
    );
    await tab.close();
    return result;
  };
  const rows = await inPage("/page.js", "bench", quick);
  rows.push({
    name: "import to first sealed request",
    sides: await firsts(["ours", "WebCrypto", "noble"], quick ? 5 : 31, (which) =>
      // What the page fetches from loopback counts for all sides alike.
      inPage("/page-first.js", "firstSealed", which),
    ),
  });
  console.log(`### ${await browser.version()}\n\n${table(rows)}\n`);

  const ofFields = await inPage("/fields.js", "run", { quick });
  ofFields.push({
    name: "import to first verdict",
    sides: await firsts(Object.keys(FIRST_VERDICT), quick ? 5 : 61, (which) =>
      inPage("/page-verdict.js", "firstVerdict", `/verdict-${which}.js`),
    ),
  });
  console.log(`${table(ofFields)}\n`);
} finally {
  await browser.close();
  server.close();
}
