// What is thrown. The compiled module makes its errors of this class too.

// Not exported: a program may hold two copies of this package, so errors are told by name.
export class BananaTechError extends Error {
  constructor({ message, code, category, field, rejection, answer }) {
    super(message);
    this.code = code;
    this.category = category;
    if (field !== undefined) this.field = field;
    for (const [name, came] of Object.entries({ rejection, answer })) {
      if (came === undefined) continue;
      this.status = came.status;
      // Out of sight of whatever prints errors: the words may repeat what was sent.
      Object.defineProperty(this, name, { value: { message: null, ...came } });
    }
  }
}
Object.defineProperty(BananaTechError.prototype, "name", { value: "BananaTechError", configurable: true, writable: true });

// Not by its class: another realm has another one.
export const isBananaTechError = (error) =>
  Object.prototype.toString.call(error) === "[object Error]" && error.name === "BananaTechError";

/** An error of the caller's, found before the module is asked: there everything is text already. */
export const refused = (code, field, expected) =>
  new BananaTechError({ message: `${field}: expected ${expected} [${code}]`, code, category: "invalid_input", field });
