// For Node and Bun: the default entry as an ES module.
import * as api from "bananatech";
import { print, vectors } from "./support.mjs";
import { run } from "../run-vectors.js";

print(run(api, vectors()));
