// For the edge runtime: what the package's name resolves to there.
import * as api from "bananatech";
import { run } from "../run-vectors.js";

globalThis.runVectors = (vectors) => JSON.stringify(run(api, JSON.parse(vectors)));
