import type { Position } from "../ports/eventStore.ts";
import type { Row } from "../ports/viewStore.ts";

/** A row that was just committed, and the topics that it is news of and somebody listens to. */
export type TailItem = { table: string; position: Position; row: Row; topics: readonly string[] };

/**
 * What one commit wrote for topics that are followed. `epoch`: how often somebody had begun to listen before it was looked who listens; whoever began
 * by then is told everything of this page. `aged`: of what it folded something is too old to be told, and was left out: nothing may be concluded from
 * what it holds.
 */
export type TailPage = { from: Position; to: Position; epoch: bigint; items: readonly TailItem[]; aged?: boolean };

/** A row of a topic's, at the position of its event. */
export type News = Omit<TailItem, "topics">;

/**
 * The newest rows of the topics that are listened to, in memory: thousands who are told the same need not each ask the view store. It is a cache
 * of what the rows say, complete from a place on that it knows of each topic; before that place the rows are asked.
 */
export type Tail = {
  /** Keeps what comes for a topic, from after this call on. To be called once its signals are listened to. The function returned ends it. */
  follow(topic: string): () => void;
  /**
   * Everything of a followed topic after a position, at least up to `upTo`; undefined where the tail does not reach back so far, or does not know
   * everything up to there yet.
   */
  after(topic: string, position: Position, upTo: Position): readonly News[] | undefined;
  add(page: TailPage): void;
  /** About how much memory the rows take that are kept now. */
  bytes(): number;
};

/** Rows kept of one topic: who is further behind is better off with the rows, a page at a time. */
const KEPT = 256;
/**
 * Memory for the rows of all topics. A page of fan-outs takes some hundred kilobytes, so this is what came in the last moments of a very busy
 * server, and more than those who are woken at once are ever behind.
 */
const TAIL_BYTES = 16 * 1024 * 1024;
/** About what a row takes beside its text, and what it takes for each topic that it is kept under. */
const ROW_BYTES = 200;
const PLACE_BYTES = 24;

type Followed = { followers: number; epoch: bigint; since: Position | undefined; items: News[] };
/** A row, where it is kept, and its size. */
type Kept = { news: News; of: Followed[]; bytes: number };

/** `epochs`: a counter (`epochCounter`) that the thread of the runner reads (`currentEpoch`) before it looks who listens. */
export function createTail(epochs: SharedArrayBuffer, most = TAIL_BYTES): Tail {
  const counter = new BigInt64Array(epochs);
  const followed = new Map<string, Followed>();
  /** Those that nothing is known of yet. */
  const unknown = new Set<Followed>();
  /** Oldest first. */
  let kept: Kept[] = [];
  /** Those of `kept` before here were let go of. */
  let gone = 0;
  let bytes = 0;
  let end: Position | undefined;

  const forgetAll = (): void => {
    for (const entry of followed.values()) {
      forget(entry);
      unknown.add(entry);
    }
    kept = [];
    gone = 0;
    bytes = 0;
  };

  const keep = ({ topics, ...news }: TailItem): void => {
    const of: Followed[] = [];
    for (const topic of topics) {
      const entry = followed.get(topic);
      if (entry?.since === undefined) continue;
      of.push(entry);
      entry.items.push(news);
      if (entry.items.length > 2 * KEPT) letGo(entry, entry.items.length - KEPT);
    }
    if (of.length === 0) return;
    const size = ROW_BYTES + 2 * JSON.stringify(news.row).length + of.length * PLACE_BYTES;
    kept.push({ news, of, bytes: size });
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
      // Raised after the listening began: a page of this epoch or a later one was filtered with it in sight.
      const epoch = Atomics.add(counter, 0, 1n) + 1n;
      const known = followed.get(topic);
      const entry = known ?? { followers: 0, epoch, since: undefined, items: [] };
      entry.followers++;
      if (!known) {
        followed.set(topic, entry);
        unknown.add(entry);
      }
      let following = true;
      return () => {
        if (!following) return;
        following = false;
        if (--entry.followers > 0) return;
        followed.delete(topic);
        unknown.delete(entry);
        forget(entry);
      };
    },
    after: (topic, position, upTo) => {
      const entry = followed.get(topic);
      if (entry?.since === undefined || position < entry.since || end === undefined || end < upTo) return undefined;
      const { items } = entry;
      let from = items.length;
      while (from > 0 && (items[from - 1]?.position ?? "") > position) from--;
      return from === 0 ? items : items.slice(from);
    },
    add: (page) => {
      // A page that does not go on where the last one ended leaves a gap that only the rows fill.
      if (page.aged || (end !== undefined && page.from !== end)) forgetAll();
      end = page.to;
      if (page.aged) return;
      for (const entry of unknown) {
        if (page.epoch < entry.epoch) continue;
        entry.since = page.from;
        unknown.delete(entry);
      }
      for (const item of page.items) keep(item);
      trim();
    },
    bytes: () => bytes,
  };
}

/** Lets go of a topic's oldest rows. What is at one position is kept or let go of together: it is complete only after that. */
function letGo(entry: Followed, count: number): void {
  const last = entry.items[count - 1];
  entry.items = entry.items.slice(count);
  entry.since = last?.position ?? entry.since;
}

function forget(entry: Followed): void {
  entry.since = undefined;
  entry.items = [];
}

/** Counts how often somebody begins to listen: seen by the threads that it is given to. */
export const epochCounter = (): SharedArrayBuffer => new SharedArrayBuffer(BigInt64Array.BYTES_PER_ELEMENT);

export const currentEpoch = (epochs: SharedArrayBuffer): bigint => Atomics.load(new BigInt64Array(epochs), 0);
