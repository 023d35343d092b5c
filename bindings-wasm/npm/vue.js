// Card fields for Vue: the library looks after the element, Vue keeps what it says. vue.d.ts describes it.
import { defineComponent, h, onBeforeUnmount, onUpdated, shallowRef, toValue, watch } from "vue";
import { follow } from "./forms-follow.js";

export const useCardField = (input, kind, options) => {
  const state = shallowRef(null);
  let field;
  const leave = () => {
    field?.detach();
    field = undefined;
    state.value = null;
  };
  const look = () => field?.update(toValue(options));
  const begin = ([element, kind]) => {
    leave();
    if (element) field = follow(element, kind, toValue(options), (told) => (state.value = told));
    look();
  };
  // When the element is there.
  watch([input, () => toValue(kind)], begin, { flush: "post", immediate: true });
  watch(() => toValue(options), look, { flush: "post", deep: true });
  // A rendering may have set another text.
  onUpdated(look);
  onBeforeUnmount(leave);
  return state;
};

export const CardField = defineComponent({
  name: "CardField",
  props: { kind: { type: String, required: true }, options: Object, modelValue: String },
  emits: ["update:modelValue", "state"],
  setup(props, { emit, expose }) {
    const input = shallowRef(null);
    const state = useCardField(input, () => props.kind, () => props.options);
    watch(state, (told) => told && emit("state", told));
    expose({ input, state });
    const onInput = ({ target }) => emit("update:modelValue", target.value);
    return () => h("input", { ref: input, onInput, ...(props.modelValue === undefined ? {} : { value: props.modelValue }) });
  },
});
