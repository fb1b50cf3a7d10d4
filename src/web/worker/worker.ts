import { type Scope, showPushes } from "./pushes.ts";

// The page's service worker: it is built into a script of its own, which imports nothing.
showPushes(globalThis as unknown as Scope);
