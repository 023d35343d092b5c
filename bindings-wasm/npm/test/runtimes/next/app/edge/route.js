export const runtime = "edge";
export { answer as POST } from "../answer.js";
