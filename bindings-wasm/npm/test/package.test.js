// What the package holds, and that one may look at it before using it.
import assert from "node:assert/strict";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { createRequire } from "node:module";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { pathToFileURL } from "node:url";
import { gzipSync } from "node:zlib";

const require = createRequire(import.meta.url);
const folder = dirname(require.resolve("bananatech/package.json"));

test("there is what is used, and nothing else", () => {
  const files = readdirSync(folder, { recursive: true }).filter((name) => statSync(join(folder, name)).isFile());
  // What `exports` names, what resolvers that don't know it look for, the modules that platforms bring, and texts.
  const named = [...JSON.stringify(require("bananatech/package.json").exports).matchAll(/"\.\/([^"]+\.[a-z.]+)"/g)].map(([, name]) => name);
  const expected = new Set([
    ...named, "forms.wasm", "plan.wasm", "forms/package.json", "plan/package.json", "slim/package.json", "react/package.json", "vue/package.json", "backend/package.json", "backend/postgres/package.json",
    "cli.js", "LICENSE-APACHE", "LICENSE-MIT", "LICENSE-fflate", "README.md",
  ]);
  assert.deepEqual(files.sort(), [...expected].sort());
  for (const name of files) {
    const text = readFileSync(join(folder, name), "latin1");
    assert.ok(!text.includes("sourceMappingURL"), name);
    // Whose machine built it stays unsaid.
    for (const path of [homedir(), "/home/", ".cargo/registry"]) assert.ok(!text.includes(path), `${name}: ${path}`);
  }
});

test("it may be published, and installs nothing else", () => {
  const manifest = require("bananatech/package.json");
  for (const name of ["private", "scripts", "dependencies", "devDependencies"]) {
    assert.equal(manifest[name], undefined, name);
  }
  // Frameworks are a program's own, and only one that has them uses their entries.
  assert.deepEqual(Object.keys(manifest.peerDependencies), ["react", "vue"]);
  for (const name of Object.keys(manifest.peerDependencies)) {
    assert.deepEqual(manifest.peerDependenciesMeta[name], { optional: true }, name);
    assert.throws(() => require.resolve(name), { code: "MODULE_NOT_FOUND" });
  }
});

test("the default entry is plain text, without anything of one runtime", () => {
  for (const name of ["forms.js", "forms.cjs", "index.js", "index.cjs", "plan.js", "plan.cjs", "slim.js", "slim.cjs"]) {
    const text = readFileSync(join(folder, name), "utf8");
    assert.match(text, /^[\t\n\r -~]*$/, name);
    // What a runtime may have is looked up when it runs, and done without where it isn't.
    const fixed = text.replaceAll(/getBuiltinModule\?\.\("node:\w+"\)|\w+\.Buffer\.\s*\w+/g, "");
    assert.doesNotMatch(fixed, /\bnode:|\bimport\.meta\b|\bprocess\.|\bBuffer\b|\beval\(|\bnew Function\b/, name);
  }
  const kilobytes = (name) => gzipSync(readFileSync(join(folder, name)), { level: 9 }).length / 1000;
  for (const name of ["forms.js", "index.js", "slim.js", "bananatech.wasm"]) console.log(`${name}: ${kilobytes(name).toFixed(1)} kB gzipped`);
});

test("the compiled module is inflated where the platform doesn't do it, as in a browser", async () => {
  const { getBuiltinModule } = process;
  process.getBuiltinModule = undefined;
  try {
    for (const entry of ["index", "plan"]) {
      const { cardNumber } = await import(`${pathToFileURL(join(folder, entry))}.js?inflated`);
      assert.equal(cardNumber("4111111111111111").brand, "visa", entry);
    }
  } finally {
    process.getBuiltinModule = getBuiltinModule;
  }
});

test("the entries for frameworks hold neither the fields nor a framework", () => {
  for (const name of ["react", "vue"]) {
    const modules = (file, pattern) => [...readFileSync(join(folder, file), "utf8").matchAll(pattern)].map(([, module]) => module).sort();
    assert.deepEqual(modules(`${name}.js`, /^import .* from "(.*)";$/gm), ["bananatech/forms", name]);
    assert.deepEqual(modules(`${name}.cjs`, /require\("(.*?)"\)/g), ["bananatech/forms", name]);
    assert.ok(statSync(join(folder, `${name}.js`)).size < 4000, name);
  }
  // Server components may only render it.
  for (const file of ["react.js", "react.cjs"]) assert.match(readFileSync(join(folder, file), "utf8"), /^\/\*!.*\*\/\n("use strict";\n)?"use client";\n/, file);
});

test("both kinds of module have the same names, and the slim ones two more", async () => {
  const names = (module) => Object.keys(module).filter((name) => name !== "default" && name !== "module.exports").sort();
  const index = names(await import("bananatech"));
  assert.ok(index.includes("Merchant"));
  assert.deepEqual(names(require("bananatech")), index);
  const slim = [...index, "init", "initSync"].sort();
  assert.deepEqual(names(await import("bananatech/slim")), slim);
  assert.deepEqual(names(require("bananatech/slim")), slim);
  for (const [entry, one] of [["plan", "plan"], ["forms", "attach"]]) {
    const entryNames = names(await import(`bananatech/${entry}`));
    assert.ok(entryNames.includes(one), entry);
    assert.deepEqual(names(require(`bananatech/${entry}`)), entryNames);
  }
});
