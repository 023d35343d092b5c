// `npm run dev`: the backend with a sandbox, and Vite's development server before it.
import { createServer } from "vite";
import { start } from "./backend/start.js";

const PORT = 5173;
const own = ["127.0.0.1", "localhost"].map((host) => `http://${host}:${PORT}`);
// Another program than cargo's: BANANATECH_SANDBOX=path
const sandbox = process.env.BANANATECH_SANDBOX
  ? [process.env.BANANATECH_SANDBOX]
  : ["cargo", "run", "--quiet", "--package", "bananatech-sandbox", "--"];

const backend = await start({ sandbox, origins: own, log: (line) => console.error(line) });
const vite = await createServer({
  configFile: new URL("./vite.config.js", import.meta.url).pathname,
  server: {
    host: "127.0.0.1",
    port: PORT,
    strictPort: true,
    proxy: { "/api": { target: backend.url } },
    // The package is linked from the repository's target directory.
    fs: { allow: [new URL("../..", import.meta.url).pathname] },
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
