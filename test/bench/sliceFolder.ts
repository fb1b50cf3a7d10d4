import { viewProjections } from "../../projections/index.ts";
import { sqliteLogReader } from "../../src/adapters/eventStore/sqlite/sqliteLogReader.ts";
import { postgresViewStore } from "../../src/adapters/viewStore/postgres/postgresViewStore.ts";
import { createBuilder } from "../../src/projecting/generations/builder.ts";
import { createSlicedFollower } from "../../src/projecting/generations/slicedFollower.ts";
import type { KeeperState } from "../../src/projecting/generations/state.ts";
import { viewGenerations } from "../../src/projecting/generations/viewGenerations.ts";
import { holdSlices } from "../../src/projecting/holding.ts";
import { cpuTime } from "./cpu.ts";
import { clockMs } from "./measure.ts";
import { answer } from "./processes.ts";

/** A process that folds its share of the slices of views on a PostgreSQL, as a projector does. It reads the log of a folder. */

export type FolderPlan = { dataDir: string; url: string; schema: string; slices: number };

const stop = new AbortController();
let ended: Promise<unknown> = Promise.resolve();
let opened: () => void = () => undefined;
/** When the views were first open, on a clock that all processes share. */
const open = new Promise<number>((resolve) => (opened = () => resolve(clockMs())));
const faults: unknown[] = [];

const handlers = {
  /** Competes for slices, and folds those that it gets. */
  async fold({ dataDir, url, schema, slices }: FolderPlan): Promise<void> {
    const log = sqliteLogReader(dataDir);
    const store = await postgresViewStore(url, { schema, shared: true });
    const follower = createSlicedFollower({
      log,
      store,
      generations: viewGenerations(store),
      projections: viewProjections,
      slices,
      hold: (work, signal) => holdSlices({ leases: store.leases, holder: `folder-${process.pid}`, ...work }, signal),
      heldBy: store.heldBy,
      wanted: () => false,
      epoch: () => 0n,
      reading: () => undefined,
      blocked: () => undefined,
      healed: () => undefined,
      advanced: () => undefined,
      readsElsewhere: true,
      opened,
      troubled: () => undefined,
      info: () => undefined,
      warn: (_, error) => faults.push(error),
    });
    ended = follower.run(stop.signal).then(async () => {
      await store.close();
      await log.close();
    });
  },

  /** When all slices of the views had what the log holds, and were read. */
  async opened(): Promise<number> {
    const at = await open;
    if (faults.length > 0) throw faults[0];
    return at;
  },

  /** Builds one view anew beside the one that is read, as an operator's replay does. Gives the seconds that it took. */
  async replay({ dataDir, url, schema, slices, name }: FolderPlan & { name: string }): Promise<number> {
    const log = sqliteLogReader(dataDir);
    const store = await postgresViewStore(url, { schema, shared: true });
    let state: KeeperState | undefined;
    const builder = createBuilder(
      {
        log,
        store: viewGenerations(store),
        projections: viewProjections,
        sliced: { store, slices },
        follower: { halt: () => Promise.resolve(), resume: () => undefined },
        verify: () => () => Promise.reject(new Error("nothing is compared here")),
        stateChanged: (_, now) => (state = now),
        info: () => undefined,
        warn: (_, error) => faults.push(error),
      },
      new AbortController().signal,
    );
    const began = clockMs();
    await builder.replay(name);
    await builder.ended();
    const seconds = (clockMs() - began) / 1_000;
    await store.close();
    await log.close();
    if (faults.length > 0) throw faults[0];
    if (state?.state !== "LIVE" || state.lastError !== undefined) throw new Error(`${name}: ${JSON.stringify(state)}`);
    return seconds;
  },

  cpu: () => cpuTime(),
};

export type SliceFolderHandlers = typeof handlers;
answer(handlers, async () => {
  stop.abort();
  await ended;
});
