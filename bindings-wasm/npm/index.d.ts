/// <reference lib="esnext.disposable" />

export {};

// Values, which need no key.

/** The version of the library. */
export function version(): string;

// An enum is the one kind of text that TypeScript takes to equal no other text. It exists as a type only.
declare enum Unknown {
  Word = "a word that this library doesn't know",
}

/**
 * A word of the API that this library doesn't know: any text but the known ones. No literal equals it, so a misspelt word doesn't
 * compile, neither where it is compared nor where it is given. To compare such a word, take it as text:
 * `const status: string = event.data.status`. To give one: {@link other}.
 */
export type OtherWord = Unknown;

/**
 * A word that this library doesn't know, for a request or a test: `gender: other("X")`.
 *
 * @param word The word.
 * @returns The same.
 */
export function other(word: string): OtherWord;

/**
 * Any JSON value, as it came. Numbers in it are JavaScript's: where they must be exact, read {@link Delivered.json}.
 */
export type Json = null | boolean | number | string | Json[] | { [name: string]: Json | undefined };

/**
 * Fields that the contract doesn't name, as they came, or as they are sent. They are in `extra`, apart from those that it names, and
 * among them in all JSON text: as the API has them.
 */
export interface Extra {
  [unknown: string]: Json | undefined;
}

/**
 * An amount of money in major units (`"100.50"` is a hundred and a half dollars), exact, with the decimals that it was
 * written with. Compute with {@link amount}, not with numbers.
 */
export type Amount = string;

/** An {@link Amount} as it is taken: text, or a number where that is exact. */
export type AmountInput = string | number;

/** A point in time: milliseconds since 1970-01-01T00:00:00Z, as `Date.now()` tells it. */
export type Timestamp = number;

/**
 * What everything here throws. No part of it that is printed holds a value that came in: it says which field, and what
 * was expected. Tell it by {@link isBananaTechError}.
 */
export type BananaTechError = RejectedError | NotKnownError | OtherError;

interface BananaTechErrorBase extends Error {
  readonly name: "BananaTechError";
  /** Which rule was broken. */
  readonly code: ErrorCode;
  /** The field that it is about, as a path from the outermost object: `amount`, `kyc_data.gender`, `data[3].id`. */
  readonly field?: string;
}

/**
 * BananaTech refused, and nothing was done: the operation failed. Correct the request, and send it as a new operation. That nothing was done
 * is inferred from the status: see `meaning` of {@link Rejection}.
 */
export interface RejectedError extends BananaTechErrorBase {
  readonly code: "rejected";
  readonly category: "rejected";
  /** The HTTP status. */
  readonly status: number;
  /** What BananaTech answered. Not enumerable: it may repeat what was sent, so keep it out of logs. */
  readonly rejection: Rejection;
  readonly answer?: undefined;
}

/**
 * What BananaTech answered, when it wasn't with success.
 *
 * The vendor documents HTTP 400 for: an invalid HMAC, a malformed payload, decrypted data that isn't JSON, an invalid
 * Merchant-ID. Neither other statuses nor the body of an error are documented, so the body is kept whole and `message` is
 * a guess at the field that carries one. The
 * error's own `message` holds only the status, since BananaTech's words may repeat what was sent.
 */
export interface Rejection {
  /** The HTTP status. */
  status: number;
  /** The API's words, if the body has a text in `message`, `error`, `error_reason` or `detail` (guess: not documented). */
  message: string | null;
  /**
   * The body, opened where it was sealed, otherwise as it came (bytes that aren't UTF-8 replaced). It may repeat what was
   * sent: keep it out of logs.
   */
  body: string;
  /** Whether the body was sealed with a key of the ring. A plain body may come from anything between here and the API. */
  authenticated: boolean;
  /**
   * Whether the operation is known not to have been carried out.
   *
   * Only statuses that say that the request itself was refused count as that: 400, 401, 403, 404, 405, 413, 415 and 422 (the vendor
   * documents 400 alone), and 2xx with an answer that says `"success": false` (inferred from the `true` of the page "Set PIN"). It is
   * `refused` in a {@link RejectedError}, and `not_known` in a {@link NotKnownError}.
   */
  meaning: RejectionMeaning;
}

/**
 * BananaTech, or what stands between, answered neither that the operation was carried out nor that it was refused; HTTP 500 is such
 * an answer. Whether it was is not known: ask, and don't send it again.
 */
export interface NotKnownError extends BananaTechErrorBase {
  readonly code: "answer.not_known";
  readonly category: "not_known";
  /** The HTTP status. */
  readonly status: number;
  readonly rejection?: undefined;
  /** What BananaTech answered. Not enumerable: it may repeat what was sent, so keep it out of logs. */
  readonly answer: Rejection;
}

/** Every other error; `category` says who caused it, and so who has to act. */
export interface OtherError extends BananaTechErrorBase {
  readonly code: Exclude<ErrorCode, "rejected" | "answer.not_known">;
  readonly category: Exclude<Category, "rejected" | "not_known">;
  readonly status?: undefined;
  readonly rejection?: undefined;
  readonly answer?: undefined;
}

/**
 * Whether something that was caught is an error of this library.
 *
 * @param error What was caught.
 * @returns Whether it is one; TypeScript knows its fields then.
 */
export function isBananaTechError(error: unknown): error is BananaTechError;

/** The name of an operation that an event confirms. */
export type ConfirmedName = "user.register" | "card.apply" | "card.assign" | "card.recharge" | "card.update_status";

/** A value as it is given: whatever need not be there may also be `undefined`, which counts as absent. */
export type Input<Value> = {
  [Field in keyof Value]: Record<never, never> extends Pick<Value, Field> ? Within<Field, KycInput, Value[Field]> | undefined : Value[Field];
};

// The one object within another.
type Within<Field, Kyc, Value> = Field extends "kyc_data" ? Kyc : Value;

/**
 * A request's body as a plan holds it: amounts as text. A plan is JSON as every language writes it, so fields that the contract doesn't
 * name stand among the others in it.
 */
export type Planned<Body> = {
  [Field in keyof Body as Exclude<Field, "extra">]: AmountInput extends Body[Field]
    ? Exclude<Body[Field], number>
    : Within<Field, Planned<KycInput> | undefined, Body[Field]>;
};

/** Who a user is, as it is given. */
export type KycInput = Input<KycData>;

/**
 * Activate, lock, unlock or close a card. The answer only acknowledges: wait for `CARD_ACTIVATE_RESULT`, `CARD_STATUS_CHANGE` (to lock or
 * unlock) or `CARD_CLOSE_RESULT`.
 */
export type UpdateStatus = Activate | LockUnlockClose;

/** Activate a card. */
export interface Activate {
  /** The card's user. */
  user_id: UserId;
  /** The card. After an assignment, use the id that the webhook brought. */
  card_id: CardId;
  /** Activate a card that is TBA (04-Physical-Cards). */
  alter: "ACTIVATE";
  /** For a physical card, and only for one: exactly 6 digits (04-Physical-Cards). */
  pin?: string;
}

/** Lock, unlock or close a card. */
export interface LockUnlockClose {
  /** The card's user. */
  user_id: UserId;
  /** The card. After an assignment, use the id that the webhook brought. */
  card_id: CardId;
  /** What is to be done. */
  alter: Exclude<Alter, "ACTIVATE">;
  /** Only an activation takes a PIN. */
  pin?: undefined;
}

/** {@link Apply} as a plan holds it: amounts as text. */
export type PlannedApply = Planned<Apply>;

/** {@link Recharge} as a plan holds it: amounts as text. */
export type PlannedRecharge = Planned<Recharge>;

/**
 * Every operation by its name: the body that it takes, the body as a plan holds it, the response, and what is to be waited for
 * once it is sent (`null` where no event confirms it).
 */
export type Operations = {
  [Each in Exchange as Each["operation"]]: {
    body: Input<Each["body"]>;
    planned: Planned<Input<Each["body"]>>;
    response: Each["response"];
    tracked: Each["operation"] extends ConfirmedName ? TrackedOperation : null;
  };
};

/** The name of an operation: group and title, as `card.recharge`. */
export type OperationName = keyof Operations;

/** What an operation's answer holds, as `ResponseTo<"card.get_balance">`. */
export type ResponseTo<Name extends OperationName> = Operations[Name]["response"];

/** The plan of one operation, as `PlanOf<"card.recharge">`. */
export interface PlanOf<Name extends OperationName> {
  /** Which operation. */
  operation: Name;
  /** What is asked for, checked, with amounts as text. */
  body: Operations[Name]["planned"];
}

// A body may be left out where no field is required.
type Given<Name extends OperationName> =
  Record<never, never> extends Operations[Name]["body"] ? [body?: Operations[Name]["body"]] : [body: Operations[Name]["body"]];
type Sealing<Name extends OperationName> = [...Given<Name>, options?: IvOption];

/**
 * An operation that was checked, made without a key: what a frontend hands to its backend to be sealed. Plain JSON;
 * narrows on `operation`.
 *
 * A PIN or card number is in it in clear: send it over TLS, and keep it out of logs (`console.log` shows neither, but
 * `JSON.stringify` writes all, since that is how it travels). What travelled is to be read again by
 * {@link checkPlan}. Who may do what is for the backend to decide before it seals.
 */
export type Plan<Name extends OperationName = OperationName> = { [Each in Name]: PlanOf<Each> }[Name];

/**
 * Plans an operation without a key, so in a browser or an app too: `plan.card.recharge({ user_id, card_id, amount })`.
 */
export const plan: {
  /** Operations on the merchant's own account. */
  readonly merchant: MerchantPlans;
  /** Operations on users (cardholders). */
  readonly user: UserPlans;
  /** Operations on cards. */
  readonly card: CardPlans;
};

/** Which plans from elsewhere may have fields that the contract doesn't name. */
export interface OpenFields {
  /**
   * Operations whose plans may; `field.unknown` for all others. Allow none from a page: key and algorithm are the same in both
   * directions and for webhooks, so whoever can have any text sealed and sees the result could play it back as an answer.
   */
  open_fields?: readonly OperationName[] | undefined;
}

/**
 * Reads a plan that was made elsewhere, and checks its form anew. Who may do what is for the backend to decide: look at
 * `operation` and `body` before sealing.
 *
 * @param plan The plan, or its JSON text.
 * @param options Which plans may have fields that the contract doesn't name.
 * @returns The plan, typed.
 * @throws {BananaTechError} Caused by whoever made the plan: `plan.operation`, `json.syntax`, `json.duplicate_field`,
 * `field.unknown`, or the code of the field that is wrong.
 */
export function checkPlan(plan: unknown, options?: OpenFields): Plan;

/** What may be shown of a card number (PAN), which has 16 to 19 digits (04-Physical-Cards). */
export interface CardNumber {
  /** The verdict on the check digit. It is no rule: the vendor's own sample number fails it. */
  luhn: Luhn;
  /** Every digit but the last four replaced by `*`. */
  masked: string;
  /** The last four digits. */
  last4: string;
  /** The first six digits: the issuer's BIN (IIN) as it was until 2022, which PCI DSS lets be shown. */
  bin6: string;
  /** The first eight digits: the issuer's BIN (IIN) by ISO/IEC 7812-1:2017. */
  bin8: string;
  /** The card scheme, by the strongest match of its first digits. A hint for a form's picture, not a rule. */
  brand: Brand | null;
}

/** The verdict on a card number's check digit. */
export type Luhn = "valid" | "invalid";

/**
 * Checks a card number: 16 to 19 digits, without spaces. The check digit is no rule but a verdict, `luhn`.
 *
 * @param text The digits.
 * @returns What may be shown of it.
 * @throws {BananaTechError} Caused by the caller: `card_number.digits`, `card_number.length`.
 */
export function cardNumber(text: string): CardNumber;

/** Advice about a PIN. */
export interface PinAdvice {
  /** Why it is easily guessed; none if it isn't. Advice, not a rule. */
  weaknesses: Weakness[];
}

/** What is known of the cardholder, and so is among a thief's first guesses. */
export interface PinContext {
  /** When the cardholder was born: `YYYY-MM-DD`, as `<input type="date">` has it. */
  birth_date?: string | undefined;
  /** The phone number, in any spelling: only its digits 0 to 9 count. */
  phone?: string | undefined;
  /** The number of the card, in any spelling. */
  card_number?: string | undefined;
}

/**
 * Checks the PIN that activates a physical card: exactly 6 digits.
 *
 * @param text The digits.
 * @param context What is known of the cardholder.
 * @returns Advice for the cardholder.
 * @throws {BananaTechError} Caused by the caller: `pin.digits`, `pin.length`, `birth_date.format`.
 */
export function activationPin(text: string, context?: PinContext): PinAdvice;

/**
 * Checks a new PIN for a physical card: 4 to 6 digits.
 *
 * @param text The digits.
 * @param context What is known of the cardholder.
 * @returns Advice for the cardholder.
 * @throws {BananaTechError} Caused by the caller: `pin.digits`, `pin.length`, `birth_date.format`.
 */
export function pin(text: string, context?: PinContext): PinAdvice;

/**
 * Checks a card verification value: 3 or 4 digits.
 *
 * @param text The digits.
 * @throws {BananaTechError} Caused by the caller: `cvv.digits`, `cvv.length`.
 */
export function cvv(text: string): void;

/** A card's expiry date. The card is good to the end of that month. */
export interface Expiry {
  /** The month, 1 to 12. */
  month: number;
  /** The year, with its century: `25` is 2025. */
  year: number;
}

/**
 * Reads an expiry date.
 *
 * @param text The date, as `MM/YY`.
 * @returns The month, 1 to 12, and the year with its century: `12/25` is December 2025.
 * @throws {BananaTechError} Caused by the caller: `expiry.format`, `expiry.month`.
 */
export function expiry(text: string): Expiry;

/**
 * Whether a card is past its expiry date in a given month. It is good to the end of the month that it names.
 *
 * @param expiry The date, as `MM/YY`.
 * @param year The year now, with its century.
 * @param month The month now, 1 to 12.
 * @returns Whether it expired.
 * @throws {BananaTechError} Caused by the caller: `expiry.format`, `expiry.month`.
 */
export function isExpired(expiry: string, year: number, month: number): boolean;

/**
 * Exact amounts. Each of these throws, caused by the caller: `amount.format` for what isn't a plain decimal number (no
 * plus sign, exponent, separators or spaces in text), `amount.range` for what can't be held exactly (more than 28 digits).
 */
export const amount: {
  /**
   * Checks an amount.
   *
   * @param value The amount, in major units: `"100.50"`, or a number where that is exact.
   * @returns It as text.
   */
  parse(value: AmountInput): Amount;
  /**
   * The exact sum.
   *
   * @param a One amount.
   * @param b The other.
   * @returns `a + b`.
   */
  plus(a: AmountInput, b: AmountInput): Amount;
  /**
   * The exact difference.
   *
   * @param a The amount to take from.
   * @param b What is taken.
   * @returns `a - b`.
   */
  minus(a: AmountInput, b: AmountInput): Amount;
  /**
   * So many per cent of an amount, exactly, not rounded to cents: how a fee is rounded isn't documented.
   *
   * @param amount The amount.
   * @param percent How many per cent: `1.5` is one and a half.
   * @returns That part of the amount.
   */
  percent(amount: AmountInput, percent: AmountInput): Amount;
  /**
   * Compares by value, so that `1.0` and `1.00` are equal. Fits `Array.prototype.sort`.
   *
   * @param a One amount.
   * @param b The other.
   * @returns `-1` if `a` is less, `0` if they are equal, `1` if `a` is more.
   */
  compare(a: AmountInput, b: AmountInput): -1 | 0 | 1;
};

/** An event of a type that this library knows; narrows on `type`. */
export type KnownEvent = Exclude<Event, UnrecognizedDelivery | UnknownEvent>;

/**
 * An event of a documented type whose data can't be read as that type. It is authentic and kept whole, under a type of this
 * library's own, and settles nothing: store it, answer 200, and let somebody look.
 *
 * With the code `id.range` it is one with an id, or a time, that a `number` can't hold. `JSON.parse` has rounded it in `data.data`;
 * `delivery.json` has it as it came.
 */
export type UnrecognizedDelivery = Extract<Event, { type: "unrecognized" }>;

/** The event of one known type, as `EventOf<"CARD_RECHARGE_RESULT">`. */
export type EventOf<Type extends KnownEvent["type"]> = Extract<KnownEvent, { type: Type }>;

/**
 * Types an event that a backend passed on. Nothing vouches for it but the way that it came.
 *
 * @param event The event, or its JSON text, which keeps numbers of undocumented fields exact.
 * @returns The event, typed.
 * @throws {BananaTechError} Caused by whoever passed it on: `json.syntax`, `json.duplicate_field`, `field.required`,
 * `field.type`.
 */
export function readEvent(event: string | object): Event;

/**
 * Types a response that a backend passed on.
 *
 * @param operation What was asked for, as `"card.get_balance"`.
 * @param response The response as an object, such as `JSON.parse(JSON.stringify({ ...response }))`; or the API's own JSON text, as `json` of an
 * {@link Answer} has it, where unknown fields stand among the others.
 * @returns The response, typed, with amounts as text.
 * @throws {BananaTechError} `plan.operation` for an unknown operation (caused by the caller), or the code of the field that
 * is wrong (caused by whoever passed it on).
 */
export function readResponse<Name extends OperationName>(operation: Name, response: string | object): ResponseTo<Name>;

/** How far an event's `occur_time` may be from the receiver's clock. */
export interface TimeWindow {
  /** How long ago an event may have happened, in milliseconds. */
  past_ms?: number | undefined;
  /** How far ahead of the receiver's clock the sender's may be, in milliseconds. */
  future_ms?: number | undefined;
}

/**
 * Judges when an event happened against the clock. A late event isn't by itself a forged one: what to do about it is for
 * you to decide.
 *
 * @param event The event.
 * @param now The time now: `Date.now()`.
 * @param window How far away it may be, in milliseconds; if not given, a day back and five minutes ahead.
 * @returns The verdict, and by how many milliseconds the event lies outside of the window.
 * @throws {BananaTechError} Caused by the caller: `timestamp.format`.
 */
export function judgeTime(event: Event, now: Timestamp, window?: TimeWindow): Freshness;

/**
 * Checks a registration, an application or a recharge against the card template that it is for, before it is sent. A limit
 * that the template doesn't have isn't checked.
 *
 * @param template The template, as `merchant.get_card_templates` brought it.
 * @param plan The plan. For a recharge: of a card that was made from this template.
 * @throws {BananaTechError} Caused by the caller: `template.mismatch`; `field.required` for what the template requires of a
 * user; `deposit.required`, `deposit.not_taken`; `amount.below_minimum`, `amount.above_maximum`; `plan.operation` for
 * another operation.
 */
export function checkTemplate(template: Input<CardTemplate>, plan: Plan<"user.register" | "card.apply" | "card.recharge">): void;

/**
 * What the merchant's account will be charged for an application (deposit and `apply_fee`) or a recharge (amount and
 * `recharge_fee`): exact, not rounded.
 *
 * @param template The template, as `merchant.get_card_templates` brought it.
 * @param plan The plan.
 * @param fee How the template's fee is meant, which isn't documented.
 * @param balance The merchant's balance, if it is to be checked.
 * @returns The amount, the fee, and both together.
 * @throws {BananaTechError} Caused by the caller: `merchant.balance` if the balance doesn't cover it (add funds to the
 * merchant's account); `amount.range` if it can't be computed exactly; `plan.operation` for another operation.
 */
export function charge(
  template: Input<CardTemplate>,
  plan: Plan<"card.apply" | "card.recharge">,
  fee: Fee,
  balance?: AmountInput,
): Charge;

/**
 * The most recent deliveries, in memory: for one process, and forgotten with it. Several processes need a shared store. A
 * {@link Tracker} needs none: it knows the events that came.
 */
export class RecentDeliveries {
  /**
   * @param capacity How many to remember, 10,000 if not given; the oldest is forgotten first.
   */
  constructor(capacity?: number);
  /** How many are remembered. */
  get size(): number;
  /**
   * Remembers a delivery, and says whether it was known. If what you do about it fails, {@link RecentDeliveries.forget} it, or its
   * repetition is taken for a duplicate.
   *
   * @param fingerprint The delivery's `fingerprint`.
   * @returns `duplicate` if it was there before: answer 200, and do nothing.
   */
  remember(fingerprint: string): Novelty;
  /**
   * Forgets a delivery again: if handling it failed, so that a repetition of it isn't taken for a duplicate and lost.
   *
   * @param fingerprint The delivery's `fingerprint`.
   */
  forget(fingerprint: string): void;
}

/** The operations whose answers come in pages, and what a record of each is. */
export interface PagedOperations {
  "card.get_transactions": Transaction;
  "merchant.get_webhook_records": Json;
  "user.get_users": Json;
}

/** The name of an operation whose answer comes in pages. */
export type PagedName = keyof PagedOperations;

/**
 * Goes through a list page by page: it yields plans, and takes the responses. With a key at hand, {@link Merchant.pages}
 * does all of it.
 *
 * It ends at `total`, as long as each page says the same and none goes beyond it; otherwise at an empty page, and in any case
 * after three pages in a row without a new record. All records that come are handed out. At the end,
 * {@link Pages.is_complete} and {@link Pages.is_stable} say whether that was the whole list: read it anew if they aren't true.
 *
 * The API pages by position, so a record that is added or goes away meanwhile shifts others: sort by something that stays.
 */
export class Pages<Name extends PagedName = PagedName> {
  /**
   * @param plan Which list, from its `skip` on, with `limit` records to a page (10 if it has none).
   * @throws {BananaTechError} Caused by the caller: `plan.operation` for an operation without pages.
   */
  constructor(plan: PlanOf<Name>);
  /** How many records there are in all, by the last page that said so. */
  get total(): number | null;
  /**
   * Whether the list has ended and as many different records came as its `total` says; where the API gives none, whether it ended with
   * an empty page. It is proof only together with {@link Pages.is_stable}.
   */
  get is_complete(): boolean;
  /**
   * Whether the list has ended and nothing was seen to move meanwhile: each page said the same `total` and none went beyond it, and no
   * record came twice. Records without an id of their own that are equal count as one that came twice.
   */
  get is_stable(): boolean;
  /**
   * The plan for the next page. Asked again before an answer was accepted, it is the same one.
   *
   * @returns The plan; null at the end.
   */
  next(): Plan<Name> | null;
  /**
   * Takes the response to the plan that {@link Pages.next} returned.
   *
   * @param response The response.
   * @returns Its records.
   * @throws {BananaTechError} `page.mismatch` after the end, or for the response to another list (caused by a mix-up of responses).
   */
  accept(response: ResponseTo<Name>): PagedOperations[Name][];
}

/** The records of a list, one by one, as {@link Merchant.pages} gives them. */
export interface Records<Name extends PagedName> extends AsyncGenerator<PagedOperations[Name], void, undefined> {
  /** How the list ended: whether it is complete and was stable. Null until its last record was taken. */
  readonly end: Pages<Name> | null;
}

/** What you assume of the world, since the API can't say it. Whether somebody else acts has no default: one of the two must stand there. */
export type Assumptions = (ExclusiveAssumption | SharedAssumption) & MoreAssumptions;

/** Nobody else acts. */
export interface ExclusiveAssumption {
  /**
   * From this time on only this system acts for its users and cards, and nothing of theirs was under way then. What occurred before, or
   * so shortly after it that the clocks may be wrong, settles nothing.
   *
   * If the assumption is wrong, a stranger's event that fits is taken for yours when your own was lost.
   */
  exclusive_since: Timestamp;
  shared?: undefined;
}

/** Others act too. */
export interface SharedAssumption {
  /**
   * Others act for the same users and cards: the vendor's console, another system. So no event of a card, and no transaction in a list,
   * proves by itself that it is about one of your requests.
   *
   * A recharge then stays open until it is refused, or until its transaction is named by {@link Tracker.find}; asking doesn't settle it
   * (but see `final_after_ms`). A change of a card's status, an assignment and an application are settled by asking, and a registration by
   * its event.
   */
  shared: true;
  exclusive_since?: undefined;
}

/** What else you may assume. */
export interface MoreAssumptions {
  /** How far apart the vendor's clock and yours may be, in milliseconds; 5 minutes if not given. */
  clock_tolerance_ms?: number | undefined;
  /**
   * Whether nobody can change an event's `type` on its way, which isn't signed; false if not given. It then narrows what the signed
   * data leave open, and never overrules them.
   */
  trust_type?: boolean | undefined;
  /**
   * What the API doesn't show of a request so many milliseconds after it was sent, won't be carried out. Not assumed if not given: the
   * vendor says no such time. If it is wrong, an operation counts as failed and is carried out later.
   */
  final_after_ms?: number | undefined;
}

/**
 * A question to the API about one operation, and what was answered so far. Lists are read page by page. Nothing is asked that moves
 * money.
 *
 * It is a value: {@link Inquiry.toJson} can be stored and passed on.
 */
export class Inquiry {
  private constructor();
  /**
   * What to ask about an operation now, without waiting until it is overdue ({@link Tracker.overdue}).
   *
   * @param operation The operation, as the tracker has it.
   * @returns The inquiries: several for an assignment or application with several cards that may be its own.
   * @throws {BananaTechError} The code of the field that is wrong (caused by whoever changed the operation).
   */
  static about(operation: TrackedOperation): Inquiry[];
  /**
   * Reads what {@link Inquiry.toJson} wrote.
   *
   * @param text The text.
   * @throws {BananaTechError} The code of the field that is wrong (caused by whoever changed the text).
   */
  static fromJson(text: string): Inquiry;
  /** The operation that it is about. A list of a card's recharges tells of all that are waited for. */
  get operation_id(): OperationId;
  /**
   * The same question about a registration, for the user with this e-mail address: an operation that is stored doesn't keep it. Any
   * other question stays as it is.
   *
   * @param address The e-mail address that was registered.
   */
  withEmail(address: string): Inquiry;
  /**
   * The next request: `merchant.seal(plan)`. Asked again before an answer was accepted, it is the same one.
   *
   * @returns The plan; null once all is answered. Then: {@link Tracker.learn}.
   */
  nextRequest(): Plan | null;
  /**
   * Takes the answer to {@link Inquiry.nextRequest}.
   *
   * @param response The response.
   * @param asked_at When that was asked, by your clock.
   * @throws {BananaTechError} `page.mismatch` for the answer to something else (caused by the API or by a mix-up of responses);
   * `id.range` for an id that a `number` can't hold.
   */
  accept(response: ResponseTo<OperationName>, asked_at: Timestamp): void;
  /** It as JSON text, to be stored. For a registration it holds the e-mail address. */
  toJson(): string;
  /** The same text, for `JSON.stringify`. */
  toJSON(): string;
}

/** What you know of an operation that you found out about. */
export interface FindOptions {
  /**
   * The `id` of the {@link Transaction} that it is. Without it, the event of this operation may still be taken for another's, for a
   * day.
   */
  transaction_id?: TransactionId | undefined;
  /** When it was found, by your clock: `Date.now()`. */
  at: Timestamp;
}

/**
 * How far an operation is, in a word.
 *
 * @param operation The operation, as a {@link Tracker} or a backend tells of it.
 * @throws {BananaTechError} The code of the field that is wrong, for what is no such operation (caused by the caller).
 */
export function operationState(operation: TrackedOperation): OperationState;

/**
 * All operations that are waited for, and everything that was seen of them. An answer says only that a request was taken; what became of
 * it comes by webhook, which names no request, may be late, come twice, or not at all. So each operation is stored before it is sent,
 * what comes later is kept, and the tracker says what is certain of each operation: what all explanations agree on, under the assumptions
 * that you make. Each method that takes something in returns a {@link Report}: look at `settled`, and at `verdict.kind`.
 *
 * It is kept in memory, holds no secret and no personal data, and is for one process. Store {@link Tracker.toJson} before a request is
 * sent and before a webhook is answered with 200, together with what you do about the outcome.
 */
export class Tracker {
  /**
   * Nothing is waited for yet.
   *
   * @param assumptions What you assume. Say whether only this system acts for its users and cards: `{ exclusive_since: … }`, or
   * `{ shared: true }`.
   * @throws {BananaTechError} Caused by the caller: `field.required` if neither is there; `field.type`, `field.unknown`, `timestamp.format`.
   */
  constructor(assumptions: Assumptions);
  /**
   * Reads what {@link Tracker.toJson} wrote, with the assumptions that are in it.
   *
   * @param text The text.
   * @throws {BananaTechError} The code of the field that is wrong (caused by whoever changed the text); `id.range` for an id that a
   * `number` can't hold.
   */
  static fromJson(text: string): Tracker;
  /** What is assumed. */
  get assumptions(): Assumptions;
  /**
   * Stores an operation. Do it, and store the tracker, before the request is sent.
   *
   * @param operation What {@link Call.tracked} returned.
   * @returns What became known by it.
   * @throws {BananaTechError} Caused by the caller: `tracking.known` for an id or a reference that is taken.
   */
  store(operation: TrackedOperation): Report;
  /**
   * Notes that the API took a request, and the ids that its response brought; an event that came before it may settle the operation
   * now.
   *
   * @param id The operation's id.
   * @param response The response to it.
   * @returns What became known by it.
   * @throws {BananaTechError} Caused by the caller: `tracking.unknown`, `operation_id.format`.
   */
  acknowledge(id: OperationId, response: ResponseTo<OperationName>): Report;
  /**
   * Notes that the API refused: the operation failed, and others may be settled by that. After an error `answer.not_known` it stays open,
   * and is to be asked for.
   *
   * It is only as good as the way that the answer came: an error's body need not be sealed.
   *
   * @param id The operation's id.
   * @param error What was thrown: of the category `rejected`, or `answer.not_known`.
   * @returns What became known by it; `verdict.kind` is `open` if that it failed isn't sure.
   * @throws {BananaTechError} Caused by the caller: `tracking.unknown`, `operation_id.format`, `field.type` for another error.
   */
  reject(id: OperationId, error: RejectedError | NotKnownError): Report;
  /**
   * Takes what a webhook brought, at whatever time: the order of events doesn't matter. An event that came before is `repeated`.
   *
   * @param delivery What {@link Merchant.receive} returned: its exact text counts.
   * @throws {BananaTechError} Caused by the caller: `field.type` for what isn't a delivery.
   * @returns What became known by it. Whatever that is, answer the webhook with 200 once it is stored. One with an id or time that a
   * `number` can't hold, but for a transaction's, is `noted` and not kept: like any {@link UnrecognizedDelivery}, it is for somebody to look at.
   */
  receive(delivery: Delivery): Report;
  /**
   * Takes an event that somebody passed on. Nothing vouches for it but the way that it came.
   *
   * @param event The event, or its JSON text, which is exact. Pass on {@link Delivered.json} where you can.
   * @returns What became known by it.
   * @throws {BananaTechError} Caused by whoever passed it on: as {@link readEvent}; `id.range` for an id that a `number` can't hold.
   */
  take(event: Event | string): Report;
  /**
   * What to ask the API now: about each operation whose event should have come by its `ask_at`. Each is asked for again later, after as
   * long as it was waited for, but within a day. That the answers don't show yet that it was carried out is no proof that it failed.
   *
   * This sets when each of them is asked for next. So store the tracker afterwards, and don't call it to count: for that, look at the
   * operations that are open or doubted, and at their `ask_at`.
   *
   * @param now The time now: `Date.now()`.
   * @returns The inquiries. One about a card's recharges is about all of them.
   * @throws {BananaTechError} Caused by the caller: `timestamp.format`.
   */
  overdue(now: Timestamp): Inquiry[];
  /**
   * Takes the answers to an inquiry.
   *
   * @param inquiry The inquiry, answered.
   * @returns What became known by it.
   * @throws {BananaTechError} Caused by the caller: `tracking.unknown`.
   */
  learn(inquiry: Inquiry): Report;
  /**
   * Notes what a person found out: in the vendor's console, from its support. For an application or assignment, say the new card in the
   * outcome if it is known.
   *
   * @param id The operation's id.
   * @param outcome What was found.
   * @param options When, and with which transaction.
   * @returns What became known by it; an operation that has ended already stays as it was (`already_ended`).
   * @throws {BananaTechError} Caused by the caller: `operation_id.format`, `timestamp.format`, `id.range`, `field.type`, `tracking.unknown`, `tracking.owned` for a transaction or card of another operation,
   * `tracking.refuted` for what the evidence rules out.
   */
  find(id: OperationId, outcome: Input<Outcome>, options: FindOptions): Report;
  /**
   * Notes that a request was never sent: the process ended between storing and sending. It then counts as failed, and others may be
   * settled by that. Don't withdraw a request that was answered, whatever the answer was: it was sent.
   *
   * @param id The operation's id.
   * @returns What became known by it; an operation that has ended already, such as a refused one, stays as it was (`already_ended`).
   * @throws {BananaTechError} Caused by the caller: `operation_id.format`, `tracking.unknown`, `tracking.refuted` for a request that the API acknowledged or
   * whose event came.
   */
  withdraw(id: OperationId): Report;
  /**
   * Notes that a transaction, a new card or an event is somebody else's, so that the other evidence there counts again.
   *
   * @param thing One of a report's `things`.
   * @returns What became known by it.
   * @throws {BananaTechError} Caused by the caller: `tracking.unknown` for a thing of which nothing was said, `tracking.refuted` if an
   * operation was settled by it, `field.type` for what names no thing.
   */
  nameForeign(thing: ThingId): Report;
  /**
   * One operation, as it is now.
   *
   * @param id Its id.
   * @returns It; null if it isn't stored.
   * @throws {BananaTechError} Caused by the caller: `operation_id.format`.
   */
  operation(id: OperationId): TrackedOperation | null;
  /**
   * The operation with a reference: look for it before you make a request again.
   *
   * @param reference The reference, as {@link Call.tracked} was given it.
   * @returns It; null if there is none.
   */
  operationByReference(reference: string): TrackedOperation | null;
  /** All operations, in the order in which they were stored. */
  operations(): TrackedOperation[];
  /**
   * Forgets what ended before a time and can't be of use any more. Evidence from before is taken for somebody else's from then on.
   *
   * @param time The time.
   * @returns How many operations are forgotten.
   * @throws {BananaTechError} Caused by the caller: `timestamp.format`.
   */
  forgetBefore(time: Timestamp): number;
  /** It as JSON text, to be stored. Don't parse it: numbers in it may be too large. */
  toJson(): string;
  /** The same text, for `JSON.stringify`. */
  toJSON(): string;
  /** Gives its memory back. It can't be used afterwards. */
  free(): void;
  /** As {@link Tracker.free}, for `using`, where the platform has `Symbol.dispose`. */
  [Symbol.dispose](): void;
}

/**
 * A card's state, folded from its events in whatever order they come, by one machine or by several ({@link CardState.merge}): the
 * newest by `occur_time` counts, and a closed card stays closed. It holds no secret.
 *
 * Of two balances of the same millisecond, the one that began where the other ended is the later one, by `before_available`; that goes for
 * chains of up to 16, too. Of two such statuses, a card is TBA before it is ACTIVE or LOCKED, and those before it is closed. Where that
 * doesn't decide, it is unclear until something later comes: the status or balance is null, and all that are possible are told.
 *
 * What was observed is stamped with your clock, which may be ahead of the vendor's by up to five minutes. So an observation counts for more
 * than an event only if the event is more than five minutes older. If the event is later than the observation, the event counts. In
 * between, the status is unclear if they contradict one another: ask again five minutes after the event. By a clock that is behind, an
 * observation counts for less than it is worth. All of your machines are taken to have the same time, so of two observations the later
 * one counts.
 */
export class CardState {
  /**
   * @param card The card's id, for one of which nothing is known yet; or the state as it was stored, or its JSON text.
   * @param options What is known of the card's template.
   * @throws {BananaTechError} Caused by the caller: `id.range`, or the code of the stored field that is wrong.
   */
  constructor(card: CardId | CardStateData | string, options?: CardStateOptions);
  /** The card. */
  get card_id(): CardId;
  /** The status; null while it isn't known, or unclear. */
  get status(): CardStatus | null;
  /** As of when it is known to have that status; null where the status is. */
  get status_as_of(): Timestamp | null;
  /** All statuses that are possible: none while nothing is known, several if it is unclear which is the last one. */
  get possible_statuses(): CardStatus[];
  /** The balance as of the newest event that told it; null while it isn't known, or unclear. */
  get balance(): KnownBalance | null;
  /** All balances that are possible: none while nothing is known, several if it is unclear which is the last one. */
  get possible_balances(): KnownBalance[];
  /**
   * Takes an event in. An event of another card, or of a failure, changes nothing.
   *
   * @param event A delivery, or an event that was passed on.
   * @returns What it did.
   * @throws {BananaTechError} Caused by whoever passed it on: as {@link readEvent}; `id.range` for a state with an id or time that a `number` can't hold.
   */
  fold(event: Event): Fold;
  /**
   * Takes in what the API answered when it was asked for the card's information.
   *
   * @param information The response of `card.get_information`.
   * @param asked_at When it was asked, by your clock.
   * @returns What it did.
   * @throws {BananaTechError} Caused by the caller: `timestamp.format`, or the code of the field of the response that is wrong.
   */
  observe(information: Input<CardInformation>, asked_at: Timestamp): Fold;
  /**
   * Takes in what another state of the same card knows: afterwards this one is as if it had folded all that either has. It doesn't matter
   * which is merged into which, in which order, or how often.
   *
   * @param other Another state, or what was stored of it.
   * @throws {BananaTechError} Caused by the caller: `state.mismatch` if it is another card's, if `needs_activation` differs, or if the two
   * differ in a field that a newer version stored. Then nothing changes.
   */
  merge(other: CardState | CardStateData | string): void;
  /**
   * What the card's state allows now. While the status isn't known, it rules nothing out. While the status is unclear, an action is allowed if
   * one of the possible statuses allows it.
   */
  allowed(): CardAction[];
  /**
   * Refuses what the card's state rules out.
   *
   * @param action What is to be done.
   * @throws {BananaTechError} Caused by the caller: `state.not_allowed`.
   */
  check(action: CardAction): void;
  /**
   * Refuses an operation on this card that its state rules out, before it is sealed. Any other operation is let pass.
   *
   * @param plan The operation.
   * @throws {BananaTechError} Caused by the caller: `state.not_allowed`.
   */
  checkPlan(plan: Plan): void;
  /** The state as JSON text, to be stored and given to the constructor again. */
  toString(): string;
  /** The state, to be stored and given to the constructor again. */
  toJSON(): CardStateData;
}

/** What is known of a card's template. */
export interface CardStateOptions {
  /** The template's `needs_activation`: whether an application's success makes a card that is TBA, or one that is ACTIVE. */
  needs_activation?: boolean | undefined;
}

// With the Secret Key, so for backends only.

/** One key of a merchant. */
export interface MerchantKey {
  /** Your own name for the key: it tells which key opened a message. */
  key_id: string;
  /**
   * The Secret Key. **Never in a browser or a shipped app**, where everybody can read it: there, make plans
   * ({@link plan}) and let a backend seal them.
   */
  secret_key: string;
  /** How the text becomes bytes; `utf8` if not given. */
  codec?: KeyCodec | undefined;
}

/** What a merchant got when it was set up. */
export interface MerchantOptions {
  /** The Merchant-ID, a UUID. It isn't secret. */
  merchant_id: string;
  /** The URL that the operations' paths stand behind: `https`, or `http` on a loopback host. */
  base_url: string;
  /**
   * The Secret Key, which seals and opens. **Never in a browser or a shipped app**, where everybody can read it: there,
   * make plans ({@link plan}) and let a backend seal them.
   */
  secret_key: string;
  /** How the key's text becomes bytes; `utf8` if not given. The vendor doesn't say which it is. */
  codec?: KeyCodec | undefined;
  /** Your own name for the key; `default` if not given. */
  key_id?: string | undefined;
  /**
   * Further keys. They open, and never seal. In a rotation the new key stands here until BananaTech uses it. Afterwards the old
   * one does.
   */
  other_keys?: readonly MerchantKey[] | undefined;
  /** Paths in place of the default ones, most of which are inferred: `{ "card.recharge": "/card/top_up" }`. */
  paths?: { readonly [Name in OperationName]?: string | undefined } | undefined;
  /** Whether success is taken only from a sealed answer (`answer.not_sealed` otherwise); false if not given. */
  sealed_answers_only?: boolean | undefined;
  /** The longest body of a webhook that is looked at, in bytes; 1 MiB if not given. A longer one is `message.too_long`. */
  max_webhook_bytes?: number | undefined;
  /** The same for an answer; 16 MiB if not given. */
  max_answer_bytes?: number | undefined;
}

/** An event's data as {@link Merchant.testWebhook} takes them: any of its fields. What isn't documented is taken as it is. */
export type TestData<Type extends KnownEvent["type"]> = Json extends EventOf<Type>["data"] ? Json : Input<Partial<EventOf<Type>["data"]>>;

/** A response as {@link Merchant.testAnswer} takes it: any of its fields. */
export type TestResponse<Name extends OperationName> = Input<Partial<ResponseTo<Name>>>;

/** For tests. */
export interface IvOption {
  /** 16 bytes in place of the platform's randomness. Never use the same ones twice with a real key. */
  iv?: Uint8Array | undefined;
}

/** How a plan is sealed. */
export interface SealOptions extends IvOption, OpenFields {}

/** A body as it came: text, or bytes. Not a parsed object, nor one that was serialised again. */
export type RawBody = string | Uint8Array | ArrayBuffer;

/** What to wait for with, and how a fee is meant. */
export type TrackedOptions = TrackedTimes & (FeeFromTemplate | { template?: undefined; fee?: undefined });

/** When an operation is sent. */
export interface TrackedTimes {
  /** Your name for the operation: a UUID. A random one if not given. */
  id?: OperationId | undefined;
  /** When the request is sent, by your clock. */
  sent_at: Timestamp;
  /** From when on the API is to be asked, if no event came until then; 10 minutes later if not given. */
  ask_at?: Timestamp | undefined;
  /** Your own name for what it is about, such as an order's number. */
  reference?: string | undefined;
}

/**
 * How much may arrive of a recharge. Say it if fees are taken from the amount: without it any part of the amount may arrive, and
 * recharges of one card with unequal amounts often can't be told apart.
 */
export interface FeeFromTemplate {
  /** The card's template, as `merchant.get_card_templates` brought it. */
  template: Input<CardTemplate>;
  /** How the template's fee is meant, which isn't documented. */
  fee: Fee;
}

/** A successful answer. */
export interface Answer<Name extends OperationName = OperationName> {
  /** What it holds. */
  response: ResponseTo<Name>;
  /** The id of the key that opened it; null if it came as plain JSON, so that nothing vouches for it. */
  sealed_with: string | null;
  /**
   * The answer's exact JSON, opened: whole, with what isn't typed. Not enumerable, since it may hold what `response` doesn't print. To store
   * an answer or to send it on, take this, or `JSON.stringify({ ...response })`. `JSON.stringify` of the response itself is for
   * logs: what is secret or personal is `…` in it. {@link readResponse} reads it.
   */
  readonly json: string;
}

/** The request of a call, as `fetch` takes it. */
export interface CallInit {
  /** The HTTP method. */
  method: "POST";
  /** The headers `Content-Type`, `Merchant-ID` and `X-HMAC`. Keep the last out of logs: with the body, it can be sent again. */
  headers: Record<string, string>;
  /** The sealed body. */
  body: string;
  /** A redirect isn't followed: it would send the operation a second time. */
  redirect: "manual";
}

/** A sealed operation: the request to send, and the reader of its answer. */
export interface Call<Name extends OperationName = OperationName> {
  /** What was sealed. A PIN or card number is in it in clear. */
  readonly plan: Plan<Name>;
  /** Which operation. */
  readonly operation: Name;
  /** Where to send it. */
  readonly url: string;
  /** What to send: `fetch(call.url, call.init)`. Send it once: an operation that moves money has no idempotency key. */
  readonly init: CallInit;
  /**
   * Reads the answer.
   *
   * @param status Its HTTP status.
   * @param body Its body as it came: `await response.text()`.
   * @returns The response.
   * @throws {BananaTechError} `rejected` (BananaTech refused, and nothing was done: see `error.rejection`). After the others it isn't
   * known whether the operation was carried out, and what {@link Call.tracked} gave will tell, or asking: `answer.not_known` (the
   * answer, HTTP 500 for example, doesn't say: see `error.answer`), `not_authentic` (it doesn't open, or is the request itself),
   * `answer.shape`, `answer.not_sealed` or `message.too_long` (it isn't what the contract says).
   */
  read(status: number, body: RawBody): ResponseTo<Name>;
  /**
   * Reads the answer, as {@link Call.read} does, and tells how it was sealed.
   *
   * @param status Its HTTP status.
   * @param body Its body as it came.
   * @returns The response, and the key that opened it.
   * @throws {BananaTechError} As {@link Call.read}.
   */
  answer(status: number, body: RawBody): Answer<Name>;
  /**
   * What to wait for: {@link Tracker.store} it, and store the tracker, before the request is sent, so that the operation is known after
   * a crash or a time-out too.
   *
   * @param options When the request is sent, and by which name you know it.
   * @returns It; null if no event confirms the operation.
   * @throws {BananaTechError} Caused by the caller: `timestamp.format`, `operation_id.format`, `field.required` for a template's fee without
   * its meaning, `amount.range`.
   */
  tracked(options: TrackedOptions): Operations[Name]["tracked"];
}

/** What is known of a delivery beside its event. What it is about is said the same way whatever its type is. */
export interface Delivered {
  /** The user that it is about, where a documented field says so. */
  readonly user_id?: UserId;
  /** The card that it is about, where a documented field says so. */
  readonly card_id?: CardId;
  /** The transaction that it is about, where a documented field says so. */
  readonly transaction_id?: TransactionId;
  /** When it happened by the sender's clock, where it says so. */
  readonly occurred_at?: Timestamp;
  /** Equal for deliveries of the same event, 64 hexadecimal digits. It can be stored and logged. */
  readonly fingerprint: string;
  /** The id of the key that opened it. */
  readonly key_id: string;
  /**
   * The event's exact JSON, `{"type": …, "data": …}`, as it came: whole, with numbers as they were written. To store an event or to send it
   * on, take this, and read it by {@link readEvent}. Not `JSON.stringify` of the delivery: that is for logs, as `console.log`, and
   * what is secret or personal is `…` in it.
   */
  readonly json: string;
}

/** A webhook that was verified, opened and typed: an {@link Event}, and how it came. */
export type Delivery = Event & Delivered;

/** `fetch`, or what stands for it. */
export type Fetch = (url: string, init: CallInit) => PromiseLike<{ readonly status: number; text(): PromiseLike<string> }>;

/**
 * A merchant with its Secret Key: seals operations into calls, opens answers and webhooks.
 *
 * **For backends only.** The Secret Key never belongs into a browser or a shipped app, where everybody can read it and act
 * as the merchant. There, make plans ({@link plan}) and send them to a backend, which checks ({@link checkPlan}) and seals
 * them ({@link Merchant.seal}).
 */
export class Merchant {
  /**
   * @param options What the merchant got when it was set up.
   * @throws {BananaTechError} Caused by the caller: `field.required`, `field.type`, `field.unknown`, `merchant_id.format`, `url.format`, `path.format`, `key.encoding`,
   * `key.length`, `key.id`, `plan.operation` (for a path of no operation).
   */
  constructor(options: MerchantOptions);
  /** Operations on the merchant's own account. */
  readonly merchant: MerchantCalls;
  /** Operations on users (cardholders). */
  readonly user: UserCalls;
  /** Operations on cards. */
  readonly card: CardCalls;
  /**
   * Seals a plan that was made elsewhere and read by {@link checkPlan}. Look at it first: who may do what is not for the plan
   * to say.
   *
   * @param plan The plan.
   * @param options Which plans may have fields that the contract doesn't name.
   * @returns The call.
   * @throws {BananaTechError} Caused by whoever made the plan: as {@link checkPlan}. Caused by the caller: `iv.length`.
   */
  seal<Name extends OperationName>(plan: PlanOf<Name>, options?: SealOptions): Call<Name>;
  /**
   * Verifies, opens and types a webhook. Then answer HTTP 200 within 10 seconds, and do heavy work afterwards. Deliveries
   * may come twice, late and in any order.
   *
   * What is authentic isn't refused for what it says: see {@link UnrecognizedDelivery}. When it throws, answer 413 to `message.too_long` and 400 to all else.
   *
   * @param rawBody The request's body as it came, before any parser.
   * @returns The delivery: an event, `switch (delivery.type)`.
   * @throws {BananaTechError} `not_authentic` for whatever can't be opened; `webhook.raw_body` for what isn't a delivery's
   * body; `message.too_long`.
   */
  receive(rawBody: RawBody): Delivery;
  /**
   * Reads an answer, for those who don't keep the call; see {@link Call.read}.
   *
   * @param operation What was asked for, as `"card.get_balance"`.
   * @param status The answer's HTTP status.
   * @param body Its body as it came.
   * @returns The response.
   * @throws {BananaTechError} As {@link Call.read}; `plan.operation` for an unknown operation (caused by the caller).
   */
  read<Name extends OperationName>(operation: Name, status: number, body: RawBody): ResponseTo<Name>;
  /**
   * Why a webhook's or an answer's body can't be opened, for operators. Never tell it to whoever sent the body.
   *
   * @param rawBody The body as it came.
   * @returns The reason; null if it opens.
   */
  diagnose(rawBody: RawBody): OpenFailure | null;
  /**
   * Goes through all pages of a list: `for await (const record of merchant.pages(plan.card.getTransactions(), fetch))`.
   *
   * @param plan Which list, from its `skip` on, with `limit` records to a page (10 if it has none).
   * @param fetch What sends: the platform's `fetch`, or one of yours with a time-out.
   * @param options Which plans may have fields that the contract doesn't name.
   * @returns The records, one by one, and after the last one how the list ended. Throws what `fetch` throws, as {@link Call.read}, and as
   * {@link Pages.accept}.
   */
  pages<Name extends PagedName>(plan: PlanOf<Name>, fetch: Fetch, options?: OpenFields): Records<Name>;
  /** As the next one, for a type that this library doesn't know: `other("WORD")`. */
  testWebhook(type: OtherWord, data?: Json, options?: IvOption): string;
  /**
   * A webhook's body as BananaTech would send it, for tests of a receiver: `merchant.testWebhook("CARD_CLOSE_RESULT", { card_id: 7 })`.
   *
   * @param type The event's type.
   * @param data The event's data, as it is read. What isn't given is that of a success, now; or of a failure, with `status: "FAILED"`.
   * Text is sealed as it is.
   * @param options For tests that need the same body each time.
   * @returns The body.
   * @throws {BananaTechError} Caused by the caller: `iv.length`.
   */
  testWebhook<Type extends KnownEvent["type"]>(type: Type, data?: TestData<Type> | string, options?: IvOption): string;
  /**
   * A sealed answer as BananaTech would send it, for tests of a caller: `merchant.testAnswer("card.get_balance", { balance: "7.50" })`.
   *
   * @param operation What was asked for.
   * @param response The response, as it is read. What isn't given is that of a success. Text is sealed as it is.
   * @param options For tests that need the same body each time.
   * @returns The body.
   * @throws {BananaTechError} Caused by the caller: `iv.length`.
   */
  testAnswer<Name extends OperationName>(operation: Name, response?: TestResponse<Name> | string, options?: IvOption): string;
  /** Wipes the key. Nothing can be sealed or opened afterwards. */
  free(): void;
  /** As {@link Merchant.free}, for `using`, where the platform has `Symbol.dispose`. */
  [Symbol.dispose](): void;
}

/** What {@link diagnose} found. */
export interface Diagnosis {
  /** The steps in their order, up to the first one that doesn't hold. */
  readonly findings: readonly Finding[];
  /** The first step that doesn't hold; null if all do. */
  readonly failed_at: DiagnosisStep | null;
  /** The exact text of what was sealed, if it could be opened and is JSON. It may hold card numbers and personal data. */
  content(): string | null;
}

/**
 * Looks for the reason why a webhook's body doesn't open, for whoever operates the receiver: each step, with each key by each codec.
 * `npx --no-install bananatech diagnose` does the same. Never answer a webhook with what it says: it would help whoever forges one.
 *
 * @param rawBody The body as it came.
 * @param keys Texts of Secret Keys, as they were given at onboarding.
 * @returns What holds, and what doesn't.
 */
export function diagnose(rawBody: RawBody, keys: readonly string[]): Diagnosis;
