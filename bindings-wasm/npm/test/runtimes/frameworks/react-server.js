import { createElement } from "react";
import { renderToString } from "react-dom/server";
import { Form } from "./react-app.js";

console.log(renderToString(createElement(Form, { initial: "4111111111111112" })));
