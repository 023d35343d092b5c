import { join } from "node:path";

// The tools' folder has Next.js, and this one in it has the package.
const root = join(import.meta.dirname, "..");

export default { turbopack: { root }, outputFileTracingRoot: root };
