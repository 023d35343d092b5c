// From import to the first verdict on a card number, in a fresh process or page.
export const firstVerdict = async (file) => {
  const start = performance.now();
  const { verdict } = await import(file);
  const { isValid } = verdict("4111 1111 1111 1111");
  const took = performance.now() - start;
  if (!isValid) throw new Error("the number is valid");
  return took;
};
