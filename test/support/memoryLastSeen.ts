import type { DeviceKey, LastSeen, Seen } from "../../src/ports/lastSeen.ts";

const keyOf = ({ user, device }: DeviceKey): string => `${user}~${device}`;

/** When devices were last seen, in memory. `writes`: how many rows were written. */
export function memoryLastSeen(): LastSeen & { rows: Map<string, Seen>; writes: () => number } {
  const rows = new Map<string, Seen>();
  let writes = 0;
  return {
    rows,
    writes: () => writes,
    of: async (keys) => keys.map((key) => rows.get(keyOf(key))),
    note: async (seen) => {
      for (const { at, online, ...key } of seen) {
        rows.set(keyOf(key), { at, online });
        writes++;
      }
    },
    forget: async (keys) => {
      for (const key of keys) rows.delete(keyOf(key));
    },
  };
}
