// Puts the package's JavaScript together: `node build.js TOOLS SOURCES OUT`, run by `cargo xtask npm`. Each entry becomes one
// file, so that no tool that handles the package has anything to resolve.
import { deepEqual } from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { inflateRawSync } from "node:zlib";
import { inText, shrink } from "./embed.js";

const [tools, sources, out] = process.argv.slice(2);
const require = createRequire(join(tools, "package.json"));
const esbuild = require("esbuild");
const zopfli = require("@gfx/zopfli");
const { default: binaryen } = await import(pathToFileURL(require.resolve("binaryen")));

const module = readFileSync(join(sources, "wasm/bananatech_bg.wasm"));
const deflated = Buffer.from(await zopfli.deflateAsync(module, { numiterations: 15 }));
deepEqual(inflateRawSync(deflated), module);
writeFileSync(join(out, "bananatech.wasm"), module);
writeFileSync(
  join(sources, "module.js"),
  `export const length = ${module.length};\nexport const deflated = "${deflated.toString("base64")}";\n`,
);

// The glue's own loader fetches, which no entry wants. Without its export it's dropped.
const glue = {
  name: "glue",
  setup(build) {
    build.onLoad({ filter: /[\\/]wasm[\\/]bananatech\.js$/ }, ({ path }) => {
      const text = readFileSync(path, "utf8");
      const contents = text.replace(", __wbg_init as default }", " }");
      if (contents === text) throw new Error("the glue isn't the expected one");
      return { contents };
    });
  },
};

const entry = (name, format, more) =>
  esbuild.build({
    absWorkingDir: sources,
    entryPoints: [`${name}.js`],
    outfile: join(out, name + (format === "cjs" ? ".cjs" : ".js")),
    bundle: true,
    format,
    target: ["es2022"],
    platform: "neutral",
    mainFields: ["module", "main"],
    external: ["*.wasm", "*.wasm?module"],
    nodePaths: [join(tools, "node_modules")],
    // Names stay: they cost little once compressed, and a stack trace can be read.
    minifySyntax: true,
    minifyWhitespace: true,
    minifyIdentifiers: name === "forms",
    legalComments: "inline",
    // The fields' entry is sent to every visitor of a page: the package has its licences.
    banner: name === "forms" ? {} : { js: "/*! bananatech, MIT OR Apache-2.0 */" },
    plugins: [glue],
    logLevel: "warning",
    ...more,
  });

// The fields' module, whose every byte counts, and what is around it.
const forms = shrink(binaryen, readFileSync(join(sources, "forms.wasm")));
const [script] = (await entry("forms", "esm", { external: ["./forms-module.js"], write: false })).outputFiles;
writeFileSync(join(sources, "forms-module.js"), inText(binaryen, forms, script.text));

await Promise.all([
  ...["esm", "cjs"].flatMap((format) => [entry("index", format), entry("slim", format)]),
  entry("forms", "esm"),
  entry("workerd", "esm"),
  entry("edge-light", "esm"),
]);

// esbuild writes most control characters as they are, and a text with such ones isn't a text to every tool.
const escaped = (char) => `\\x${char.charCodeAt(0).toString(16).padStart(2, "0")}`;
const esm = readFileSync(join(out, "forms.js"), "utf8").replaceAll(/[\x00-\x08\x0b-\x1f\x7f]/g, escaped);
writeFileSync(join(out, "forms.js"), esm);

// The same as CommonJS, without esbuild's helpers, which are as large as a function of it.
const cjs = esm.replace(/export\{([^}]+)\};\s*$/, (_, names) => {
  const pairs = names.split(",").map((pair) => pair.split(" as ").reverse().join(":"));
  return `module.exports={${pairs}};\n`;
});
if (cjs === esm) throw new Error("forms.js doesn't end in its exports");
writeFileSync(join(out, "forms.cjs"), `"use strict";${cjs}`);
