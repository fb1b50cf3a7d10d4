/** Milliseconds. */
export type RestLimits = {
  least: number;
  most: number;
  /** Events a second at which the rest is as long as it may be. Below that it is in proportion. */
  busy: number;
};

/** How long a runner rests between two commits at the log's end. */
export type Rest = {
  /** The rest after so many events in so many milliseconds, in milliseconds. */
  after(events: number, ms: number): number;
};

/**
 * A commit costs some stores as much as hundreds of rows: the more there is to do, the more events should share one. So the rest
 * grows with the rate of the events, and is short where little happens.
 */
export const growingRest = ({ least, most, busy }: RestLimits): Rest => ({
  after: (events, ms) => Math.min(most, Math.max(least, (most * events * 1_000) / (Math.max(1, ms) * busy))),
});
