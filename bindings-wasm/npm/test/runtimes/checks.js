// What is checked without running: types by the compiler, and the package's form.
import { cpSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { inTools, installed, output, project, tool, toolProgram } from "./tools.js";

const STRICT = {
  noEmit: true,
  strict: true,
  noUncheckedIndexedAccess: true,
  exactOptionalPropertyTypes: true,
  skipLibCheck: false,
  types: [],
  jsx: "react-jsx",
  // Where a program has its frameworks.
  paths: {
    react: [inTools("node_modules/@types/react/index.d.ts")],
    "react/*": [inTools("node_modules/@types/react/*.d.ts")],
    vue: [inTools("node_modules/vue/dist/vue.d.ts")],
  },
};

const CONSUMERS = ["consumer.ts", "consumer-web.ts", "consumer-react.tsx", "consumer-vue.ts"];

/** Compiles the consumers as one kind of project does. Answers the number of files checked. */
const compile = (ts, type, options) => {
  const dir = join(project, "types", type);
  mkdirSync(dir, { recursive: true });
  writeFileSync(join(dir, "package.json"), JSON.stringify({ type }));
  cpSync(join(project, "types.ts"), join(dir, "types.ts"));
  for (const name of CONSUMERS) cpSync(join(project, "runtimes", name), join(dir, name));
  const check = (names, lib) => {
    const { options: parsed, errors } = ts.convertCompilerOptionsFromJson({ ...STRICT, ...options, target: "es2022", lib }, dir);
    const program = ts.createProgram(names.map((name) => join(dir, name)), parsed);
    const found = [...errors, ...ts.getPreEmitDiagnostics(program)];
    if (found.length > 0) throw new Error(ts.formatDiagnostics(found, host));
    return names.length;
  };
  const host = { getCanonicalFileName: (name) => name, getCurrentDirectory: () => project, getNewLine: () => "\n" };
  // Not every program has the types of a browser or of Node.
  return check(["types.ts", ...CONSUMERS], ["es2022", "dom"]) + check(["consumer.ts"], ["es2022"]);
};

/** The ways of resolving a module, for both kinds of program. */
export const types = [
  ["bundler, ESM", "module", { module: "esnext", moduleResolution: "bundler" }],
  ["bundler, CJS", "commonjs", { module: "preserve", moduleResolution: "bundler" }],
  ["node16, ESM", "module", { module: "node16", moduleResolution: "node16" }],
  ["node16, CJS", "commonjs", { module: "node16", moduleResolution: "node16" }],
  ["node10, ESM", "module", { module: "esnext", moduleResolution: "node10" }],
  ["node10, CJS", "commonjs", { module: "commonjs", moduleResolution: "node10" }],
].map(([name, type, options]) => ({
  name,
  run: async () => {
    const { default: ts } = await tool("typescript", "build");
    return { passed: compile(ts, type, options), failed: 0 };
  },
}));

/** The package's form, by publint. */
export const publint = async () => {
  const { publint } = await tool("publint");
  const { messages } = await publint({ pkgDir: installed, strict: true, pack: false });
  const failures = messages.map(({ code, path, args }) => `${code} ${path.join(".")} ${JSON.stringify(args)}`);
  return { passed: failures.length === 0 ? 1 : 0, failed: failures.length, failures };
};

/** Whether types and modules match wherever they are resolved, by "Are the types wrong?". */
export const attw = async () => {
  await output(process.execPath, [toolProgram("attw"), process.env.BANANATECH_PACKAGE, "--no-definitely-typed", "--format=ascii", "--no-color"]);
  return { passed: 1, failed: 0 };
};
