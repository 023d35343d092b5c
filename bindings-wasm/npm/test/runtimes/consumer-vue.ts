// The entry for Vue, as a program in TypeScript has it. Checked by the compiler, never run.
import { CardField, useCardField, type CardFieldProps } from "bananatech/vue";
import type { Card } from "bananatech/forms";
import { computed, defineComponent, h, ref, useTemplateRef } from "vue";

export const Form = defineComponent({
  setup() {
    const [number, cvv] = [ref<HTMLInputElement | null>(null), useTemplateRef<HTMLInputElement>("cvv")];
    const state = useCardField(number, "number", { assignment: true });
    const card = computed<Card | null>(() => state.value?.card ?? null);
    const cvvState = useCardField(cvv, "cvv", () => ({ size: card.value?.code.size ?? [3, 4] }));
    const kind = ref<"name" | "postal-code">("name");
    useCardField(number, kind).value?.value satisfies string | undefined;
    // @ts-expect-error: another kind has no card
    void cvvState.value?.card;
    // @ts-expect-error: an option of another kind
    useCardField(cvv, "cvv", { maxLength: 16 });
    // @ts-expect-error: no such kind
    useCardField(cvv, "card-number");
    // @ts-expect-error: the state is told, not set
    state.value = null;
    return () => h("form", [h("input", { ref: number }), h("input", { ref: "cvv" }), h(CardField, { kind: "number", modelValue: "4111" })]);
  },
});

// What templates are checked by.
type Component = InstanceType<typeof CardField<"number">>;
export const props: Component["$props"] = { kind: "number", modelValue: "", onState: (state) => void (state.card satisfies Card | null) };
export const emitted = (component: Component) => component.$emit("update:modelValue", "4111");
export const pin: CardFieldProps<"pin"> = {
  kind: "pin",
  // @ts-expect-error: what is said of a PIN doesn't hold it
  onState: (state) => void state.value,
};
