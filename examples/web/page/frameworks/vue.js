// Card fields in Vue: the library looks after the element, Vue keeps what it says.
import { attach } from "bananatech/forms";
import { createApp, defineComponent, h, onBeforeUnmount, onMounted, ref, shallowRef, toValue, watch } from "vue";

/** Looks after the input of a template ref, and answers its state, a ref. `model` is what `v-model` is bound to, if it is. */
const useCardField = (input, kind, options, model) => {
  const state = shallowRef(null);
  let attached;
  onMounted(() => {
    input.value.addEventListener("fieldstate", ({ detail }) => (state.value = detail));
    attached = attach(input.value, kind, toValue(options));
  });
  onBeforeUnmount(() => attached.detach());
  const look = ([options, text]) => {
    attached.update(options);
    // A text that wasn't typed is written anew: the model has to hear of it.
    if (text !== undefined && input.value.value !== text) input.value.dispatchEvent(new Event("input", { bubbles: true }));
  };
  // After the element has the new text.
  watch([() => toValue(options), () => toValue(model)], look, { flush: "post" });
  return state;
};

/** With `v-model`, or without. */
const CardField = defineComponent({
  props: { id: String, label: String, kind: String, options: Object, modelValue: String },
  emits: ["update:modelValue", "state"],
  setup(props, { emit }) {
    const input = ref(null);
    const state = useCardField(
      input,
      props.kind,
      () => props.options,
      () => props.modelValue,
    );
    watch(state, (state) => emit("state", state));
    return () =>
      h("div", { class: "field" }, [
        h("label", { for: props.id }, props.label),
        h("div", { class: "field-box" }, [
          h("input", {
            ref: input,
            id: props.id,
            value: props.modelValue,
            onInput: ({ target }) => emit("update:modelValue", target.value),
          }),
        ]),
      ]);
  },
});

const App = defineComponent({
  setup() {
    const number = ref("");
    const state = ref(null);
    const other = ref(null);
    return () =>
      h("form", { class: "form" }, [
        h(CardField, {
          id: "controlled",
          label: "Card number, with v-model",
          kind: "number",
          modelValue: number.value,
          "onUpdate:modelValue": (text) => (number.value = text),
          onState: (now) => (state.value = now),
        }),
        h("p", [
          h("output", { id: "controlled-value" }, number.value),
          " ",
          h("output", { id: "controlled-brand" }, state.value?.card?.niceType),
        ]),
        h(
          "button",
          { class: "button", type: "button", id: "fill", onClick: () => (number.value = "378282246310005") },
          "Fill in",
        ),
        h(CardField, {
          id: "uncontrolled",
          label: "Card number, without",
          kind: "number",
          onState: (now) => (other.value = now),
        }),
        h("p", [
          h("output", { id: "uncontrolled-value" }, other.value?.value),
          " ",
          h("output", { id: "uncontrolled-brand" }, other.value?.card?.niceType),
        ]),
      ]);
  },
});

createApp(App).mount("#root");
