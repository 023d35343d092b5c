// Card fields for web pages: synchronous, and without the rest of the package.

export {};

/** A card scheme's code, as npm's `credit-card-type` names it. */
export type Brand = "…";

/** What all numbers of a brand have in common. The same frozen object each time. */
export interface Card {
  /** The brand's code. */
  readonly type: Brand;
  /** The brand's name, to be shown: `American Express`. */
  readonly niceType: string;
  /** How many digits its numbers have, the least first. */
  readonly lengths: readonly number[];
  /** After how many digits a gap is written. */
  readonly gaps: readonly number[];
  /** Its security code: the brand's own name for it (`CVV`, `CID` …), and how many digits it has. */
  readonly code: { readonly name: string; readonly size: 3 | 4 };
}

/**
 * Why a field isn't valid, to choose words by:
 *
 * - `empty`: nothing was typed.
 * - `incomplete`: more has to be typed.
 * - `characters`: a character that the field doesn't have.
 * - `too_long`: more than the field takes.
 * - `unknown_brand`: no brand's numbers begin like this.
 * - `check_digit`: most likely a digit was mistyped.
 * - `month`: not one from 1 to 12.
 * - `year`: not one of two or four digits.
 * - `expired`: the card's last month is over.
 * - `too_far`: further ahead than cards are issued for.
 * - `looks_like_number`: a name of nothing but digits.
 * - `weak`: an easily guessed PIN, where such are refused.
 */
export type Reason = "…";

/** What is to be said about a field's text. */
export interface Verdict {
  /** Whether it can be sent as it is. */
  isValid: boolean;
  /** Whether it is valid, or can become so by typing on. */
  isPotentiallyValid: boolean;
  /** Why it isn't valid; `null` if it is. */
  reason: Reason | null;
}

/** A verdict, with the text as it is sent. */
export interface Field extends Verdict {
  /** The clean text: what is sent, if it is valid. */
  value: string;
}

/** How a card number is judged. */
export interface NumberOptions {
  /** The most digits to take, if that is fewer than the brand has: more are `too_long`. In an attached input, one more isn't taken. */
  maxLength?: number | null | undefined;
  /** Whether a wrong check digit is let pass, for all brands. */
  skipLuhnValidation?: boolean | undefined;
  /** Whether UnionPay's numbers have to have the right check digit as well: many of them don't. */
  luhnValidateUnionPay?: boolean | undefined;
}

/** A card number that is being typed. */
export interface NumberField extends Field {
  /** The brand, once only one is possible. */
  card: Card | null;
  /** The brands that are still possible. */
  cards: Card[];
  /** Whether the check digit is right, whatever the brand; `null` before 12 digits, the least that a brand has. */
  isLuhnValid: boolean | null;
  /**
   * The verdict on it as the number of a card to assign to a user: 16 to 19 digits of any brand, whatever the check digit.
   */
  assignment: Verdict;
}

/**
 * Judges a card number: digits, with spaces and hyphens wherever they were typed. A text of more than 1024 characters (UTF-16
 * code units) isn't looked at by any function here: it is `too_long`.
 *
 * @param text What was typed.
 * @param options How it is judged.
 * @returns The verdict by the semantics of npm's `card-validator`, and what is known of the number.
 * @throws {TypeError} If it isn't a text.
 */
export function number(text: string, options?: NumberOptions): NumberField;

/** How an expiry date is judged. */
export interface ExpiryOptions {
  /** When that is; the page's clock, in the page's time zone, if nothing is said. `month` counts from 1. */
  now?: Date | { readonly year: number; readonly month: number } | undefined;
  /** How many years ahead of now a card may expire; 19 if nothing is said. */
  maxYears?: number | undefined;
}

/** An expiry date that is being typed. */
export interface ExpiryField extends Verdict {
  /** The month, 1 to 12; `null` while there is no date. */
  month: number | null;
  /** The year, with its century; `null` while there is no date. */
  year: number | null;
  /** The date as `MM/YY`, which is how it is sent; `null` while there is none. */
  value: string | null;
}

/**
 * Judges an expiry date: `12/27`, `12 / 2027`, `1227`, `2027-12`.
 *
 * @param text What was typed.
 * @param options When now is.
 * @returns The verdict, and the date if there is one.
 * @throws {TypeError} If it isn't a text.
 * @throws {RangeError} If `now` isn't a date.
 */
export function expiry(text: string, options?: ExpiryOptions): ExpiryField;

/** How many digits a security code has: `[3, 4]` while the brand isn't known. */
export type CvvSize = 3 | 4 | readonly [3, 4];

/**
 * Judges a security code (CVV): digits only.
 *
 * @param text What was typed.
 * @param size How many digits it has: the `code.size` of the number's card; 3 if nothing is said.
 * @returns The verdict, and the text as it is.
 * @throws {TypeError} If it isn't a text.
 */
export function cvv(text: string, size?: CvvSize): Field;

/**
 * Judges the name of a card's holder: anything but nothing, and nothing that looks like a card number.
 *
 * @param text What was typed.
 * @returns The verdict, and the name without white space around it.
 * @throws {TypeError} If it isn't a text.
 */
export function name(text: string): Field;

/** How a postal code is judged. */
export interface PostalCodeOptions {
  /** The fewest characters; 2 if nothing is said. */
  minLength?: number | undefined;
}

/**
 * Judges a postal code of any country: it begins with letters or digits, and has so many characters.
 *
 * @param text What was typed.
 * @param options How long it is.
 * @returns The verdict, and the code without white space around it.
 * @throws {TypeError} If it isn't a text.
 */
export function postalCode(text: string, options?: PostalCodeOptions): Field;

/** Why a PIN is easily guessed, to choose words by. The default entry's `pin` names the same. */
export type Weakness = "…";

/** What is known of the cardholder, and so is among a thief's first guesses. */
export interface PinContext {
  /** When the cardholder was born: `YYYY-MM-DD`, as `<input type="date">` has it. */
  birth_date?: string | null | undefined;
  /** The phone number, in any spelling: only its digits 0 to 9 count. */
  phone?: string | null | undefined;
  /** The number of the card, in any spelling. */
  card_number?: string | null | undefined;
}

/** How a PIN is judged. */
export interface PinOptions {
  /** Whether it is the one that activates a physical card, of exactly 6 digits; else it has 4 to 6. */
  activation?: boolean | undefined;
  /** Whether a weak PIN is refused. Weaknesses are advice if nothing is said. */
  refuseWeak?: boolean | undefined;
  /** What is known of the cardholder. */
  context?: PinContext | undefined;
}

/** A PIN that is being typed. It holds nothing of it. */
export interface PinField extends Verdict {
  /** Why it is easily guessed, once it has the digits that it may have; none if it isn't. */
  weaknesses: Weakness[];
}

/**
 * Judges a PIN: digits only.
 *
 * @param text What was typed.
 * @param options How it is judged.
 * @returns The verdict, and why the PIN is easily guessed.
 * @throws {TypeError} If it, or a part of the context, isn't a text.
 * @throws {RangeError} If the birth date isn't a date as `YYYY-MM-DD`.
 */
export function pin(text: string, options?: PinOptions): PinField;

/**
 * Says why a PIN is easily guessed. It is advice, not a rule.
 *
 * @param pin The PIN: 4 to 6 digits.
 * @param context What is known of the cardholder.
 * @returns Why it is easily guessed; none if it isn't.
 * @throws {TypeError} If it, or a part of the context, isn't a text.
 * @throws {RangeError} If it isn't a PIN, or the birth date isn't a date as `YYYY-MM-DD`.
 */
export function review(pin: string, context?: PinContext): Weakness[];

/** Where a selection begins and ends, or twice where the caret is: positions before a UTF-16 code unit, as inputs tell them. */
export type Selection = readonly [start: number, end: number];

/**
 * How a text is written: as a card number with its brand's gaps, or the same with so many digits at most; with up to 19 digits
 * whatever the brand; as an expiry date, `12/27`; or as so many digits at most, without gaps.
 */
export type EditKind = "number" | { readonly number: number } | "assigned-number" | "expiry" | { readonly digits: number };

/**
 * What happens to a text: something is typed or pasted; backspace or delete is pressed; the browser has made another text of
 * it already; another text takes the place of a part.
 */
export type Change =
  | { readonly insert: string }
  | { readonly delete: "backward" | "forward" }
  | { readonly changed: string; readonly selection: Selection }
  | { readonly replace: Selection; readonly with: string };

/** A text after an edit. */
export interface Edited {
  /** The text, as it should be written. */
  text: string;
  /** The selection in it. */
  selection: [start: number, end: number];
}

/**
 * Edits a text: what was typed, and where the caret is, become what is to be shown, and where the caret goes. Decimal digits
 * of all scripts (Unicode's general category Nd) become 0 to 9. One more digit than the field takes isn't taken; a longer text that is pasted is kept whole, so that no number is cut unseen.
 *
 * For an input of a page, {@link attach} does all of this.
 *
 * @param kind How the text is written.
 * @param text The text before.
 * @param selection The selection before.
 * @param change What happens to it. Without it, the text is only written as it should be.
 * @returns The text after, and the selection in it.
 * @throws {TypeError} If a text isn't one, or there is no such kind.
 */
export function edit(kind: EditKind, text: string, selection: Selection, change?: Change): Edited;

/** All brands, in the order in which `cards` has them. */
export function brands(): readonly Card[];

/** The kinds of field, and how each is judged. */
export interface FieldOptions {
  number: NumberOptions & {
    /** Whether it is the number of a card to assign: the state's verdict is `assignment`, and 19 digits may be typed. */
    assignment?: boolean | undefined;
  };
  expiry: ExpiryOptions;
  cvv: {
    /** How many digits it has; 3 if nothing is said. */
    size?: CvvSize | undefined;
  };
  pin: PinOptions;
  name: Record<string, never>;
  "postal-code": PostalCodeOptions;
}

/** The state of an attached input, beside the verdict on its text. */
export interface InputState<Kind extends keyof FieldOptions> {
  /** What the input is for. It tells the states of several inputs apart. */
  kind: Kind;
  /**
   * Whether to show it as wrong: typing on can't make it valid, or it was left unfinished. An empty one isn't wrong. This is
   * what `aria-invalid` says.
   */
  isWrong: boolean;
}

/** The state of each kind of field: what the function of that name answers, what it is for, and how it is to be shown. */
export interface FieldStates {
  /** With the option `assignment`, the verdict is that on the assignment. */
  number: NumberField & InputState<"number">;
  expiry: ExpiryField & InputState<"expiry">;
  cvv: Field & InputState<"cvv">;
  pin: PinField & InputState<"pin">;
  name: Field & InputState<"name">;
  "postal-code": Field & InputState<"postal-code">;
}

// The platform's own types where a program has them; without them, programs still compile.
type InputElement = typeof globalThis extends { HTMLInputElement: { prototype: infer Type } } ? Type : object;
type PlatformEvent = typeof globalThis extends { Event: { prototype: infer Type } } ? Type : object;

/** What an attached input dispatches when its state changes: a bubbling `CustomEvent`. `detail.kind` tells kinds apart. */
export type FieldStateEvent = PlatformEvent & { readonly detail: FieldStates[keyof FieldStates] };

declare global {
  interface GlobalEventHandlersEventMap {
    fieldstate: FieldStateEvent;
  }
  interface ShadowRootEventMap {
    fieldstate: FieldStateEvent;
  }
}

/** An input that is looked after. */
export interface Attached<Kind extends keyof FieldOptions> {
  /** What is to be said about its text now. */
  readonly state: FieldStates[Kind];
  /**
   * Looks at the input anew: after a script set its value, or with other options.
   *
   * @param options Those that change; the others stay.
   * @throws {TypeError | RangeError} If an option isn't one. Nothing changes then.
   */
  update(options?: FieldOptions[Kind]): void;
  /** Leaves the input: listeners and attributes are taken away. */
  detach(): void;
}

/**
 * Looks after an input. Numbers, dates, security codes and PINs are written as they should be while they are typed, with the
 * caret kept. Each time the state changes, the input dispatches `fieldstate`, a bubbling `CustomEvent` whose `detail` is the
 * state; the first time before this returns. The event stays within the shadow root that the input is in, if it is in one.
 *
 * During a composition, as input methods and many keyboards of phones begin one, the text is judged as it will be written,
 * and written when the composition ends. Names and postal codes are never written.
 *
 * `autocomplete`, `spellcheck`, and, where digits are typed, `inputmode` and `dir="ltr"` are set where the page hasn't. So is
 * `aria-invalid`, while the state is wrong. If the page sets it itself, even to `false`, `attach` leaves it alone. Listeners of
 * frameworks see the value as written. Where digits are typed, a
 * `maxlength` would count the gaps, and a `pattern` has to allow them: leave both out.
 *
 * @param input An `<input>` of type `text`, `tel` or `password`.
 * @param kind What it is for.
 * @param options How it is judged.
 * @returns What it is said to be, and how to leave it.
 * @throws {TypeError} If the input is of a type without a selection, such as `number`, or there is no such kind.
 * @throws {TypeError | RangeError} If an option isn't one. The input is as it was then, as it is if WebAssembly may not be
 *   compiled, which throws the platform's `CompileError`.
 */
export function attach<Kind extends keyof FieldOptions>(input: InputElement, kind: Kind, options?: FieldOptions[Kind]): Attached<Kind>;
