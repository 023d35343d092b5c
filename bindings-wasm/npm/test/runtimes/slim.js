/** Before `init`, whatever is used must say what to do; and a wrong module must not count as one. */
export const expectUninitialised = (api) => {
  const told = (work) => {
    try {
      work();
    } catch (error) {
      return String(error.message);
    }
    return "";
  };
  const before = [() => api.version(), () => api.pin("4930"), () => new api.Tracker({ shared: true })];
  const wrong = () => {
    told(() => api.initSync(new Uint8Array(8)));
    api.version();
  };
  for (const work of [...before, wrong]) {
    if (!told(work).includes("call init() first")) throw new Error("before init(), no error says to call it");
  }
};
