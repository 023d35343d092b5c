// From import to the first sealed request, in a fresh page.
import { first } from "./work.js";

const ways = {
  ours: () => import("/ours.js"),
  WebCrypto: async () => (await import("/web.js")).webCrypto,
  noble: async () => (await import("/noble.js")).noble,
};
export const firstSealed = (which) => first(which, ways[which]);
