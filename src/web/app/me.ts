import { useTidings, useWatched } from "../../client/react.ts";
import type { Me } from "../../client/types.ts";

/** The one who uses the page. The shell shows nothing before this is known. */
export function useMe(): Me {
  const me = useWatched(useTidings().me);
  if (!me) throw new Error("nobody has signed in");
  return me;
}

/** A random id for a call: the same call with the same id is done once. */
export function newId(): string {
  // Not `randomUUID`: a page that came without TLS from another machine has none.
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
