import { readFileSync } from "node:fs";

export const vectors = () => JSON.parse(readFileSync(new URL("../vectors.json", import.meta.url), "utf8"));

export const print = (result) => console.log(JSON.stringify(result));
