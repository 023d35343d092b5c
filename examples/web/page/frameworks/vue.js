// Card fields in Vue: the library looks after the element, Vue keeps what it says.
import { attach } from "bananatech/forms";
import { createApp, defineComponent, h, onBeforeUnmount, onMounted, ref, watch } from "vue";

/** With `v-model`, or without. In a single-file component: `<input ref="input" :value="modelValue" @input="…" @fieldstate="…">`. */
const CardField = defineComponent({
  props: { id: String, label: String, kind: String, options: Object, modelValue: String },
  emits: ["update:modelValue", "state"],
  setup(props, { emit }) {
    const input = ref(null);
    let attached;
    onMounted(() => (attached = attach(input.value, props.kind, props.options)));
    onBeforeUnmount(() => attached.detach());
    const look = ([value, options]) => {
      attached.update(options);
      // A value that wasn't typed is written anew: the model has to hear of it.
      if (value !== undefined && input.value.value !== value) emit("update:modelValue", input.value.value);
    };
    // After the element has the new value.
    watch([() => props.modelValue, () => props.options], look, { flush: "post" });
    return () =>
      h("div", { class: "field" }, [
        h("label", { for: props.id }, props.label),
        h("div", { class: "field-box" }, [
          h("input", {
            ref: input,
            id: props.id,
            value: props.modelValue,
            onInput: ({ target }) => emit("update:modelValue", target.value),
            onFieldstate: ({ detail }) => emit("state", detail),
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
