// Card fields for Vue 3, over `bananatech/forms`.
import type { MaybeRefOrGetter, Ref, ShallowRef, VNodeProps } from "vue";
import type { FieldOptions, FieldStates } from "./forms.js";

/**
 * Looks after an `<input>`, as `attach` of `bananatech/forms` does, for as long as it is there. To be called in `setup`.
 *
 * An input with `v-model` needs nothing more: what a program sets is written with gaps, and the model gets that text.
 *
 * @param input The template ref of the `<input>`.
 * @param kind What the input is for.
 * @param options How it is judged.
 * @returns The input's state; `null` on a server, and while there is no input.
 * @throws Mounting fails with what `attach` throws: a `TypeError` for an input of a type without a selection, a
 *   `TypeError` or `RangeError` for an option that isn't one, a `CompileError` where WebAssembly may not be compiled.
 */
export function useCardField<Kind extends keyof FieldOptions>(
  input: Readonly<Ref<HTMLInputElement | null>>,
  kind: MaybeRefOrGetter<Kind>,
  options?: MaybeRefOrGetter<FieldOptions[Kind] | undefined>,
): Readonly<ShallowRef<FieldStates[Kind] | null>>;

/** What {@link CardField} takes beside an `<input>`'s attributes, which it hands on. */
export interface CardFieldProps<Kind extends keyof FieldOptions> {
  /** What the input is for. */
  kind: Kind;
  /** How it is judged. */
  options?: FieldOptions[Kind] | undefined;
  /** The text, by `v-model`. Without it, the input keeps its text itself. */
  modelValue?: string | undefined;
  /** Gets the text when it changes: the other half of `v-model`. */
  "onUpdate:modelValue"?: ((text: string) => void) | undefined;
  /** Gets the state, at first and when it changes: `@state`. */
  onState?: ((state: FieldStates[Kind]) => void) | undefined;
}

/** An `<input>` that is looked after, and nothing around it. Mounting it fails as {@link useCardField} says. */
export const CardField: new <Kind extends keyof FieldOptions>(
  props: CardFieldProps<Kind> & VNodeProps,
) => {
  $props: CardFieldProps<Kind> & VNodeProps;
  $emit: { (event: "update:modelValue", text: string): void; (event: "state", state: FieldStates[Kind]): void };
  /** The `<input>`, and its state: what a template ref of the component shows. */
  input: HTMLInputElement | null;
  state: FieldStates[Kind] | null;
};
