import { useEffect, useRef } from "react";
import { useTidings } from "../../client/react.ts";
import type { InboxEntry } from "../../client/types.ts";

/** Calls `listener` with each entry of the inbox; with undefined where entries may have been left out. */
export function useEntries(listener: (entry: InboxEntry | undefined) => void): void {
  const client = useTidings();
  const latest = useRef(listener);
  useEffect(() => {
    latest.current = listener;
  });
  useEffect(() => client.onEntry((entry) => latest.current(entry)), [client]);
}
