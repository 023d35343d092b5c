// What the page in Chromium runs; bundled into one file.
import * as bananatech from "bananatech";
import { cryptoJs } from "./peers/crypto-js.js";
import { noble } from "./peers/noble.js";
import { webCrypto } from "./peers/web.js";
import { run, secret } from "./work.js";

export const bench = async (quick) => run(bananatech, [await webCrypto(secret), noble(secret), cryptoJs(secret)], { quick });
