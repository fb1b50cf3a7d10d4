/**
 * Operations over HTTP that begin in one turn of the event loop. What arrives beyond that waits as it came: an operation under
 * way takes far more memory, which each collection of garbage copies. So what was begun goes on before more is begun.
 */
const MOST = 128;

/** Begins operations in the order in which they arrived, some in each turn. */
export type Beginnings = {
  /** Whether one may begin now. If it may, it is counted. */
  mayBegin(): boolean;
  /** Begins it in its turn. It must not throw. */
  later(begin: () => void): void;
};

export function beginnings(most = MOST): Beginnings {
  /** In the present turn. */
  let begun = 0;
  let isTurning = false;
  let waiting: (() => void)[] = [];
  /** Those of them that have begun. */
  let gone = 0;

  const turn = (): void => {
    begun = Math.min(most, waiting.length - gone);
    isTurning = begun > 0;
    if (isTurning) setImmediate(turn);
    for (let count = 0; count < begun; count++) (waiting[gone++] as () => void)();
    // What has begun is let go of, also while others wait all the time.
    if (gone < waiting.length / 2) return;
    waiting = waiting.slice(gone);
    gone = 0;
  };

  return {
    mayBegin: () => {
      if (begun >= most || waiting.length > 0) return false;
      begun++;
      if (!isTurning) setImmediate(turn);
      isTurning = true;
      return true;
    },
    later: (begin) => void waiting.push(begin),
  };
}
