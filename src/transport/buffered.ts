/** Something whose bytes wait to be sent. */
export type Holder = {
  /** Written by `Buffered` only. */
  held: number;
  /** Whether it has entered, and not left. Written by `Buffered` only. It is looked at for each frame. */
  isIn?: boolean;
  /** Drops all that waits, and the reader. From then on it holds nothing. */
  drop(): void;
};

/**
 * The bytes that wait to be sent, over all connections. Each holder has its own limit. This is the limit for all of them
 * together: above it the largest holders are dropped, until a quarter is free again.
 */
export type Buffered = {
  /** The sum over all holders. */
  readonly bytes: number;
  enter(holder: Holder): void;
  leave(holder: Holder): void;
  /** Adds to a holder's bytes, or takes away if `bytes` is negative. The holder may be dropped during the call. */
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
    enter: (holder) => {
      holders.add(holder);
      holder.isIn = true;
    },
    leave: (holder) => {
      if (!holders.delete(holder)) return;
      total -= holder.held;
      holder.held = 0;
      holder.isIn = false;
    },
    add: (holder, bytes) => {
      if (holder.isIn !== true) return;
      holder.held += bytes;
      total += bytes;
      if (total > maxBytes) relieve();
    },
  };
}
