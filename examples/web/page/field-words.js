// Words for what `bananatech/forms` says of a field in codes. Apart from words.js, which needs the whole library.

const REASONS = {
  number: {
    empty: "Type in the card's number.",
    incomplete: "The number has more digits.",
    too_long: "That is more digits than the number has.",
    characters: "Only digits, as printed on the card.",
    unknown_brand: "No card's number begins like this.",
    check_digit: "A digit isn't right. Compare it with your card.",
  },
  expiry: {
    empty: "Type in the month and the year.",
    incomplete: "Month and year, such as 08/29.",
    characters: "Only digits, such as 08/29.",
    too_long: "Month and year, such as 08/29.",
    month: "There is no such month.",
    year: "A year has two digits or four.",
    expired: "The card has expired.",
    too_far: "No card is valid for that long.",
  },
  cvv: {
    empty: "Type in the security code.",
    incomplete: "The code has more digits.",
    too_long: "That is more digits than the code has.",
    characters: "Only digits.",
  },
  name: {
    empty: "Type in the name.",
    too_long: "That is too long for a name.",
    looks_like_number: "That looks like a number, not a name.",
  },
  "postal-code": {
    empty: "Type in the postal code.",
    incomplete: "The code is longer.",
    too_long: "That is too long for a postal code.",
    characters: "Letters and digits, beginning with one.",
  },
  pin: {
    empty: "Choose a PIN.",
    incomplete: "The PIN has more digits.",
    too_long: "That is more digits than the PIN has.",
    characters: "Only digits.",
    weak: "That is too easy to guess.",
  },
};

/** Why a field isn't valid. */
export const reasonOf = (kind, { reason }) => REASONS[kind][reason] ?? "That isn't right.";

const SHOWN = 4;

/** The brands that a number can still be of: "Visa", "Maestro or Discover". */
export const brandsOf = ({ cards }) => {
  const names = cards.slice(0, SHOWN).map(({ niceType }) => niceType);
  if (cards.length > SHOWN) return `${names.join(", ")} or another`;
  return names.length > 1 ? `${names.slice(0, -1).join(", ")} or ${names.at(-1)}` : (names[0] ?? "");
};

/** How far it is, while nothing is wrong with it: brands, and whether it is complete. Nothing while nothing is typed. */
export const stateOf = (state) => {
  const { reason, isValid, isPotentiallyValid, cards } = state;
  if (reason === "empty") return "";
  // Before the first few digits, nearly all brands are possible, which says nothing.
  const brands = cards ? brandsOf(state) : "";
  const how = isValid ? "complete" : isPotentiallyValid ? "not complete yet" : "";
  const text = [brands, how].filter(Boolean).join(", ");
  return text.charAt(0).toUpperCase() + text.slice(1);
};

const WEAKNESSES = {
  repeat: "one digit over and over",
  sequence: "digits in a row",
  repeated_block: "the same digits again",
  couplets: "pairs of digits",
  palindrome: "the same from behind",
  year: "a year",
  date: "a date",
  keypad_walk: "keys side by side",
  keypad_shape: "a shape on the keys",
  birth_date: "your date of birth",
  phone: "in your phone number",
  card_number: "in your card's number",
};

/** What there is to say about a PIN that is taken, but easily guessed; null if nothing. */
export const adviceOf = ({ weaknesses }) =>
  weaknesses.length === 0
    ? null
    : `That is easy to guess: ${weaknesses.map((one) => WEAKNESSES[one] ?? one).join(", ")}. ` +
      "It is taken, but choose another if you can.";

/** The number with its last four digits alone, to be shown in its place. */
export const masked = (text) => text.replace(/\d(?=(?:\D*\d){4})/g, "•");

// As long as somebody types on, there is nothing to say.
const PAUSE_MS = 900;

/** Says texts to those who don't see them, in a live region: each once, and only when the typing pauses. */
export const politely = (region) => {
  let timer;
  return (text) => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      if (region.textContent !== text) region.textContent = text;
    }, PAUSE_MS);
  };
};
