// A form in Vue, which a server renders and a page takes over.
import { CardField, useCardField } from "bananatech/vue";
import { defineComponent, h, ref } from "vue";

/** With `v-model` by the component, and without by the composable. */
export const Form = defineComponent({
  props: { initial: { type: String, default: "" } },
  setup({ initial }) {
    const number = ref(initial);
    const state = ref(null);
    const cvv = ref(null);
    const cvvState = useCardField(cvv, "cvv", () => ({ size: state.value?.card?.code.size ?? [3, 4] }));
    return () =>
      h("form", null, [
        h(CardField, {
          id: "number",
          kind: "number",
          modelValue: number.value,
          "onUpdate:modelValue": (text) => (number.value = text),
          onState: (told) => (state.value = told),
        }),
        h("output", { id: "number-value" }, number.value),
        h("output", { id: "number-brand" }, state.value?.card?.niceType),
        h("button", { id: "fill", type: "button", onClick: () => (number.value = "378282246310005") }),
        h("input", { id: "cvv", ref: cvv }),
        h("output", { id: "cvv-reason" }, cvvState.value?.reason ?? "none"),
      ]);
  },
});
