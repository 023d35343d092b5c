// Card fields in Vue: the library looks after the element, Vue keeps what it says.
import { CardField, useCardField } from "bananatech/vue";
import { createApp, defineComponent, h, ref } from "vue";

const labelled = (id, label, input) =>
  h("div", { class: "field" }, [h("label", { for: id }, label), h("div", { class: "field-box" }, [input])]);

/** With `v-model`, by the component. */
const WithModel = defineComponent({
  setup() {
    const text = ref("");
    const state = ref(null);
    return () => [
      labelled(
        "controlled",
        "Card number, with v-model",
        h(CardField, {
          id: "controlled",
          kind: "number",
          modelValue: text.value,
          "onUpdate:modelValue": (now) => (text.value = now),
          onState: (now) => (state.value = now),
        }),
      ),
      h("p", [
        h("output", { id: "controlled-value" }, text.value),
        " ",
        h("output", { id: "controlled-brand" }, state.value?.card?.niceType),
      ]),
      h("button", { class: "button", type: "button", id: "fill", onClick: () => (text.value = "378282246310005") }, "Fill in"),
    ];
  },
});

/** Without, by the composable, for an `<input>` of one's own; and what one field's state says of another. */
const Without = defineComponent({
  setup() {
    const [number, cvv] = [ref(null), ref(null)];
    const state = useCardField(number, "number");
    const cvvState = useCardField(cvv, "cvv", () => ({ size: state.value?.card?.code.size ?? [3, 4] }));
    return () => [
      labelled("uncontrolled", "Card number, without", h("input", { id: "uncontrolled", ref: number })),
      h("p", [
        h("output", { id: "uncontrolled-value" }, state.value?.value),
        " ",
        h("output", { id: "uncontrolled-brand" }, state.value?.card?.niceType),
      ]),
      labelled("cvv", state.value?.card?.code.name ?? "Security code", h("input", { id: "cvv", ref: cvv })),
      h("p", [h("output", { id: "cvv-reason" }, cvvState.value?.reason)]),
    ];
  },
});

createApp(() => h("form", { class: "form" }, [h(WithModel), h(Without)])).mount("#root");
