/** Reads that fail as they are told to. */
export type FailingReads = {
  /** Lets the `nth` read from now on (from 1) fail with a fault, and all that follow too unless it is `alone`. */
  begin(nth: number, alone: boolean, fault: () => Error): void;
  /** No more. Gives whether one failed. */
  end(): boolean;
  /** The same function, which may fail: at once, or, unless `atOnce`, with a promise. */
  watched<Args extends unknown[], T>(read: (...args: Args) => T, atOnce?: boolean): (...args: Args) => T;
};

export function failingReads(): FailingReads {
  let plan: { nth: number; alone: boolean; fault: () => Error } | undefined;
  let calls = 0;
  let failed = false;
  const faultOfNow = (): Error | undefined => {
    if (!plan) return undefined;
    calls++;
    if (plan.alone ? calls !== plan.nth : calls < plan.nth) return undefined;
    failed = true;
    return plan.fault();
  };
  return {
    begin: (nth, alone, fault) => {
      plan = { nth, alone, fault };
      calls = 0;
      failed = false;
    },
    end: () => {
      plan = undefined;
      return failed;
    },
    watched:
      <Args extends unknown[], T>(read: (...args: Args) => T, atOnce = false) =>
      (...args: Args): T => {
        const fault = faultOfNow();
        if (!fault) return read(...args);
        if (atOnce) throw fault;
        return Promise.reject(fault) as T;
      },
  };
}
