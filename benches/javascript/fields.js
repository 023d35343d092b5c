// Card fields, in every runtime: card numbers that are typed key by key.
import * as forms from "bananatech/forms";
import { measure } from "./measure.js";
import { cardValidator, withBrands } from "./peers/card-validator.js";

/** Test numbers of eight brands, and one whose last digit is wrong. */
const NUMBERS = [
  "4111111111111111",
  "5555555555554444",
  "378282246310005",
  "30569309025904",
  "6011111111111117",
  "3530111333300000",
  "6304000000000000",
  "2200000000000004",
  "4111111111111112",
];

const ours = {
  name: "ours",
  keystroke(before, key) {
    const { text } = forms.edit("number", before, [before.length, before.length], { insert: key });
    const { isValid, isPotentiallyValid, card, cards } = forms.number(text);
    return { text, isValid, isPotentiallyValid, brand: card?.type ?? null, brands: cards };
  },
};

/** All keystrokes: the text before, and the key. All sides have to answer the same to each. */
const keystrokes = () => {
  const all = [];
  for (const number of NUMBERS) {
    let before = "";
    for (const key of number) {
      const { brands, ...told } = ours.keystroke(before, key);
      const expected = JSON.stringify({ ...told, brands: brands.map(({ type }) => type) });
      const one = JSON.stringify({ ...cardValidator.keystroke(before, key), brands: brands.map(({ type }) => type) });
      if (one !== expected || JSON.stringify(withBrands.keystroke(before, key)) !== expected) {
        throw new Error("keystroke: not the same");
      }
      all.push([before, key]);
      before = told.text;
    }
  }
  return all;
};

/** The time of one keystroke, the mean over all of them. */
export const run = async ({ quick }) => {
  const all = keystrokes();
  const sides = [ours, cardValidator, withBrands].map(({ name, keystroke }) => ({
    name,
    times: all.length,
    work() {
      for (const [before, key] of all) keystroke(before, key);
    },
  }));
  return [{ name: "keystroke", sides: await measure(sides, quick ? { rounds: 15, warmMs: 20 } : { rounds: 151, warmMs: 400 }) }];
};

/** What a bundler makes one file of: `verdict(text)` of each side. */
export const FIRST_VERDICT = {
  ours: 'export { number as verdict } from "bananatech/forms";',
  "card-validator": 'import valid from "card-validator"; export const verdict = valid.number;',
};
