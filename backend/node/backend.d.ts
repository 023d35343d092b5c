import type {
  Assumptions, CardId, CardState, ConfirmedName, Delivery, ErrorCode, FeeFromTemplate, Fetch, Input, Merchant, OperationId, OperationName, Outcome, PlanOf, Rejection, Report, ResponseTo, ThingId,
  Timestamp, TrackedOperation, TransactionId, Verdict,
} from "./index.js";

/** A database: what {@link sqlite} and `bananatech/backend/postgres` give, or one with another driver. */
export interface Store {
  /** Which kind it is. */
  readonly dialect: "sqlite" | "postgres";
  /** Begins a transaction; in SQLite one that may write. */
  begin(): Promise<Transaction>;
  /** Whether an error says that another transaction was in the way, so that it is begun again. */
  isConflict(error: unknown): boolean;
}

/** A statement, with values as `$1`, `$2`, and so on. */
export interface Statement {
  readonly sql: string;
  readonly values: readonly (string | number | boolean | null)[];
}

/** A transaction under way. */
export interface Transaction {
  /**
   * Runs statements in this order, and returns the rows of each, a row as a list of values. They may go to the database all at once. If one
   * fails, this throws, and `rollBack` is called.
   */
  run(statements: readonly Statement[]): Promise<unknown[][][]>;
  /** Makes all of it lasting. */
  commit(): Promise<void>;
  /** Takes all of it back. */
  rollBack(): Promise<void>;
}

/**
 * An SQLite database, for the instances of one machine: a file, made if it isn't there, or `":memory:"`. It needs Node 22.13 or newer.
 *
 * @param path The file.
 */
export function sqlite(path: string): Promise<Store & { close(): void }>;

/** What a backend works with. */
export interface BackendOptions {
  /** The merchant. */
  merchant: Merchant;
  /** What you assume: whether only this backend acts for its users and cards. All instances must have the same. */
  assumptions: Assumptions;
  /** The database. */
  store: Store;
  /** `false`: recharges and changes of one card's status are sent at once, also while others like them are under way. `true` unless set. */
  one_at_a_time?: boolean | undefined;
  /**
   * How many milliseconds an operation may wait for its turn. It isn't sent after that, and failed: money that was asked for long ago doesn't move
   * unexpectedly. 15 minutes unless set.
   */
  wait_at_most_ms?: number | undefined;
  /** After how many milliseconds without a webhook the API is asked. 10 minutes unless set. */
  ask_after_ms?: number | undefined;
  /** How many milliseconds an exchange with the API may take. 30 seconds unless set. A `fetch` of yours sees to that itself. */
  timeout_ms?: number | undefined;
  /** How many milliseconds {@link Backend.work} rests between rounds. 2 seconds unless set. */
  rest_ms?: number | undefined;
  /**
   * Sends a request, in place of the platform's `fetch`. It must send once only, follow no redirect (keep `init.redirect`), and give up after
   * a bounded time. Whatever it throws says that it isn't known whether the request left.
   */
  fetch?: Fetch | undefined;
  /**
   * Is handed each authentic webhook once that is stored, also if it came before (`report.verdict.kind` is `repeated`). Use it for what isn't the
   * outcome of an operation, such as a purchase; outcomes are told by notices. If it throws, the webhook is answered 503, so that it comes again. Make it idempotent, by
   * `delivery.fingerprint` for example, and be done within 10 seconds: a promise is waited for.
   */
  onDelivery?: ((delivery: Delivery, report: Report) => unknown) | undefined;
  /**
   * What an operator follows: never a secret, nor what is personal. What is told of a request (it has a `reference`) is waited for, so that a log has
   * the line before the request leaves; the rest isn't. What it throws is ignored. Unless you say otherwise, what went wrong goes to `console.warn`.
   */
  onEvent?: ((event: BackendEvent) => unknown) | undefined;
}

/** Something that an operator follows. */
export type BackendEvent =
  /** It is stored, and is sent now: by `send`, or by `sweep` when its turn has come. */
  | { kind: "sending"; operation: OperationId; reference: string }
  /**
   * What became of a request so far, also if nothing was sent: `waits` and `known`. `code` says why the API didn't take it (`rejected`,
   * `request.not_sent`), or why its answer doesn't say so, such as `not_authentic`. `status` is the HTTP
   * status of a refusal: if all requests are refused, the key is wrong. `error` is what `fetch` threw, if no answer came.
   */
  | { kind: "sent"; operation: OperationId; reference: string; state: Sent["state"]; code?: ErrorCode; status?: number; error?: unknown }
  /**
   * The API was asked about an operation, and didn't say what became of it. It is asked again later. `code` says why the answer that came can't be
   * used, such as `rejected`; there is none if no answer came, or if it doesn't show what became of it. `error` is what `fetch` threw, if no answer came.
   */
  | { kind: "not_answered"; operation: OperationId; reference: string; code?: ErrorCode; error?: unknown }
  /** A webhook, an answer or a person changed what is known of an operation. Your code is told by a {@link Notice}. */
  | { kind: "changed"; operation: OperationId; state: "succeeded" | "failed" | "doubted" | "contradicted" }
  /**
   * Another instance, or an earlier start, assumed another `exclusive_since`. All must assume the same, and a time that moves with each start leaves
   * open what was sent before it.
   */
  | { kind: "assumption_differs" }
  /** Somebody else acts at `scope`; it came out by `things`, of which some may be your own. Your code is told by a {@link Notice}. */
  | { kind: "foreign_activity"; scope: string; things: ThingId[] }
  /** A webhook was taken. */
  | { kind: "webhook"; type: string; verdict: Verdict["kind"] }
  /** A webhook wasn't taken, and was answered with `status`. Without a `code`, `error` is what the database or your `onDelivery` threw. */
  | { kind: "webhook_failed"; status: 400 | 413 | 503; code: ErrorCode | undefined; error: unknown }
  /** Your code failed to take a notice. It is given again after a minute, and later notices of that card wait for it. */
  | { kind: "not_taken"; operation: OperationId | undefined; error: unknown }
  /** A part of a round of `work` failed, since the database did for example. The next round tries again. */
  | { kind: "work_failed"; error: unknown };

/**
 * What became of a request right after it was made. How it ended is told later, by a {@link Notice}.
 *
 * `taken`: the API took it. `refused`: the API refused it, so it failed. `not_known`: no answer came, or one that doesn't say; it isn't
 * sent again. `not_sent`: no connection could be made, so it never left, and failed. `waits`: another one like it is under way for the card.
 * `known`: this reference was used before; nothing was sent now.
 */
export type Sent<Name extends ConfirmedName = ConfirmedName> = {
  /** The operation as it is stored now, with what was noted of the answer. */
  operation: TrackedOperation;
} & (
  | {
      state: "taken";
      /** What the API answered. Not enumerable, so that nothing prints it. */
      readonly response: ResponseTo<Name>;
      readonly rejection?: undefined;
    }
  | {
      state: "refused";
      /** Why the API refused it. Not enumerable: its words may repeat what was sent. */
      readonly rejection: Rejection;
      readonly response?: undefined;
    }
  | { state: "not_known" | "not_sent" | "waits" | "known"; readonly response?: undefined; readonly rejection?: undefined }
);

/** What became of a webhook: answer it with `status`. */
export type Received =
  | {
      status: 200;
      /** The webhook, also if it came before. */
      delivery: Delivery;
      /** What it means. */
      report: Report;
    }
  | {
      /** 400 for what isn't authentic, 413 for what is too long, and 503 if the database or your `onDelivery` failed, so that the webhook comes again. */
      status: 400 | 413 | 503;
      /** What went wrong. */
      error: unknown;
    };

/** Something that your own code is told, at least once, in order per card. */
export type Notice =
  | {
      /**
       * `settled`: it is certain how it ended; `operation.outcome` says how, with the vendor's code for a failure. Told again once a doubt is over:
       * that replaces what was told, since it may have another transaction. `doubted`: it was certain, and isn't any more. `contradicted`:
       * what is known of it can't all be true. For the last two, ask a person to look.
       */
      kind: "settled" | "doubted" | "contradicted";
      /** The operation. */
      operation: TrackedOperation;
    }
  | {
      /**
       * Somebody else acts here. Operations there stay open until they are found by asking, or until a person names the thing that is somebody
       * else's ({@link Backend.nameForeign}).
       */
      kind: "foreign_activity";
      /** Where, such as `card:12345:money`. */
      scope: string;
      /**
       * What it came out by, such as the transaction `tx:7`. Some of these may be your own, and the one that isn't may have come before: look at
       * the vendor's console.
       */
      things: ThingId[];
    }
  | {
      /**
       * An operation was never sent, so it failed: no connection to the API could be made, or it had waited for its turn, and by then the card's
       * state ruled it out or it had waited for too long.
       */
      kind: "not_sent";
      /** The operation. */
      operation: TrackedOperation;
      /** Why: `request.not_sent`, `state.not_allowed`, `wait.expired`. */
      code: ErrorCode;
    };

/** How much there is of what an operator watches. */
export interface Counts {
  /** Operations that were sent, and of which it isn't known how they ended. */
  open: number;
  /** Operations about which the API is to be asked by now. */
  overdue: number;
  /** Operations that were certain and aren't any more. */
  doubted: number;
  /** Operations of which what is known can't all be true. */
  contradicted: number;
  /** Operations that wait for their turn. */
  waiting: number;
  /** Notices that weren't taken yet. */
  untold: number;
}

/**
 * A merchant's backend: any number of instances may share one database. It stores each operation before it is sent, and never sends one
 * twice. What became of each is decided by evidence, in the transaction that stores the evidence, and waits in the database until your own
 * code has taken it.
 */
export class Backend {
  /**
   * Begins.
   *
   * @throws {BananaTechError} Caused by the caller: what the assumptions lack.
   */
  constructor(options: BackendOptions);
  /**
   * Sends an operation that an event confirms. It is stored first, then sent, once.
   *
   * @param plan The plan.
   * @param reference Your name for it, such as the number of an order: 1 to 200 characters, without personal data. A second request with
   * the same reference isn't carried out.
   * @param options For a recharge, the card's template and how its fee counts: the least that can arrive is known then.
   * @throws {BananaTechError} Caused by the caller: what the plan's rules or the card's state rule out (`state.not_allowed`); a reference that
   * another request had (`tracking.known`); `reference.length`; `operation.unsuitable` for what no event confirms; an `exclusive_since` that is
   * still to come (`exclusive_since.future`). What the database throws passes through.
   */
  send<Name extends ConfirmedName>(
    plan: PlanOf<Name>,
    reference: string,
    options?: FeeFromTemplate | { template?: undefined; fee?: undefined },
  ): Promise<Sent<Name>>;
  /**
   * Asks the API something, or sets a PIN: what no event confirms. Of a card's information, what it says of the card's state is kept; nothing
   * else of any answer is stored.
   *
   * @param plan The plan.
   * @returns What the API answered. As with {@link Call.read}, what prints it doesn't show what is personal.
   * @throws {BananaTechError} Caused by the caller: a plan that an event confirms (`operation.unsuitable`), or what the card's state rules out. Caused by the API: what
   * {@link Call.read} throws. What the network and the database throw passes through.
   */
  ask<Name extends Exclude<OperationName, ConfirmedName>>(plan: PlanOf<Name>): Promise<ResponseTo<Name>>;
  /**
   * Asks the API now what became of an operation, for somebody who waits for it: {@link Backend.sweep} asks by itself once it is overdue.
   *
   * @returns The operation as it is known then. It is still open if the API doesn't say yet, or can't be reached.
   * @throws {BananaTechError} Caused by the caller: `operation_id.format`. What the database throws passes through, here and below.
   */
  inquire(id: OperationId): Promise<TrackedOperation | null>;
  /**
   * Cancels an operation that still waits for its turn. It failed then. A notice says so, and its reference stays taken. Returns it as it is now;
   * null if it doesn't wait (any more): what was sent can't be taken back.
   */
  cancel(id: OperationId): Promise<TrackedOperation | null>;
  /**
   * Takes a webhook's body, exactly as it came. It throws nothing: what to answer is in what it returns.
   *
   * @param rawBody The body: text or bytes.
   */
  receive(rawBody: string | Uint8Array | ArrayBuffer): Promise<Received>;
  /**
   * Works until it is stopped: `sweep` and, beside it, `deliver`, again and again. A round begins at once after a webhook that came to this instance, and
   * else after a rest (`rest_ms`). Run it on each instance. What goes wrong is an event, and the next round tries again.
   *
   * @param take Your code, to which notices are handed: see {@link Backend.deliver}.
   * @param options Once the `signal` is aborted, it ends as soon as the rounds are done.
   */
  work(take: (notice: Notice) => unknown, options?: { signal?: AbortSignal | undefined }): Promise<void>;
  /** Sends what waited for its turn, and asks the API about operations whose webhook didn't come. {@link Backend.work} calls it again and again. */
  sweep(): Promise<{ sent: number; asked: number }>;
  /**
   * Hands notices to your own code, in order per card, and returns how many it took. One for which it threw is given again after a minute, and so
   * is one whose taker was killed: each is given at least once. {@link Backend.work} calls it again and again.
   *
   * @param take Your code.
   */
  deliver(take: (notice: Notice) => unknown): Promise<number>;
  /**
   * One operation, also one that waits.
   *
   * @throws {BananaTechError} Caused by the caller: `operation_id.format`.
   */
  operation(id: OperationId): Promise<TrackedOperation | null>;
  /** The operation with a reference, also one that waits. */
  operationByReference(reference: string): Promise<TrackedOperation | null>;
  /**
   * A card's operations in the order in which they were sent, and after them those that wait. What was forgotten isn't among them, nor is what made
   * the card.
   *
   * @throws {BananaTechError} Caused by the caller: `id.range`.
   */
  operationsOf(card_id: CardId): Promise<TrackedOperation[]>;
  /**
   * The operations that aren't settled for sure: first those that are doubted or contradicted, then those that are open, the oldest first.
   *
   * @param most How many at most; 100 if not given. Those that wait for their turn aren't among them: see {@link Backend.operationsOf}.
   * @throws {BananaTechError} Caused by the caller: `id.range` for what isn't a whole number from 0 on.
   */
  unsettled(most?: number): Promise<TrackedOperation[]>;
  /**
   * What is known of a card, if anything is.
   *
   * @throws {BananaTechError} Caused by the caller: `id.range`.
   */
  card(id: CardId): Promise<CardState | null>;
  /** What an operator watches. */
  counts(): Promise<Counts>;
  /**
   * Forgets what ended before a time and can't be of use any more, and returns how many rows it forgot. For each card, it forgets up to a quiet
   * time: one with nothing for ten minutes before and after it, and no operation before it that is open, doubted, contradicted or given by count.
   *
   * An operation that was forgotten isn't known any more, so a request with its reference would be sent again: choose a time before which nobody
   * repeats a request. What made a user or a card stays, and so does each card's state. Call it once a day, on one instance.
   *
   * @param time In milliseconds since 1970.
   * @throws {BananaTechError} Caused by the caller: `timestamp.format`.
   */
  forgetBefore(time: Timestamp): Promise<number>;
  /** Notes what a person found out, as {@link Tracker.find} does, and throws as it. */
  find(id: OperationId, outcome: Input<Outcome>, options?: { transaction_id?: TransactionId | undefined }): Promise<Report>;
  /** Notes that a request never left, as {@link Tracker.withdraw} does, and throws as it. */
  withdraw(id: OperationId): Promise<Report>;
  /** Notes that a thing is somebody else's, as {@link Tracker.nameForeign} does, and throws as it. */
  nameForeign(thing: ThingId): Promise<Report>;
  /** Takes a webhook as a `Request`, and answers with a `Response`: for Bun, Deno, Hono and whatever else speaks so. */
  handle: (request: Request) => Promise<Response>;
  /** Takes a webhook as Node's `http` gives it, and Express before any parser of bodies. */
  listener: (
    request: AsyncIterable<Uint8Array> & { method?: string | undefined },
    response: {
      writeHead(status: number, headers?: Record<string, number>): { end(): unknown };
      destroy(): unknown;
    },
  ) => Promise<void>;
}
