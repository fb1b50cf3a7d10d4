/** Work that is told when it has taken too long. */
export type Deadlines<Work> = { begin(work: Work): void; end(work: Work): void };

/**
 * All have the same time, so the one that began first is the first that is late: one timer is enough for any number. `failed`
 * is told what `late` throws: the others are told in time all the same.
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
