export * from "./index.js";

// The platform's own types where a program has them; without them, programs still compile.
type Platform<Name extends string> = typeof globalThis extends Record<Name, { prototype: infer Type }> ? Type : object;
type CompiledModule = object & (typeof globalThis extends { WebAssembly: { Module: { prototype: infer Type } } } ? Type : object);

/** The package's `bananatech.wasm`: compiled, or its bytes. */
export type ModuleSource = CompiledModule | ArrayBuffer | ArrayBufferView;

/** `bananatech.wasm` as `init` takes it: also as an answer of `fetch`, as an address, or as what `import()` gives. */
export type AnyModuleSource = ModuleSource | { default: ModuleSource } | Platform<"Response"> | Platform<"URL"> | string;

/** Makes the compiled module ready. Before that, everything else of this entry throws. Later calls change nothing. */
export function init(source: AnyModuleSource | PromiseLike<AnyModuleSource>): Promise<void>;

/** As {@link init}, at once. Browsers refuse large modules here; use {@link init} in them. */
export function initSync(source: ModuleSource): void;
