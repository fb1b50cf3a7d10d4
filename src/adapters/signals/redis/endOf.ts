export type Listened = Promise<() => void> | (() => void);

/** What ends a listening that may not be in force yet. */
export const endOf = (listening: Listened): (() => void) =>
  typeof listening === "function" ? listening : () => void listening.then((end) => end());

/** Does something once all of them are in force: at once if they are. */
export function onceInForce<T>(all: readonly Listened[], then: () => T): T | Promise<T> {
  const coming = all.filter((each) => typeof each !== "function");
  return coming.length === 0 ? then() : Promise.all(coming).then(then);
}
