import type { Awaitable } from "../ports/awaitable.ts";

/** What `use` makes of a value: at once where the value is here, so that an embedded store costs no turn of the event loop. */
export function andThen<T, U>(value: Awaitable<T>, use: (value: T) => Awaitable<U>): Awaitable<U> {
  return value instanceof Promise ? value.then(use) : use(value);
}
