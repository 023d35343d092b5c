// Compiled, not run.
import { sandboxPath, startSandbox, type Sandbox, type SandboxOptions } from "bananatech-sandbox";

const options: SandboxOptions = { port: 0, webhook_url: "http://127.0.0.1:8080/", errors: "sealed", log: true };
export const use = async (): Promise<string> => {
  const sandbox: Sandbox = await startSandbox(options);
  await sandbox.stop();
  // @ts-expect-error: it is read only
  sandbox.url = "";
  // @ts-expect-error: there is no such option
  await startSandbox({ webhookUrl: "" });
  return sandboxPath();
};
