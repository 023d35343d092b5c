// Frameworks in which the package has entries of its own: as they are developed with, so that they complain of what is wrong.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { installed, modules, output, project, tool, toolVersion } from "./tools.js";

const DEFINED = {
  "process.env.NODE_ENV": '"development"',
  __VUE_OPTIONS_API__: "true",
  __VUE_PROD_DEVTOOLS__: "false",
  __VUE_PROD_HYDRATION_MISMATCH_DETAILS__: "true",
};

/** The component that the package's README shows, by the import `readme`. */
const readme = {
  name: "readme",
  setup(build) {
    const shown = (language) => readFileSync(join(installed, "README.md"), "utf8").match(new RegExp(`\`\`\`${language}\\n(.*?)\`\`\``, "s"))[1];
    build.onResolve({ filter: /^readme\.(jsx|vue)$/ }, ({ path }) => ({ path, namespace: "readme" }));
    build.onLoad({ filter: /jsx$/, namespace: "readme" }, () => ({ contents: shown("tsx"), loader: "tsx", resolveDir: project }));
    build.onLoad({ filter: /vue$/, namespace: "readme" }, () => {
      const { parse, compileScript } = createRequire(join(modules("runtimes"), "vue/package.json"))("vue/compiler-sfc");
      const { content } = compileScript(parse(shown("vue")).descriptor, { id: "readme", inlineTemplate: true });
      return { contents: content, loader: "js", resolveDir: project };
    });
  },
};

/** Bundles a framework's page, and renders its form on a server. Answers the page's script. */
const prepare = async (name, list) => {
  const { build } = await tool("esbuild", "build");
  const folder = `out/frameworks/${name}-${list}`;
  const bundle = (part, options) =>
    build({
      entryPoints: [join(project, "runtimes/frameworks", `${name}-${part}.js`)],
      outfile: join(project, folder, `${part}.js`),
      bundle: true,
      format: "esm",
      define: DEFINED,
      jsx: "automatic",
      plugins: [readme],
      nodePaths: [modules(list)],
      logLevel: "error",
      ...options,
    });
  await bundle("page");
  const server = join(project, folder, "server.mjs");
  // Some of React's own asks for modules of Node by `require`.
  const banner = { js: 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);' };
  await bundle("server", { platform: "node", outfile: server, banner });
  mkdirSync(join(project, folder), { recursive: true });
  writeFileSync(join(project, folder, "page.html"), (await output(process.execPath, [server])).trim());
  return `/${folder}/page.js`;
};

/** Name, version, what is tried, and `script`, which answers the page's. */
export const frameworks = [
  ["React", "react", "runtimes", "StrictMode, server rendering"],
  ["React", "react", "react-18", "StrictMode, server rendering"],
  ["Vue", "vue", "runtimes", "server rendering"],
].map(([runtime, name, list, what]) => ({ runtime, version: toolVersion(name, list), what, script: () => prepare(name, list) }));
