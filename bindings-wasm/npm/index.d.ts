import type { ErrorCode } from "./codes.js";

export type { ErrorCode } from "./codes.js";

/** A word of the API that may grow: the known ones are offered, any other is kept. */
export type Open<Word extends string> = Word | (string & Record<never, never>);

/** Any JSON value, as it came. Numbers in it are JavaScript's: where they must be exact, read {@link Delivery.json}. */
export type Json = null | boolean | number | string | Json[] | { [name: string]: Json };

/** The version of the library. */
export function version(): string;

/** What everything here throws. It holds no value that came in. */
export interface BananaTechError extends Error {
  readonly name: "BananaTechError";
  /** Which rule was broken; stable. */
  readonly code: ErrorCode;
  /** Who caused it, and so who has to act. */
  readonly category: "invalid_input" | "rejected" | "not_authentic" | "unexpected";
  /** The field that it is about, as a path from the outermost object. */
  readonly field?: string;
  /** The HTTP status, if BananaTech rejected the request. */
  readonly status?: number;
  /** The rejection's own words. Not enumerable: they may repeat what was sent, so keep them out of logs. */
  readonly rejection?: Rejection;
}

/** BananaTech answered, but not with success. */
export interface Rejection {
  status: number;
  /** The API's words, where the body has some (a guess: errors aren't documented). */
  message: string | null;
  /** The body, opened where it was sealed, otherwise as it came. */
  body: string;
  /** Whether the body was sealed. A plain one may come from anything between here and the API. */
  authenticated: boolean;
  /** `not_known`: it can't be told whether something was done. Ask before sending again. */
  meaning: "refused" | "not_known";
}

/** Whether something that was caught is an error of this library. */
export function isBananaTechError(error: unknown): error is BananaTechError;

/** Add funds to a card. There is no idempotency key: sent twice, it may recharge twice. */
export interface Recharge {
  user_id: number;
  card_id: number;
  /** In major units, exact: `"100.00"`. A number is taken where it is exact. */
  amount: string | number;
}

/** An operation that was checked but not sealed: what a frontend hands to its backend. It may hold a PIN: use TLS, no logs. */
export interface Plan {
  operation: string;
  body: { [name: string]: Json };
}

/** The API took the request. The outcome comes by webhook. */
export interface Acknowledgement {
  success?: boolean;
  message?: string;
  [unknown: string]: Json | undefined;
}

/** A successful answer. */
export interface Answer<Response> {
  response: Response;
  /** The id of the key that opened it; null if it came as plain JSON, so that nothing vouches for it. */
  sealed_with: string | null;
}

/** Plans a recharge, without a key. */
export function planRecharge(recharge: Recharge): Plan;

/** Reads a plan that was made elsewhere, and checks its form anew. Who may do what is for the backend to decide. */
export function checkPlan(plan: Plan): Plan;

/** What may be shown of a card number. */
export interface CardNumber {
  luhn: "valid" | "invalid";
  masked: string;
  last4: string;
  bin6: string;
  bin8: string;
  brand: string;
}

/** Checks a card number: 16 to 19 digits. */
export function cardNumber(text: string): CardNumber;

/** Checks the PIN that activates a physical card: exactly 6 digits. `simple` is advice. */
export function activationPin(text: string): { simple: boolean };

/** Checks a new PIN: 4 to 6 digits. `simple` is advice. */
export function pin(text: string): { simple: boolean };

/** How the Secret Key's text becomes bytes. The vendor doesn't say. */
export type KeyCodec = "utf8" | "hex" | "base64" | "sha256";

/** What a merchant got when it was set up. */
export interface MerchantOptions {
  merchant_id: string;
  base_url: string;
  /** Never in a browser: there, make plans and let the backend seal them. */
  secret_key: string;
  /** `utf8` if not given. */
  codec?: KeyCodec;
  /** Your own name for the key. */
  key_id?: string;
}

/** For tests: 16 bytes in place of the platform's randomness. Never use the same ones twice. */
export interface SealOptions {
  iv?: Uint8Array;
}

/** A sealed operation: send it once with `fetch(call.url, call.init)`, and give the answer to `read`. */
export interface Call<Response> {
  readonly plan: Plan;
  readonly url: string;
  readonly init: { method: string; headers: Record<string, string>; body: string };
  /** Reads the answer: its HTTP status, and its body as it came. */
  read(status: number, body: string | Uint8Array): Answer<Response>;
  /** What to wait for; null if no event confirms the operation. Store it before the request is sent. */
  pending(times: PendingTimes): Pending | null;
}

/** Milliseconds since 1970, by your clock. */
export interface PendingTimes {
  sent_at: number;
  deadline: number;
  /** Your own name for the operation, such as an order's number. */
  reference?: string;
}

/** An operation whose outcome isn't known yet. It holds no secret. */
export interface Pending {
  kind: "register" | "apply" | "assign" | "recharge" | "activate" | "lock" | "unlock" | "close";
  user_id?: number;
  card_id?: number;
  template_id?: number;
  amount?: string;
  sent_at: number;
  deadline: number;
  acknowledged: boolean;
  reference?: string;
}

/** A merchant with its Secret Key, for backends. */
export class Merchant {
  constructor(options: MerchantOptions);
  readonly card: {
    /** Seals a recharge. */
    recharge(recharge: Recharge, options?: SealOptions): Call<Acknowledgement>;
  };
  /** Seals a plan that was made elsewhere. Look at it first. */
  seal(plan: Plan, options?: SealOptions): Call<Json>;
  /** Verifies, opens and types a webhook. Give it the raw body, not a parsed object. */
  receive(rawBody: string | Uint8Array): Delivery;
  /** A webhook's body as BananaTech would send it. `data` as text is sealed as it is. */
  testWebhook(type: string, data: string | Json, options?: SealOptions): string;
  /** A sealed answer as BananaTech would send it. */
  testAnswer(response: string | Json, options?: SealOptions): string;
  /** Wipes the key. Also `Symbol.dispose`, where the platform has it. */
  free(): void;
}

/** A webhook that was verified, opened and typed. */
export interface Delivery {
  event: Event;
  /** The event's exact JSON, where numbers that the API doesn't document stand as they came. */
  json: string;
  /** Equal for deliveries of the same event. It can be stored and logged. */
  fingerprint: string;
  /** The id of the key that opened it. */
  key_id: string;
}

export type OperationStatus = Open<"SUCCESS" | "FAILED">;
export type CardStatus = Open<"TBA" | "ACTIVE" | "LOCKED" | "CLOSED">;

type Data<Fields> = Fields & { [unknown: string]: Json | undefined };

export type KnownEvent =
  | { type: "USER_CREATE_RESULT"; data: Data<{ user_id: number; status: Open<"APPROVED">; message?: string }> }
  | { type: "CARD_APPLY_RESULT"; data: Data<{ template_id?: number; user_id: number; card_id?: number; status: OperationStatus; occur_time: number }> }
  | { type: "CARD_ACTIVATE_RESULT"; data: Data<{ card_id: number; card_number?: string; status: OperationStatus; occur_time: number }> }
  | { type: "CARD_ASSIGN_RESULT"; data: Data<{ card_id?: number; user_id?: number; status: OperationStatus; error_reason?: string; occur_time: number }> }
  | { type: "CARD_STATUS_CHANGE"; data: Data<{ card_id: number; status: OperationStatus; card_status?: CardStatus; occur_time: number }> }
  | { type: "CARD_RECHARGE_RESULT"; data: Data<{ card_id: number; transaction_id?: number; receive_amount?: string; status: OperationStatus; currency?: string; template_id?: number; user_id?: number; description?: string; occur_time: number }> }
  | { type: "CARD_CLOSE_RESULT"; data: Data<{ card_id: number; transaction_id?: number; refund_amount?: string; status: OperationStatus; occur_time: number }> }
  | { type: "CARD_BALANCE_CHANGE"; data: Data<{ card_id: number; amount: string; available: string; before_available: string; currency: string; occur_time: number }> }
  | { type: "TRANSACTION_CREATED" | "CARD_CORRECTION" | "CARD_3DS" | "CARD_VERIFICATION"; data: Json };

/** What a webhook said; narrows on `type`. A type that this library doesn't know arrives too: keep a `default` branch. */
export type Event = KnownEvent;

export type Outcome =
  | { kind: "succeeded"; card_id?: number }
  | { kind: "failed"; reason?: string };

/** What an event did to the operations that are pending. */
export type Settlement =
  | { kind: "unrelated" }
  | { kind: "duplicate" }
  | { kind: "settled"; operations: { id: number; pending: Pending; outcome: Outcome }[] }
  | { kind: "ambiguous"; ids: number[] }
  | { kind: "unclear"; id: number; status: string };

/** All operations that are pending. A plain value: `String(operations)` is to be stored, and given to the constructor again. */
export class PendingOperations {
  constructor(stored?: string);
  /** Adds an operation. Do it, and store it, before the request is sent. */
  add(pending: Pending): number;
  /** Notes the answer to a request; an event that came before it may settle the operation now. */
  acknowledge(id: number, plan: Plan, response: unknown): Settlement;
  /** Takes a delivery (exact), or an event that a backend passed on. */
  settle(delivery: Delivery | Event): Settlement;
  list(): { id: number; pending: Pending }[];
  toString(): string;
}
