// All kinds of field in plain HTML: `attach` writes and judges what is typed, the page says it in words.
import { attach } from "bananatech/forms";
import { byId } from "./dom.js";
import { adviceOf, politely, reasonOf, stateOf } from "./field-words.js";

const say = politely(byId("announcer"));

const bind = (kind, options) => {
  const input = byId(kind);
  const line = byId(`${kind}-state`);
  const show = (state) => {
    const { isWrong } = state;
    const words = isWrong ? reasonOf(kind, state) : ((state.isValid && state.weaknesses && adviceOf(state)) || stateOf(state));
    if (line.textContent === words) return;
    line.textContent = words;
    line.parentElement.classList.toggle("is-wrong", isWrong);
    say(words);
  };
  input.addEventListener("fieldstate", ({ detail }) => show(detail));
  return attach(input, kind, options);
};

const number = bind("number");
const cvv = bind("cvv", { size: [3, 4] });
const pin = bind("pin");
for (const kind of ["expiry", "name", "postal-code"]) bind(kind);

// What the number says of the other fields.
byId("number").addEventListener("fieldstate", ({ detail: { card, value } }) => {
  byId("cvv-label").textContent = card ? `Security code (${card.code.name})` : "Security code";
  cvv.update({ size: card?.code.size ?? [3, 4] });
  pin.update({ context: { card_number: number.state.isValid ? value : null } });
});
