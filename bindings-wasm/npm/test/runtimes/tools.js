// Where things are, and running programs.
import { execFile, execFileSync, spawn } from "node:child_process";
import { createRequire } from "node:module";
import { accessSync, constants, readFileSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath, pathToFileURL } from "node:url";

/** What takes this long won't come, however busy the machine is. */
export const PATIENCE_MS = 180_000;

/** The project that has the package installed. */
export const project = fileURLToPath(new URL("..", import.meta.url));
export const installed = join(project, "node_modules/bananatech");

// The entries that are tried everywhere. One that the packed package doesn't have is told by what tries it.
const { exports } = JSON.parse(readFileSync(join(installed, "package.json"), "utf8"));
const ENTRIES = Object.entries({ main: ".", plan: "./plan", forms: "./forms" })
  .filter(([, path]) => exports[path])
  .map(([name, path]) => [name, join("bananatech", path)]);

/** Writes `entries.js` and `entries.cjs` into a folder: each entry by `import`, and by `require` when it is asked for. */
export const writeEntries = (dir) => {
  const imported = ENTRIES.map(([name, path]) => `import * as ${name} from "${path}";\n`);
  const got = ENTRIES.map(([name]) => `${name}: () => ${name}`);
  writeFileSync(join(dir, "entries.js"), `${imported.join("")}export const entries = { ${got.join(", ")} };\n`);
  const required = ENTRIES.map(([name, path]) => `${name}: () => require("${path}")`);
  writeFileSync(join(dir, "entries.cjs"), `exports.entries = { ${required.join(", ")} };\n`);
};

const lists = {
  build: process.env.BANANATECH_TOOLS_BUILD,
  runtimes: process.env.BANANATECH_TOOLS_RUNTIMES,
  "react-18": process.env.BANANATECH_TOOLS_REACT_18,
};
const resolver = (list) => createRequire(join(lists[list], "package.json"));

/** A library from the tools. */
export const tool = async (name, list = "runtimes") => import(pathToFileURL(resolver(list).resolve(name)).href);

/** Where a list of tools is installed. */
export const modules = (list) => join(lists[list], "node_modules");

/** A place in the tools' folder. */
export const inTools = (...path) => join(lists.runtimes, ...path);

export const toolVersion = (name, list = "runtimes") =>
  JSON.parse(readFileSync(join(lists[list], "node_modules", name, "package.json"), "utf8")).version;

/** A program from the tools, if it is there. */
export const toolProgram = (name) => [inTools("node_modules/.bin", name)].find(isExecutable);

const isExecutable = (path) => {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
};

/** A program of the machine, under one of its names. */
export const machineProgram = (...names) => {
  const dirs = (process.env.PATH ?? "").split(delimiter);
  return names.flatMap((name) => dirs.map((dir) => join(dir, name))).find(isExecutable);
};

/** The first thing in a program's `--version` that looks like one. */
export const versionOf = (path) => {
  const text = execFileSync(path, ["--version"], { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] });
  return /\d+(\.\d+)+|\d{4}-\d\d-\d\d/.exec(text)?.[0] ?? "";
};

/** Runs a program; what it printed. It ends by itself or is ended. */
export const output = (path, args, env = {}, cwd = project) =>
  new Promise((resolve, reject) =>
    execFile(
      path,
      args,
      { cwd, env: { ...process.env, ...env }, timeout: PATIENCE_MS, killSignal: "SIGKILL", maxBuffer: 1 << 26 },
      (error, stdout, stderr) => (error ? reject(new Error(`${stdout}${stderr || error.message}`.trim())) : resolve(stdout)),
    ),
  );

/** The result that a program printed as its last line. */
export const result = async (path, args, env) => JSON.parse((await output(path, args, env)).trim().split("\n").at(-1));

/** Starts a program that goes on. `says` waits for something in what it prints, also as its third stream. */
export const start = (path, args, options = {}) => {
  // A group of its own, since it may start others.
  const child = spawn(path, args, { ...options, stdio: ["ignore", "pipe", "pipe", "pipe"], detached: true });
  let told = "";
  for (const stream of child.stdio.slice(1)) stream.on("data", (chunk) => (told += chunk));
  child.on("error", (error) => (told += error.message));
  const stop = () => {
    try {
      process.kill(-child.pid, "SIGKILL");
    } catch {
      // It has ended.
    }
  };
  process.on("exit", stop);
  const says = async (pattern) => {
    for (const end = Date.now() + PATIENCE_MS; Date.now() < end && child.exitCode === null; await sleep(50)) {
      const found = pattern.exec(told);
      if (found) return found[1];
    }
    stop();
    throw new Error(`${args.join(" ")} didn't say ${pattern}, but ${told}`);
  };
  const post = async (url) => {
    const body = readFileSync(join(project, "vectors.json"));
    const response = await fetch(url, { method: "POST", body, signal: AbortSignal.timeout(PATIENCE_MS) });
    const text = await response.text();
    if (!response.ok) throw new Error(`status ${response.status}: ${text.slice(0, 1000)} ${told.slice(-3000)}`);
    return JSON.parse(text);
  };
  return { says, post, stop };
};
