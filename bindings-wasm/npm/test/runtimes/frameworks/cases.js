// What the cases of all frameworks have in common: they run in a page, one after the other.
const PATIENCE_MS = 30_000;

/** Edits as a keyboard does: the browser itself makes the edit, and sends its events, but for the first. */
const edit = (input, command, inputType, data = null) => {
  input.focus();
  input.dispatchEvent(new InputEvent("beforeinput", { bubbles: true, cancelable: true, inputType, data }));
  document.execCommand(command, false, data);
};

/** Types a text, key by key. */
export const type = (input, text) => [...text].forEach((key) => edit(input, "insertText", "insertText", key));

/** Presses Backspace. */
export const erase = (input) => edit(input, "delete", "deleteContentBackward");

/** Looks until what is found is what is expected: frameworks render a little later. */
export const becomes = async (look, expected) => {
  const right = JSON.stringify(expected);
  let found;
  for (const end = Date.now() + PATIENCE_MS; Date.now() < end; await new Promise((resolve) => setTimeout(resolve, 10))) {
    found = JSON.stringify(look());
    if (found === right) return;
  }
  throw new Error(`got ${found}, expected ${right}`);
};

/** What a server rendered of the form. */
export const served = async () => (await fetch(new URL("page.html", import.meta.url))).text();

/** What an element shows, or an input holds, with `|` where its caret is. */
export const text = (id) => document.getElementById(id)?.textContent;
export const shown = ({ value, selectionStart: at }) => `${value.slice(0, at)}|${value.slice(at)}`;

/**
 * Runs cases, each in an element of its own. What the framework complains of fails them, too.
 *
 * @param cases Functions by their names. Each gets an element of the page, and answers what cleans up.
 */
export const runCases = async (cases) => {
  const failures = [];
  const complaints = [];
  for (const level of ["error", "warn"]) console[level] = (...parts) => complaints.push(parts.join(" "));
  addEventListener("error", ({ message }) => complaints.push(message));
  for (const [name, run] of Object.entries(cases)) {
    const root = document.body.appendChild(document.createElement("div"));
    try {
      const leave = await run(root);
      leave?.();
      if (complaints.length > 0) throw new Error(complaints.join("; "));
    } catch (error) {
      failures.push(`${name}: ${error?.message ?? error}`);
    }
    complaints.length = 0;
    root.remove();
  }
  const all = Object.keys(cases).length;
  return { passed: all - failures.length, failed: failures.length, failures };
};
