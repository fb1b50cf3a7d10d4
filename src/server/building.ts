import { once } from "node:events";
import { setTimeout as delay } from "node:timers/promises";
import type { MessagePort } from "node:worker_threads";
import { viewProjections } from "../../projections/index.ts";
import { inboxes } from "../../projections/inboxes.ts";
import { linked } from "../projecting/generations/patience.ts";
import { type Interval, keepingIntervals } from "../projecting/healed.ts";
import { heldAges } from "../projecting/ages.ts";
import { type Builder, type BuilderOptions, createBuilder } from "../projecting/generations/builder.ts";
import { type Comparable, comparing } from "../projecting/generations/comparing.ts";
import { mending } from "../projecting/generations/mending.ts";
import type { KeeperState } from "../projecting/generations/state.ts";
import { slicesRead } from "../projecting/generations/resharding.ts";
import { slicesOf, viewGenerations } from "../projecting/generations/viewGenerations.ts";
import { BUILDING, keepAlone, type Kept, standStill } from "../projecting/holding.ts";
import { sliceProgress } from "../projecting/sliceProgress.ts";
import type { Projection } from "../projecting/projection.ts";
import type { Open } from "../ports/awaitable.ts";
import { inFull } from "../ports/faults.ts";
import type { SharedViews } from "../ports/leases.ts";
import type { ViewSnapshot, ViewStore } from "../ports/viewStore.ts";
import { createSweeper, mustBeThere, type RetentionLimits } from "../projecting/retention.ts";
import { type LogPlace, scannerAt } from "./log.ts";
import type { Sliced } from "./slicing.ts";
import { viewsAt, type ViewsPlace } from "./views.ts";

/** `scan`: see `startScan`. */
export type BuildingData = {
  log: LogPlace;
  scan: MessagePort | undefined;
  views: ViewsPlace;
  retention: RetentionLimits;
  /** If the views are divided into slices, or shared with other processes. */
  sliced?: Sliced;
};

/** What an operator may ask of a projection. */
export type Order = "replay" | "cancelReplay" | "verify";

export type ToBuilder =
  | { kind: "close" }
  /** Go on with what an earlier server was building, and build what has no generation to read. */
  | { kind: "goOn" }
  | { kind: "order"; id: number; order: Order; name: string; conversation?: string }
  /** The projections' thread stands still. */
  | { kind: "halted" };

export type FromBuilder =
  | { kind: "state"; name: string; state: KeeperState }
  | { kind: "obeyed"; id: number; fault: string | undefined }
  /** A generation that took the place of another has handled what the other had not. It comes before `resume`. */
  | { kind: "healed"; intervals: readonly Interval[] }
  | { kind: "halt" }
  | { kind: "resume" }
  /** Nothing is under way any more, of what `orders` messages asked for. */
  | { kind: "idle"; orders: number }
  | { kind: "info"; message: string }
  | { kind: "warning"; message: string; detail: string };

/** The table of the inboxes whose rows are deleted one day. */
const ENTRIES = "entries";

/** The building thread itself. It reads the log and writes the views on its own connections, and reports to the main thread. */
export async function composeBuilder(data: BuildingData, parent: MessagePort): Promise<void> {
  const tell = (message: FromBuilder) => parent.postMessage(message);
  const warn = (message: string, error: unknown): void => tell({ kind: "warning", message, detail: inFull(error) });
  const stop = new AbortController();
  let halted = (): void => {};
  /** Orders that came before the thread was ready. */
  const early: ToBuilder[] = [];
  let receive = (message: ToBuilder): void => void early.push(message);
  parent.on("message", (message: ToBuilder) => {
    if (message.kind === "close") stop.abort();
    else if (message.kind === "halted") halted();
    else receive(message);
  });

  const log = await scannerAt(data.log, data.scan);
  const store = await viewsAt(data.views);
  const alone = amongBuilders(data.sliced, store, stop.signal);
  const follower = alone?.follower ?? {
    halt: async () => {
      if (stop.signal.aborted) return;
      const wait = linked(stop.signal);
      const waiting = once(wait.signal, "abort");
      halted = () => wait.abort();
      tell({ kind: "halt" });
      await waiting;
    },
    resume: () => tell({ kind: "resume" }),
  };
  /** Of the inboxes: nothing below the horizons, as they are in `from`, comes back. */
  const agesOf = ({ name }: Projection, from: Pick<ViewSnapshot, "get"> = store) =>
    name === inboxes.name ? heldAges({ store: from, of: { projection: name, table: ENTRIES } }) : undefined;
  const healing = keepingIntervals(store, (intervals) => tell({ kind: "healed", intervals }));
  const builder = createBuilder(
    {
      log,
      store: viewGenerations(store),
      projections: viewProjections,
      follower,
      verify: (projection) => {
        const comparable = comparableOf(projection, log.origin);
        const agesAt = (snapshot: ViewSnapshot) => agesOf(projection, snapshot);
        return comparing({ log, store, projection, agesAt, ...(comparable ? { comparable } : {}) });
      },
      mend: (projection, read) => {
        const [ages, comparable] = [agesOf(projection), comparableOf(projection, log.origin)];
        const respecting = { ...(ages ? { ages } : {}), ...(comparable ? { comparable } : {}) };
        return mending({ log, store, projection, follower, readGeneration: read, healing, ...respecting });
      },
      agesOf: (projection) => agesOf(projection),
      prepare: async ({ name }, generation, signal) => {
        if (name !== inboxes.name) return;
        await createSweeper({
          store,
          entries: `${generation}/${ENTRIES}`,
          changes: `${generation}/changes`,
          limits: data.retention,
          checkpoint: async () =>
            (await sliceProgress(store, [generation], await slicesOf(store, generation))).lowest ?? log.origin,
          now: () => new Date(),
        }).trimAll(signal);
      },
      healing,
      ...(data.sliced ? { sliced: { store, slices: data.sliced.slices } } : {}),
      stateChanged: (name, state) => tell({ kind: "state", name, state }),
      info: (message) => tell({ kind: "info", message }),
      warn,
    },
    stop.signal,
  );
  let orders = 0;
  /** How many of them there were when everything was done. */
  let done = 0;
  /** Settled once everything that was asked for is begun, or cannot be. */
  let beginning: Promise<void> = Promise.resolve();
  const work = async (message: ToBuilder): Promise<void> => {
    if (message.kind === "goOn" && (await alone?.wait()) !== false) await builder.goOn();
    if (message.kind === "order") {
      const fault = (await alone?.wait(OTHERS_MS)) === false ? OTHERS : await obey(builder, message);
      tell({ kind: "obeyed", id: message.id, fault });
    }
  };
  // It may have been told to close while it opened the log and the views.
  const closed = stop.signal.aborted ? Promise.resolve() : once(stop.signal, "abort");
  receive = (message) => {
    const mine = ++orders;
    const begun = work(message).catch((error: unknown) => {
      if (!stop.signal.aborted) warn("a view cannot be built now; it is tried again at the next start", error);
    });
    beginning = beginning.then(() => begun);
    void begun
      .then(() => builder.ended())
      .then(() => {
        // Others may have been asked for meanwhile: then their end counts.
        if (mine !== orders) return;
        done = orders;
        tell({ kind: "idle", orders });
      });
  };
  for (const message of early.splice(0)) receive(message);
  let isCutOff = false;
  try {
    await closed;
    isCutOff = done !== orders;
    await beginning;
    await builder.ended();
  } finally {
    await alone?.release(isCutOff);
    await log.close();
    await store.close();
    parent.close();
  }
}

/** How long an order waits for another process that builds views, in milliseconds. */
const OTHERS_MS = 2_000;
const OTHERS = "another server builds or compares views now: try again once it has ended";

/**
 * One process at a time builds views, of all that share them. `wait`: until it is this one; false if it is not after so many
 * milliseconds, or if the thread is to close. `release`: lets others build; `isCutOff`: and go on with what is half built.
 * `follower`: makes those stand still that fold the slices, wherever they are.
 */
function amongBuilders(
  sliced: Sliced | undefined,
  store: Open<ViewStore> & Partial<SharedViews>,
  signal: AbortSignal,
):
  | { wait(ms?: number): Promise<boolean>; release(isCutOff: boolean): Promise<void>; follower: BuilderOptions["follower"] }
  | undefined {
  const { leases } = store;
  if (sliced?.holder === undefined || leases === undefined) return undefined;
  const holder = `${sliced.holder}-builder`;
  const generations = viewGenerations(store);
  let taking: Promise<Kept | undefined> | undefined;
  let still: Promise<() => Promise<void>> | undefined;
  let goingOn: Promise<void> | undefined;
  return {
    wait: (ms) => {
      taking ??= keepAlone(leases, holder, BUILDING, signal);
      const isTaken = taking.then((kept) => kept !== undefined);
      return ms === undefined ? isTaken : Promise.race([isTaken, delay(ms, false, { signal, ref: false }).catch(() => false)]);
    },
    release: async (isCutOff) => {
      await goingOn;
      const kept = await taking;
      if (isCutOff) kept?.abandon();
      else await kept?.release();
    },
    follower: {
      halt: async () => {
        const slices = async () => (await slicesRead(generations, viewProjections)) ?? sliced.slices;
        still = standStill(leases, holder, slices, signal);
        await still;
      },
      resume: () => {
        goingOn = still?.then((goOn) => goOn());
        still = undefined;
      },
    },
  };
}

type Ordered = { order: Order; name: string; conversation?: string };

async function obey(builder: Builder, { order, name, conversation }: Ordered): Promise<string | undefined> {
  try {
    await builder[order](name, conversation);
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}

/** Of the inboxes, only what must be there is compared: the rest may be deleted at any time. */
function comparableOf(
  { name }: Projection,
  origin: string,
): ((store: Pick<ViewSnapshot, "get">, generation: string) => Comparable) | undefined {
  if (name !== inboxes.name) return undefined;
  return (store, generation) => {
    const isThere = mustBeThere(store, { changes: `${generation}/changes`, origin });
    return ({ table, partition, sort, text }) => table !== ENTRIES || isThere(partition, sort, JSON.parse(text));
  };
}
