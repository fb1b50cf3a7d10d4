import type { LogPage } from "../../../ports/eventStore.ts";
import { positionOf } from "./position.ts";
import { type PageRow, recordedFrom, type RowPage, textsIn } from "./sqliteLogReader.ts";

/**
 * A page of the log on its way between threads. The texts of all its events are two texts: to copy a text costs far less than to
 * copy the many of a page. What has characters beyond Latin-1 is in a text of its own, because one such character makes a text
 * take twice the room, and twice the time to parse. The other parts of event `i` are at `i`.
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
  /** Of its text: 1 if it is in `wide`, and where it ends there or in `narrow`. */
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
  for (const [index, row] of page.rows.entries()) {
    length += row[4].length;
    const last = page.rows[index - 1];
    if (length > most && last) return { rows: page.rows.slice(0, index), next: last[0], isTail: false };
  }
  return page;
}

/** Numbers names by when they came first. Mostly it is the same name again. */
function numbering(names: string[]): (name: string) => number {
  const known = new Map<string, number>();
  let last = "";
  let lastAt = -1;
  return (name) => {
    if (lastAt >= 0 && name === last) return lastAt;
    let at = known.get(name);
    if (at === undefined) known.set(name, (at = names.push(name) - 1));
    last = name;
    return (lastAt = at);
  };
}

function newestOf(row: PageRow): { place: number; stream: string; revision: number; id: string } {
  const [place, stream, revision] = row;
  const [id] = textsIn(row);
  return { place, stream, revision, id };
}

/** `wanted`: the types of the events that are packed. The others are passed over. Undefined: all. */
export function packed(page: RowPage, wanted: ReadonlySet<string> | undefined, most = MOST): PackedPage {
  const { rows: all, next, isTail } = bounded(page, most);
  const rows = wanted === undefined ? all : all.filter((row) => wanted.has(row[3]));
  const newest = wanted && all.findLast((row) => !wanted.has(row[3]));
  const count = rows.length;
  const made: PackedPage = {
    places: new Float64Array(count),
    revisions: new Float64Array(count),
    names: [],
    streams: new Uint32Array(count),
    types: new Uint32Array(count),
    narrow: "",
    wide: "",
    isWide: new Uint8Array(count),
    ends: new Uint32Array(count),
    skipped: newest && { count: all.length - count, newest: newestOf(newest) },
    next,
    isTail,
  };
  const streamAt = numbering(made.names);
  const typeAt = numbering(made.names);
  const narrow: string[] = [];
  const wide: string[] = [];
  let [narrowEnd, wideEnd] = [0, 0];
  for (let index = 0; index < count; index++) {
    const [place, stream, revision, type, text] = rows[index] as PageRow;
    made.places[index] = place;
    made.revisions[index] = revision;
    made.streams[index] = streamAt(stream);
    made.types[index] = typeAt(type);
    if (BEYOND_LATIN_1.test(text)) {
      made.isWide[index] = 1;
      wide.push(text);
      made.ends[index] = wideEnd += text.length;
    } else {
      narrow.push(text);
      made.ends[index] = narrowEnd += text.length;
    }
  }
  made.narrow = narrow.join("");
  made.wide = wide.join("");
  return made;
}

/** The same page as a reader gives it. */
export function unpacked(logId: string, page: PackedPage): LogPage {
  const { places, revisions, names, streams, types, narrow, wide, isWide, ends, skipped, next, isTail } = page;
  let [fromNarrow, fromWide] = [0, 0];
  const events = Array.from(places, (place, index) => {
    const end = ends[index] ?? 0;
    const text = isWide[index] === 0 ? narrow.slice(fromNarrow, (fromNarrow = end)) : wide.slice(fromWide, (fromWide = end));
    const stream = names[streams[index] ?? -1] ?? "";
    const revision = revisions[index] ?? 0;
    const type = names[types[index] ?? -1] ?? "";
    return recordedFrom(logId, place, stream, revision, textsIn([place, stream, revision, type, text, null]));
  });
  const rest = { next: positionOf(logId, next), isTail };
  if (!skipped) return { events, ...rest };
  const { place, ...newest } = skipped.newest;
  return { events, skipped: { count: skipped.count, newest: { position: positionOf(logId, place), ...newest } }, ...rest };
}
