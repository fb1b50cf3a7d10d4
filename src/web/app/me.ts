import { useTidings, useWatched } from "../../client/react.ts";
import type { Me } from "../../client/types.ts";

/** The one who uses the page. The shell shows nothing before this is known. */
export function useMe(): Me {
  const me = useWatched(useTidings().me);
  if (!me) throw new Error("nobody has signed in");
  return me;
}

/** For a call: the same call with the same id is done once. */
export { newId } from "../../client/ids.ts";
