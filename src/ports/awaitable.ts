/** A value that is here, or still coming: an embedded adapter answers at once, one behind a network answers later. */
export type Awaitable<T> = T | Promise<T>;

/** Applies `use` to a value: at once if the value is there. So an embedded store costs no turn of the event loop. */
export function andThen<T, U>(value: Awaitable<T>, use: (value: T) => Awaitable<U>): Awaitable<U> {
  return value instanceof Promise ? value.then(use) : use(value);
}

/** What an adapter's `open` returns: the port, and the one way to release what it holds. */
export type Open<Port> = Port & { close(): Promise<void> };
