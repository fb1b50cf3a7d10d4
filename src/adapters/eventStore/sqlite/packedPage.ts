import type { LogPage } from "../../../ports/eventStore.ts";
import { positionOf } from "./position.ts";
import { recordedFrom, type RowPage } from "./sqliteLogReader.ts";

/**
 * A page of the log on its way between threads. The ids, data and metadata of all its events are two texts: to copy a text costs
 * far less than to copy the many of a page. What has characters beyond Latin-1 is in a text of its own, because one such
 * character makes a text take twice the room, and twice the time to parse. The other parts of event `i` are at `i`.
 */
export type PackedPage = {
  places: Float64Array;
  revisions: Float64Array;
  /** Streams and types, each once. */
  names: string[];
  /** Where its stream and its type are in `names`. */
  streams: Uint32Array;
  types: Uint32Array;
  narrow: string;
  wide: string;
  /** Of its id, at `3 * i`, its data and its metadata: 1 if it is in `wide`, and where it ends there or in `narrow`. */
  isWide: Uint8Array;
  ends: Uint32Array;
  /** Events that are passed over, and the newest of them. */
  skipped: { count: number; newest: { place: number; stream: string; revision: number; id: string } } | undefined;
  next: number;
  isTail: boolean;
};

/** The most characters in one page, or one event that has more: a text cannot be of any length. */
const MOST = 67_108_864;

/** A test that takes no time where every character of the text is kept in one byte. */
const BEYOND_LATIN_1 = /[^\0-\xff]/;

/** The page, or its beginning if it is too long for one text. */
function bounded(page: RowPage, most: number): RowPage {
  let length = 0;
  for (const [index, [, , , , , data, metadata]] of page.rows.entries()) {
    length += data.length + metadata.length;
    const last = page.rows[index - 1];
    if (length > most && last) return { rows: page.rows.slice(0, index), next: last[0], isTail: false };
  }
  return page;
}

/** `wanted`: the types of the events that are packed. The others are passed over. Undefined: all. */
export function packed(page: RowPage, wanted: ReadonlySet<string> | undefined, most = MOST): PackedPage {
  const { rows: all, next, isTail } = bounded(page, most);
  const rows = wanted === undefined ? all : all.filter(([, , , , type]) => wanted.has(type));
  const newest = wanted && all.findLast(([, , , , type]) => !wanted.has(type));
  const count = rows.length;
  const made: PackedPage = {
    places: new Float64Array(count),
    revisions: new Float64Array(count),
    names: [],
    streams: new Uint32Array(count),
    types: new Uint32Array(count),
    narrow: "",
    wide: "",
    isWide: new Uint8Array(3 * count),
    ends: new Uint32Array(3 * count),
    skipped: newest && {
      count: all.length - count,
      newest: { place: newest[0], stream: newest[1], revision: newest[2], id: newest[3] },
    },
    next,
    isTail,
  };
  const known = new Map<string, number>();
  const nameAt = (name: string): number => {
    let at = known.get(name);
    if (at === undefined) known.set(name, (at = made.names.push(name) - 1));
    return at;
  };
  const joining = [texts(), texts()] as const;
  const pack = (index: number, text: string): void => {
    const isWide = BEYOND_LATIN_1.test(text) ? 1 : 0;
    made.isWide[index] = isWide;
    made.ends[index] = joining[isWide].add(text);
  };
  for (const [index, [place, stream, revision, id, type, data, metadata]] of rows.entries()) {
    made.places[index] = place;
    made.revisions[index] = revision;
    made.streams[index] = nameAt(stream);
    made.types[index] = nameAt(type);
    pack(3 * index, id);
    pack(3 * index + 1, data);
    pack(3 * index + 2, metadata);
  }
  made.narrow = joining[0].joined();
  made.wide = joining[1].joined();
  return made;
}

function texts() {
  const all: string[] = [];
  let length = 0;
  return {
    /** Returns where it ends. */
    add: (text: string): number => {
      all.push(text);
      return (length += text.length);
    },
    joined: (): string => all.join(""),
  };
}

/** The same page as a reader gives it. */
export function unpacked(logId: string, page: PackedPage): LogPage {
  const { places, revisions, names, streams, types, narrow, wide, isWide, ends, skipped, next, isTail } = page;
  let [fromNarrow, fromWide] = [0, 0];
  const textAt = (index: number): string => {
    const end = ends[index] ?? 0;
    if (isWide[index] === 0) return narrow.slice(fromNarrow, (fromNarrow = end));
    return wide.slice(fromWide, (fromWide = end));
  };
  const events = Array.from(places, (place, index) => {
    const at = 3 * index;
    // In this order.
    const [id, data, metadata] = [textAt(at), textAt(at + 1), textAt(at + 2)];
    const parts = [id, names[types[index] ?? -1] ?? "", data, metadata] as const;
    return recordedFrom(logId, place, names[streams[index] ?? -1] ?? "", revisions[index] ?? 0, parts);
  });
  const rest = { next: positionOf(logId, next), isTail };
  if (!skipped) return { events, ...rest };
  const { place, ...newest } = skipped.newest;
  return { events, skipped: { count: skipped.count, newest: { position: positionOf(logId, place), ...newest } }, ...rest };
}
