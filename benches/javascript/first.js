// From import to the first sealed request, once: `node first.js ours|node:crypto|noble`, in milliseconds.
import { first } from "./work.js";

const ways = {
  ours: () => import("bananatech"),
  "node:crypto": async () => {
    const [crypto, { nodeCrypto }] = await Promise.all([import("node:crypto"), import("./peers/node.js")]);
    return (secret) => nodeCrypto(crypto, secret);
  },
  noble: async () => (await import("./peers/noble.js")).noble,
};

const which = process.argv[2];
console.log(await first(which, ways[which]));
