import type { Position } from "../ports/eventStore.ts";
import type { TailPage } from "./tail.ts";

/**
 * Who is to be woken, where the work is divided into slices. The rows themselves are not told: what one slice has committed may
 * be read only once all slices are as far. `epoch`: see `TailPage`. "all": anything may be news.
 */
export type SlicedNews = { topics: "all" | readonly string[]; epoch: bigint };

/**
 * That a slice is further. `topics`: whoever listens to them is to be woken once all slices are as far; "all": anything may be
 * news.
 */
export type SliceMove = { slice: number; from: Position; to: Position; topics: "all" | readonly string[] };

/** One move for each slice. Those of one slice must follow one another. */
export function joinedMoves(moves: readonly SliceMove[]): SliceMove[] {
  const joined = new Map<number, SliceMove>();
  for (const move of moves) {
    const before = joined.get(move.slice);
    joined.set(move.slice, before ? { ...move, from: before.from, topics: together(before.topics, move.topics) } : move);
  }
  return [...joined.values()];
}

const together = (one: SliceMove["topics"], other: SliceMove["topics"]): SliceMove["topics"] =>
  one === "all" || other === "all" ? "all" : [...one, ...other];

/** So many topics wait for slower slices. With more of them, everybody is woken. */
const WAITING_MAX = 50_000;
/** The same for pages. */
const PAGES_MAX = 10_000;

/** Keeps the news of each slice until all slices are as far. */
export type WaitingNews = {
  /** A slice committed a page; without one, anything may be news. */
  add(page: TailPage | undefined): void;
  /** What is news now that all slices are so far. */
  take(lowest: Position): SlicedNews;
};

/** `now`: the present epoch. */
export function waitingNews(now: () => bigint): WaitingNews {
  let pages: { to: Position; epoch: bigint; items: { position: Position; topics: readonly string[] }[] }[] = [];
  let count = 0;
  let isAll = true;

  return {
    add: (page) => {
      if (page === undefined) isAll = true;
      else {
        const items = page.items.map(({ position, topics }) => ({ position, topics }));
        count += items.reduce((sum, { topics }) => sum + topics.length, 0);
        pages.push({ to: page.to, epoch: page.epoch, items });
      }
      if (count <= WAITING_MAX && pages.length <= PAGES_MAX) return;
      [pages, count, isAll] = [[], 0, true];
    },
    take: (lowest) => {
      const topics = new Set<string>();
      let epoch = now();
      for (const page of pages) {
        if (page.epoch < epoch) epoch = page.epoch;
        const later = page.items.filter(({ position }) => position > lowest);
        for (const item of page.items) if (item.position <= lowest) for (const topic of item.topics) topics.add(topic);
        page.items = later;
      }
      pages = pages.filter(({ to, items }) => items.length > 0 || to > lowest);
      count = pages.reduce((sum, { items }) => sum + items.reduce((of, each) => of + each.topics.length, 0), 0);
      const all = isAll;
      isAll = false;
      return { topics: all ? "all" : [...topics], epoch };
    },
  };
}
