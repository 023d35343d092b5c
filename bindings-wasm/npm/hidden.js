// Values are plain data, but what prints them doesn't get all: `console.log` and `JSON.stringify` ask a value what it is to be
// shown as, and the core knows.
import { refused } from "./error.js";
import { wasm } from "./instance.js";

// What Node, Deno and Bun ask for. https://nodejs.org/api/util.html#custom-inspection-functions-on-objects
export const shown = Symbol.for("nodejs.util.inspect.custom");

const isObject = (value) => typeof value === "object" && value !== null;

/** A value without what hides it. */
const whole = (value) => (Array.isArray(value) ? [...value] : isObject(value) ? { ...value } : value);

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

/** An object as the API has it: what the contract doesn't name stands among its fields. */
export const flat = (value, within = "") => {
  if (!isObject(value?.extra)) return value;
  const { extra, ...fields } = value;
  const twice = Object.keys(extra).find((name) => fields[name] !== undefined);
  if (twice !== undefined) throw refused("json.duplicate_field", within + twice, "each field of an object once");
  return { ...fields, ...extra };
};

/** A request's body as JSON. */
export const bodyText = (body) => {
  if (!isObject(body?.kyc_data?.extra)) return write(flat(body));
  return write({ ...flat(body), kyc_data: flat(body.kyc_data, "kyc_data.") });
};

/** The same, of a response. */
export const responseText = (response) => text(whole(response));

/** The same, with what stands apart in it among the other fields. */
export const flatResponse = (operation, response) => {
  const isApart = isObject(response) && (isObject(response.extra) || Array.isArray(response.data));
  return isApart ? wasm().flatResponse(operation, responseText(response)) : responseText(response);
};

/** The same, of an event. A delivery has its exact text. */
export const eventText = (event) => {
  if (typeof event === "string") return event;
  if (typeof event?.json === "string") return event.json;
  const json = write({ type: event?.type, data: whole(event?.data) });
  return isObject(event?.data?.extra) ? wasm().flatEvent(json) : json;
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
      // It was changed to what it isn't.
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
  hide(plan.body, [shown], (wasm) => wasm.showPlan(write(plan)).body);
  return plan;
};

/** Hides what an event holds. */
export const hideEvent = (event) => {
  const place = isObject(event.data) ? event.data : event;
  hide(place, [shown, "toJSON"], (wasm) => {
    const visible = wasm.showEvent(eventText({ type: event.type, data: event.data }));
    return place === event ? visible : visible.data;
  });
  return event;
};

/** Hides what a response holds. */
export const hideResponse = (operation, response) =>
  hide(response, [shown, "toJSON"], (wasm) => wasm.showResponse(operation, flatResponse(operation, response)));

/** Hides why operations failed: the API's words, which may repeat what was sent. */
export const hideReport = (report) => {
  for (const { outcome } of report.settled) {
    const { reason, ...rest } = outcome;
    if (reason !== undefined) hide(outcome, [shown, "toJSON"], () => rest);
  }
  return report;
};
