// The sandbox as a child process, and its side as a shop. Only for this demo.
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";

/** What the sandbox starts with. Its key protects nothing; yours comes from your secret store. */
export const SANDBOX_MERCHANT = {
  merchant_id: "6f1c3f9e-52a4-4a0f-9b57-1b8d4a6f2c10",
  secret_key: "sandbox-secret-key-0123456789abc",
  codec: "utf8",
};
export const SANDBOX_USER = 12345;

/** Starts it on a free port. It ends when this process does: its standard input closes then. */
export const startSandbox = async ({ command, webhook_url }) => {
  const [program, ...first] = command;
  const child = spawn(program, [...first, "--port", "0", "--webhook-url", webhook_url, "--exit-with-stdin"], {
    stdio: ["pipe", "pipe", "ignore"],
  });
  const ended = new Promise((resolve) => child.once("close", resolve));
  const url = await new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", (code) => reject(new Error(`the sandbox ended at once, with ${code}`)));
    createInterface(child.stdout).once("line", (line) => resolve(line.replace(/^bananatech-sandbox listening on /, "")));
  });
  const control = async (path, body) => {
    const response = await fetch(`${url}/_sandbox/${path}`, body && { method: "POST", body: JSON.stringify(body) });
    return response.json();
  };
  return {
    url,
    ended,
    control,
    /** Buys something with a card, and settles it. */
    purchase: async ({ card_id, amount, merchant_name }) => {
      const { approved, declined, transaction } = await control("purchases/authorize", {
        card_id,
        amount: Number(amount),
        merchant_name,
      });
      if (approved) await control("purchases/clear", { transaction_id: transaction.id });
      return { approved: approved === true, declined: declined ?? null };
    },
    stop: () => {
      child.stdin.end();
      return ended;
    },
  };
};
