// Everything that happened, newest first. Webhooks arrive here as they come.
import { readEvent } from "bananatech";
import { h, renderInto } from "./dom.js";
import { atTime, entryInWords, eventInWords } from "./words.js";

const STATE = {
  confirmed: "confirmed",
  failed: "failed",
  refused: "failed",
  overdue: "overdue",
  unclear: "overdue",
  event: "event",
};

const line = (entry) => {
  const event = entry.what === "event" ? readEvent(entry.event) : null;
  return h(
    "li",
    { class: "entry", "data-state": STATE[entry.what] ?? "plain" },
    h("time", { datetime: new Date(entry.at).toISOString() }, atTime(entry.at)),
    h(
      "p",
      {},
      event ? eventInWords(event) : entryInWords(entry),
      event && h("span", { class: "entry-type" }, h("span", { class: "hidden" }, "Webhook "), event.type),
      entry.reason && h("span", { class: "entry-reason" }, entry.reason),
    ),
  );
};

export const renderTimeline = (element, timeline) => {
  renderInto(
    element,
    timeline.map(({ id }) => id),
    () =>
      timeline.length === 0
        ? h("p", { class: "empty" }, "What you do and what the issuer's webhooks say appears here.")
        : h("ol", { class: "timeline", tabindex: "0", "aria-labelledby": "timeline-title" }, timeline.map(line)),
  );
};
