// Times several ways to do the same work, in turns, so that whatever else the machine does falls on all of them alike.

const median = (numbers) => {
  const sorted = [...numbers].sort((a, b) => a - b);
  return sorted[sorted.length >> 1];
};

const SAMPLE_MS = 2;

/** One side's time for `count` runs, in milliseconds. */
const sample = async (side, count) => {
  const start = performance.now();
  if (side.isAsync) for (let at = 0; at < count; at++) await side.work();
  else for (let at = 0; at < count; at++) side.work();
  return performance.now() - start;
};

/** How many runs make a sample long enough for the clock, once the side is warm. */
const calibrate = async (side, warmMs) => {
  const end = performance.now() + warmMs;
  let count = 1;
  for (;;) {
    const took = await sample(side, count);
    if (took < SAMPLE_MS) count *= 2;
    else if (performance.now() >= end) return count;
  }
};

/** By name: the median, and the ratio to the first. */
const summary = (names, times) => {
  const rounds = times[0].length;
  const blocks = Math.min(5, rounds);
  return names.map((name, at) => {
    const ratios = times[at].map((time, round) => time / times[0][round]);
    const ofBlocks = Array.from({ length: blocks }, (_, block) =>
      median(ratios.filter((_, round) => Math.floor((round * blocks) / rounds) === block)),
    );
    return {
      name,
      us: median(times[at]),
      ratio: median(ratios),
      least: Math.min(...ofBlocks),
      most: Math.max(...ofBlocks),
    };
  });
};

/**
 * `sides`: name and work, ours first, and how many `times` that does it if not once. Answers for each the median time in
 * microseconds, and for the others the ratio: their time divided by ours in the same round, the median over all rounds, and
 * the least and greatest median of five blocks.
 */
export const measure = async (sides, { rounds, warmMs }) => {
  const counts = [];
  for (const side of sides) counts.push(await calibrate(side, warmMs));
  const times = sides.map(() => []);
  for (let round = 0; round < rounds; round++) {
    const order = sides.map((_, at) => at);
    if (round % 2) order.reverse();
    for (const at of order) times[at].push(((await sample(sides[at], counts[at])) / counts[at] / (sides[at].times ?? 1)) * 1000);
  }
  return summary(
    sides.map((side) => side.name),
    times,
  );
};

/** As `measure`, for what can be done only once per process or page: `once` answers milliseconds. */
export const firsts = async (names, rounds, once) => {
  const times = names.map(() => []);
  for (let round = 0; round < rounds; round++) {
    const order = names.map((_, at) => at);
    if (round % 2) order.reverse();
    for (const at of order) times[at].push((await once(names[at])) * 1000);
  }
  return summary(names, times);
};

const time = (us) => (us < 1000 ? `${us.toFixed(2)} µs` : `${(us / 1000).toFixed(2)} ms`);

/** A Markdown table of rows of the same sides. */
export const table = (rows) => {
  const peers = rows[0].sides.slice(1).map((side) => side.name);
  const lines = [["", "ours", ...peers.flatMap((peer) => [peer, "ratio (least-most)"])]];
  for (const { name, sides } of rows) {
    const cells = peers.flatMap((peer) => {
      const side = sides.find((side) => side.name === peer);
      if (side === undefined) return ["", ""];
      const { us, ratio, least, most } = side;
      return [time(us), `${ratio.toFixed(2)} (${least.toFixed(2)}-${most.toFixed(2)})`];
    });
    lines.push([name, time(sides[0].us), ...cells]);
  }
  const widths = lines[0].map((_, at) => Math.max(...lines.map((line) => line[at].length)));
  const text = lines.map((line) => `| ${line.map((cell, at) => cell.padEnd(widths[at])).join(" | ")} |`);
  text.splice(1, 0, `|${widths.map((width) => "-".repeat(width + 2)).join("|")}|`);
  return text.join("\n");
};
