// For workerd: what the package's names resolve to there, and the slim entry given the compiled module.
import * as slim from "bananatech/slim";
import module from "bananatech/bananatech.wasm";
import { entries } from "./entries.js";
import { everything } from "./everything.js";
import { expectUninitialised } from "./slim.js";
import { run } from "../run-vectors.js";

export default {
  async fetch(request) {
    const vectors = await request.json();
    if (new URL(request.url).pathname !== "/slim") return Response.json(await everything(entries, vectors));
    expectUninitialised(slim);
    slim.initSync(module);
    return Response.json(run(slim, vectors));
  },
};
