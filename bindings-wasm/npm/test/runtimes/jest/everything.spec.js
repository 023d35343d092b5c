// In Jest as it comes: modules by `require`, and what jsdom has is all there is.
const { writeFileSync } = require("node:fs");
const { entries } = require("../entries.cjs");
const { everything } = require("../../out/everything.cjs");
const vectors = require("../../vectors.json");
const worlds = require("../worlds.cjs");
const { userEvent } = require(process.env.USER_EVENT);

test("everything", async () => {
  writeFileSync(process.env.RESULT, JSON.stringify(await everything(entries, vectors, worlds, userEvent.setup())));
}, 60_000);
