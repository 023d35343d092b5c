#!/usr/bin/env node
// `npx bananatech-sandbox`: runs the program for this platform.
import { spawn } from "node:child_process";
import { constants } from "node:os";
import { sandboxPath } from "./index.js";

const WITH_STDIN = "--exit-with-stdin";

const run = (path) => {
  const given = process.argv.slice(2);
  const others = given.filter((argument) => argument !== WITH_STDIN);
  // By a standard input of its own, it ends with this process however this process ends.
  const child = spawn(path, [...others, WITH_STDIN], { stdio: ["pipe", "inherit", "inherit"] });
  child.once("error", fail);
  child.once("exit", (code, signal) => process.exit(code ?? 128 + constants.signals[signal]));
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => child.kill(signal === "SIGHUP" ? "SIGTERM" : signal));
  if (given.length > others.length) process.stdin.resume().once("end", () => child.stdin.end());
};

const fail = (error) => {
  console.error(error.message);
  process.exit(1);
};

try {
  run(sandboxPath());
} catch (error) {
  fail(error);
}
