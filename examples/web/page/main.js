// Puts the page together: what the backend says comes in, plans go out.
import { CardState, plan } from "bananatech";
import * as backend from "./backend.js";
import { renderBalance, renderCard } from "./card-view.js";
import { byId } from "./dom.js";
import { renderOperations } from "./operations-view.js";
import { Panel } from "./panel.js";
import { renderTimeline } from "./timeline-view.js";
import { Transactions } from "./transactions-view.js";
import { renderTry } from "./try.js";
import { entryInWords, eventInWords, explain, reasonInWords } from "./words.js";

const KEPT = 60;
const panel = new Panel(byId("panel"));
const transactions = new Transactions(byId("transactions"));
const view = { operations: [], timeline: [], card: null, state: null, balance: null };
let me = null;
let loadedCard = null;

const announce = (text) => {
  byId("announcer").textContent = text;
};
const alarm = (text) => {
  byId("alarm").textContent = text;
};

const refusal = (reason) => (reason ? `The issuer refused it: ${reason}.` : "The issuer refused it.");

/** Makes a plan and has it carried out. Null, or the error for the form. */
const send = async (make, reference) => {
  try {
    const { refused, reason } = await backend.carryOut(make(), reference);
    return refused ? { code: "rejected", message: refusal(reason) } : null;
  } catch (error) {
    const { code, message, field } = backend.told(error);
    const text = explain({ code, message }, me);
    alarm(text);
    return { code, field, message: text };
  }
};

let answer = null;
byId("dialog").addEventListener("close", ({ target }) => {
  // This comes a little late: by now the question may have been put again.
  if (target.open) return;
  answer?.(target.returnValue === "yes");
  answer = null;
});

const confirmClose = () =>
  new Promise((resolve) => {
    answer?.(false);
    answer = resolve;
    const dialog = byId("dialog");
    byId("dialog-title").textContent = "Close this card for good?";
    byId("dialog-text").textContent = "What is left on it is refunded. It can't be opened again.";
    byId("dialog-yes").textContent = "Close the card";
    dialog.returnValue = "no";
    dialog.showModal();
  });

const findOut = async (id) => {
  try {
    const { known } = await backend.findOut(id);
    if (!known) announce("The issuer doesn't say yet what became of it. Ask again later.");
  } catch (error) {
    alarm(backend.told(error).message);
  }
};

const buy = async () => {
  try {
    const { approved, declined } = await backend.purchase(view.state.card_id, "4.50", "Coffee");
    if (!approved) alarm(`The purchase was declined: ${String(declined).replaceAll("_", " ")}.`);
  } catch (error) {
    alarm(backend.told(error).message);
  }
};

const OF_STATUS = ["activate", "lock", "unlock", "close"];

/** Why something can't be sent now; null if it can. */
const reasons = () => {
  const waiting = (kinds) => {
    const open = view.operations.find(
      ({ kind, stage }) => kinds.includes(kind) && (stage === "sent" || stage === "acknowledged"),
    );
    if (!open) return null;
    return open.overdue || open.unclear
      ? "First ask what became of the last one: it is under Operations."
      : "Waiting for the issuer's webhook.";
  };
  return { assign: waiting(["assign"]), recharge: waiting(["recharge"]), status: waiting(OF_STATUS) };
};

const show = () => {
  renderCard(byId("card"), view.card && { ...view.card, state: view.state }, me.user_id);
  renderBalance(byId("balance"), view.balance);
  renderOperations(byId("operations"), view.operations, findOut);
  renderTimeline(byId("timeline"), view.timeline);
  const shown = panel.show(view.state, { me, send, confirmClose, buy }, reasons());
  renderTry(byId("try"), shown, (value) => panel.fill(value));
};

const takeCards = (cards) => {
  view.card = cards[0] ?? null;
  view.state = view.card && new CardState(view.card.state);
  const known = view.state?.balance;
  if (known && (view.balance === null || known.as_of >= view.balance.as_of)) {
    view.balance = { available: known.available, currency: known.currency, as_of: known.as_of, by: "By webhook" };
  }
  if (loadedCard !== view.card?.state.card_id) {
    loadedCard = view.card?.state.card_id;
    view.balance = null;
    transactions.forget();
    if (view.card) refresh();
  }
};

/** Asks for what events don't tell in full. */
const load = async () => {
  if (view.state === null) return;
  const card = { user_id: me.user_id, card_id: view.state.card_id };
  try {
    const asked_at = Date.now();
    const [{ balance, currency }] = await Promise.all([backend.ask(plan.card.getBalance(card)), transactions.refresh(card)]);
    if (card.card_id !== view.state?.card_id) return;
    if (view.balance === null || view.balance.as_of <= asked_at) {
      view.balance = { available: balance, currency, as_of: asked_at, by: "Asked" };
    }
    show();
  } catch {
    // What is shown stays; the next event brings another try.
  }
};

let planned = null;
const refresh = () => {
  clearTimeout(planned);
  planned = setTimeout(load, 120);
};

/** What somebody who can't see the page should hear; and what belongs to the form from which it was sent. */
const tell = (entry) => {
  if (entry.what === "event") return announce(eventInWords(entry.event));
  if (entry.what === "sent" || entry.what === "acknowledged") return;
  const said = reasonInWords(entry.reason);
  const text = [entryInWords(entry), said ?? entry.reason].filter(Boolean).join(". ");
  if (entry.what === "confirmed") return announce(text);
  alarm(text);
  // A refusal comes with the answer to the form.
  if (entry.what === "failed")
    panel.fail({ code: /^\d+:\d+/.exec(entry.reason)?.[0] ?? "failed", message: said ?? text }, entry.kind);
};

const on = {
  all: (whole) => {
    view.operations = whole.operations;
    view.timeline = whole.timeline;
    takeCards(whole.cards);
    show();
  },
  view: ({ operations, cards }) => {
    view.operations = operations;
    takeCards(cards);
    show();
  },
  entry: (entry) => {
    view.timeline = [entry, ...view.timeline].slice(0, KEPT);
    show();
    tell(entry);
    if (entry.what === "event" || entry.by === "asking") refresh();
  },
  connection: (state) => {
    byId("live").dataset.state = state;
    byId("live-text").textContent = state === "live" ? "Live" : "Reconnecting";
  },
};

const begin = async () => {
  try {
    me = await backend.start();
  } catch {
    on.connection("lost");
    setTimeout(begin, 2000);
    return;
  }
  show();
  backend.follow(on);
};
begin();
