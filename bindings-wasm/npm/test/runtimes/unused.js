// Nothing of the package is used, so a bundler must leave all of it out.
import { Merchant } from "bananatech";
import { init } from "bananatech/slim";
import { entries } from "./entries.js";

export const answer = () => 42;
const unused = () => [Merchant, init, entries];
