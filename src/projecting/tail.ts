import type { Position } from "../ports/eventStore.ts";
import type { Row } from "../ports/viewStore.ts";

/**
 * A row that was just committed, with those of its topics that somebody listens to. `carried`: the row that goes with the news of
 * the same event (`Projection.carried`), as the commit left it.
 */
export type TailItem = { table: string; position: Position; row: Row; topics: readonly string[]; carried?: Row };

/** A row of a table that is told whoever listens (`Projection.told`), as it was committed last. */
export type ToldRow = { table: string; partition: string; sort: string; row: Row };

/**
 * What one commit wrote for topics that somebody listens to. `epoch`: how many times listening had begun before this page looked
 * for listeners. Whoever began by then gets everything of this page. `aged`: some of its events are too old to be told and were
 * left out, so the page is not complete. `told`: the rows that are told whoever listens; "many" if there are too many of them.
 */
export type TailPage = {
  from: Position;
  to: Position;
  epoch: bigint;
  items: readonly TailItem[];
  aged?: boolean;
  told?: readonly ToldRow[] | "many";
};

/** A row of a topic, at the position of its event. */
export type News = { table: string; position: Position; entry: Row };

/**
 * What is known of a topic: everything since a position, or nothing where that is undefined, and the position of the newest.
 * Undefined: there was none.
 */
export type TopicPlace = { readonly since: Position | undefined; readonly newest: Position | undefined };

/** Whether it is known that nothing of a topic came after a position. */
export const isQuiet = ({ since, newest }: TopicPlace, position: Position): boolean =>
  since !== undefined && position >= since && (newest === undefined || newest <= position);

/** A topic that somebody follows. */
export type Followed = {
  /**
   * Everything of the topic after a position, at least up to `upTo`. Undefined if the tail does not reach back so far, or does
   * not reach `upTo` yet. Whoever asks the same gets the same array, as long as nothing has come: thousands ask, one after the
   * other. It does not change.
   */
  after(position: Position, upTo: Position): readonly News[] | undefined;
  readonly place: TopicPlace;
  /** Ends it. From then on nothing is known. */
  end(): void;
};

/**
 * The newest rows of the topics that somebody listens to, in memory. So thousands of listeners with the same news need not each
 * ask the view store. It is a cache of the rows. For each topic it knows the place from which it is complete. For anything before
 * that place, the rows are asked.
 */
export type Tail = {
  /** Keeps the rows of a topic that come after this call. Listen to the topic's signals first. */
  follow(topic: string): Followed;
  add(page: TailPage): void;
  /**
   * The row that came with the news of the event at a position, as it was when the views were at `seen`. Undefined: there was
   * none, or there was news since. Then the stored row must be asked.
   */
  carried(position: Position, seen: Position): Row | undefined;
  /** Forgets all rows: the stored ones may be others now. */
  forget(): void;
  /** About how many bytes the kept rows take. */
  bytes(): number;
};

/** Rows kept of one topic. A client that is further behind does better with the stored rows, page by page. */
const KEPT = 256;
/**
 * Memory for the rows of all topics. A page of fan-outs takes some hundred kilobytes. So this holds the last moments of a very
 * busy server, and clients that are woken at once are never further behind than that. Not more: what is kept has to be looked
 * through whenever all garbage is collected.
 */
const TAIL_BYTES = 8 * 1024 * 1024;
/** About how many bytes a row takes beside its text, and for each topic that it is kept under. */
const ROW_BYTES = 200;
const PLACE_BYTES = 24;

/** `told`: what was given last, of the items after `toldAfter`. Undefined once the items are others. */
type Topic = {
  followers: number;
  epoch: bigint;
  since: Position | undefined;
  newest: Position | undefined;
  items: News[];
  told: readonly News[] | undefined;
  toldAfter: Position;
};
/** A row, the topics it is kept under, and its size. */
type Kept = { news: News; of: Topic[]; bytes: number };

const NOTHING: readonly News[] = [];

/** `epochs`: a counter (`epochCounter`). The runner's thread reads it (`currentEpoch`) before it looks who listens. */
export function createTail(epochs: SharedArrayBuffer, most = TAIL_BYTES): Tail {
  const counter = new BigInt64Array(epochs);
  const followed = new Map<string, Topic>();
  /** Topics of which nothing is known yet. */
  const unknown = new Set<Topic>();
  /** Oldest first. */
  let kept: Kept[] = [];
  /** The entries of `kept` before this index were removed. */
  let gone = 0;
  let bytes = 0;
  let end: Position | undefined;
  /** The names of tables: what comes from another thread has a copy of its name in each row. */
  const tables = new Map<string, string>();
  /** Of the last page alone. What is kept for long costs each collection of garbage. */
  let carried = new Map<Position, Row>();

  const forgetAll = (): void => {
    for (const entry of followed.values()) {
      forget(entry);
      unknown.add(entry);
    }
    kept = [];
    gone = 0;
    bytes = 0;
    carried = new Map();
  };

  const nameOf = (table: string): string => {
    const known = tables.get(table);
    if (known === undefined) tables.set(table, table);
    return known ?? table;
  };

  const keep = ({ topics, table, position, row }: TailItem): void => {
    const news: News = { table: nameOf(table), position, entry: row };
    const of: Topic[] = [];
    for (const topic of topics) {
      const entry = followed.get(topic);
      if (entry?.since === undefined) continue;
      of.push(entry);
      entry.items.push(news);
      entry.newest = position;
      entry.told = undefined;
      if (entry.items.length > 2 * KEPT) letGo(entry, entry.items.length - KEPT);
    }
    if (of.length === 0) return;
    const size = ROW_BYTES + 2 * JSON.stringify(row).length + of.length * PLACE_BYTES;
    // A list that has grown has room for more than it holds.
    kept.push({ news, of: of.slice(), bytes: size });
    bytes += size;
  };

  const trim = (): void => {
    while (bytes > most) {
      const oldest = kept[gone++] as Kept;
      bytes -= oldest.bytes;
      for (const entry of oldest.of) if (entry.items[0] === oldest.news) letGo(entry, 1);
    }
    if (gone < kept.length / 2) return;
    kept = kept.slice(gone);
    gone = 0;
  };

  return {
    follow: (topic) => {
      // Raised after the listening began. So pages of this epoch, or of later ones, took this listener into account.
      const epoch = Atomics.add(counter, 0, 1n) + 1n;
      const known = followed.get(topic);
      const entry: Topic = known ?? {
        followers: 0,
        epoch,
        since: undefined,
        newest: undefined,
        items: [],
        told: undefined,
        toldAfter: "",
      };
      entry.followers++;
      if (!known) {
        followed.set(topic, entry);
        unknown.add(entry);
      }
      let following = true;
      return {
        after: (position, upTo) => {
          if (!following || entry.since === undefined || position < entry.since) return undefined;
          return end === undefined || end < upTo ? undefined : itemsAfter(entry, position);
        },
        place: entry,
        end: () => {
          if (!following) return;
          following = false;
          if (--entry.followers > 0) return;
          followed.delete(topic);
          unknown.delete(entry);
          forget(entry);
        },
      };
    },
    add: (page) => {
      // If a page does not continue where the last one ended, only the stored rows can fill the gap.
      if (page.aged || (end !== undefined && page.from !== end)) forgetAll();
      end = page.to;
      if (page.aged) return;
      for (const entry of unknown) {
        if (page.epoch < entry.epoch) continue;
        entry.since = page.from;
        unknown.delete(entry);
      }
      if (carried.size > 0) carried = new Map();
      for (const item of page.items) {
        keep(item);
        if (item.carried !== undefined) carried.set(item.position, item.carried);
      }
      trim();
    },
    carried: (position, seen) => (seen === end ? carried.get(position) : undefined),
    forget: forgetAll,
    bytes: () => bytes,
  };
}

function itemsAfter(topic: Topic, position: Position): readonly News[] {
  const { items, told } = topic;
  if (told !== undefined && topic.toldAfter === position) return told;
  let from = items.length;
  while (from > 0 && (items[from - 1] as News).position > position) from--;
  // Most topics of most readers have nothing new, and each reader asks after another place.
  if (from === items.length) return NOTHING;
  topic.toldAfter = position;
  return (topic.told = items.slice(from));
}

/**
 * Removes a topic's oldest rows. The rows of one position stay or go together: the topic is complete only after that position.
 */
function letGo(entry: Topic, count: number): void {
  const last = entry.items[count - 1];
  entry.items = entry.items.slice(count);
  entry.told = undefined;
  entry.since = last?.position ?? entry.since;
}

function forget(entry: Topic): void {
  entry.since = undefined;
  entry.newest = undefined;
  entry.items = [];
  entry.told = undefined;
}

/** Counts how often listening has begun. All threads that get this buffer see the count. */
export const epochCounter = (): SharedArrayBuffer => new SharedArrayBuffer(BigInt64Array.BYTES_PER_ELEMENT);

export const currentEpoch = (epochs: SharedArrayBuffer): bigint => Atomics.load(new BigInt64Array(epochs), 0);
