import { defineConfig } from "vite";

export default defineConfig({
  root: "page",
  build: {
    outDir: "../dist",
    emptyOutDir: true,
    target: "es2022",
    // Everything comes as a file of its own: the page's policy allows no inline scripts, styles or data.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
});
