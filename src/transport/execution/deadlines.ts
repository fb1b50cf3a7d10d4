/** A piece of work that has begun, in the order in which all began. */
export type Timed<Work> = {
  /** Undefined once it has ended. */
  work: Work | undefined;
  readonly since: number;
  before: Timed<Work> | undefined;
  after: Timed<Work> | undefined;
};

/** Calls `late` for work that takes too long. */
export type Deadlines<Work> = { begin(work: Work): Timed<Work>; end(timed: Timed<Work>): void };

/**
 * All work has the same time limit, so the oldest is always late first, and one timer is enough. If `late` throws, `failed`
 * gets the fault, and the rest of the work is still checked.
 *
 * What is under way is linked, and what has ended refers to nothing. A `Map` would be copied again and again as work comes and
 * goes. Once such a copy is among the old objects, it and all that came after it are kept until all garbage is collected, with
 * all that was under way when each was made: nearly everything of each operation.
 */
export function deadlines<Work>(withinMs: number, late: (work: Work) => void, failed: (fault: unknown) => void): Deadlines<Work> {
  let oldest: Timed<Work> | undefined;
  let newest: Timed<Work> | undefined;
  let isTiming = false;

  function time(ms: number): void {
    isTiming = true;
    setTimeout(check, ms).unref();
  }

  function check(): void {
    isTiming = false;
    const now = performance.now();
    while (oldest?.work !== undefined) {
      const { work, since } = oldest;
      const left = since + withinMs - now;
      if (left > 0) return time(Math.ceil(left));
      end(oldest);
      try {
        late(work);
      } catch (fault) {
        failed(fault);
      }
    }
  }

  function end(timed: Timed<Work>): void {
    if (timed.work === undefined) return;
    const { before, after } = timed;
    if (before === undefined) oldest = after;
    else before.after = after;
    if (after === undefined) newest = before;
    else after.before = before;
    timed.work = timed.before = timed.after = undefined;
  }

  return {
    begin(work) {
      const timed: Timed<Work> = { work, since: performance.now(), before: newest, after: undefined };
      if (newest === undefined) oldest = timed;
      else newest.after = timed;
      newest = timed;
      if (!isTiming) time(withinMs);
      return timed;
    },
    end,
  };
}
