// Each bundler as it is without plugins for WebAssembly, on the same page; the result is a script of the project.
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { answers } from "./browsers.js";
import { project, tool, toolVersion } from "./tools.js";

const source = (name) => join(project, "runtimes", `${name}.js`);
const out = (bundler, name) => join(project, "out", bundler, `${name}.js`);

const esbuild = async (name) => {
  const { build } = await tool("esbuild", "build");
  const common = { bundle: true, minify: true, format: "esm", logLevel: "error" };
  await build({ ...common, entryPoints: [source(name)], outfile: out("esbuild", name) });
};

const rollup = async (name) => {
  const [{ rollup }, { default: resolve }] = await Promise.all([tool("rollup"), tool("@rollup/plugin-node-resolve")]);
  const bundle = await rollup({ input: source(name), plugins: [resolve({ browser: true })] });
  await bundle.write({ file: out("rollup", name), format: "esm" });
  await bundle.close();
};

const webpack = async (name) => {
  const { default: webpack } = await tool("webpack");
  const compiler = webpack({
    mode: "production",
    target: "web",
    context: project,
    entry: source(name),
    output: { path: join(project, "out/webpack"), filename: `${name}.js`, library: name === "unused" ? { type: "var", name: "unused" } : undefined },
    performance: { hints: false },
  });
  await new Promise((resolve, reject) =>
    compiler.run((error, stats) =>
      compiler.close(() =>
        error || stats.hasErrors() ? reject(error ?? new Error(stats.toString("errors-only"))) : resolve(),
      ),
    ),
  );
};

const vite = async (name) => {
  const { build } = await tool("vite");
  await build({
    configFile: false,
    root: project,
    logLevel: "error",
    publicDir: false,
    build: {
      outDir: join(project, "out/vite"),
      emptyOutDir: false,
      lib: name === "unused" ? { entry: source(name), formats: ["es"], fileName: () => "unused.js" } : undefined,
      rollupOptions: name === "unused" ? {} : { input: source(name), output: { entryFileNames: `${name}.js`, format: "esm" } },
    },
  });
};

/** Name, version, and `bundle`, which answers the page's script. */
export const bundlers = () =>
  Object.entries({ vite, webpack, esbuild, rollup }).map(([name, build]) => ({
    name,
    version: toolVersion(name, name === "esbuild" ? "build" : "runtimes"),
    bundle: async () => {
      await build("unused");
      const left = readFileSync(out(name, "unused"), "utf8");
      if (left.length > 1000) throw new Error(`of a package that isn't used, ${left.length} characters stay`);
      await build("page");
      if (!existsSync(out(name, "page"))) throw new Error("nothing was built");
      return `/out/${name}/page.js`;
    },
  }));

/** Vite's own server, which serves sources. */
export const viteServer = async () => {
  const { createServer } = await tool("vite");
  writeFileSync(join(project, "dev.html"), '<!doctype html><script type="module" src="/runtimes/page.js"></script>\n');
  const server = await createServer({
    configFile: false,
    root: project,
    cacheDir: join(project, "out/vite-cache"),
    publicDir: false,
    logLevel: "error",
    server: { host: "127.0.0.1", port: 0, hmr: false, watch: null },
    plugins: [
      { name: "results", configureServer: ({ middlewares }) => void middlewares.use((request, response, next) => answers(request, response) || next()) },
    ],
    optimizeDeps: { entries: ["runtimes/page.js"] },
  });
  await server.listen();
  return { url: `http://127.0.0.1:${server.httpServer.address().port}/dev.html`, stop: () => server.close() };
};

/** A backend in one file. */
export const backend = async () => {
  const { build } = await tool("esbuild", "build");
  const outfile = join(project, "out/backend/node.cjs");
  await build({
    stdin: {
      contents:
        'import { readFileSync } from "node:fs"; import { entries } from "./entries.js"; import { everything } from "./everything.js";' +
        'everything(entries, JSON.parse(readFileSync("vectors.json", "utf8"))).then((result) => console.log(JSON.stringify(result)));',
      resolveDir: join(project, "runtimes"),
    },
    bundle: true,
    platform: "node",
    format: "cjs",
    outfile,
    logLevel: "error",
  });
  return outfile;
};

/**
 * What a platform's own tooling does: it resolves by its conditions, and leaves `.wasm` to the platform. `take` makes a path
 * and a namespace of the imported file's name. Answers the script, and which files it takes.
 */
export const forPlatform = async (name, format, conditions, take, more = []) => {
  const { build } = await tool("esbuild", "build");
  const outfile = out(name, name);
  const modules = new Set();
  const wasm = (build) =>
    build.onResolve({ filter: /\.wasm(\?module)?$/ }, ({ path }) => {
      const file = basename(path, "?module");
      modules.add(file);
      return take(file);
    });
  const plugins = [{ name: "wasm", setup: wasm }, ...more];
  await build({ entryPoints: [source(name)], bundle: true, format, conditions, outfile, plugins, logLevel: "error" });
  return { outfile, modules: [...modules] };
};
