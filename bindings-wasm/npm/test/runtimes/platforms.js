// Runtimes that take the compiled module from their platform.
import { copyFileSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { forPlatform } from "./bundlers.js";
import { installed, project, start, tool } from "./tools.js";

/** Starts workerd on the loopback interface. Answers `post`, for a path, and `stop`. */
export const workerd = async (program) => {
  const take = (file) => ({ path: `./${file}`, external: true });
  const { outfile, modules } = await forPlatform("worker", "esm", ["workerd", "worker", "browser"], take);
  const dir = dirname(outfile);
  for (const file of modules) copyFileSync(join(installed, file), join(dir, file));
  writeFileSync(
    join(dir, "config.capnp"),
    `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [(name = "main", worker = (
    modules = [
      (name = "worker.js", esModule = embed "worker.js"),
      ${modules.map((file) => `(name = "${file}", wasm = embed "${file}"),`).join("\n      ")}
    ],
    compatibilityDate = "2026-01-01",
  ))],
  sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "main")],
);
`,
  );
  const server = start(program, ["serve", join(dir, "config.capnp"), "--control-fd=3"]);
  const port = await server.says(/"listen".*"port":(\d+)/);
  return { post: (path) => server.post(`http://127.0.0.1:${port}${path}`), stop: server.stop };
};

/** The edge runtime's own sandbox for Node, which has no `eval`. The modules are compiled outside, as on the platform. */
export const edge = async () => {
  const take = (path) => ({ path, namespace: "platform" });
  const load = (build) =>
    build.onLoad({ filter: /.*/, namespace: "platform" }, ({ path }) => ({ contents: `export default compiled["${path}"]` }));
  const conditions = ["edge-light", "worker", "browser"];
  const { outfile, modules } = await forPlatform("edge", "iife", conditions, take, [{ name: "platform", setup: load }]);
  const { EdgeVM } = await tool("@edge-runtime/vm");
  const vm = new EdgeVM({ codeGeneration: { strings: false, wasm: false } });
  vm.context.compiled = Object.fromEntries(
    modules.map((file) => [file, new WebAssembly.Module(readFileSync(join(installed, file)))]),
  );
  vm.evaluate(readFileSync(outfile, "utf8"));
  return JSON.parse(await vm.context.runEverything(readFileSync(join(project, "vectors.json"), "utf8")));
};
