/** How a sandbox is started. What isn't given is as the program has it. */
export interface SandboxOptions {
  /** The port on 127.0.0.1; 0, the default, has the system choose one. */
  port?: number | undefined;
  /** An SQLite file to keep everything in. Without it everything is in memory, and is forgotten at the end. */
  database?: string | undefined;
  /** A JSON file with other merchants, templates, users and stock. */
  seed?: string | undefined;
  /** Where the first merchant's webhooks go: `http://`, on this machine. Until one is set, they wait. */
  webhook_url?: string | undefined;
  /** How long the banking provider takes over an operation, in milliseconds (50). */
  processing_delay_ms?: number | undefined;
  /** The wait after a delivery's first failed attempt, in milliseconds (500). It doubles with each further one. */
  retry_base_ms?: number | undefined;
  /** How business refusals travel (`"plain"`). */
  errors?: "plain" | "sealed" | undefined;
  /** Whether to write its log to this process's standard error: one line per request and delivery, without keys and card numbers. */
  log?: boolean | undefined;
}

/** A sandbox that is running. */
export interface Sandbox {
  /** Its host, without a slash at the end: for `new Merchant({ base_url: sandbox.url, … })`, and for `/_sandbox/` behind it. */
  readonly url: string;
  /** Ends it: it finishes what is under way. Calling it again does nothing. */
  stop(): Promise<void>;
}

/**
 * Starts a sandbox, and answers when it listens. It ends with {@link Sandbox.stop}, and at the latest when this process ends, even by a
 * crash. It doesn't keep this process running.
 *
 * It rejects with an `Error` if there is no program for this platform, or if the program can't start; its message says why.
 */
export function startSandbox(options?: SandboxOptions): Promise<Sandbox>;

/** The program's path, to start it yourself: the one that came with this package, or what `BANANATECH_SANDBOX` names. */
export function sandboxPath(): string;
