import type { Metadata, Position, RecordedEvent } from "../../../ports/eventStore.ts";
import type { StreamNames } from "./names.ts";
import type { Place } from "./position.ts";

/** A record as the client gives it. Servers of 22.10 and later always send `position`. */
export type Record = {
  streamId: string;
  id: string;
  type: string;
  isJson: boolean;
  data: unknown;
  metadata: unknown;
  revision: bigint;
  position?: Place | undefined;
};

/** A record as an event of the log. Undefined if it is none: the server's own record, another log's, or no JSON. */
export function eventOf(record: Record, position: Position, names: StreamNames): RecordedEvent | undefined {
  const { streamId, id, type, data, metadata, revision, isJson } = record;
  const stream = names.inner(streamId);
  if (stream === undefined || !isJson) return undefined;
  return { id, type, data, metadata: metadata as Metadata, stream, revision: Number(revision), position };
}
