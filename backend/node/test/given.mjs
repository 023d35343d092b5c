// What the documentation's programs are given: a merchant of a sandbox that ends with this process, and somebody who books.
import { spawn } from "node:child_process";

const { BANANATECH_SANDBOX, CONNECTION_STRING, PORT } = process.env;

export const connectionString = CONNECTION_STRING;
export const port = Number(PORT);
export const merchant_id = "6f1c3f9e-52a4-4a0f-9b57-1b8d4a6f2c10";
export const secret_key = "sandbox-secret-key-0123456789abc";
export const since = Date.now() - 86_400_000;
export const user_id = 12345;
export const template_id = 2;

const webhooks = `http://127.0.0.1:${port || 1}/`;
const sandbox = spawn(BANANATECH_SANDBOX, ["--exit-with-stdin", "--port=0", `--webhook-url=${webhooks}`], { stdio: ["pipe", "pipe", "ignore"] });
const line = await new Promise((resolve) => sandbox.stdout.once("data", (data) => resolve(String(data))));
export const base_url = line.trim().split(" ").at(-1);

export const book = ({ reference, outcome }) => {
  console.log(`booked ${reference}: ${outcome.kind}`);
  process.exit();
};

export const alert = (notice) => {
  throw new Error(`a person has to look: ${notice.kind}`);
};
