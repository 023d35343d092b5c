// Links that lead out of this folder are for readers of the repository. In the site they lead to the page that shows the file, if there is
// one; otherwise only their text stays.
import { existsSync, readFileSync } from "node:fs";
import { basename, dirname, join, normalize, relative, sep } from "node:path";
import { fileURLToPath } from "node:url";

const docs = fileURLToPath(new URL("..", import.meta.url));
const repository = normalize(join(docs, ".."));

/** Pages that show a file of the repository. */
const SHOWN = {
  "examples/sandbox/README.md": "sandbox.md",
  "CONTRIBUTING.md": "contributing.md",
  "CHANGELOG.md": "changelog.md",
  "SECURITY.md": "security.md",
};

/** The page that shows whole programs of the samples, with a heading for each. */
const PROGRAMS = "programs.md";
const headings = readFileSync(join(docs, PROGRAMS), "utf8").match(/(?<=^## ).+$/gm);

const inRepository = (page) => {
  const shown = Object.entries(SHOWN).find(([, name]) => name === page);
  return shown ? join(repository, shown[0]) : join(docs, page);
};

const walk = (tokens, page) => {
  const unlinked = [];
  for (const token of tokens) {
    if (token.children) walk(token.children, page);
    if (token.type === "link_close") {
      if (unlinked.pop()) token.hidden = true;
    }
    if (token.type !== "link_open") continue;
    const href = token.attrGet("href");
    const isLocal = !/^([a-z]+:|#|\/)/.test(href);
    const [path, hash] = isLocal ? decodeURI(href).split("#") : [];
    const file = isLocal ? normalize(join(dirname(inRepository(page)), path)) : "";
    const isElsewhere = isLocal && (!file.startsWith(docs) || inRepository(page) !== join(docs, page));
    if (isElsewhere && !existsSync(file)) throw new Error(`${page} has a dead link: ${href}`);
    const target = relative(repository, file).split(sep).join("/");
    if (isLocal && target.startsWith("docs/samples/")) {
      if (!existsSync(file)) throw new Error(`${page} has a dead link: ${href}`);
      const isGone = page === PROGRAMS || !headings.includes(basename(file));
      if (isGone) token.hidden = true;
      else token.attrSet("href", `/${PROGRAMS}#${basename(file).replace(".", "-").toLowerCase()}`);
      unlinked.push(isGone);
      continue;
    }
    const shown = isElsewhere && (SHOWN[target] ?? (target.startsWith("docs/") && target.slice("docs/".length)));
    if (shown) token.attrSet("href", `/${shown}${hash ? `#${hash}` : ""}`);
    const isGone = isElsewhere && !shown;
    if (isGone) token.hidden = true;
    unlinked.push(isGone);
  }
};

export const repositoryLinks = (md) => {
  md.core.ruler.push("repository_links", ({ tokens, env }) => walk(tokens, env.relativePath));
  // A hidden inline token is rendered all the same.
  for (const rule of ["link_open", "link_close"]) {
    const render = md.renderer.rules[rule] ?? ((tokens, at, options, env, self) => self.renderToken(tokens, at, options));
    md.renderer.rules[rule] = (...given) => (given[0][given[1]].hidden ? "" : render(...given));
  }
};
