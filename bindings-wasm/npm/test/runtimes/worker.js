// For workerd: what the package's name resolves to there, and the slim entry given the compiled module.
import * as api from "bananatech";
import * as slim from "bananatech/slim";
import module from "bananatech/bananatech.wasm";
import { expectUninitialised } from "./slim.js";
import { run } from "../run-vectors.js";

export default {
  async fetch(request) {
    const vectors = await request.json();
    if (new URL(request.url).pathname !== "/slim") return Response.json(run(api, vectors));
    expectUninitialised(slim);
    slim.initSync(module);
    return Response.json(run(slim, vectors));
  },
};
