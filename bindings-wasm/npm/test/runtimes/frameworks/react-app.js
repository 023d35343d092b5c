// A form in React, which a server renders and a page takes over.
import { CardField, useCardField } from "bananatech/react";
import { createElement as h, useState } from "react";

/** Controlled by the component, and uncontrolled by the hook. */
export const Form = ({ initial = "" }) => {
  const [number, setNumber] = useState(initial);
  const [state, setState] = useState(null);
  const cvv = useCardField("cvv", { size: state?.card?.code.size ?? [3, 4] });
  return h(
    "form",
    null,
    h(CardField, { id: "number", kind: "number", value: number, onChange: ({ target }) => setNumber(target.value), onState: setState }),
    h("output", { id: "number-value" }, number),
    h("output", { id: "number-brand" }, state?.card?.niceType),
    h("button", { id: "fill", type: "button", onClick: () => setNumber("378282246310005") }),
    h("input", { id: "cvv", ref: cvv.ref, defaultValue: "12" }),
    h("output", { id: "cvv-reason" }, cvv.state?.reason ?? "none"),
  );
};
