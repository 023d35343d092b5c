import { fileURLToPath } from "node:url";
import { defineConfig } from "vite";

const PAGES = ["index", "fields", "frameworks/react", "frameworks/vue"];

export default defineConfig({
  root: "page",
  // The package is linked here, so that it doesn't find what is installed beside it.
  resolve: { dedupe: ["react", "vue"] },
  build: {
    outDir: "../dist",
    rolldownOptions: { input: PAGES.map((page) => fileURLToPath(new URL(`page/${page}.html`, import.meta.url))) },
    emptyOutDir: true,
    target: "es2022",
    // Everything comes as a file of its own: the page's policy allows no inline scripts, styles or data.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
});
