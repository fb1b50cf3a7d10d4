/**
 * The channel on which the writer tells readers in other threads of this process that it has committed. The message is empty:
 * they look for themselves.
 */
export const growthChannel = (logId: string): string => `tidings-log-${logId}`;

export type Growth = {
  /** Resolves at the next `wake`, or when `signal` is aborted. */
  next(signal: AbortSignal): Promise<void>;
  wake(): void;
  /** Wakes everyone for the last time. */
  close(): void;
};

/**
 * Readers that wait until the log may have grown. All are also woken every `pollMs` milliseconds, so a lost message causes only a
 * delay.
 */
export function growth(pollMs: number): Growth {
  const waiting = new Set<() => void>();
  const wake = (): void => {
    for (const go of [...waiting]) go();
  };
  const poll = setInterval(wake, pollMs).unref();
  return {
    next(signal) {
      return new Promise((resolve) => {
        const go = (): void => {
          waiting.delete(go);
          signal.removeEventListener("abort", go);
          resolve();
        };
        waiting.add(go);
        signal.addEventListener("abort", go);
        if (signal.aborted) go();
      });
    },
    wake,
    close() {
      clearInterval(poll);
      wake();
    },
  };
}
