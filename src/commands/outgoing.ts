import { isDeepStrictEqual } from "node:util";
import type { MessageRow } from "../../projections/timelines.ts";
import type { EventData } from "../domain/events.ts";
import { Refusal } from "../domain/refusal.ts";
import type { NewEvent, Position } from "../ports/eventStore.ts";
import { newEvent, type Stamp } from "./append.ts";

export type MessageData = EventData<"MessageSent">;

/** A message to append: `id` is derived from who sends it and their clientMutationId, so that it is stored once. */
export type Outgoing = { id: string; data: MessageData; stamp: Stamp };

/** What became of it: its message as it is now, and where the log holds it. `repeated`: it was there before. */
export type Stored = { message: MessageRow; position: Position; repeated: boolean };

export const eventOf = ({ id, data, stamp }: Outgoing): NewEvent => newEvent(id, "MessageSent", data, stamp);

/** Throws CONFLICT where what is sent is not the message that is known under its id. */
export function sameOrConflict(outgoing: Outgoing, known: MessageData): void {
  if (sameMessage(outgoing.data, known)) return;
  throw new Refusal("CONFLICT", "this clientMutationId was used for another message: use a new one", {
    field: "clientMutationId",
  });
}

/** A line that was imported without a time of its own got the time of its import: another one the second time. */
function sameMessage(one: MessageData, other: MessageData): boolean {
  if (one.imported === undefined || other.imported === undefined) return isDeepStrictEqual(one, other);
  return isDeepStrictEqual({ ...one, imported: null }, { ...other, imported: null });
}
