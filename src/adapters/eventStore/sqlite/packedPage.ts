import type { LogPage } from "../../../ports/eventStore.ts";
import { positionOf } from "./position.ts";
import { recordedFrom, type RowPage } from "./sqliteLogReader.ts";

/**
 * A page of the log on its way between threads. The data and metadata of all its events are one text: to copy a text costs far
 * less than to copy the many of a page. The other parts of event `i` are at `i`.
 */
export type PackedPage = {
  places: Float64Array;
  revisions: Float64Array;
  ids: string[];
  /** Streams and types, each once. */
  names: string[];
  /** Where its stream and its type are in `names`. */
  streams: Uint32Array;
  types: Uint32Array;
  texts: string;
  /** Where its data and its metadata end in `texts`. */
  dataEnds: Uint32Array;
  ends: Uint32Array;
  /** Events that are passed over, and the newest of them. */
  skipped: { count: number; newest: { place: number; stream: string; revision: number; id: string } } | undefined;
  next: number;
  isTail: boolean;
};

/** The most characters in one page, or one event that has more: a text cannot be of any length. */
const MOST = 67_108_864;

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
    ids: [],
    names: [],
    streams: new Uint32Array(count),
    types: new Uint32Array(count),
    texts: "",
    dataEnds: new Uint32Array(count),
    ends: new Uint32Array(count),
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
  const texts: string[] = [];
  let length = 0;
  for (const [index, [place, stream, revision, id, type, data, metadata]] of rows.entries()) {
    made.places[index] = place;
    made.revisions[index] = revision;
    made.ids.push(id);
    made.streams[index] = nameAt(stream);
    made.types[index] = nameAt(type);
    texts.push(data, metadata);
    made.dataEnds[index] = length += data.length;
    made.ends[index] = length += metadata.length;
  }
  made.texts = texts.join("");
  return made;
}

/** The same page as a reader gives it. */
export function unpacked(logId: string, page: PackedPage): LogPage {
  const { places, revisions, ids, names, streams, types, texts, dataEnds, ends, skipped, next, isTail } = page;
  let from = 0;
  const events = ids.map((id, index) => {
    const [dataEnd = 0, end = 0] = [dataEnds[index], ends[index]];
    const parts = [id, names[types[index] ?? -1] ?? "", texts.slice(from, dataEnd), texts.slice(dataEnd, end)] as const;
    from = end;
    return recordedFrom(logId, places[index] ?? 0, names[streams[index] ?? -1] ?? "", revisions[index] ?? 0, parts);
  });
  const rest = { next: positionOf(logId, next), isTail };
  if (!skipped) return { events, ...rest };
  const { place, ...newest } = skipped.newest;
  return { events, skipped: { count: skipped.count, newest: { position: positionOf(logId, place), ...newest } }, ...rest };
}
