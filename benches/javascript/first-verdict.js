// From import to the first verdict on a card number, once: `node first-verdict.js FILE`, in milliseconds.
import { firstVerdict } from "./page-verdict.js";

console.log(await firstVerdict(process.argv[2]));
