import { z } from "zod";
import type { Container } from "./container.ts";
import { type JsonItem, jsonObjects } from "./json.ts";
import { elementLines, localOf, type Room } from "./matrix.ts";
import { type Made, making, note, timeAt, words } from "./making.ts";
import { matrixEventId } from "./matrixEventId.ts";

/*
 * What Synapse's `export-data` writes of a user: a folder of each room that they were in, with its events (`rooms/<id>/events`)
 * and the state where there are gaps (`rooms/<id>/state/<event>`). These files are objects of JSON, one behind the other. There
 * may be folders of several users: an event that several of them have seen is one.
 */

const EVENTS = /^(.*\/)?rooms\/([^/]+)\/events$/;

export const isSynapse = (names: readonly string[]): boolean => names.some((name) => EVENTS.test(name));

const text = z.string().nullish().catch(null);
const state = z.object({
  type: z.string(),
  sender: text,
  state_key: text,
  redacts: text,
  content: z
    .object({
      name: text,
      topic: text,
      creator: text,
      join_rule: text,
      room_version: text,
      membership: text,
      displayname: text,
      redacts: text,
    })
    .catch({}),
});

/** What Synapse's `export-data` tells. */
export async function* synapseLines(files: Pick<Container, "names" | "read">): AsyncGenerator<Made, void> {
  for (const name of files.names.filter((each) => /(^|\/)user_data\/profile$/.test(each)))
    for await (const { value } of jsonObjects(files.read(name))) yield* ownerLines(name, value);
  for (const name of files.names) {
    const [, top = "", room] = EVENTS.exec(name) ?? [];
    if (room !== undefined) yield* roomLines(files, name, `${top}rooms/${room}/`, room);
  }
  if (files.names.some((name) => /(^|\/)rooms\/[^/]+\/(invite|knock)_state$/.test(name)))
    yield note("rooms", "what a room says of itself to those whom it invites: left out");
  if (files.names.some((name) => /(^|\/)media_ids\//.test(name)))
    yield note("media_ids", "files, of which the export has no bytes: kept by their addresses");
}

const owner = z.object({ name: z.string(), displayname: text, deactivated: z.boolean().nullish().catch(null) });

/** Whose data it is. */
function* ownerLines(place: string, value: unknown): Generator<Made, void, void> {
  const read = owner.safeParse(value);
  if (!read.success) return yield note(place, "profiles that cannot be read: left out");
  const make = making("matrix");
  const { name: id, displayname: name, deactivated } = read.data;
  const local = localOf(id);
  yield make.user(place, id, timeAt(0), { name: words(name) ?? local, handle: local });
  if (deactivated) yield make.deactivated(place, id, timeAt(0));
}

/** The room as it is at its end, and what is gone of it. */
async function* roomLines(files: Pick<Container, "read" | "names">, events: string, folder: string, id: string) {
  const room: Room = { id, redacted: new Set(), members: new Map() };
  let version = "1";
  let creator: string | undefined;
  const head: Record<string, string> = {};
  const gaps = files.names.filter((name) => name.startsWith(`${folder}state/`));
  for (const name of [...gaps, events])
    for await (const { value } of jsonObjects(files.read(name))) {
      const read = state.safeParse(value);
      if (!read.success) continue;
      const { type, sender, state_key: key, content } = read.data;
      if (type === "m.room.create") {
        version = content.room_version ?? version;
        creator = content.creator ?? sender ?? creator;
      } else if (type === "m.room.name") head["room_name"] = content.name ?? "";
      else if (type === "m.room.topic") head["topic"] = content.topic ?? "";
      else if (type === "m.room.join_rules") room.isPublic = content.join_rule === "public";
      else if (type === "m.room.redaction") room.redacted.add(content.redacts ?? read.data.redacts ?? "");
      // Who came before what the user may see.
      else if (type === "m.room.member" && name !== events && content.membership === "join" && key != null)
        room.members.set(key, content.displayname ?? undefined);
    }
  if (creator !== undefined) head["room_creator"] = creator;
  const items = async function* (): AsyncGenerator<JsonItem, void> {
    for (const [key, value] of Object.entries(head)) yield { key, value };
    for await (const { value } of jsonObjects(files.read(events))) {
      const event = value as Record<string, unknown>;
      yield { key: "messages", value: { room_id: id, ...event, event_id: matrixEventId({ ...event }, version) } };
    }
  };
  for await (const line of elementLines(items(), undefined, room)) yield { ...line, place: `${events}: ${line.place ?? ""}` };
}
