// Pages on the loopback interface, and the browsers that open them.
import { createServer } from "node:http";
import { readFileSync } from "node:fs";
import { extname, join, normalize } from "node:path";
import { PATIENCE_MS, installed, project, tool } from "./tools.js";

const TYPES = { ".js": "text/javascript", ".json": "application/json", ".wasm": "application/wasm" };
// As strict as a page can be that runs WebAssembly: nothing inline, no eval, nothing from elsewhere.
export const POLICY = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'; connect-src 'self'";

let waiting;

/** Answers what every page asks for; whether it did. */
export const answers = (request, response) => {
  if (request.url === "/vectors.json") {
    response.setHeader("content-type", "application/json");
    response.end(readFileSync(join(project, "vectors.json")));
    return true;
  }
  if (request.url !== "/result") return false;
  let body = "";
  request.on("data", (chunk) => (body += chunk));
  request.on("end", () => {
    response.end();
    waiting?.(JSON.parse(body));
  });
  return true;
};

// What a page without a bundler writes: addresses.
const addressed = (text) => text.replaceAll(/"bananatech(?:\/(\w+))?"/g, (_, entry = "index") => `"/package/${entry}.js"`);

const file = (path) => {
  if (path.startsWith("/package/")) return readFileSync(join(installed, path.slice("/package/".length)));
  const text = readFileSync(join(project, path));
  return path.startsWith("/runtimes/") ? addressed(text.toString()) : text;
};

/** Serves the project. `/open?SCRIPT` is a page with that script. */
export const serve = async () => {
  const server = createServer((request, response) => {
    if (answers(request, response)) return;
    response.setHeader("content-security-policy", POLICY);
    const [path, query] = request.url.split("?");
    try {
      if (path === "/open") {
        response.setHeader("content-type", "text/html");
        response.end(`<!doctype html><title>test</title><script type="module" src="${decodeURIComponent(query)}"></script>`);
      } else {
        const body = file(normalize(path));
        response.setHeader("content-type", TYPES[extname(path)] ?? "text/plain");
        response.end(body);
      }
    } catch {
      response.writeHead(404).end();
    }
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  const stop = () => {
    server.close();
    server.closeAllConnections();
  };
  return { url: `http://127.0.0.1:${server.address().port}`, stop };
};

const FLAGS = [
  "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
  "--disable-component-update", "--disable-sync",
];

/** Starts a browser. `open` shows an address and answers with the result that the page sends. */
export const launch = async (browser, executablePath) => {
  const { default: puppeteer } = await tool("puppeteer-core");
  const started = await puppeteer.launch({
    browser,
    executablePath,
    args: browser === "chrome" ? FLAGS : [],
    protocolTimeout: PATIENCE_MS,
    timeout: PATIENCE_MS,
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
  const open = async (url) => {
    const page = await started.newPage();
    const told = [];
    page.on("pageerror", (error) => told.push(String(error)));
    page.on("console", (message) => message.type() === "error" && told.push(message.text()));
    let timer;
    const result = new Promise((resolve, reject) => {
      waiting = resolve;
      timer = setTimeout(() => reject(new Error(`the page told nothing: ${told.join("; ")}`)), PATIENCE_MS);
    });
    try {
      const [, answer] = await Promise.all([page.goto(url, { timeout: PATIENCE_MS }), result]);
      return answer;
    } finally {
      clearTimeout(timer);
      waiting = undefined;
      await page.close();
    }
  };
  const version = /\d+(\.\d+)+/.exec(await started.version())?.[0] ?? "";
  return { version, open, stop: () => started.close() };
};
