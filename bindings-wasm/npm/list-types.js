// Prints the types of all entries, without their documentation: node list-types.js <tools> <folder>
import { readFileSync, readdirSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";

const [tools, folder] = process.argv.slice(2);
const ts = createRequire(join(tools, "package.json"))("typescript");
const printer = ts.createPrinter({ removeComments: true });
const entries = readdirSync(folder).filter((name) => name.endsWith(".d.ts"));
for (const name of entries.sort()) {
  const source = ts.createSourceFile(name, readFileSync(join(folder, name), "utf8"), ts.ScriptTarget.Latest);
  console.log(`// ${name}\n${printer.printFile(source)}`);
}
