// The slim entry in Deno, which may read the package's file and nothing else.
import * as api from "bananatech/slim";
import vectors from "../vectors.json" with { type: "json" };
import { expectUninitialised } from "./slim.js";
import { run } from "../run-vectors.js";

expectUninitialised(api);
await api.init(Deno.readFile(new URL("../node_modules/bananatech/bananatech.wasm", import.meta.url)));
console.log(JSON.stringify(run(api, vectors)));
