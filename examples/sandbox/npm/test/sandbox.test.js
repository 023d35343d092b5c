// The packed packages, installed in a folder that has nothing else: `npx bananatech-sandbox`, and `startSandbox`.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createRequire } from "node:module";
import { test } from "node:test";
import { sandboxPath, startSandbox } from "bananatech-sandbox";

const health = async (url) => (await fetch(`${url}/_sandbox/health`)).json();

/** Waits until nobody listens there any more. */
const isGone = async (url) => {
  for (let tries = 0; tries < 200; tries++) {
    const answers = await fetch(`${url}/_sandbox/health`).then(() => true, () => false);
    if (!answers) return true;
    await new Promise((done) => setTimeout(done, 50));
  }
  return false;
};

/** What a process writes, up to a line that matches. */
const said = async (child, pattern) => {
  let text = "";
  for await (const chunk of child.stdout) {
    text += chunk;
    const found = pattern.exec(text);
    if (found) return found[1];
  }
  throw new Error(`it said: ${text}`);
};

const LISTENING = /listening on (\S+)\n/;

test("npx bananatech-sandbox answers its health address, and ends by Ctrl-C", async () => {
  // In a group of processes of its own, which a terminal would signal.
  const npx = spawn("npx", ["--no-install", "bananatech-sandbox", "--port", "0"], { detached: true, stdio: ["ignore", "pipe", "inherit"] });
  const url = await said(npx, LISTENING);
  assert.deepEqual(await health(url), { status: "ok" });
  process.kill(-npx.pid, "SIGINT");
  await once(npx, "exit");
  assert.ok(await isGone(url));
});

test("the launcher passes arguments, the exit code, and the end of standard input on", async () => {
  const start = (...given) => spawn("node_modules/.bin/bananatech-sandbox", given, { stdio: ["pipe", "pipe", "ignore"] });
  const version = start("--version");
  assert.match(await said(version, /(.+)\n/), /^bananatech-sandbox \d/);
  assert.deepEqual(await once(start("--no-such-option"), "exit"), [2, null]);

  const child = start("--port=0", "--exit-with-stdin");
  const url = await said(child, LISTENING);
  assert.deepEqual(await health(url), { status: "ok" });
  child.stdin.end();
  assert.deepEqual(await once(child, "exit"), [0, null]);
});

test("the launcher's end by force is the sandbox's end", async () => {
  const child = spawn("node_modules/.bin/bananatech-sandbox", ["--port=0"], { stdio: ["ignore", "pipe", "ignore"] });
  const url = await said(child, LISTENING);
  child.kill("SIGKILL");
  assert.ok(await isGone(url));
});

test("startSandbox answers a sandbox of its own each time, and stop ends it", async () => {
  const [first, second] = await Promise.all([startSandbox(), startSandbox({ processing_delay_ms: 1, errors: "sealed", seed: undefined })]);
  assert.notEqual(first.url, second.url);
  assert.deepEqual(await health(first.url), { status: "ok" });
  await first.stop();
  assert.ok(await isGone(first.url));
  assert.deepEqual(await health(second.url), { status: "ok" });
  await second.stop();
  await second.stop();
});

test("what can't start says why", async () => {
  await assert.rejects(startSandbox({ seed: "no-such-file.json" }), /cannot read no-such-file.json/);
  await assert.rejects(startSandbox({ webhookUrl: "http://127.0.0.1:1/" }), /there is no option webhookUrl/);
  process.env.BANANATECH_SANDBOX = "/no/such/program";
  await assert.rejects(startSandbox(), /ENOENT/);
  delete process.env.BANANATECH_SANDBOX;
});

test("a process that forgets to stop it ends, and the sandbox with it", async () => {
  const code = "require('bananatech-sandbox').startSandbox().then((sandbox) => console.log('listening on ' + sandbox.url))";
  const child = spawn(process.execPath, ["--eval", code], { stdio: ["ignore", "pipe", "inherit"] });
  const exit = once(child, "exit");
  const url = await said(child, LISTENING);
  assert.deepEqual(await exit, [0, null]);
  assert.ok(await isGone(url));
});

test("import and require are one module", () => {
  const required = createRequire(import.meta.url)("bananatech-sandbox");
  assert.equal(required.startSandbox, startSandbox);
  assert.match(sandboxPath(), /bananatech-sandbox$/);
});
