// For Node and Bun: the slim entry as an ES module, given the module's bytes.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import * as api from "bananatech/slim";
import { print, vectors } from "./support.mjs";
import { expectUninitialised } from "./slim.js";
import { run } from "../run-vectors.js";

expectUninitialised(api);
const file = createRequire(import.meta.url).resolve("bananatech/bananatech.wasm");
await api.init(Promise.resolve(readFileSync(file)));
print(run(api, vectors()));
