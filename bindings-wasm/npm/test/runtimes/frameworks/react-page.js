// The React entry in a page, in StrictMode: components are rendered twice there, and effects begin, end and begin again.
import { CardField, useCardField } from "bananatech/react";
import { StrictMode, createElement as h, createRef, useState, version } from "react";
import { createRoot, hydrateRoot } from "react-dom/client";
import { Payment } from "readme.jsx";
import { report } from "../report.js";
import { becomes, erase, runCases, served, shown, text, type } from "./cases.js";
import { Form } from "./react-app.js";

/** Renders something anew each time that the answered function is called. Input elements are found by their ids. */
const rendered = (root, component) => {
  const react = createRoot(root);
  const render = (props = {}) => react.render(h(StrictMode, null, h(component, props)));
  return { render, leave: () => react.unmount() };
};
const input = (id) => document.getElementById(id);

/** An `<input>` by the hook. */
const Hooked = ({ kind = "number", options, isThere = true, ...props }) => {
  const { ref, state } = useCardField(kind, options);
  return h("div", null, isThere && h("input", { id: "hooked", ref, ...props }), h("output", { id: "state" }, JSON.stringify(state)));
};
const told = () => JSON.parse(text("state") ?? "null");

const cases = {
  async "controlled: what is typed is written, and React has it as it is written"(root) {
    const { render, leave } = rendered(root, Form);
    render();
    await becomes(() => input("number")?.getAttribute("autocomplete"), "cc-number");
    type(input("number"), "41111111");
    await becomes(() => [shown(input("number")), text("number-value"), text("number-brand")], ["4111 1111|", "4111 1111", "Visa"]);
    input("number").setSelectionRange(2, 2);
    type(input("number"), "99");
    await becomes(() => [shown(input("number")), text("number-value")], ["4199| 1111 11", "4199 1111 11"]);
    erase(input("number"));
    await becomes(() => [shown(input("number")), text("number-value")], ["419|1 1111 1", "4191 1111 1"]);
    return leave;
  },
  async "controlled: what a program sets is written, and React hears of it"(root) {
    const { render, leave } = rendered(root, Form);
    render();
    await becomes(() => input("number")?.value, "");
    input("fill").click();
    await becomes(() => [input("number").value, text("number-value"), text("number-brand")], ["3782 822463 10005", "3782 822463 10005", "American Express"]);
    return leave;
  },
  async "controlled: what it begins with is written, and React hears of it"(root) {
    const { render, leave } = rendered(root, Form);
    render({ initial: "4111111111111111" });
    await becomes(() => [input("number")?.value, text("number-value")], ["4111 1111 1111 1111", "4111 1111 1111 1111"]);
    return leave;
  },
  async "controlled: a page that keeps another text has its way"(root) {
    const OnlyFour = () => {
      const [value, setValue] = useState("");
      return h(CardField, { id: "four", kind: "number", value, onChange: ({ target }) => setValue(target.value.slice(0, 4)) });
    };
    const { render, leave } = rendered(root, OnlyFour);
    render();
    await becomes(() => input("four")?.value, "");
    type(input("four"), "411122");
    await becomes(() => input("four").value, "4111");
    return leave;
  },
  async "uncontrolled: the state, and other options"(root) {
    const { render, leave } = rendered(root, Hooked);
    render({ kind: "cvv" });
    await becomes(() => told()?.reason, "empty");
    type(input("hooked"), "1234");
    await becomes(() => [input("hooked").value, told()], ["123", { kind: "cvv", value: "123", isValid: true, isPotentiallyValid: true, reason: null, isWrong: false }]);
    render({ kind: "cvv", options: { size: 4 } });
    await becomes(() => told().reason, "incomplete");
    // One that isn't said any more is as if it had never been.
    render({ kind: "cvv", options: {} });
    await becomes(() => told().reason, null);
    return leave;
  },
  async "what one field says of another"(root) {
    const { render, leave } = rendered(root, Form);
    render();
    await becomes(() => text("cvv-reason"), "incomplete");
    type(input("number"), "378282246310005");
    await becomes(() => text("number-brand"), "American Express");
    input("cvv").select();
    type(input("cvv"), "12345");
    await becomes(() => [input("cvv").value, text("cvv-reason")], ["1234", "none"]);
    return leave;
  },
  async "one that goes away and comes back, another kind, and the end"(root) {
    const { render, leave } = rendered(root, Hooked);
    render();
    await becomes(() => told()?.kind, "number");
    const first = input("hooked");
    render({ isThere: false });
    await becomes(() => [input("hooked") === null, told()], [true, null]);
    document.body.append(first);
    type(first, "41111");
    // Nobody looks after it any more.
    await becomes(() => [first.value, first.getAttribute("autocomplete")], ["41111", null]);
    first.remove();
    render();
    await becomes(() => told()?.kind, "number");
    type(input("hooked"), "41111");
    await becomes(() => [input("hooked").value, told().value], ["4111 1", "41111"]);
    render({ kind: "expiry" });
    await becomes(() => [told()?.kind, input("hooked").getAttribute("autocomplete")], ["expiry", "cc-exp"]);
    const last = input("hooked");
    leave();
    await becomes(() => last.getAttribute("autocomplete"), null);
  },
  async "each change is told once"(root) {
    const states = [];
    const { render, leave } = rendered(root, () => h(CardField, { id: "once", kind: "pin", onState: ({ reason }) => states.push(reason) }));
    render();
    // In StrictMode, the first effect is run twice.
    await becomes(() => [...new Set(states)], ["empty"]);
    states.length = 0;
    for (const [typed, reasons] of [["48", ["incomplete"]], ["29", ["incomplete", null]]]) {
      type(input("once"), typed);
      await becomes(() => states, reasons);
    }
    return leave;
  },
  async "the README's component"(root) {
    const { render, leave } = rendered(root, Payment);
    render();
    const inputs = () => [...root.querySelectorAll("input")];
    await becomes(() => inputs().map((input) => input.getAttribute("autocomplete")), ["cc-number", "cc-csc"]);
    type(inputs()[0], "378282246310005");
    await becomes(() => inputs()[0].value, "3782 822463 10005");
    type(inputs()[1], "123");
    inputs()[0].focus();
    // Left unfinished: American Express has four digits.
    await becomes(() => text("problem"), "Please check the security code.");
    type(inputs()[1], "4");
    await becomes(() => [inputs()[1].value, text("problem")], ["1234", ""]);
    return leave;
  },
  async "server rendering: the page takes the form over, with what was typed before"(root) {
    root.innerHTML = await served();
    await becomes(() => [input("number").value, text("number-brand"), text("cvv-reason")], ["4111111111111112", "", "none"]);
    input("cvv").value = "123";
    const react = hydrateRoot(root, h(StrictMode, null, h(Form, { initial: "4111111111111112" })));
    await becomes(() => [input("number").value, text("number-value"), text("number-brand")], ["4111 1111 1111 1112", "4111 1111 1111 1112", "Visa"]);
    await becomes(() => [input("cvv").value, text("cvv-reason")], ["123", "none"]);
    return () => react.unmount();
  },
};

if (Number.parseInt(version) >= 19)
  cases["refs of the component are the input's"] = async (root) => {
    const [object, called] = [createRef(), []];
    const { render, leave } = rendered(root, ({ ref }) => h(CardField, { id: "referred", kind: "cvv", ref }));
    render({ ref: object });
    await becomes(() => object.current?.id, "referred");
    const other = rendered(root.appendChild(document.createElement("div")), () => h(CardField, { id: "called", kind: "cvv", ref: (element) => void called.push(element?.id) }));
    other.render();
    await becomes(() => called.at(-1), "called");
    other.leave();
    leave();
    await becomes(() => object.current, null);
  };

report(() => runCases(cases));
