// In Vitest as it comes.
import { writeFileSync } from "node:fs";
import { test } from "vitest";
import { entries } from "../entries.js";
import { everything } from "../everything.js";
import vectors from "../../vectors.json";
import worlds from "../worlds.cjs";

const { userEvent } = await import(/* @vite-ignore */ process.env.USER_EVENT);

test("everything", { timeout: 60_000 }, async () => {
  writeFileSync(process.env.RESULT, JSON.stringify(await everything(entries, vectors, worlds, userEvent.setup())));
});
