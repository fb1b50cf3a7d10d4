/** A value that is here, or on its way: an embedded adapter answers at once, one behind a network later. */
export type Awaitable<T> = T | Promise<T>;

/** What an adapter's `open` returns: the port, and the one way to let go of what it holds. */
export type Open<Port> = Port & { close(): Promise<void> };
