import { answer } from "./app/answer.js";

export const middleware = answer;
export const config = { matcher: "/middleware" };
