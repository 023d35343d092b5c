// Puts the package's JavaScript together: `node build.js TOOLS BUILT OUT BACKEND`, run by `cargo xtask`. In BUILT, each WebAssembly
// module has a folder of its own, with what was generated for it. Each entry becomes one file, so that no tool that handles
// the package has anything to resolve.
import { execFileSync } from "node:child_process";
import { cpSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";

const [tools, built, out, backend] = process.argv.slice(2);
const require = createRequire(join(tools, "package.json"));
const esbuild = require("esbuild");
const zopfli = require("@gfx/zopfli");

const BOTH = ["esm", "cjs"];

/** The entries over each module, and the kinds of JavaScript module that they come in. */
const MODULES = {
  bananatech: { index: BOTH, slim: BOTH, workerd: ["esm"], "edge-light": ["esm"] },
  plan: { plan: BOTH, "plan-workerd": ["esm"], "plan-edge-light": ["esm"] },
  forms: { forms: BOTH, "forms-workerd": ["esm"], "forms-edge-light": ["esm"] },
};

/** Builds an entry as one file of each kind. */
const build = (entry, format, options) =>
  esbuild.build({
    entryPoints: [`${entry}.js`],
    outfile: join(out, `${entry}.${format === "cjs" ? "cjs" : "js"}`),
    bundle: true,
    format,
    target: "es2022",
    platform: "neutral",
    mainFields: ["module", "main"],
    minifySyntax: true,
    minifyWhitespace: true,
    legalComments: "inline",
    banner: { js: "/*! bananatech, MIT OR Apache-2.0 */" },
    logLevel: "warning",
    ...options,
  });

for (const [module, entries] of Object.entries(MODULES)) {
  const sources = join(built, module);
  // Beside what was generated, so that the same sources are over either module.
  cpSync(import.meta.dirname, sources, {
    recursive: true,
    filter: (path) => path === import.meta.dirname || path.endsWith(".js"),
  });
  const file = join(sources, "module.wasm");
  // What the compiler leaves for this tool to do. It sees from the module which features are allowed.
  if (module !== "forms") {
    const optimise = [join(tools, "node_modules/binaryen/bin/wasm-opt"), "-O3", "--strip-target-features", file, "-o", file];
    execFileSync(process.execPath, optimise, { stdio: "inherit" });
  }
  const bytes = readFileSync(file);
  writeFileSync(join(out, `${module}.wasm`), bytes);
  // As the default entries hold it: deflated by an encoder that takes its time, for a twentieth less than zlib makes of it. The
  // fields' module is so small that whatever inflates it would be larger than the gain.
  const held = module === "forms" ? bytes : await zopfli.deflateAsync(bytes, {});
  const text = Buffer.from(held).toString("base64");
  writeFileSync(join(sources, "module.js"), `export const length = ${bytes.length};\nexport const text = "${text}";\n`);

  for (const [entry, formats] of Object.entries(entries)) {
    for (const format of formats) {
      await build(entry, format, {
        absWorkingDir: sources,
        external: ["*.wasm", "*.wasm?module"],
        // In place of the globals of these names, in whatever speaks of them.
        inject: ["text.js"],
        nodePaths: [join(tools, "node_modules")],
        // Which has the platform's own cryptography, where there is one.
        define: { IS_DEFAULT: String(entry === "index") },
        // Base64 may hold two slashes, and some tools take what follows in the line for a comment: the exports, if it is all of it.
        lineLimit: 1000,
        // Names stay where nobody counts single kilobytes: a stack trace can be read.
        minifyIdentifiers: module === "forms",
      });
    }
  }
}

// Over the fields' entry, whose instance they share.
for (const entry of ["react", "vue"]) {
  for (const format of BOTH) {
    await build(entry, format, { absWorkingDir: import.meta.dirname, external: ["bananatech/forms", "react", "vue"], minifyWhitespace: false });
  }
}

// What `npx bananatech` runs.
await build("cli", "esm", { absWorkingDir: import.meta.dirname, external: ["bananatech", "node:*"], minifyWhitespace: false });

// The backend is over the default entry, whose instance it shares.
for (const entry of ["backend", "backend-postgres"]) {
  for (const format of BOTH) {
    await build(entry, format, { absWorkingDir: backend, external: ["bananatech"], loader: { ".sql": "text" }, minifyWhitespace: false });
  }
}
