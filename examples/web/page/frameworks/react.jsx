// Card fields in React: the library looks after the element, React keeps what it says.
import { CardField, useCardField } from "bananatech/react";
import { StrictMode, useState } from "react";
import { createRoot } from "react-dom/client";

const Labelled = ({ id, label, children }) => (
  <div className="field">
    <label htmlFor={id}>{label}</label>
    <div className="field-box">{children}</div>
  </div>
);

/** Controlled, by the component: `value` and `onChange`. */
const Controlled = () => {
  const [text, setText] = useState("");
  const [state, setState] = useState(null);
  return (
    <>
      <Labelled id="controlled" label="Card number, controlled">
        <CardField id="controlled" kind="number" value={text} onChange={({ target }) => setText(target.value)} onState={setState} />
      </Labelled>
      <p>
        <output id="controlled-value">{text}</output> <output id="controlled-brand">{state?.card?.niceType}</output>
      </p>
      <button className="button" type="button" id="fill" onClick={() => setText("378282246310005")}>
        Fill in
      </button>
    </>
  );
};

/** Uncontrolled, by the hook, for an `<input>` of one's own; and what one field's state says of another. */
const Uncontrolled = () => {
  const number = useCardField("number");
  const cvv = useCardField("cvv", { size: number.state?.card?.code.size ?? [3, 4] });
  return (
    <>
      <Labelled id="uncontrolled" label="Card number, uncontrolled">
        <input id="uncontrolled" ref={number.ref} />
      </Labelled>
      <p>
        <output id="uncontrolled-value">{number.state?.value}</output>{" "}
        <output id="uncontrolled-brand">{number.state?.card?.niceType}</output>
      </p>
      <Labelled id="cvv" label={number.state?.card?.code.name ?? "Security code"}>
        <input id="cvv" ref={cvv.ref} />
      </Labelled>
      <p>
        <output id="cvv-reason">{cvv.state?.reason}</output>
      </p>
    </>
  );
};

createRoot(document.getElementById("root")).render(
  <StrictMode>
    <form className="form">
      <Controlled />
      <Uncontrolled />
    </form>
  </StrictMode>,
);
