import { createHash } from "node:crypto";
import { isDeepStrictEqual } from "node:util";
import type { MessageRow } from "../../projections/timelines.ts";
import type { EventData } from "../domain/events.ts";
import { Refusal } from "../domain/refusal.ts";
import type { NewEvent, Position } from "../ports/eventStore.ts";
import { newEvent, type Stamp } from "./append.ts";
import { knownAs } from "./attachments.ts";

export type MessageData = EventData<"MessageSent">;

/** A message to append. `id` is derived from the sender and their clientMutationId, so that the message is stored once. */
export type Outgoing = { id: string; data: MessageData; stamp: Stamp };

/** The outcome: the message as it is now, and its place in the log. `repeated`: it was stored before. */
export type Stored = { message: MessageRow; position: Position; repeated: boolean };

export const eventOf = ({ id, data, stamp }: Outgoing): NewEvent => newEvent(id, "MessageSent", data, stamp);

/** Throws CONFLICT if the new message differs from the one that is known under its id. */
export function sameOrConflict(outgoing: Outgoing, known: MessageData): void {
  const { id, data } = outgoing;
  if (sameMessage(asGiven(id, data, known), asGiven(id, known, data))) return;
  throw new Refusal("CONFLICT", "this clientMutationId was used for another message: use a new one", {
    field: "clientMutationId",
  });
}

/**
 * What is left of a text that was given, where a webhook changed it: SHA-256, in base64url, of the message's id and the text as a
 * list in JSON. With the id, so that equal texts of different messages do not look alike.
 */
export const digestOfText = (id: string, text: string | null): string =>
  createHash("sha256")
    .update(JSON.stringify([id, text]), "utf8")
    .digest("base64url");

/** A message with what was given in place of its text, if a webhook changed that of one of the two. */
function asGiven(id: string, message: MessageData, other: MessageData): MessageData {
  const { textGiven, text } = message;
  if (textGiven === undefined && other.textGiven === undefined) return message;
  return { ...message, text: null, textGiven: textGiven ?? digestOfText(id, text) };
}

/**
 * A line that was imported without a time got the time of its import. That time differs when it is imported again, and so may
 * what its sender had read (`scheduled`). What is forwarded is copied as it was the first time, and may have been edited or
 * recalled since. What an upload is, is found out once.
 */
function sameMessage(given: MessageData, known: MessageData): boolean {
  const [one, other] = [given, known].map(comparable) as [MessageData, MessageData];
  if (one.forwardedFrom && other.forwardedFrom) return isDeepStrictEqual({ ...one, ...NO_CONTENT }, { ...other, ...NO_CONTENT });
  if (one.imported === undefined || other.imported === undefined) return isDeepStrictEqual(one, other);
  const asTold = (data: MessageData) => ({ ...data, imported: null, scheduled: null });
  return isDeepStrictEqual(asTold(one), asTold(other));
}

const comparable = (data: MessageData): MessageData =>
  data.attachments.length === 0 ? data : { ...data, attachments: knownAs(data.attachments) };

/** In place of what is copied. */
export const NO_CONTENT = { kind: "TEXT", text: null, attachments: [] } satisfies Partial<MessageData>;
