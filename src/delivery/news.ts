import type { Position } from "../ports/eventStore.ts";
import type { Signals } from "../ports/signals.ts";
import type { SlicedNews } from "../projecting/slicedNews.ts";
import type { Healed, Interval } from "../projecting/healed.ts";
import type { Tail, TailPage } from "../projecting/tail.ts";
import type { Watermark } from "../projecting/watermark.ts";

/**
 * Announces what the views have committed. Without a page, anything may be news, but for what `sliced` says: who is to be woken
 * where the rows are not told. `isWhole`: nobody else has news.
 */
export type News = (checkpoint: Position, page: TailPage | undefined, sliced?: SlicedNews & { isWhole: boolean }) => void;

/** What is kept in memory of rows that every page tells (`Projection.told`). */
export type KeptRows = {
  /** Takes in what a commit wrote, before anyone is told that the views are so far. */
  take(page: TailPage): void;
  /** Forgets all of it: the rows may be others now. */
  forget(): void;
};

type Told = { tail: Tail; signals: Signals; kept?: KeptRows };

/**
 * Passes a commit on to the listeners, in this order: rows go into memory before anyone may read up to them, and readers are
 * woken after they may read. A reader that is woken too early would find nothing and sleep on.
 */
export function newsTo({ tail, watermark, signals, kept }: Told & { watermark: Watermark }): News {
  return (checkpoint, page, sliced) => {
    const topics = page ? topicsOf(page) : sliced?.isWhole && sliced.topics !== "all" ? sliced.topics : undefined;
    if (page) {
      tail.add(page);
      kept?.take(page);
    } else {
      // Rows may have been put right in place. Of slices no rows are told, so the tail has none.
      if (sliced === undefined) tail.forget();
      kept?.forget();
    }
    watermark.advance(checkpoint);
    if (topics) signals.publish(topics, (page ?? sliced)?.epoch);
    else signals.publishAll();
  };
}

/**
 * Takes in what was healed: cursors from in between are of no use now, and whoever listens is told so. `goPast`: see
 * `pastHealed`.
 */
export function healingTo(
  { tail, signals, kept, healed }: Told & { healed: Healed },
  goPast: () => void,
): (intervals: readonly Interval[]) => void {
  return (intervals) => {
    healed.change(intervals);
    tail.forget();
    kept?.forget();
    signals.publishAll();
    goPast();
  };
}

function topicsOf({ items }: TailPage): Set<string> {
  const topics = new Set<string>();
  for (const item of items) for (const topic of item.topics) topics.add(topic);
  return topics;
}

const DIRECT = "conversation-d:";

/**
 * The topics that an event of a stream is news of, as far as its name tells: those of a direct conversation and its two members.
 * Undefined: anybody may be told of it.
 */
export function topicsOfStream(stream: string): string[] | undefined {
  if (!stream.startsWith(DIRECT)) return undefined;
  const between = stream.indexOf("~");
  return [
    `users/${stream.slice(DIRECT.length, between)}`,
    `users/${stream.slice(between + 1)}`,
    `conversations/${stream.slice(stream.indexOf("-") + 1)}`,
  ];
}
