// The default entry in a page.
import * as api from "bananatech";
import { report } from "./report.js";
import { run } from "../run-vectors.js";

report((vectors) => run(api, vectors));
