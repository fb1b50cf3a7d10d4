import type { Metadata } from "../../ports/eventStore.ts";

/** An event as text: id, type, data (JSON), metadata (JSON). A tuple, because that costs half as much to pass between threads. */
export type EventTexts = [id: string, type: string, data: string, metadata: string];

/** Checks an event's id. Throws `TypeError` if it is no UUID. */
export function uuid(id: string): string {
  if (!/^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(id)) throw new TypeError(`${JSON.stringify(id)} is no UUID`);
  return id;
}

/** The data or metadata of an event, as JSON. Throws `TypeError` if the value has no JSON. */
export function json(value: unknown): string {
  // The type of stringify hides that it returns undefined for undefined and for functions.
  const text = JSON.stringify(value) as string | undefined;
  if (text === undefined) throw new TypeError("an event's data is plain JSON");
  return text;
}

/** Metadata as `json` writes nearly all of it: these members in this order, no escapes, and a schema of one digit. */
const USUAL =
  /^\{"\$correlationId":"([^"\\\0-\x1f]*)","\$causationId":"([^"\\\0-\x1f]*)","actorId":"([^"\\\0-\x1f]*)"(?:,"deviceId":"([^"\\\0-\x1f]*)")?,"at":"([^"\\\0-\x1f]*)","schema":([1-9])\}$/;

/** The metadata that a text holds: as `JSON.parse` gives it, in a quarter of the time where it is as usual. Throws as it does. */
export function metadataIn(text: string): Metadata {
  const [, $correlationId, $causationId, actorId, deviceId, at, schema] = USUAL.exec(text) ?? [];
  if ($correlationId === undefined || $causationId === undefined || actorId === undefined || at === undefined)
    return JSON.parse(text) as Metadata;
  return deviceId === undefined
    ? { $correlationId, $causationId, actorId, at, schema: Number(schema) }
    : { $correlationId, $causationId, actorId, deviceId, at, schema: Number(schema) };
}
