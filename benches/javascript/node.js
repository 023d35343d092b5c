// Measures in Node: prints Markdown.
import { execFileSync } from "node:child_process";
import * as crypto from "node:crypto";
import { fileURLToPath } from "node:url";
import * as bananatech from "bananatech";
import { build } from "esbuild";
import * as fields from "./fields.js";
import { firsts, table } from "./measure.js";
import { cryptoJs } from "./peers/crypto-js.js";
import { noble } from "./peers/noble.js";
import { nodeCrypto } from "./peers/node.js";
import { webCrypto } from "./peers/web.js";
import { run, secret } from "./work.js";

const quick = process.argv.includes("--quick");
const peers = [nodeCrypto(crypto, secret), await webCrypto(secret), noble(secret), cryptoJs(secret)];
const rows = await run(bananatech, peers, { quick });

const script = fileURLToPath(new URL("first.js", import.meta.url));
rows.push({
  name: "import to first sealed request",
  sides: await firsts(["ours", "node:crypto", "noble"], quick ? 5 : 31, (which) =>
    Number(execFileSync(process.execPath, [script, which], { encoding: "utf8" })),
  ),
});
console.log(`### Node ${process.versions.node}\n\n${table(rows)}\n`);

const ofFields = await fields.run({ quick });
const resolveDir = import.meta.dirname;
for (const [which, contents] of Object.entries(fields.FIRST_VERDICT)) {
  await build({ stdin: { contents, resolveDir }, outfile: `dist/${which}.mjs`, bundle: true, format: "esm", minify: true });
}
const firstVerdict = fileURLToPath(new URL("first-verdict.js", import.meta.url));
ofFields.push({
  name: "import to first verdict",
  sides: await firsts(Object.keys(fields.FIRST_VERDICT), quick ? 15 : 151, (which) =>
    Number(execFileSync(process.execPath, [firstVerdict, `${resolveDir}/dist/${which}.mjs`], { encoding: "utf8" })),
  ),
});
console.log(`${table(ofFields)}\n`);
