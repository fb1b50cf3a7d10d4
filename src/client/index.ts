export { createClient } from "./client.ts";
export { when } from "./watched.ts";
export type * from "./types.ts";
