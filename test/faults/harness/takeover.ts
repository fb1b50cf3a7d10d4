import { Client } from "pg";
import { expect } from "vitest";
import type { Server } from "../../support/server.ts";
import { until } from "../../support/until.ts";
import type { Cluster } from "./cluster.ts";

/* Who holds which slice of the views, as PostgreSQL has it. */

/** A slice below 0 is none of what is shared. `holder` begins with the id of its process. */
export type Lease = { slice: number; holder: string | null; fence: number; checkpoints: string | null };

export type Leases = {
  all(): Promise<Lease[]>;
  /** The slices that a process holds. */
  of(server: Server): Promise<Lease[]>;
  close(): Promise<void>;
};

/** How often it is looked, in milliseconds. */
const LOOK_MS = 10;

/** Looks at the leases, over a connection of its own. It is made anew where it was lost. */
export function leasesOf({ database, schema }: Pick<Cluster, "database" | "schema">): Leases {
  const text = `
    SELECT slice, holder, fence::int, (
      SELECT string_agg(generation || ' ' || position, ',' ORDER BY generation)
      FROM "${schema}".checkpoints WHERE generation LIKE '%/' || slice
    ) AS checkpoints
    FROM "${schema}".leases WHERE slice >= 0 ORDER BY slice`;
  let client: Client | undefined;
  const all = async (): Promise<Lease[]> => {
    if (client === undefined) {
      const opened = new Client({ connectionString: database.url });
      opened.on("error", () => (client = undefined));
      await opened.connect();
      client = opened;
    }
    return (await client.query<Lease>(text)).rows;
  };
  return {
    all,
    of: async ({ pid }) => (await all()).filter(({ holder }) => holder?.startsWith(`${pid}-`)),
    close: async () => client?.end(),
  };
}

/** How long it took, from `began` on, until another process had the last of some slices, and until all of them went on. */
export type Takeover = { slices: number; leasedMs: number; movedMs: number };

/** Waits until others have all of these slices, and their checkpoints have moved. `began`: by `performance.now()`. */
export async function takenOver(leases: Leases, lost: readonly Lease[], began: number): Promise<Takeover> {
  const waiting = new Map(lost.map((lease) => [lease.slice, lease]));
  /** Where the checkpoints of a slice were when another one was seen to have it. */
  const taken = new Map<number, string | null>();
  let leasedMs = 0;
  let movedMs = 0;
  await until(
    "other processes fold the slices",
    async () => {
      const now = await leases.all();
      const at = performance.now() - began;
      for (const { slice, holder, fence, checkpoints } of now) {
        const before = waiting.get(slice);
        if (before === undefined) continue;
        const known = taken.get(slice);
        if (known !== undefined) {
          if (known === checkpoints) continue;
          movedMs = at;
          waiting.delete(slice);
        } else if (holder !== null && holder !== before.holder && fence > before.fence) {
          leasedMs = at;
          taken.set(slice, checkpoints);
        }
      }
      return waiting.size === 0;
    },
    undefined,
    LOOK_MS,
  );
  return { slices: lost.length, leasedMs, movedMs };
}

/** Waits until a process holds some slices, and gives them. */
export const slicesOf = (leases: Leases, server: Server): Promise<Lease[]> =>
  until("it holds some slices", async () => {
    const held = await leases.of(server);
    return held.length > 0 && held;
  }) as Promise<Lease[]>;

export const told = (takeovers: readonly Takeover[]): string =>
  takeovers
    .map(({ slices, leasedMs, movedMs }) => `${slices} held after ${leasedMs.toFixed(0)} ms, folded after ${movedMs.toFixed(0)}`)
    .join("; ");

/** Looks on until `over`, whenever PostgreSQL can be asked: fences only grow, and no checkpoint goes back. */
export async function onlyForward(cluster: Pick<Cluster, "database" | "schema">, over: AbortSignal): Promise<void> {
  const leases = leasesOf(cluster);
  const before = new Map<string, string>();
  const fences = new Map<number, number>();
  await until(
    "it is over",
    async () => {
      for (const { slice, fence, checkpoints } of await leases.all().catch(() => [])) {
        expect(fence, `the fence of slice ${slice}`).toBeGreaterThanOrEqual(fences.get(slice) ?? 0);
        fences.set(slice, fence);
        for (const each of checkpoints?.split(",") ?? []) {
          const [generation = "", position = ""] = each.split(" ");
          expect(position >= (before.get(generation) ?? ""), `${generation} goes on after ${before.get(generation)}`).toBe(true);
          before.set(generation, position);
        }
      }
      return over.aborted;
    },
    Number.POSITIVE_INFINITY,
    100,
  );
  await leases.close();
}
