// `npm run dev`: the backend with a sandbox, and Vite's development server before it.
import { realpathSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { createServer } from "vite";
import { start } from "./backend/start.js";

const PORT = 5173;
const here = fileURLToPath(new URL(".", import.meta.url));
const origins = ["127.0.0.1", "localhost"].map((host) => `http://${host}:${PORT}`);
// To start another program than cargo: BANANATECH_SANDBOX=path
const sandbox = process.env.BANANATECH_SANDBOX
  ? [process.env.BANANATECH_SANDBOX]
  : ["cargo", "run", "--quiet", "--package", "bananatech-sandbox", "--"];

const backend = await start({ sandbox, origins, log: (line) => console.error(line) });
const vite = await createServer({
  configFile: `${here}vite.config.js`,
  server: {
    host: "127.0.0.1",
    port: PORT,
    strictPort: true,
    proxy: { "/api": backend.url },
    // The package is a link to where it was built.
    fs: { allow: [here, realpathSync(`${here}node_modules/bananatech`)] },
  },
});
await vite.listen();
vite.printUrls();

const end = async () => {
  await vite.close();
  await backend.stop();
  process.exit(0);
};
process.on("SIGINT", end);
process.on("SIGTERM", end);
