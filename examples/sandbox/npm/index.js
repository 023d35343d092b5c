import sandbox from "./index.cjs";

export const { sandboxPath, startSandbox } = sandbox;
