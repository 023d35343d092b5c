// Card fields in React: the library looks after the element, React keeps what it says.
import { attach } from "bananatech/forms";
import { StrictMode, useEffect, useRef, useState } from "react";
import { createRoot } from "react-dom/client";

/** Looks after the input of the ref that it answers. `onState` gets what is to be said of it; `value` is a controlled one's. */
const useCardField = (kind, { options, onState, value } = {}) => {
  const input = useRef(null);
  const attached = useRef(null);
  const told = useRef(onState);
  told.current = onState;
  useEffect(() => {
    const { current } = input;
    const tell = ({ detail }) => told.current?.(detail);
    current.addEventListener("fieldstate", tell);
    attached.current = attach(current, kind, options);
    return () => {
      attached.current.detach();
      current.removeEventListener("fieldstate", tell);
    };
  }, [kind]);
  useEffect(() => {
    attached.current.update(options);
    // A value that wasn't typed is written anew: `onChange` has to hear of it.
    const { current } = input;
    if (value !== undefined && current.value !== value) current.dispatchEvent(new Event("input", { bubbles: true }));
  }, [JSON.stringify(options), value]);
  return input;
};

/** With `value` and `onChange` it is controlled, else it keeps its text itself. */
const CardField = ({ label, kind, options, onState, ...input }) => (
  <div className="field">
    <label htmlFor={input.id}>{label}</label>
    <div className="field-box">
      <input ref={useCardField(kind, { options, onState, value: input.value })} {...input} />
    </div>
  </div>
);

const App = () => {
  const [number, setNumber] = useState("");
  const [state, setState] = useState(null);
  const [other, setOther] = useState(null);
  return (
    <form className="form">
      <CardField
        id="controlled"
        label="Card number, controlled"
        kind="number"
        value={number}
        onChange={({ target }) => setNumber(target.value)}
        onState={setState}
      />
      <p>
        <output id="controlled-value">{number}</output> <output id="controlled-brand">{state?.card?.niceType}</output>
      </p>
      <button className="button" type="button" id="fill" onClick={() => setNumber("378282246310005")}>
        Fill in
      </button>
      <CardField id="uncontrolled" label="Card number, uncontrolled" kind="number" onState={setOther} />
      <p>
        <output id="uncontrolled-value">{other?.value}</output> <output id="uncontrolled-brand">{other?.card?.niceType}</output>
      </p>
    </form>
  );
};

createRoot(document.getElementById("root")).render(
  <StrictMode>
    <App />
  </StrictMode>,
);
