// Runtimes that take the compiled module from their platform.
import { spawn } from "node:child_process";
import { copyFileSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { forPlatform } from "./bundlers.js";
import { installed, project, tool } from "./tools.js";

const expectInput = (inputs, file) => {
  if (!inputs.some((input) => input.endsWith(`/bananatech/${file}`))) throw new Error(`${file} wasn't chosen, but ${inputs}`);
};

/** Starts workerd on the loopback interface. `post` gives it the vectors and answers with the result. */
export const workerd = async (program) => {
  const { outfile, inputs } = await forPlatform("worker", "esm", ["workerd", "worker", "browser"], (build) =>
    build.onResolve({ filter: /\.wasm$/ }, () => ({ path: "./bananatech.wasm", external: true })));
  expectInput(inputs, "workerd.js");
  const dir = dirname(outfile);
  copyFileSync(join(installed, "bananatech.wasm"), join(dir, "bananatech.wasm"));
  writeFileSync(
    join(dir, "config.capnp"),
    `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [(name = "main", worker = (
    modules = [
      (name = "worker.js", esModule = embed "worker.js"),
      (name = "bananatech.wasm", wasm = embed "bananatech.wasm"),
    ],
    compatibilityDate = "2026-01-01",
  ))],
  sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "main")],
);
`,
  );
  const child = spawn(program, ["serve", join(dir, "config.capnp"), "--control-fd=3"], {
    stdio: ["ignore", "ignore", "pipe", "pipe"],
  });
  let told = "";
  child.stderr.on("data", (chunk) => (told += chunk));
  const stop = () => child.kill("SIGKILL");
  process.on("exit", stop);
  try {
    const port = await new Promise((resolve, reject) => {
      createInterface(child.stdio[3]).on("line", (line) => {
        const { event, port } = JSON.parse(line);
        if (event === "listen") resolve(port);
      });
      child.on("error", reject);
      child.on("exit", (code) => reject(new Error(`workerd ended with ${code}: ${told}`)));
      setTimeout(() => reject(new Error(`workerd doesn't listen: ${told}`)), 20_000).unref();
    });
    const post = async (path) => {
      const body = readFileSync(join(project, "vectors.json"));
      const signal = AbortSignal.timeout(40_000);
      const response = await fetch(`http://127.0.0.1:${port}${path}`, { method: "POST", body, signal });
      const text = await response.text();
      if (!response.ok) throw new Error(`${text} ${told}`);
      return JSON.parse(text);
    };
    return { post, stop };
  } catch (error) {
    stop();
    throw error;
  }
};

/** The edge runtime's own sandbox for Node, which has no `eval`. The module comes from outside, as on the platform. */
export const edge = async () => {
  const { outfile, inputs } = await forPlatform("edge", "iife", ["edge-light", "worker", "browser"], (build) => {
    build.onResolve({ filter: /\.wasm\?module$/ }, ({ path }) => ({ path, namespace: "platform" }));
    build.onLoad({ filter: /.*/, namespace: "platform" }, () => ({ contents: "export default globalThis.compiledModule" }));
  });
  expectInput(inputs, "edge-light.js");
  const { EdgeVM } = await tool("@edge-runtime/vm");
  const vm = new EdgeVM();
  vm.context.compiledModule = vm.evaluate("(bytes) => new WebAssembly.Module(bytes)")(
    readFileSync(join(installed, "bananatech.wasm")),
  );
  vm.evaluate(readFileSync(outfile, "utf8"));
  return JSON.parse(vm.context.runVectors(readFileSync(join(project, "vectors.json"), "utf8")));
};
