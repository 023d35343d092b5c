// Test runners and frameworks that have a world of their own, as they come.
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { inTools, output, project, start, tool, writeEntries } from "./tools.js";

const here = (...path) => join(project, "runtimes", ...path);
const module = (...path) => inTools("node_modules", ...path);

/** Runs a test runner, whose one test leaves its result in a file: what it prints is its own affair. */
const left = async (program, args, env = {}) => {
  const file = join(project, "out/result.json");
  rmSync(file, { force: true });
  mkdirSync(join(project, "out"), { recursive: true });
  await output(program, args, { ...env, RESULT: file });
  return JSON.parse(readFileSync(file, "utf8"));
};

/** Jest with jsdom. It knows no ES modules, so the cases are bundled for it; the package isn't. */
export const jest = async (major) => {
  const { build } = await tool("esbuild", "build");
  await build({ entryPoints: [here("everything.js")], outfile: join(project, "out/everything.cjs"), bundle: true, format: "cjs" });
  const environment = module(`jest-environment-jsdom-${major}`);
  const options = ["--rootDir", here("jest"), "--env", environment, "--cacheDirectory", join(project, `out/jest-${major}`)];
  return left(process.execPath, [module(`jest-${major}`, "bin/jest.js"), ...options], { USER_EVENT: module("@testing-library/user-event") });
};

/** Vitest in one of its environments and pools. It needs a newer Node than the package does. */
export const vitest = (node, environment, pool) => {
  const options = ["--root", here("vitest"), "--environment", environment, "--pool", pool];
  return left(node, [module("vitest/vitest.mjs"), "run", ...options], { VITEST_SKIP_INSTALL_CHECKS: "1", USER_EVENT: module("@testing-library/user-event/dist/esm/index.js") });
};

/** Lays out an app of Next.js. It is within the tools, since from there on the bundlers look for `next`, and for the package. */
const app = () => {
  const dir = inTools("next-app");
  rmSync(dir, { recursive: true, force: true });
  cpSync(here("next"), dir, { recursive: true });
  cpSync(join(project, "node_modules"), join(dir, "node_modules"), { recursive: true });
  writeFileSync(join(dir, "package.json"), '{"private":true,"type":"module"}');
  for (const file of ["run-vectors.js", "runtimes/everything.js"]) cpSync(join(project, file), join(dir, "app/test", file));
  writeEntries(join(dir, "app/test/runtimes"));
  return dir;
};

/** Next.js with one of its bundlers: `dev`, or `start` of what it has built. Answers `post`, for a path, and `stop`. */
export const next = async (command, bundler) => {
  const cwd = app();
  const env = { ...process.env, NODE_ENV: undefined, NEXT_TELEMETRY_DISABLED: "1", NEXT_IGNORE_INCORRECT_LOCKFILE: "1" };
  const run = (...args) => [process.execPath, [module("next/dist/bin/next"), ...args]];
  if (command === "start") await output(...run("build", `--${bundler}`), env, cwd);
  const server = start(...run(command, ...(command === "dev" ? [`--${bundler}`] : []), "--hostname=127.0.0.1", "--port=0"), { cwd, env });
  const url = await server.says(/(http:\/\/127\.0\.0\.1:\d+)/);
  return { post: (path) => server.post(url + path), stop: server.stop };
};
