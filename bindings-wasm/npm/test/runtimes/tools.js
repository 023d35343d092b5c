// Where things are, and running programs.
import { execFile, execFileSync } from "node:child_process";
import { createRequire } from "node:module";
import { accessSync, constants, readFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

/** The project that has the package installed. */
export const project = fileURLToPath(new URL("..", import.meta.url));
export const installed = join(project, "node_modules/bananatech");

const lists = { build: process.env.BANANATECH_TOOLS_BUILD, runtimes: process.env.BANANATECH_TOOLS_RUNTIMES };
const resolver = (list) => createRequire(join(lists[list], "package.json"));

/** A library from the tools. */
export const tool = async (name, list = "runtimes") => import(pathToFileURL(resolver(list).resolve(name)).href);

export const toolVersion = (name, list = "runtimes") =>
  JSON.parse(readFileSync(join(lists[list], "node_modules", name, "package.json"), "utf8")).version;

/** A program from the tools, if it is there. */
export const toolProgram = (name) => {
  const path = join(lists.runtimes, "node_modules/.bin", name);
  return isExecutable(path) ? path : undefined;
};

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
export const output = (path, args, env = {}) =>
  new Promise((resolve, reject) =>
    execFile(
      path,
      args,
      { cwd: project, env: { ...process.env, ...env }, timeout: 60_000, killSignal: "SIGKILL", maxBuffer: 1 << 26 },
      (error, stdout, stderr) => (error ? reject(new Error(`${stdout}${stderr || error.message}`.trim())) : resolve(stdout)),
    ),
  );

/** The result that a program printed as its last line. */
export const result = async (path, args, env) => JSON.parse((await output(path, args, env)).trim().split("\n").at(-1));
