import { createSSRApp } from "vue";
import { renderToString } from "vue/server-renderer";
import { Form } from "./vue-app.js";

console.log(await renderToString(createSSRApp(Form, { initial: "4111111111111112" })));
