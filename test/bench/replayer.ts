import { viewProjections } from "../../projections/index.ts";
import { inboxes } from "../../projections/inboxes.ts";
import { readAhead, startReadAhead } from "../../src/adapters/eventStore/sqlite/readAhead.ts";
import { sqliteLogReader } from "../../src/adapters/eventStore/sqlite/sqliteLogReader.ts";
import { levelViewStore } from "../../src/adapters/viewStore/level/levelViewStore.ts";
import type { ViewStore } from "../../src/ports/viewStore.ts";
import { heldAges } from "../../src/projecting/ages.ts";
import { createBuilder } from "../../src/projecting/generations/builder.ts";
import type { KeeperState } from "../../src/projecting/generations/state.ts";
import { viewGenerations } from "../../src/projecting/generations/viewGenerations.ts";
import { fold, openRaw, type RawPage, rawPage, writeRaw } from "./folding.ts";
import { timed } from "./measure.ts";
import { unexpected } from "../support/unexpected.ts";
import { answer } from "./processes.ts";

/** A process that builds views, or measures what such a build could cost at least. */

/** As a builder reads. */
const PAGE = 1_024;

type Places = { dataDir: string; folder: string };

/** Builds a generation of a view, as an operator's replay does. */
async function built(dataDir: string, store: ViewStore, name: string): Promise<void> {
  const log = readAhead(dataDir, startReadAhead(dataDir, unexpected).port);
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

/** What some work takes. `cpu`: microseconds on a core, in all threads; the same however busy the machine is, or nearly. */
type Cost = { seconds: number; cpu: number };

async function costOf<T>(work: () => Promise<T>): Promise<Cost & { value: T }> {
  const before = process.cpuUsage();
  const { seconds, value } = await timed(work);
  const { user, system } = process.cpuUsage(before);
  return { seconds, cpu: user + system, value };
}

const handlers = {
  /** What it takes to read the log and to parse what it holds. */
  async scan({ dataDir }: Pick<Places, "dataDir">): Promise<Cost & { events: number }> {
    const log = sqliteLogReader(dataDir);
    const { value: events, ...cost } = await costOf(async () => {
      let count = 0;
      for (let at = log.origin, isTail = false; !isTail;) {
        const page = await log.readAll(at, PAGE);
        count += page.events.length;
        ({ next: at, isTail } = page);
      }
      return count;
    });
    await log.close();
    return { events, ...cost };
  },

  /** What LevelDB alone takes for the rows of a view, in the same batches. They are folded once more to know them. */
  async write({ dataDir, folder, name }: Places & { name: string }): Promise<Cost & { rows: number }> {
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
    // Without the time in which LevelDB settles before and after.
    const { cpu, value: seconds } = await costOf(() => writeRaw(level, pages));
    await level.close();
    return { rows: pages.reduce((sum, { puts, dels }) => sum + puts.length + dels.length, 0), seconds, cpu };
  },

  async build({ dataDir, folder, name }: Places & { name: string }): Promise<Cost> {
    const store = await levelViewStore(folder);
    const { seconds, cpu } = await costOf(() => built(dataDir, store, name));
    await store.close();
    return { seconds, cpu };
  },

  /** Folds all views together, as the first start does. */
  async all({ dataDir, folder }: Places): Promise<Cost & { rows: number }> {
    const log = sqliteLogReader(dataDir);
    const store = await levelViewStore(folder);
    const { cpu, value } = await costOf(() => fold(log, store));
    await store.close();
    await log.close();
    return { rows: value.value, seconds: value.seconds, cpu };
  },

  /** The most memory that this process had so far, in MiB. */
  memory: (): number => process.resourceUsage().maxRSS / 1_024,
};

export type ReplayerHandlers = typeof handlers;
answer(handlers);
