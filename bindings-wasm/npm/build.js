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

// The fields' module, whose every byte counts.
const forms = shrink(binaryen, readFileSync(join(sources, "forms.wasm")));
writeFileSync(join(sources, "forms-module.js"), inText(forms));

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

const entry = (name, format) =>
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
    banner: { js: "/*! bananatech, MIT OR Apache-2.0 */" },
    plugins: [glue],
    logLevel: "warning",
  });

await Promise.all([
  ...["esm", "cjs"].flatMap((format) => [entry("index", format), entry("slim", format), entry("forms", format)]),
  entry("workerd", "esm"),
  entry("edge-light", "esm"),
]);
