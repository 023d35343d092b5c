import DefaultTheme from "vitepress/theme";
import { enhanceAppWithTabs } from "vitepress-plugin-tabs/client";
import LiveFields from "./LiveFields.vue";
import LivePin from "./LivePin.vue";
import Mermaid from "./Mermaid.vue";
import "./style.css";

export default {
  extends: DefaultTheme,
  enhanceApp({ app }) {
    enhanceAppWithTabs(app);
    for (const [name, component] of Object.entries({ LiveFields, LivePin, Mermaid })) app.component(name, component);
  },
};
