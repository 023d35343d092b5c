// The cases of tracking.json, by the recipe of the vectors' README ("Running the histories"). It uses nothing of a runtime and imports
// nothing.

/** A history's name of an operation, as a UUID: in its first six bytes. */
const idOf = (name) => {
  const hex = Array.from(name, (letter) => letter.charCodeAt(0).toString(16).padStart(2, "0")).join("").padEnd(12, "0");
  return `${hex.slice(0, 8)}-${hex.slice(8)}-4000-8000-000000000000`;
};

const found = ({ outcome, tx, card }) => ({ succeeded: outcome === "S", transaction_id: tx, card_id: card });

/** An operation's row, with what was found out about it. */
const row = (op) => ({
  id: idOf(op.id),
  kind: op.kind,
  user_id: op.user,
  card_id: op.card,
  template_id: op.template,
  amount: op.amount === undefined ? undefined : String(op.amount),
  least: op.least === undefined ? undefined : String(op.least),
  sent_at: op.sent,
  ask_at: op.sent,
  seq: op.seq,
  found: op.found && found(op.found),
  until: op.until,
  refused: op.refused ?? false,
  withdrawn: op.withdrawn ?? false,
  is_final: op.final ?? false,
});

/** The state of a tracker, as text. */
const state = ({ cfg }, { operations = [], things = [], seq = 0, exclusive = cfg.exclusive }) =>
  JSON.stringify({
    version: 1,
    assumptions: {
      ...(exclusive && { exclusive_since: cfg.since }),
      clock_tolerance_ms: cfg.tol,
      trust_type: cfg.trust_type,
    },
    seq,
    operations,
    things,
    events: [],
  });

/** An operation to ask about: nothing is its own. */
const asker = (card) => ({
  ...row({ id: "asker", kind: "recharge", seq: 0, sent: 0, user: 1, card, amount: 1, withdrawn: true }),
  outcome: { kind: "failed" },
});

/** The things of a history, as they are with no operation in sight. */
const things = (api, history) => {
  let known = [];
  const seen = [
    ...history.events.map((event) => ({ seq: event.seq, event })),
    ...history.records.map((record) => ({ seq: record.seq, record })),
  ].sort((one, other) => one.seq - other.seq);
  const foreign = new Set(history.foreign);
  for (const { seq, event, record } of seen) {
    // The tracker draws the next number, which is this one's.
    const operations = record ? [asker(record.card)] : [];
    const tracker = api.Tracker.fromJson(state(history, { operations, things: known, seq: seq - 1, exclusive: false }));
    if (event) {
      const report = tracker.take({ type: event.type, data: event.data });
      // A history calls an event by a key of its own.
      if (foreign.has(event.key)) for (const thing of report.things) foreign.add(thing);
    } else {
      const [inquiry] = api.Inquiry.about(operations[0]);
      // A list shows whole seconds; the judge adds the one that may have begun.
      const created_at = new Date(record.time - 1000).toISOString();
      const { tx: id, card: card_id, amount, status } = record;
      inquiry.accept({ data: [{ id, card_id, amount: String(amount), type: "RECHARGE", status, created_at }], total: 1 }, record.time);
      tracker.learn(inquiry);
    }
    known = JSON.parse(tracker.toJson()).things;
    tracker.free();
  }
  return known.map(({ owner, done, ...thing }) => ({ ...thing, foreign: foreign.has(thing.id) }));
};

// What an answer must say at least. The id in it takes no part.
const ANSWERS = { assign: { card_id: 1 } };

/** Looks at an operation anew, by saying of it what changes nothing. */
const look = (tracker, op) => {
  tracker.acknowledge(idOf(op.id), ANSWERS[op.kind] ?? {});
  const looked = tracker.operation(idOf(op.id));
  // An answer to what was withdrawn is a contradiction of its own, which isn't asked for here.
  const contradicted = looked.contradicted && !(op.withdrawn && looked.outcome !== undefined);
  const claim = () => {
    if (contradicted) return "!";
    if (looked.outcome === undefined || looked.doubted) return "?";
    return looked.outcome.kind === "succeeded" ? "S" : "F";
  };
  return { claim: claim(), by_count: looked.by_count, cards: looked.cards ?? [] };
};

const NOTED = { "tracking.unknown": "refused: no such operation", "tracking.owned": "refused: it has an owner", "tracking.refuted": "refused: no explanation has it" };

/** What is answered to one who says what was found, in the vectors' words. */
const noteFound = (api, tracker, { op, found: { outcome, tx, card } }) => {
  const said = outcome === "S" ? { kind: "succeeded", card_id: card } : { kind: "failed" };
  try {
    const { verdict } = tracker.find(idOf(op), said, { transaction_id: tx, at: 0 });
    return verdict.kind === "already_ended" ? "already ended" : "noted";
  } catch (error) {
    if (!api.isBananaTechError(error)) throw error;
    return NOTED[error.code] ?? error.code;
  }
};

/** What the package says of a case, as the case expects it. */
export const judge = (api, { history, expect }) => {
  const stored = state(history, { operations: history.ops.map(row), things: things(api, history), seq: 1_000_000 });
  const claims = {};
  const cards = {};
  const by_count = [];
  for (const op of history.ops) {
    const tracker = api.Tracker.fromJson(stored);
    const looked = look(tracker, op);
    claims[op.id] = looked.claim;
    if (looked.by_count) by_count.push(op.id);
    if (["apply", "assign"].includes(op.kind)) cards[op.id] = looked.cards;
    tracker.free();
  }
  const told = { claims, by_count: by_count.sort() };
  if (expect.cards) told.cards = cards;
  if (expect.note_found) {
    const tracker = api.Tracker.fromJson(stored);
    for (const op of history.ops) look(tracker, op);
    told.note_found = noteFound(api, tracker, expect.note_found);
    tracker.free();
  }
  return told;
};

/** What a case expects. */
export const expected = ({ expect: { claims, cards, by_count = [], note_found } }) => ({
  claims,
  by_count: [...by_count].sort(),
  ...(cards && { cards }),
  // After the colon stands what remains of it.
  ...(note_found && { note_found: note_found.answer.split(": S")[0] }),
});
