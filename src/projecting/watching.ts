import { setTimeout as delay } from "node:timers/promises";
import { backOff } from "../ports/backoff.ts";
import type { EventStore, Position } from "../ports/eventStore.ts";
import { explained } from "../ports/faults.ts";
import type { ViewStore } from "../ports/viewStore.ts";
import { type BlockedKeys, isReliedOn, type Keys, toldKeys } from "./blocked.ts";
import type { GenerationStore } from "./generations/store.ts";
import { activations, readGeneration } from "./generations/viewGenerations.ts";
import { healedIntervals, type Interval } from "./healed.ts";
import { loadParked } from "./parking.ts";
import type { Projection } from "./projection.ts";
import type { ReadNow } from "./reading.ts";
import { type SliceProgress, sliceProgress } from "./sliceProgress.ts";

/** How often the store is looked at, in milliseconds. */
const LOOK_MS = 100;
/** How often it is looked for what is parked and what was healed while nothing else is new, in milliseconds. */
const PARKED_MS = 1_000;

/** What is read of the views: the generation of each projection that has one, and into how many slices all are divided. */
export type ViewsRead = { names: ReadonlyMap<string, string>; slices: number };

export type WatchOptions = {
  log: Pick<EventStore, "end">;
  store: Pick<ViewStore, "get" | "range" | "checkpoints">;
  generations: Pick<GenerationStore, "list">;
  projections: readonly Projection[];
  /**
   * Called with the generations that are read from now on, and with the keys that are blocked there: once in each slice all of
   * them are equally far.
   */
  reading: (read: Record<string, ReadNow>, blocked: BlockedKeys, views: ViewsRead) => void;
  /** Called with the keys that are blocked from now on, before anybody may read up to what is parked. */
  blocked: (keys: BlockedKeys) => void;
  healed: (intervals: readonly Interval[]) => void;
  /** Called when all slices are further than before. */
  advanced: (lowest: Position) => void;
  /** Called at each look with how far each slice is. */
  seen?: (progress: SliceProgress) => void;
  /** Called once, when the views have what the log held as the watch began. */
  opened: () => void;
  /** Called at each look while nothing is read yet. */
  nothing?: () => Promise<void>;
  /** Called at each look once something is read. */
  also?: () => Promise<void>;
  /** Called before each look. */
  looking?: () => void;
  /** Called when the views are others than before, even if they are not equally far yet. */
  found?: (views: ViewsRead) => void;
  warn: (message: string, error: unknown) => void;
  /** How long to wait for the next look, in milliseconds. Default: 100. */
  everyMs?: () => number;
};

export type Watch = {
  /** Looks until `signal` is aborted. It waits for a store that is away. */
  run(signal: AbortSignal): Promise<void>;
  /** Looks now, since something was committed. */
  look(): void;
  /** What is read, if that is known and still so: by one question. Rejects with `Unavailable`. */
  known(): Promise<ViewsRead | undefined>;
  /** How far everything is that is read. Undefined: nothing is read yet. */
  lowest(): Position | undefined;
  isOpen(): boolean;
  /** Why the store cannot be looked at. */
  trouble(): string | undefined;
};

/**
 * Follows what others write to the views: which generations are read, how far all of their slices are, and what is blocked. It
 * writes nothing.
 */
export function watchViews(options: WatchOptions): Watch {
  const { log, store, generations, projections, reading, blocked, healed, advanced, opened, found, warn } = options;
  const { everyMs = () => LOOK_MS } = options;
  let changes: number | undefined;
  /** What there is, and what was told to be read. */
  let views: ViewsRead | undefined;
  let told: ViewsRead | undefined;
  let lowest: Position | undefined;
  let goal: Position | undefined;
  let isOpen = false;
  let trouble: string | undefined;
  const blockedTold = new Map<string, string>();
  let healedTold: string | undefined;
  let askedAt = -Infinity;
  let wake = (): void => {};
  let isAsked = false;

  const find = async (): Promise<ViewsRead> => {
    const names = new Map<string, string>();
    let slices = 1;
    for (const projection of projections) {
      const active = await readGeneration(generations, projection);
      if (active === undefined) continue;
      names.set(projection.name, active.name);
      slices = active.slices ?? 1;
    }
    return { names, slices };
  };

  const blockedIn = async ({ names }: ViewsRead): Promise<BlockedKeys> => {
    const of = projections.flatMap((projection) => {
      const generation = names.get(projection.name);
      return isReliedOn(projection) && generation !== undefined ? [{ name: projection.name, generation }] : [];
    });
    const keys = await Promise.all(
      of.map(async ({ name, generation }): Promise<[string, Keys]> => [
        name,
        toldKeys((await loadParked(store, generation, null)).keys),
      ]),
    );
    return Object.fromEntries(keys);
  };

  /** Those that are others than was told before. */
  const newlyBlocked = (keys: BlockedKeys): BlockedKeys => {
    const changed: Record<string, Keys> = {};
    for (const [name, each] of Object.entries(keys)) {
      const text = JSON.stringify(each);
      if (blockedTold.get(name) === text) continue;
      blockedTold.set(name, text);
      changed[name] = each;
    }
    return changed;
  };

  const takeHealed = (intervals: readonly Interval[]): void => {
    const text = JSON.stringify(intervals);
    if (text === (healedTold ?? "[]")) return;
    healedTold = text;
    healed(intervals);
  };

  const switchTo = (now: ViewsRead, keys: BlockedKeys): void => {
    told = now;
    newlyBlocked(keys);
    const read = Object.fromEntries(
      projections.map(({ name }): [string, ReadNow] => {
        const generation = now.names.get(name);
        return [name, generation === undefined ? { generation, progress: undefined } : { generation }];
      }),
    );
    reading(read, keys, now);
  };

  /**
   * Takes in how far the views were a moment ago. Resolves to whether they are still the same: else it is to be looked which they
   * are now, and nothing was taken in.
   */
  const seenAt = async (now: ViewsRead, at: SliceProgress): Promise<boolean> => {
    // Were one ahead of the others, its rows would be shown by rights that somebody has lost.
    const isFit = told === now || at.isEven;
    const further = isFit && at.lowest !== undefined && at.lowest > (lowest ?? "") ? at.lowest : undefined;
    const isDue = isFit && (told !== now || further !== undefined || performance.now() - askedAt >= PARKED_MS);
    // After the checkpoints: what was parked up to there is among the rows. And whoever reads on without knowing of what was
    // healed is beyond it, and never told of it.
    const [count, keys, intervals] = await Promise.all([
      activations(store),
      isDue ? blockedIn(now) : undefined,
      isDue ? healedIntervals(store) : undefined,
    ]);
    if (count !== changes) return false;
    options.seen?.(at);
    if (keys !== undefined && intervals !== undefined) {
      askedAt = performance.now();
      if (told !== now) switchTo(now, keys);
      else {
        const changed = newlyBlocked(keys);
        if (Object.keys(changed).length > 0) blocked(changed);
      }
      takeHealed(intervals);
    }
    if (further !== undefined) {
      lowest = further;
      advanced(further);
    }
    if (isFit && !isOpen && goal !== undefined && (lowest ?? "") >= goal) {
      isOpen = true;
      opened();
    }
    await options.also?.();
    return true;
  };

  const progressOf = ({ names, slices }: ViewsRead): Promise<SliceProgress> => sliceProgress(store, [...names.values()], slices);

  const look = async (): Promise<void> => {
    goal ??= await log.end();
    options.looking?.();
    const known = views;
    if (known !== undefined && known.names.size > 0 && (await seenAt(known, await progressOf(known)))) return;
    const count = await activations(store);
    // After they were counted: if they change meanwhile, the next look sees that.
    const now = await find();
    if (count !== changes) found?.(now);
    [views, changes] = [now, count];
    if (now.names.size === 0) return options.nothing?.();
    await seenAt(now, await progressOf(now));
  };

  const rested = async (signal: AbortSignal): Promise<void> => {
    if (isAsked) return;
    const rest = new AbortController();
    wake = () => rest.abort();
    await delay(everyMs(), undefined, { signal: AbortSignal.any([signal, rest.signal]) }).catch(() => undefined);
  };

  return {
    run: async (signal) => {
      for (let failures = 0; !signal.aborted;) {
        isAsked = false;
        try {
          await look();
          [failures, trouble] = [0, undefined];
          await rested(signal);
        } catch (error) {
          if (signal.aborted) return;
          trouble = explained(error);
          warn("it cannot be seen how far the views are; trying again", error);
          await backOff(failures++, signal);
        }
      }
    },
    look: () => {
      isAsked = true;
      wake();
    },
    known: async () => {
      const [now, since] = [views, changes];
      if (now === undefined || now.names.size === 0) return undefined;
      return (await activations(store)) === since ? now : undefined;
    },
    lowest: () => lowest,
    isOpen: () => isOpen,
    trouble: () => trouble,
  };
}
