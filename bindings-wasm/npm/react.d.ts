// Card fields for React 18 and 19, over `bananatech/forms`.
import type { ComponentProps, JSX, RefCallback } from "react";
import type { FieldOptions, FieldStates } from "./forms.js";

/** What {@link useCardField} returns. */
export interface CardFieldHook<Kind extends keyof FieldOptions> {
  /** For the `<input>`: `<input ref={field.ref} />`. */
  ref: RefCallback<HTMLInputElement>;
  /** The input's state; `null` on a server, and while there is no input. */
  state: FieldStates[Kind] | null;
}

/**
 * Looks after an `<input>`, as `attach` of `bananatech/forms` does, for as long as it is rendered. The component is rendered
 * anew when the state changes.
 *
 * A controlled input needs nothing more: what a program sets is written with gaps, and `onChange` is called then, too.
 *
 * @param kind What the input is for.
 * @param options How it is judged. They needn't be the same object each time.
 * @returns The input's ref, and its state.
 * @throws Rendering fails with what `attach` throws: a `TypeError` for an input of a type without a selection, a
 *   `TypeError` or `RangeError` for an option that isn't one, a `CompileError` where WebAssembly may not be compiled.
 */
export function useCardField<Kind extends keyof FieldOptions>(kind: Kind, options?: FieldOptions[Kind]): CardFieldHook<Kind>;

/** What {@link CardField} takes: all that an `<input>` does (its `ref` from React 19 on), and what it is for. */
export type CardFieldProps<Kind extends keyof FieldOptions> = ComponentProps<"input"> & {
  /** What the input is for. */
  kind: Kind;
  /** How it is judged. */
  options?: FieldOptions[Kind] | undefined;
  /** Gets the state, at first and when it changes. */
  onState?: ((state: FieldStates[Kind]) => void) | undefined;
};

/**
 * An `<input>` that is looked after. With `value` and `onChange` it is controlled, else it keeps its text itself.
 *
 * @param props Those of an `<input>`, `kind`, `options` and `onState`.
 * @returns The `<input>`, and nothing around it.
 * @throws As {@link useCardField}.
 */
export function CardField<Kind extends keyof FieldOptions>(props: CardFieldProps<Kind>): JSX.Element;
