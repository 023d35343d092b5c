import creditCardType from "credit-card-type";
import valid from "card-validator";

// As credit-card-type's README has it, and by fours while the brand isn't known.
const pretty = (digits, gaps) => {
  const offsets = [0, ...gaps, digits.length];
  const parts = [];
  for (let at = 0; offsets[at] < digits.length; at++) {
    parts.push(digits.substring(offsets[at], Math.min(offsets[at + 1], digits.length)));
  }
  return parts.join(" ");
};

const FOURS = [4, 8, 12];

/** card-validator: what most checkout pages judge card numbers by. It answers no other brands than a sole one. */
export const cardValidator = {
  name: "card-validator",
  keystroke(before, key) {
    const digits = (before + key).replace(/ /g, "");
    const { isValid, isPotentiallyValid, card } = valid.number(digits);
    return { text: pretty(digits, card?.gaps ?? FOURS), isValid, isPotentiallyValid, brand: card?.type ?? null };
  },
};

/** The same, and credit-card-type for the brands that are still possible, which is in our answer too. */
export const withBrands = {
  name: "card-validator, credit-card-type",
  keystroke(before, key) {
    const digits = (before + key).replace(/ /g, "");
    const { isValid, isPotentiallyValid, card } = valid.number(digits);
    const brands = creditCardType(digits).map(({ type }) => type);
    return { text: pretty(digits, card?.gaps ?? FOURS), isValid, isPotentiallyValid, brand: card?.type ?? null, brands };
  },
};
