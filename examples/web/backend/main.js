// `node backend/main.js --sandbox PROGRAM [--port N] [--exit-with-stdin]`
import { parseArgs } from "node:util";
import { start } from "./start.js";

const { values } = parseArgs({
  options: {
    sandbox: { type: "string" },
    port: { type: "string", default: "0" },
    "exit-with-stdin": { type: "boolean", default: false },
  },
});
if (!values.sandbox) throw new Error("--sandbox is needed: the path of the program bananatech-sandbox");

const backend = await start({ sandbox: [values.sandbox], port: Number(values.port), log: (line) => console.error(line) });
console.log(`bananatech web demo on ${backend.url}/`);

let ending = false;
const end = async () => {
  if (ending) return;
  ending = true;
  await backend.stop();
  process.exit(0);
};
process.on("SIGINT", end);
process.on("SIGTERM", end);
backend.sandbox.ended.then(end);
// So that a parent that dies leaves no orphan.
if (values["exit-with-stdin"]) process.stdin.on("end", end).on("error", end).resume();
