// Random bytes, for the package and its compiled module.
const RANDOM_BYTES = 16;
const KEPT_MS = 1000;
// Random bytes for many messages at once: asking the platform costs more than sealing a short one. They are kept for a moment only,
// so that a machine which is restored from a snapshot has none to repeat, and overwritten as they are used.
const random = new Uint8Array(64 * RANDOM_BYTES);
let used = random.length;
let filledAt = 0;
export const random16 = () => {
  const now = Date.now();
  if (used === random.length || Math.abs(now - filledAt) > KEPT_MS) {
    crypto.getRandomValues(random);
    used = 0;
    filledAt = now;
  }
  const bytes = random.slice(used, used + RANDOM_BYTES);
  random.fill(0, used, (used += RANDOM_BYTES));
  return bytes;
};
