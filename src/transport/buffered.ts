/** Something whose bytes wait to be sent. */
export type Holder = {
  /** Kept by `Buffered`: read only. */
  held: number;
  /** Lets go of all that waits, and of the reader. It holds nothing from then on. */
  drop(): void;
};

/**
 * What waits to be sent over all connections. Each holder has a bound of its own; many together are held to this one: above
 * it those that hold most are dropped, until a quarter is free again.
 */
export type Buffered = {
  /** Bytes of all. */
  readonly bytes: number;
  enter(holder: Holder): void;
  leave(holder: Holder): void;
  /** So many more bytes, or fewer, wait for a holder. It may be dropped meanwhile. */
  add(holder: Holder, bytes: number): void;
};

const ROOM = 0.75;

export function buffered(maxBytes: number): Buffered {
  const holders = new Set<Holder>();
  let total = 0;

  function relieve(): void {
    const largest = [...holders].sort((one, other) => other.held - one.held);
    for (const holder of largest) {
      if (total <= maxBytes * ROOM) return;
      holder.drop();
    }
  }

  return {
    get bytes() {
      return total;
    },
    enter: (holder) => void holders.add(holder),
    leave: (holder) => {
      if (!holders.delete(holder)) return;
      total -= holder.held;
      holder.held = 0;
    },
    add: (holder, bytes) => {
      if (!holders.has(holder)) return;
      holder.held += bytes;
      total += bytes;
      if (total > maxBytes) relieve();
    },
  };
}
