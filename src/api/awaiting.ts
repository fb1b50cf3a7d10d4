import type { Awaitable } from "../ports/awaitable.ts";

/** Applies `use` to a value: at once if the value is there. So an embedded store costs no turn of the event loop. */
export function andThen<T, U>(value: Awaitable<T>, use: (value: T) => Awaitable<U>): Awaitable<U> {
  return value instanceof Promise ? value.then(use) : use(value);
}
