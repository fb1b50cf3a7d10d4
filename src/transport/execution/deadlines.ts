/** Calls `late` for work that takes too long. */
export type Deadlines<Work> = { begin(work: Work): void; end(work: Work): void };

/**
 * All work has the same time limit, so the oldest is always late first, and one timer is enough. If `late` throws, `failed`
 * gets the fault, and the rest of the work is still checked.
 */
export function deadlines<Work>(withinMs: number, late: (work: Work) => void, failed: (fault: unknown) => void): Deadlines<Work> {
  const running = new Map<Work, number>();
  let isTiming = false;

  function time(ms: number): void {
    isTiming = true;
    setTimeout(check, ms).unref();
  }

  function check(): void {
    isTiming = false;
    const now = performance.now();
    for (const [work, since] of running) {
      const left = since + withinMs - now;
      if (left > 0) return time(Math.ceil(left));
      running.delete(work);
      try {
        late(work);
      } catch (fault) {
        failed(fault);
      }
    }
  }

  return {
    begin(work) {
      running.set(work, performance.now());
      if (!isTiming) time(withinMs);
    },
    end(work) {
      running.delete(work);
    },
  };
}
