// Values are plain data, but what prints them doesn't get all: `console.log` and `JSON.stringify` ask a value what it is to be
// shown as, and the core knows.
import { wasm } from "./instance.js";

// What Node, Deno and Bun ask for. https://nodejs.org/api/util.html#custom-inspection-functions-on-objects
export const shown = Symbol.for("nodejs.util.inspect.custom");

const isObject = (value) => typeof value === "object" && value !== null;

/** A value without what hides it. */
const whole = (value) => (isObject(value) && !Array.isArray(value) ? { ...value } : value);

// A bigint becomes text, which the core refuses where it expects an id: an error of ours instead of a TypeError. Only then
// is the slower way taken.
/** A value as JSON. */
export const write = (value) => {
  try {
    return JSON.stringify(value) ?? "null";
  } catch {
    return JSON.stringify(value, (_, item) => (typeof item === "bigint" ? String(item) : item)) ?? "null";
  }
};

/** The same, of what may be JSON already. */
export const text = (value) => (typeof value === "string" ? value : write(value));

/** The same, of a response. */
export const responseText = (response) => text(whole(response));

/** The same, of an event. A delivery has its exact text. */
export const eventText = (event) => {
  if (typeof event === "string") return event;
  return typeof event?.json === "string" ? event.json : write({ type: event?.type, data: whole(event?.data) });
};

const PART = { value: () => "(not shown: a part of what the API or you sent)", configurable: true };

/** Hides the objects and lists within a value from what prints them alone, such as one record of a list. */
const hideParts = (value) => {
  // One after the other: what came may be nested deeper than calls can be.
  const rest = [value];
  while (rest.length > 0) {
    for (const item of Object.values(rest.pop())) {
      if (isObject(item)) rest.push(Object.defineProperty(item, shown, PART));
    }
  }
};

// An own property that nobody sees, so that the value equals another one with the same fields.
const hide = (value, names, show) => {
  const print = () => {
    try {
      return show(wasm());
    } catch {
      // It was changed to what it isn't, or the module is that of `bananatech/plan`.
      return "(not shown)";
    }
  };
  hideParts(value);
  const property = { value: print, configurable: true };
  for (const name of names) Object.defineProperty(value, name, property);
  return value;
};

/** Hides what a plan holds, but not from `JSON.stringify`: that is how it travels. */
export const hidePlan = (plan) => {
  hide(plan.body, [shown], (wasm) => wasm.showPlan(write(plan)));
  return plan;
};

/** Hides what an event holds. */
export const hideEvent = (event) => {
  const place = isObject(event.data) ? event.data : event;
  hide(place, [shown, "toJSON"], (wasm) => wasm.showEvent(eventText({ type: event.type, data: event.data })));
  return event;
};

/** Hides what a response holds. */
export const hideResponse = (operation, response) =>
  hide(response, [shown, "toJSON"], (wasm) => wasm.showResponse(operation, responseText(response)));

/** Hides why operations failed: the API's words, which may repeat what was sent. */
export const hideReport = (report) => {
  for (const { outcome } of report.settled) {
    const { reason, ...rest } = outcome;
    if (reason !== undefined) hide(outcome, [shown, "toJSON"], () => rest);
  }
  return report;
};
