import { z } from "zod";
import type { WrittenOf } from "../../domain/archive.ts";
import type { JsonItem } from "./json.ts";
import type { FindKept } from "./container.ts";
import { type Attachment, attachmentOf, contentOf, type Made, making, mentionsOf, note, timeAt, words } from "./making.ts";

/*
 * Element's export of a Matrix room as JSON: what the room is called, and its events.
 */

const text = z.string().nullish().catch(null);

const relation = z.object({
  rel_type: text,
  event_id: text,
  key: text,
  "m.in_reply_to": z.object({ event_id: text }).nullish().catch(null),
});
const spoken = z.object({
  msgtype: text,
  body: text,
  filename: text,
  url: text,
  file: z.object({ url: text }).nullish().catch(null),
  info: z
    .object({
      mimetype: text,
      size: z.number().nullish().catch(null),
      w: z.number().nullish().catch(null),
      h: z.number().nullish().catch(null),
    })
    .nullish()
    .catch(null),
  membership: text,
  displayname: text,
  redacts: text,
  pinned: z.array(z.string()).nullish().catch(null),
  "m.relates_to": relation.nullish().catch(null),
  "m.mentions": z
    .object({ user_ids: z.array(z.string()).nullish().catch(null), room: z.boolean().nullish().catch(null) })
    .nullish()
    .catch(null),
});
const event = z.object({
  type: z.string(),
  event_id: z.string().min(1),
  room_id: text,
  sender: z.string().min(1),
  origin_server_ts: z.number(),
  state_key: text,
  content: spoken.extend({ "m.new_content": spoken.nullish().catch(null) }).catch({} as never),
  redacts: text,
  unsigned: z.object({ redacted_because: z.unknown() }).nullish().catch(null),
});
type Event = z.infer<typeof event>;
type Spoken = z.infer<typeof spoken>;

/** The first members of the export, before its events. */
const HEAD: readonly string[] = ["room_name", "room_creator", "topic", "export_date", "exported_by"];
export const isElement = ({ key }: Pick<JsonItem, "key">): boolean => key !== undefined && HEAD.includes(key);

/** The name of a user on their server. */
export const localOf = (id: string): string => /^@([^:]+):/.exec(id)?.[1] ?? id;

/** What is known of a room before its events: its id, which of them are gone, and who was in it with which name. */
export type Room = { id: string; redacted: Set<string>; members: Map<string, string | undefined>; isPublic?: boolean };

/** What Element's export of a room tells. The room becomes a private group: the export does not say who else may see it. */
export async function* elementLines(
  items: AsyncIterable<JsonItem>,
  beside: Beside = { names: [], find: () => undefined },
  about?: Room,
): AsyncGenerator<Made, void> {
  const fileOf = filesBeside(beside);
  const make = making("matrix");
  const head: Record<string, string> = {};
  const people = new Set<string>();
  const inside = new Set<string>();
  let room: string | undefined;
  let number = 0;

  function* met(place: string, id: string, name?: string | null): Generator<Made, void, void> {
    if (people.has(id)) return;
    people.add(id);
    const local = localOf(id);
    yield make.user(place, id, timeAt(0), { name: words(name) ?? local, handle: local });
  }

  function* group(place: string, id: string, at: string, first: string): Generator<Made, void, void> {
    room = id;
    const owner = words(head["room_creator"]) ?? first;
    yield* met(place, owner);
    inside.add(owner);
    yield make.group(place, id, at, {
      owner,
      title: words(head["room_name"]) ?? id,
      announcement: head["topic"],
      isPublic: about?.isPublic ?? false,
    });
    for (const [who, name] of about?.members ?? []) {
      yield* met(place, who, name);
      yield* member(place, id, at, who, "before");
    }
  }

  function* member(place: string, id: string, at: string, who: string, occasion: string): Generator<Made, void, void> {
    if (inside.has(who)) return;
    inside.add(who);
    yield* make.members(place, id, at, [who], occasion);
  }

  for await (const { key, value } of items) {
    if (key !== "messages") {
      if (key !== undefined && typeof value === "string") head[key] = value;
      continue;
    }
    const place = `messages, item ${++number}`;
    const read = event.safeParse(value);
    if (!read.success) {
      yield note(place, "events that cannot be read: left out");
      continue;
    }
    const given = read.data;
    const at = timeAt(given.origin_server_ts);
    // Sent or not: who has done something in a room was in it.
    yield* met(
      place,
      given.sender,
      given.type === "m.room.member" && given.state_key === given.sender ? given.content.displayname : null,
    );
    if (room === undefined) yield* group(place, about?.id ?? given.room_id ?? head["room_name"] ?? "room", at, given.sender);
    yield* told(place, given, at, room ?? "");
  }

  function* told(place: string, given: Event, at: string, id: string): Generator<Made, void, void> {
    const { content } = given;
    const conversationId = make.groupId(id);
    const messageId = (eventId: string) => make.messageId(conversationId, eventId);
    const senderId = make.userId(given.sender);
    const relates = content["m.relates_to"];
    switch (given.type) {
      case "m.room.message":
      case "m.sticker": {
        yield* member(place, id, at, given.sender, given.event_id);
        const edited = content["m.new_content"];
        if (relates?.rel_type === "m.replace" && relates.event_id && edited) {
          const changed = words(edited.body);
          if (changed === null) return yield note(place, "edits in which nothing is left to see: left out");
          return yield make.fact("MessageEdited", place, given.event_id, at, senderId, {
            conversationId,
            senderId,
            message: messageId(relates.event_id),
            text: changed,
          });
        }
        const isGone = given.unsigned?.redacted_because != null || about?.redacted.has(given.event_id) === true;
        const kept = isGone ? undefined : fileOf(given);
        const brought = kept ? [make.brought(senderId, kept.name, kept, kept.calledSo, content.info?.mimetype)] : [];
        const said = isGone ? {} : contentIn(content, brought[0]?.attachment);
        if (!said) return yield note(place, "messages in which nothing is left to see (encrypted ones, too): left out");
        const root = relates?.["m.in_reply_to"]?.event_id ?? (relates?.rel_type === "m.thread" ? relates.event_id : null);
        const data: WrittenOf<"MessageSent">["data"] = { conversationId, senderId, ...said };
        if (root) data.replyTo = messageId(root);
        const mentioned = content["m.mentions"];
        if (!isGone) {
          data.mentions = mentionsOf((mentioned?.user_ids ?? []).map(make.userId));
          data.mentionsAll = mentioned?.room === true;
        }
        for (const who of mentioned?.user_ids ?? []) yield* met(place, who);
        yield make.message(place, given.event_id, at, data, brought);
        if (isGone)
          yield make.fact("MessageRecalled", place, `${given.event_id} gone`, at, senderId, {
            conversationId,
            senderId,
            message: messageId(given.event_id),
          });
        return;
      }
      case "m.reaction": {
        if (about?.redacted.has(given.event_id)) return;
        const of = relates?.event_id;
        const emoji = relates?.key?.trim() ?? "";
        if (!of || !/\p{Extended_Pictographic}|\p{Regional_Indicator}|\u20e3/u.test(emoji))
          return yield note(place, "reactions that are no emoji: left out");
        yield* member(place, id, at, given.sender, given.event_id);
        return yield make.fact("ReactionAdded", place, given.event_id, at, senderId, {
          conversationId,
          message: messageId(of),
          userId: senderId,
          emoji,
        });
      }
      case "m.room.create":
      case "m.room.name":
      case "m.room.topic":
      case "m.room.join_rules":
        // The room is what it is called in the end.
        return;
      case "m.room.redaction":
        // What was taken back stands in the export without its words already.
        return;
      case "m.room.member": {
        const who = given.state_key ?? given.sender;
        yield* met(place, who, content.displayname);
        if (content.membership === "join") return yield* member(place, id, at, who, given.event_id);
        if ((content.membership === "leave" || content.membership === "ban") && inside.has(who)) {
          if (who === (words(head["room_creator"]) ?? ""))
            return yield note(place, "rooms that their creator left: they stay their owner");
          inside.delete(who);
          return yield make.fact(who === given.sender ? "MemberLeft" : "MemberRemoved", place, given.event_id, at, senderId, {
            groupId: conversationId,
            userId: make.userId(who),
          });
        }
        return;
      }
      case "m.room.pinned_events":
        for (const pinned of content.pinned ?? [])
          yield make.fact("MessagePinned", place, `${given.event_id} ${pinned}`, at, senderId, {
            conversationId,
            message: messageId(pinned),
            userId: senderId,
          });
        return;
      default:
        yield note(place, `events of the kind ${given.type.slice(0, 64)}: left out`);
    }
  }
}

/** Files beside the export. */
export type Beside = { names: readonly string[]; find: FindKept };

const FOLDERS: Readonly<Record<string, string>> = { "m.image": "images", "m.video": "videos", "m.audio": "audio" };

/**
 * Finds the file of a message. Element calls it as the message does, with the time in the language and zone of whoever exported:
 * so it is known by its name and its size. Undefined: there is none, or more than one that may be it.
 */
function filesBeside({ names, find }: Beside) {
  const byFolder = new Map<string, string[]>();
  for (const name of names) {
    const [, folder] = /^([^/]+)\/[^/]+$/.exec(name) ?? [];
    if (folder === undefined) continue;
    const known = byFolder.get(folder);
    if (known) known.push(name);
    else byFolder.set(folder, [name]);
  }
  return ({ type, content: { msgtype, body, filename, info } }: Event) => {
    if (byFolder.size === 0 || body == null) return undefined;
    const folder = type === "m.sticker" ? "stickers" : (FOLDERS[msgtype ?? ""] ?? "files");
    const dot = body.lastIndexOf(".");
    const [begin, end] = dot < 0 ? [body, ""] : [body.slice(0, dot), body.slice(dot)];
    const called = (byFolder.get(folder) ?? []).flatMap((name) => {
      const kept = name.startsWith(`${folder}/${begin}-`) && name.endsWith(end) ? find(name) : undefined;
      return kept && (info?.size == null || kept.size === info.size) ? [{ name, calledSo: filename ?? body, ...kept }] : [];
    });
    return called.length === 1 ? called[0] : undefined;
  };
}

/** What a message says, with its file. */
function contentIn({ msgtype, body, filename, url, file, info }: Spoken, brought?: Attachment) {
  if (brought) return contentOf(filename != null && filename !== body ? words(body) : null, [brought]);
  const address = addressIn(file?.url ?? url);
  if (address === undefined) return contentOf(words(msgtype === "m.emote" ? `* ${body ?? ""}` : body), []);
  const attached = attachmentOf({
    url: address,
    name: filename ?? body,
    mediaType: info?.mimetype,
    size: info?.size,
    width: info?.w,
    height: info?.h,
  });
  const caption = filename != null && filename !== body ? words(body) : null;
  return contentOf(caption, attached ? [attached] : []);
}

/** The address of a file that Matrix names `mxc://server/id`. */
function addressIn(url: string | null | undefined): string | undefined {
  const [, server, media] = /^mxc:\/\/([^/]+)\/([\w-]+)$/.exec(url ?? "") ?? [];
  return server === undefined ? undefined : `https://${server}/_matrix/media/v3/download/${server}/${media}`;
}
