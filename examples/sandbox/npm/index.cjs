"use strict";
const { spawn } = require("node:child_process");

/** The program for this platform, from the package that npm chose by `os` and `cpu`; or the one that a variable names. */
const sandboxPath = () => {
  const { BANANATECH_SANDBOX: own } = process.env;
  if (own) return own;
  const platform = `${process.platform}-${process.arch}`;
  try {
    return require.resolve(`@bananatech/sandbox-${platform}/bananatech-sandbox`);
  } catch (cause) {
    const advice =
      "If npm left out optional dependencies, install again without --omit=optional. Otherwise build it with `cargo install bananatech-sandbox`, and name the program in BANANATECH_SANDBOX";
    throw new Error(`bananatech-sandbox: no program for ${platform} is installed. ${advice}`, { cause });
  }
};

/** The options, and what each is called on the command line. */
const FLAGS = {
  port: "--port",
  database: "--database",
  seed: "--seed",
  webhook_url: "--webhook-url",
  processing_delay_ms: "--processing-delay-ms",
  retry_base_ms: "--retry-base-ms",
  errors: "--errors",
};

const toArguments = (options) =>
  Object.entries(options).flatMap(([name, value]) => {
    if (!Object.hasOwn(FLAGS, name)) throw new TypeError(`startSandbox: there is no option ${name}`);
    // With `=`, so that a value isn't taken for an option.
    return value === undefined ? [] : [`${FLAGS[name]}=${value}`];
  });

const startSandbox = async ({ log = false, ...options } = {}) => {
  // It ends when its standard input is closed. The system closes it when this process ends, however it ends.
  const child = spawn(sandboxPath(), [...toArguments({ port: 0, ...options }), "--exit-with-stdin"], { stdio: "pipe" });
  const ended = new Promise((resolve) => child.once("close", resolve));
  let trouble = "";
  child.stderr.on("data", (chunk) => {
    if (log) process.stderr.write(chunk);
    else if (trouble.length < 10_000) trouble += chunk;
  });
  const url = await new Promise((resolve, reject) => {
    let told = "";
    child.stdout.on("data", (chunk) => {
      told += chunk;
      const ready = /listening on (\S+)\n/.exec(told);
      if (ready) resolve(ready[1]);
    });
    child.once("error", reject);
    child.once("close", (code) => reject(new Error(`bananatech-sandbox ended with ${code} before it listened: ${trouble.trim()}`)));
  });
  // A test that forgets to stop it ends all the same.
  for (const held of [child, child.stdin, child.stdout, child.stderr]) held.unref();
  return {
    url,
    async stop() {
      child.ref();
      child.stdin.end();
      await ended;
    },
  };
};

module.exports = { sandboxPath, startSandbox };
