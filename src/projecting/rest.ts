/** Milliseconds. */
export type RestLimits = {
  least: number;
  most: number;
  /** Events a second at which the rest is as long as it may be. Below that it is in proportion. */
  busy: number;
};

/** How long a runner rests between two commits at the log's end. */
export type Rest = {
  /** The rest after so many events in so many milliseconds, in milliseconds. `isNews`: somebody was told of one of them. */
  after(events: number, ms: number, isNews: boolean): number;
};

/** Tells a runner that somebody waits for what came since it last read the log. Threads share it. */
export type Urgency = {
  /** How often somebody began to wait. */
  count(): number;
  /** Told before each rest, and after it: who waits ends it (`Runner.hurry`). */
  resting(is: boolean): void;
};

/**
 * A commit costs some stores as much as hundreds of rows: the more there is to do, the more events should share one. So the rest
 * grows with the rate of the events, and is short where little happens.
 */
export const growingRest = ({ least, most, busy }: RestLimits): Rest => ({
  after: (events, ms) => Math.min(most, Math.max(least, (most * events * 1_000) / (Math.max(1, ms) * busy))),
});

/**
 * A rest of so many milliseconds where nobody listens to what happens, and none where somebody does. A page of one event costs
 * ten times as much as one event of many.
 */
export const quietRest = (ms: number): Rest => ({ after: (_events, _ms, isNews) => (isNews ? 0 : ms) });
