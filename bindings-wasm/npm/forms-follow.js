// What the entries for frameworks have in common: an input that is looked after, for as long as it is there.
import { attach } from "bananatech/forms";

/** Looks after an input. `tell` gets each state, the first before this returns. */
export const follow = (input, kind, options, tell) => {
  const hear = ({ detail }) => tell(detail);
  const given = input.value;
  input.addEventListener("fieldstate", hear);
  const attached = attach(input, kind, options);
  let known = options;
  // Whether the framework has yet to hear of a text that was written in the place of its own.
  let isUntold = input.value !== given;
  return {
    /** Looks anew, with these options and no others: a program may have set the text. */
    update(options) {
      const { value } = input;
      const dropped = Object.fromEntries(Object.keys(known ?? {}).map((name) => [name, undefined]));
      attached.update({ ...dropped, ...options });
      known = options;
      if (!isUntold && input.value === value) return;
      isUntold = false;
      const { Event } = input.ownerDocument.defaultView ?? globalThis;
      input.dispatchEvent(new Event("input", { bubbles: true }));
    },
    detach() {
      attached.detach();
      input.removeEventListener("fieldstate", hear);
    },
  };
};
