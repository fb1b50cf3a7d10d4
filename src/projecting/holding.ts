import { setTimeout as delay } from "node:timers/promises";
import { backOff } from "../ports/backoff.ts";
import { type Lease, LEASE_MS, type Leases } from "../ports/leases.ts";

/** How often a holder shows that it is there, in milliseconds. What another one lets go of is taken so soon. */
const BEAT_MS = 500;

/** While somebody has it, nobody folds: a generation takes the place of another, say. */
export const STILL = -1;
/** Whoever has it builds generations. One at a time is enough. */
export const BUILDING = -2;

/** What is done with a slice while it is held. */
export type SliceWork = {
  /** Ends it. Resolves once nothing of it is under way. */
  stop(): Promise<void>;
  /** Called when it has ended by itself: then the slice is let go of, and competed for again. */
  ended: Promise<void>;
};

export type HoldingOptions = {
  leases: Leases;
  /** Its name among all holders. */
  holder: string;
  /** How many slices there are now. Asked at each heartbeat. */
  slices: () => number;
  /**
   * Whether nothing can be done here though others can do it: then everything is let go of, and nothing competed for. Asked at
   * each heartbeat. Default: never.
   */
  isStranded?: () => boolean;
  /** Begins the work of a slice that was taken. */
  begin: (lease: Lease) => SliceWork;
  /** Called when other slices are held than before. */
  changed?: (held: readonly Lease[]) => void;
  /** Called when whoever was building is gone without having let go of that: nobody else knows what is half built. */
  cutOff?: () => void;
  /** Called when the leases cannot be asked, and (undefined) when they can be asked again. */
  troubled?: (error: unknown) => void;
  beatMs?: number;
};

/** A slice at work. `isLeaving`: its work is being ended, and then it is let go of. */
type AtWork = { lease: Lease; work: SliceWork; isLeaving: boolean };

/**
 * Competes for slices until `signal` is aborted, and works on those that it has: as many as are its part among all who compete.
 * What it lost, it stops quietly. Resolves once all work has ended and every slice is let go of.
 */
export async function holdSlices(options: HoldingOptions, signal: AbortSignal): Promise<void> {
  const { leases, holder, slices, isStranded, begin, changed, cutOff, troubled, beatMs = BEAT_MS } = options;
  const atWork = new Map<number, AtWork>();
  const ending = new Set<Promise<unknown>>();
  let isGood = 0;
  /** Since when nobody has gone on with what was being built. */
  let cutOffAt: number | undefined;
  let wake = (): void => {};

  const tell = (): void => changed?.([...atWork.values()].filter(({ isLeaving }) => !isLeaving).map(({ lease }) => lease));

  const isThere = (each: AtWork): boolean => atWork.get(each.lease.slice) === each;

  /** Somebody else has it, or may have it at any moment: nothing that is under way will be stored. */
  const lose = (each: AtWork): void => {
    // It stays in its place until its work has ended: then it may be taken again.
    if (each.isLeaving) return;
    each.isLeaving = true;
    end(each, false);
  };

  const leave = (each: AtWork): void => {
    if (each.isLeaving) return;
    each.isLeaving = true;
    end(each, true);
  };

  const end = (each: AtWork, isReleased: boolean): void => {
    const ended = (async () => {
      await each.work.stop();
      if (isReleased) await leases.release(holder, [each.lease]).catch(() => undefined);
      if (isThere(each)) atWork.delete(each.lease.slice);
      wake();
    })();
    ending.add(ended);
    void ended.finally(() => ending.delete(ended));
  };

  const take = async (slice: number): Promise<boolean> => {
    const lease = await leases.take(holder, slice);
    if (lease === undefined) return false;
    const each: AtWork = { lease, work: begin(lease), isLeaving: false };
    atWork.set(slice, each);
    void each.work.ended.then(() => {
      if (!isThere(each)) return;
      leave(each);
      tell();
    });
    return true;
  };

  /** Others need not wait until the work has ended: what it still commits is done before they take over, or refused. */
  const standAside = async (): Promise<void> => {
    const all = [...atWork.values()].filter(({ isLeaving }) => !isLeaving);
    for (const each of all) lose(each);
    if (all.length > 0) tell();
    await leases.leave(holder);
  };

  const beat = async (): Promise<void> => {
    if (isStranded?.() === true) return standAside();
    const at = performance.now();
    const all = [...atWork.values()];
    const { kept, share, free, beside, abandoned } = await leases.beat(
      holder,
      all.map(({ lease }) => lease),
      slices(),
    );
    isGood = at;
    const before = [...atWork.values()].filter(({ isLeaving }) => !isLeaving).length;
    const mine = new Set(kept.map(({ slice, fence }) => `${slice} ${fence}`));
    for (const each of all) if (isThere(each) && !mine.has(`${each.lease.slice} ${each.lease.fence}`)) lose(each);
    const staying = [...atWork.values()].filter(({ isLeaving }) => !isLeaving);
    const most = beside.includes(STILL) ? 0 : share;
    for (const each of staying.slice(most)) leave(each);
    let count = Math.min(staying.length, most);
    for (const slice of free) {
      if (count >= most || signal.aborted) break;
      if (!atWork.has(slice) && (await take(slice))) count++;
    }
    if (count !== before || staying.length > most) tell();
    if (!abandoned.includes(BUILDING)) cutOffAt = undefined;
    // Who builds may only have been cut off from the leases, as all were: it comes back first.
    else if (at - (cutOffAt ??= at) >= LEASE_MS) {
      cutOffAt = Infinity;
      cutOff?.();
    }
  };

  /** Ends early if there may be something to take. */
  const rested = async (): Promise<void> => {
    const rest = new AbortController();
    wake = () => rest.abort();
    await delay(beatMs, undefined, { signal: AbortSignal.any([signal, rest.signal]) }).catch(() => undefined);
  };

  let failures = 0;
  const watch = setInterval(() => {
    if (performance.now() - isGood < LEASE_MS || atWork.size === 0) return;
    for (const each of atWork.values()) lose(each);
    tell();
  }, beatMs);
  try {
    while (!signal.aborted) {
      try {
        await beat();
        if (failures > 0) troubled?.(undefined);
        failures = 0;
        await rested();
      } catch (error) {
        if (cutOffAt !== Infinity) cutOffAt = undefined;
        troubled?.(error);
        await backOff(Math.min(failures++, 4), signal);
      }
    }
  } finally {
    clearInterval(watch);
    for (const each of atWork.values()) leave(each);
    await Promise.all(ending);
    await leases.leave(holder).catch(() => undefined);
    tell();
  }
}

/**
 * Makes all that is folded stand still: takes the slices from whoever has them, and keeps them until it is ended. Resolves with
 * what ends it. Ends early, without having them, if the signal is aborted.
 */
export async function standStill(
  leases: Leases,
  holder: string,
  slices: () => Promise<number>,
  signal: AbortSignal,
): Promise<() => Promise<void>> {
  const held = await keepAlone(leases, holder, STILL, signal);
  const taken = new Map<number, Lease>();
  const release = async (): Promise<void> => {
    // Those who were told to stand still come back at their next heartbeat.
    await leases.release(holder, [...taken.values()]).catch(() => undefined);
    await held?.release();
  };
  held?.with(() => [...taken.values()]);
  for (let attempt = 0; !signal.aborted; attempt++) {
    try {
      const count = await slices();
      for (let slice = 0; slice < count; slice++) {
        if (taken.has(slice)) continue;
        const lease = await leases.take(holder, slice);
        if (lease) taken.set(slice, lease);
      }
      if (Array.from({ length: count }, (_, slice) => taken.has(slice)).every(Boolean)) break;
      await delay(50, undefined, { signal }).catch(() => undefined);
    } catch {
      await backOff(attempt, signal);
    }
  }
  return release;
}

/** A lease of one's own, kept until it is released. */
export type Kept = {
  /** Renews these leases too. */
  with(others: () => readonly Lease[]): void;
  release(): Promise<void>;
  /** As if its holder had been killed: once it is over, others see that something was left undone. */
  abandon(): void;
};

/** Waits for a lease and keeps it. Undefined: the signal was aborted before. */
export async function keepAlone(leases: Leases, holder: string, slice: number, signal: AbortSignal): Promise<Kept | undefined> {
  let lease: Lease | undefined;
  for (let attempt = 0; lease === undefined; attempt++) {
    if (signal.aborted) return undefined;
    try {
      lease = await leases.take(holder, slice);
      if (lease === undefined) await delay(BEAT_MS, undefined, { signal }).catch(() => undefined);
    } catch {
      await backOff(attempt, signal);
    }
  }
  const own = lease;
  let others: () => readonly Lease[] = () => [];
  // If it cannot be renewed, others may take it: what they and this one do is decided by the checkpoints.
  const timer = setInterval(() => void leases.renew(holder, [own, ...others()]).catch(() => undefined), BEAT_MS);
  timer.unref();
  return {
    with: (more) => void (others = more),
    release: async () => {
      clearInterval(timer);
      await leases.release(holder, [own]).catch(() => undefined);
    },
    abandon: () => clearInterval(timer),
  };
}
