/* The days of the model as times. A world's clock begins at the first one and goes on a second with every look at it. */

export const DAY_MS = 86_400_000;
export const BEGUN_MS = Date.parse("2026-05-04T10:00:00.000Z");

/** When a day begins, ISO 8601: on that day, and on every later one, that time is over. */
export const timeOf = (day: number): string => new Date(BEGUN_MS + day * DAY_MS).toISOString();

/** How long what is sent today lasts that is to be there for the last time on the day before `days` from now, in seconds. */
export const lastingS = (days: number): number => (days * DAY_MS - DAY_MS / 2) / 1_000;
