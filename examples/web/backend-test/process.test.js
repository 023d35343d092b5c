// The program: it says where it is, and ends with its parent, sandbox and all.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { connect } from "node:net";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import test from "node:test";

const MAIN = fileURLToPath(new URL("../backend/main.js", import.meta.url));

test("it ends when its standard input does", async () => {
  const child = spawn(process.execPath, [MAIN, "--sandbox", process.env.BANANATECH_SANDBOX, "--exit-with-stdin"], {
    stdio: ["pipe", "pipe", "ignore"],
  });
  const line = await new Promise((resolve) => createInterface(child.stdout).once("line", resolve));
  const [, url] = line.match(/^bananatech web demo on (http:\/\/127\.0\.0\.1:\d+\/)$/);
  assert.equal((await fetch(`${url}api/me`)).status, 401);
  // Nothing that a client may send ends it.
  const status = await new Promise((resolve, reject) => {
    const socket = connect(new URL(url).port, "127.0.0.1", () => socket.write("GET // HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"));
    socket.once("data", (data) => resolve(String(data).split(" ")[1])).once("error", reject);
  });
  assert.match(status, /^4/);
  assert.equal((await fetch(`${url}api/me`)).status, 401);

  const ended = new Promise((resolve) => child.once("exit", resolve));
  child.stdin.end();
  assert.equal(await ended, 0);
  await assert.rejects(fetch(`${url}api/me`));
});
