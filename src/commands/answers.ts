import { isDeepStrictEqual } from "node:util";
import type { Views } from "../../projections/views.ts";
import { type MessageRow, messageOf } from "../../projections/timelines.ts";
import { streams } from "../domain/ids.ts";
import { parseEvent } from "../domain/recorded.ts";
import type { EventStore, Position, RecordedEvent } from "../ports/eventStore.ts";
import { Unavailable } from "../ports/faults.ts";
import type { Watermark } from "../projecting/watermark.ts";
import { type Outgoing, sameOrConflict, type Stored } from "./outgoing.ts";
import { unavailable } from "./refusals.ts";

const ROWS_MS = 250;

/** Somebody who waits to learn the outcome of a message. */
export type Waiting = { outgoing: Outgoing; settle: (stored: Stored) => void; fail: (error: unknown) => void };

export type Answers = {
  /**
   * Answers a repeated call with the message as it is now: it may have been edited or recalled since. Throws CONFLICT if the
   * message is a different one.
   */
  repeated(outgoing: Outgoing, seq: number): Promise<Stored>;
  /** Answers the senders whose messages were stored from the revision `from` on, at these positions. */
  stored(batch: readonly Waiting[], from: number, positions: readonly Position[]): void;
  /**
   * The same, for a log that tells only the last event's position. Such a log is a server that other nodes write to as well.
   * These ids may have been there before, at these very revisions, with the content that another node received. What was really
   * stored is in the log, and in the rows a moment later. Never rejects.
   */
  storedUpTo(batch: readonly Waiting[], from: number, last: Position): Promise<void>;
};

export type AnswersOptions = {
  log: Pick<EventStore, "read">;
  views: Pick<Views, "timelines">;
  watermark: Watermark;
  /** How long to wait for the rows to hold the stored messages before the log is read, in milliseconds. 0: no wait. */
  rowsMs?: number;
};

/** Makes the answers for those who send to one conversation. */
export function answersOf(conversation: string, { log, views, watermark, rowsMs = ROWS_MS }: AnswersOptions): Answers {
  const stream = streams.conversation(conversation);

  const repeated = async (outgoing: Outgoing, seq: number): Promise<Stored> => {
    const [event] = await log.read(stream, seq - 1, "forwards", 1);
    const parsed = event && parseEvent(event);
    if (parsed?.type !== "MessageSent") throw new Error(`${stream} has no message at revision ${seq - 1}`);
    sameOrConflict(outgoing, parsed.data);
    const row = await views.timelines.message(conversation, seq);
    return { message: row ?? messageOf(parsed), position: parsed.position, repeated: true };
  };

  const stored = (batch: readonly Waiting[], from: number, positions: readonly Position[]): void => {
    for (let index = 0; index < batch.length; index++) {
      const { outgoing, settle } = batch[index] as Waiting;
      const position = positions[index] as Position;
      const message = messageOf({ data: outgoing.data, revision: from + index, position, at: outgoing.stamp.at });
      settle({ message, position, repeated: false });
    }
  };

  const storedUpTo = async (batch: readonly Waiting[], from: number, last: Position): Promise<void> => {
    try {
      const there = rowsMs === 0 ? watermark.current() >= last : await watermark.reached(last, rowsMs);
      const rows: (MessageRow | undefined)[] = [];
      if (there) for (const index of batch.keys()) rows.push(await views.timelines.message(conversation, from + index + 1));
      const others = batch.flatMap((item, index) => {
        const row = rows[index];
        const { data, stamp } = item.outgoing;
        const isOwn =
          row !== undefined &&
          // The row of an imported message does not say when the message was stored.
          data.imported === undefined &&
          isDeepStrictEqual(row, messageOf({ data, revision: from + index, position: row.position, at: stamp.at }));
        if (!isOwn) return [{ item, revision: from + index }];
        item.settle({ message: row, position: row.position, repeated: false });
        return [];
      });
      const [first] = others;
      if (!first) return;
      const found = await readBack(first.revision, from + batch.length - first.revision);
      for (const { item, revision } of others) answerFrom(found[revision - first.revision], item, revision);
    } catch (error) {
      for (const { fail } of batch) fail(error);
    }
  };

  const answerFrom = (event: RecordedEvent | undefined, { outgoing, settle, fail }: Waiting, revision: number): void => {
    try {
      const parsed = event && parseEvent(event);
      if (!event || parsed?.type !== "MessageSent") throw new Error(`${stream} has no message at revision ${revision}`);
      sameOrConflict(outgoing, parsed.data);
      // The time at which it was stored: an imported one happened at another.
      settle({ message: messageOf(parsed), position: parsed.position, repeated: event.metadata.at !== outgoing.stamp.at });
    } catch (error) {
      fail(error);
    }
  };

  const readBack = async (from: number, count: number): Promise<RecordedEvent[]> => {
    try {
      return await log.read(stream, from, "forwards", count);
    } catch (error) {
      if (!(error instanceof Unavailable)) throw error;
      throw unavailable(new Unavailable(error.message, "unknown", { cause: error }));
    }
  };

  return { repeated, stored, storedUpTo };
}
