import type { Bearer } from "./auth.ts";

/** Is told which clients are there. Its functions do not throw. */
export type Comings = {
  /** A client is connected. The returned function is called once, at the end. `isFarewell`: the client said goodbye. */
  connected(caller: Bearer): (isFarewell: boolean) => void;
  /** A client sent a request over HTTP. */
  seen(caller: Bearer): void;
};
