// What the compiled module makes of a value and a long text: see out.rs.
export const withText = (json, text) => ({ value: JSON.parse(json), text });
