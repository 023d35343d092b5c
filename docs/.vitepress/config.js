import { readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { defineConfig } from "vitepress";
import { tabsMarkdownPlugin } from "vitepress-plugin-tabs";
import { diagrams } from "./diagrams.js";
import { repositoryLinks } from "./repository.js";

const decisions = readdirSync(fileURLToPath(new URL("../decisions", import.meta.url)))
  .filter((name) => /^\d/.test(name))
  .sort()
  .map((name) => name.slice(0, -".md".length));

const pages = (...entries) => entries.map(([text, link]) => ({ text, link: `/${link}` }));

export default defineConfig({
  title: "BananaTech card SDK",
  description: "Issue payment cards with BananaTech from Rust, JavaScript, Kotlin and Swift",
  lang: "en",
  head: [["link", { rel: "icon", type: "image/svg+xml", href: "/icon.svg" }]],
  // No server has to know about it: every page is a file.
  cleanUrls: false,
  // Made by each language's own tools, beside these pages.
  ignoreDeadLinks: [/^\/api\//],
  markdown: {
    // Enough contrast for everybody.
    theme: { light: "github-light-high-contrast", dark: "github-dark-high-contrast" },
    config: (md) => md.use(tabsMarkdownPlugin).use(repositoryLinks).use(diagrams),
  },
  themeConfig: {
    search: { provider: "local" },
    outline: [2, 3],
    sidebar: [
      {
        text: "Start",
        items: pages(
          ["What this is", "index"],
          ["Quick start", "quick-start"],
          ["What runs where", "where"],
        ),
      },
      {
        text: "Guides",
        items: pages(
          ["A physical card's life", "physical-card"],
          ["A virtual card's life", "virtual-card"],
          ["Webhooks", "webhooks"],
          ["How an operation ends", "endings"],
          ["What is certain, and when", "certain"],
          ["A backend, ready to use", "backend"],
          ["Card fields and PINs", "fields"],
          ["Testing your code", "testing"],
          ["The sandbox", "sandbox"],
          ["Going live", "going-live"],
          ["When something doesn't work", "trouble"],
        ),
      },
      {
        text: "Languages",
        items: pages(
          ["Rust", "rust"],
          ["JavaScript and TypeScript", "javascript"],
          ["Kotlin and Swift", "kotlin-and-swift"],
          ["Whole programs", "programs"],
        ),
      },
      {
        text: "Reference",
        items: pages(
          ["The packages' interfaces", "references"],
          ["Errors", "errors"],
          ["What is known of the API", "api-knowledge"],
          ["Glossary", "glossary"],
          ["Runtimes", "runtimes"],
          ["Benchmarks", "benchmarks"],
          ["Changelog", "changelog"],
          ["Security", "security"],
        ),
      },
      {
        text: "For contributors",
        items: [
          ...pages(["Architecture", "architecture"], ["Contributing", "contributing"], ["Releasing", "releasing"]),
          {
            text: "Decisions",
            link: "/decisions/README",
            collapsed: true,
            items: decisions.map((name) => ({
              text: name.replace(/^0*(\d+)-/, "$1. ").replaceAll("-", " "),
              link: `/decisions/${name}`,
            })),
          },
        ],
      },
    ],
  },
});
