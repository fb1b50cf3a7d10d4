/** A value that is here, or still coming: an embedded adapter answers at once, one behind a network answers later. */
export type Awaitable<T> = T | Promise<T>;

/** What an adapter's `open` returns: the port, and the one way to release what it holds. */
export type Open<Port> = Port & { close(): Promise<void> };
