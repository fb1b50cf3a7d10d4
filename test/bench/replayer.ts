import { setTimeout as delay } from "node:timers/promises";
import { viewProjections } from "../../projections/index.ts";
import { inboxes } from "../../projections/inboxes.ts";
import { sqliteLogReader } from "../../src/adapters/eventStore/sqlite/sqliteLogReader.ts";
import { levelViewStore } from "../../src/adapters/viewStore/level/levelViewStore.ts";
import type { ViewStore } from "../../src/ports/viewStore.ts";
import { heldAges } from "../../src/projecting/ages.ts";
import { createBuilder } from "../../src/projecting/generations/builder.ts";
import type { KeeperState } from "../../src/projecting/generations/state.ts";
import { viewGenerations } from "../../src/projecting/generations/viewGenerations.ts";
import { type CpuCost, cpuCost, cpuTime } from "./cpu.ts";
import { fold, openRaw, type RawPage, rawPage, writeRaw } from "./folding.ts";
import { timed } from "./measure.ts";
import { answer } from "./processes.ts";

/** A process that builds views, or measures what such a build could cost at least. */

/** As a builder reads. */
const PAGE = 4_096;

type Places = { dataDir: string; folder: string };

/** Builds a generation of a view, as an operator's replay does. */
async function built(dataDir: string, store: ViewStore, name: string): Promise<void> {
  const log = sqliteLogReader(dataDir);
  let state: KeeperState | undefined;
  const faults: unknown[] = [];
  const builder = createBuilder(
    {
      log,
      store: viewGenerations(store),
      projections: viewProjections,
      follower: { halt: () => Promise.resolve(), resume: () => {} },
      verify: () => () => Promise.reject(new Error("nothing is compared here")),
      agesOf: (of) => (of === inboxes ? heldAges({ store, of: { projection: of.name, table: "entries" } }) : undefined),
      stateChanged: (_, now) => (state = now),
      info: () => {},
      warn: (_, error) => faults.push(error),
    },
    new AbortController().signal,
  );
  await builder.replay(name);
  await builder.ended();
  await log.close();
  if (faults.length > 0) throw faults[0];
  if (state?.state !== "LIVE" || state.lastError !== undefined)
    throw new Error(`${name} was not built: ${JSON.stringify(state)}`);
}

const handlers = {
  /** How long it takes to read the log and to parse what it holds. */
  async scan({ dataDir }: Pick<Places, "dataDir">): Promise<{ events: number; seconds: number }> {
    const log = sqliteLogReader(dataDir);
    const { seconds, value: events } = await timed(async () => {
      let count = 0;
      for (let at = log.origin, isTail = false; !isTail;) {
        const page = await log.readAll(at, PAGE);
        count += page.events.length;
        ({ next: at, isTail } = page);
      }
      return count;
    });
    await log.close();
    return { events, seconds };
  },

  /** How long LevelDB alone takes for the rows of a view, in the same batches. They are folded once more to know them. */
  async write({ dataDir, folder, name }: Places & { name: string }): Promise<{ rows: number; seconds: number }> {
    const store = await levelViewStore(`${folder}/folded`);
    const pages: RawPage[] = [];
    const taking: ViewStore = {
      ...store,
      commit: (writes, moves) => {
        pages.push(rawPage(writes));
        return store.commit(writes, moves);
      },
    };
    await built(dataDir, taking, name);
    await store.close();
    globalThis.gc?.();
    const level = await openRaw(`${folder}/raw`);
    const seconds = await writeRaw(level, pages);
    await level.close();
    return { rows: pages.reduce((sum, { puts, dels }) => sum + puts.length + dels.length, 0), seconds };
  },

  async build({ dataDir, folder, name }: Places & { name: string }): Promise<{ seconds: number; cpu: CpuCost | undefined }> {
    const store = await levelViewStore(folder);
    await delay(500);
    const before = cpuTime();
    const { seconds } = await timed(() => built(dataDir, store, name));
    const cpu = cpuCost(before, cpuTime(), 1);
    await store.close();
    return { seconds, cpu };
  },

  /** Folds all views together, as the first start does. */
  async all({ dataDir, folder }: Places): Promise<{ rows: number; seconds: number }> {
    const log = sqliteLogReader(dataDir);
    const store = await levelViewStore(folder);
    const { seconds, value: rows } = await fold(log, store);
    await store.close();
    await log.close();
    return { rows, seconds };
  },

  /** The most memory that this process had so far, in MiB. */
  memory: (): number => process.resourceUsage().maxRSS / 1_024,
};

export type ReplayerHandlers = typeof handlers;
answer(handlers);
