#!/usr/bin/env node
// `npx bananatech diagnose`: why a webhook's body doesn't open. It never talks to the network.
import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { diagnose } from "bananatech";

const USAGE = `bananatech diagnose [FILE] [--key-file FILE]... [--show] [--json]

Says why a webhook's body doesn't open: each step, with each key by each codec.

  FILE               the body as it was delivered; standard input without it, or with -
  --key-file FILE    a file that holds a key's text; give it again for further keys
  --show             also write what was sealed. It may hold card numbers and personal data
  --json             write JSON

A key also comes from the variable BANANATECH_SECRET_KEY. Ends with 0 if every step holds, with 1 if one doesn't, with 2 if it couldn't look.
`;

const run = () => {
  const options = { "key-file": { type: "string", multiple: true }, show: { type: "boolean" }, json: { type: "boolean" }, help: { type: "boolean" } };
  const { values, positionals } = parseArgs({ options, allowPositionals: true });
  const [command, file = "-", ...more] = positionals;
  if (values.help) {
    process.stdout.write(USAGE);
    return 0;
  }
  if (command !== "diagnose" || more.length) throw new Error(`what it takes:\n\n${USAGE}`);
  // A line's end at the end of the file isn't the key's.
  const keys = (values["key-file"] ?? []).map((path) => readFileSync(path, "utf8").replace(/\r?\n$/, ""));
  const { BANANATECH_SECRET_KEY: variable } = process.env;
  if (variable !== undefined) keys.push(variable);
  const diagnosis = diagnose(readFileSync(file === "-" ? 0 : file), keys);
  const content = values.show ? diagnosis.content() : null;
  if (values.json) {
    console.log(JSON.stringify({ findings: diagnosis.findings, content: content && JSON.parse(content) }, null, 2));
  } else {
    for (const { step, holds, says } of diagnosis.findings) console.log(`${step.padEnd(11)} ${(holds ? "ok" : "FAILS").padEnd(6)} ${says}`);
    if (content !== null) console.log(`\n${content}`);
  }
  return diagnosis.failed_at === null ? 0 : 1;
};

try {
  process.exitCode = run();
} catch (error) {
  console.error(`bananatech: ${error.message}`);
  process.exitCode = 2;
}
