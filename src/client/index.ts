export { createClient } from "./client.ts";
export { follow, onChange, onFailed } from "./following.ts";
export { addWebPush, endWebPush, removeWebPush } from "./pushing.ts";
export { when } from "./watched.ts";
export type * from "./types.ts";
