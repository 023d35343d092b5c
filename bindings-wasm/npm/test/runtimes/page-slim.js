// The slim entry in a page, which streams the module.
import * as api from "bananatech/slim";
import { report } from "./report.js";
import { expectUninitialised } from "./slim.js";
import { run } from "../run-vectors.js";

report(async (vectors) => {
  expectUninitialised(api);
  await api.init(fetch("/package/bananatech.wasm"));
  // A second time changes nothing, and an address will do.
  await api.init("/package/bananatech.wasm");
  return run(api, vectors);
});
