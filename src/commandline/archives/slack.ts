import { z } from "zod";
import type { WrittenOf } from "../../domain/archive.ts";
import type { Files } from "./files.ts";
import {
  type Attachment,
  attachmentOf,
  type Brought,
  contentOf,
  emojiNamed,
  type Made,
  making,
  mentionsOf,
  note,
  timeAt,
  words,
} from "./making.ts";

/*
 * Slack's export: a zip with lists of people and conversations, and a folder of each conversation with a file a day.
 */

const text = z.string().nullish().catch(null);
const ts = z.string().regex(/^\d{1,11}(\.\d{1,9})?$/);

const user = z.object({
  id: z.string().min(1),
  name: text,
  real_name: text,
  deleted: z.boolean().nullish().catch(null),
  is_bot: z.boolean().nullish().catch(null),
  profile: z
    .object({ real_name: text, display_name: text, title: text, image_512: text, image_192: text })
    .partial()
    .nullish()
    .catch(null),
});

const channel = z.object({
  id: z.string().min(1),
  name: text,
  created: z.number().nullish().catch(null),
  creator: text,
  is_archived: z.boolean().nullish().catch(null),
  members: z.array(z.string()).nullish().catch(null),
  topic: z.object({ value: text }).nullish().catch(null),
  purpose: z.object({ value: text }).nullish().catch(null),
  pins: z
    .array(z.object({ id: z.string(), user: text, created: z.number().nullish().catch(null) }))
    .nullish()
    .catch(null),
});
type Channel = z.infer<typeof channel>;

const file = z.object({
  id: text,
  name: text,
  title: text,
  mimetype: text,
  size: z.number().nullish().catch(null),
  url_private: text,
  permalink: text,
  original_w: z.number().nullish().catch(null),
  original_h: z.number().nullish().catch(null),
});

const message = z.object({
  type: text,
  subtype: text,
  ts,
  user: text,
  bot_id: text,
  username: text,
  text,
  thread_ts: ts.nullish().catch(null),
  edited: z.object({ ts }).nullish().catch(null),
  files: z.array(z.unknown()).nullish().catch(null),
  /** Until 2018, a message had one. */
  file: z.unknown().optional(),
  attachments: z
    .array(z.object({ fallback: text, pretext: text, title: text, text }))
    .nullish()
    .catch(null),
  reactions: z
    .array(z.object({ name: z.string(), users: z.array(z.string()) }))
    .nullish()
    .catch(null),
  user_profile: z.object({ real_name: text, display_name: text, name: text }).partial().nullish().catch(null),
  bot_profile: z.object({ name: text }).nullish().catch(null),
});
type Message = z.infer<typeof message>;

/** What the lists of people and conversations say already, in their newest state. */
const KNOWN_OTHERWISE: ReadonlyMap<string, string> = new Map(
  Object.entries({
    channel_join: "comings and goings: members are those of the lists",
    group_join: "comings and goings: members are those of the lists",
    channel_leave: "comings and goings: members are those of the lists",
    group_leave: "comings and goings: members are those of the lists",
    channel_topic: "changes of a title, topic or purpose: they are those of the lists",
    group_topic: "changes of a title, topic or purpose: they are those of the lists",
    channel_purpose: "changes of a title, topic or purpose: they are those of the lists",
    group_purpose: "changes of a title, topic or purpose: they are those of the lists",
    channel_name: "changes of a title, topic or purpose: they are those of the lists",
    group_name: "changes of a title, topic or purpose: they are those of the lists",
    pinned_item: "pinning: what is pinned is that of the lists",
  }),
);

/** Those whose words are a message as any other. */
const USUAL = new Set(["", "bot_message", "me_message", "thread_broadcast", "file_share", "reply_broadcast", "huddle_thread"]);

const timeOf = (given: string): string => timeAt(Math.round(Number(given) * 1_000));
const cause = (name: string) => (error: unknown) => new Error(`${name}: ${(error as Error).message}`, { cause: error });

export const isSlack = ({ names }: Pick<Files, "names">): boolean =>
  names.includes("users.json") && ["channels.json", "groups.json", "dms.json", "mpims.json"].some((name) => names.includes(name));

/** What a Slack export tells. Of each conversation, all follows in the order of its days. */
export async function* slackLines(archived: Files): AsyncGenerator<Made, void> {
  const make = making("slack");
  /** The names of all people, to show them where a text names somebody. Ids of those who were told. */
  const people = new Map<string, string>();

  async function* list<T>(name: string, schema: z.ZodType<T>): AsyncGenerator<{ place: string; item: T } | { made: Made }> {
    if (!archived.names.includes(name)) return;
    let number = 0;
    try {
      for await (const { value } of archived.items(name)) {
        const place = `${name}, item ${++number}`;
        const read = schema.safeParse(value);
        if (read.success) yield { place, item: read.data };
        else yield { made: note(place, `items of ${name} that cannot be read: left out`) };
      }
    } catch (error) {
      throw cause(name)(error);
    }
  }

  /** Somebody whom the list of people does not name, when they are met. */
  function* met(place: string, id: string, name: string, isBot: boolean): Generator<Made, void, void> {
    if (people.has(id)) return;
    people.set(id, name);
    yield make.user(place, id, timeAt(0), isBot ? { name, bot: true } : { name, tags: ["unknown"] });
    if (!isBot) yield note(place, "people whom users.json does not name: kept by what is known of them");
  }

  /** The files of each folder, a day each, in their order. */
  const daysIn = new Map<string, string[]>();
  for (const name of [...archived.names].sort()) {
    const [, folder] = /^([^/]+)\/[^/]+\.json$/.exec(name) ?? [];
    if (folder === undefined) continue;
    const known = daysIn.get(folder);
    if (known) known.push(name);
    else daysIn.set(folder, [name]);
  }

  for await (const each of list("users.json", user)) {
    if ("made" in each) {
      yield each.made;
      continue;
    }
    const { place, item } = each;
    const { id, profile } = item;
    if (people.has(id)) continue;
    const name =
      [profile?.display_name, profile?.real_name, item.real_name, item.name].find((given) => words(given) !== null) ?? id;
    people.set(id, name);
    yield make.user(place, id, timeAt(0), {
      name,
      handle: item.name ?? undefined,
      avatarUrl: profile?.image_512 ?? profile?.image_192,
      signature: profile?.title,
      bot: item.is_bot,
    });
    if (item.deleted) yield make.deactivated(place, id, timeAt(0));
  }

  /** Members and owner of a group, with those who are not in the list of people. */
  function* group(place: string, given: Channel, isPublic: boolean): Generator<Made, void, void> {
    const { id, creator, members, created, topic, purpose } = given;
    const at = timeAt((created ?? 0) * 1_000);
    const inside = members ?? [];
    const owner =
      creator != null && (inside.includes(creator) || inside.length === 0) ? creator : (inside[0] ?? `nobody of ${id}`);
    for (const member of [owner, ...inside]) yield* met(place, member, people.get(member) ?? member, false);
    yield make.group(place, id, at, {
      owner,
      title: given.name ?? id,
      description: purpose?.value,
      announcement: topic?.value,
      isPublic,
      tags: given.is_archived ? ["archived"] : [],
    });
    yield* make.members(
      place,
      id,
      at,
      inside.filter((member) => member !== owner),
    );
  }

  const listed = [
    ["channels.json", "public"],
    ["groups.json", "private"],
    ["mpims.json", "private"],
    ["dms.json", "direct"],
  ] as const;
  for (const [listName, kind] of listed)
    for await (const each of list(listName, channel)) {
      if ("made" in each) {
        yield each.made;
        continue;
      }
      const { place, item } = each;
      const [one = "", other = one] = item.members ?? [];
      const isDirect = kind === "direct" && one !== other && one !== "";
      if (isDirect) for (const member of [one, other]) yield* met(place, member, member, false);
      else {
        if (kind === "direct") yield note(place, "notes to oneself: kept as a group of one");
        yield* group(
          place,
          kind === "direct" ? { ...item, name: "Notes", members: one === "" ? [] : [one] } : item,
          kind === "public",
        );
      }
      const conversationId = isDirect ? make.directId(one, other) : make.groupId(item.id);
      // Members are not in the lists of old exports: whoever wrote is one.
      const writers = item.members == null && !isDirect ? new Set<string>() : undefined;
      const days = daysIn.get(item.name ?? item.id) ?? daysIn.get(item.id) ?? [];
      for (const day of days) {
        let number = 0;
        try {
          for await (const { value } of archived.items(day))
            yield* told(`${day}, item ${++number}`, value, { conversationId, id: item.id, writers });
        } catch (error) {
          throw cause(day)(error);
        }
      }
      for (const pin of item.pins ?? []) {
        if (!ts.safeParse(pin.id).success || !pin.user) continue;
        yield make.fact(
          "MessagePinned",
          place,
          `${item.id} ${pin.id}`,
          timeAt((pin.created ?? 0) * 1_000),
          make.userId(pin.user),
          {
            conversationId,
            message: make.messageId(conversationId, pin.id),
            userId: make.userId(pin.user),
          },
        );
      }
    }

  /** A message, and what was done to it. */
  function* told(
    place: string,
    value: unknown,
    { conversationId, id, writers }: { conversationId: string; id: string; writers: Set<string> | undefined },
  ): Generator<Made, void, void> {
    const read = message.safeParse(value);
    if (!read.success || (read.data.type ?? "message") !== "message")
      return yield note(place, "items of a day that are no messages: left out");
    const given = read.data;
    const subtype = given.subtype ?? "";
    const otherwise = KNOWN_OTHERWISE.get(subtype);
    if (otherwise !== undefined) return yield note(place, otherwise);
    const sender = given.user ?? given.bot_id ?? "nobody";
    const isBot = given.user == null && given.bot_id != null;
    const named = [given.bot_profile?.name, given.username, given.user_profile?.display_name, given.user_profile?.real_name];
    yield* met(place, sender, named.find((name) => words(name) !== null) ?? (sender === "nobody" ? "(unknown)" : sender), isBot);
    if (writers && !writers.has(sender)) {
      writers.add(sender);
      yield* make.members(place, id, timeAt(0), [sender]);
    }
    const senderId = make.userId(sender);
    const mentioned: string[] = [];
    const { shown, all } = plain(bodyOf(given), (who) => {
      mentioned.push(who);
      return people.get(who) ?? who;
    });
    const isDeleted = subtype === "tombstone";
    if (!USUAL.has(subtype) && !isDeleted) yield note(place, `messages of the kind ${subtype.slice(0, 64)}: kept as text`);
    const files = given.files ?? (given.file == null ? [] : [given.file]);
    const brought: Brought[] = [];
    const attached = files.flatMap((each): Attachment[] => {
      const found = file.safeParse(each).data;
      // Programs that fetch the files put them there.
      const path = found?.id && found.name ? `__uploads/${found.id}/${found.name}` : undefined;
      const kept = path === undefined ? undefined : archived.find?.(path);
      if (path !== undefined && kept) {
        const file = make.brought(senderId, path, kept, found?.name, found?.mimetype);
        brought.push(file);
        return [file.attachment];
      }
      const { original_w: width, original_h: height, mimetype: mediaType, size } = found ?? {};
      const made = attachmentOf({
        url: found?.url_private ?? found?.permalink,
        name: found?.name ?? found?.title,
        mediaType,
        size,
        width,
        height,
      });
      return made ? [made] : [];
    });
    if (attached.length < files.length) yield note(place, "files without an address (deleted, or hidden by a limit): left out");
    const content = isDeleted ? {} : contentOf(words(shown), attached);
    if (!content) return yield note(place, "messages in which nothing is left to see: left out");
    const data: WrittenOf<"MessageSent">["data"] = { conversationId, senderId, ...content };
    if (given.thread_ts != null && given.thread_ts !== given.ts) data.replyTo = make.messageId(conversationId, given.thread_ts);
    if (!isDeleted) Object.assign(data, { mentions: mentionsOf(mentioned.map(make.userId)), mentionsAll: all });
    yield make.message(place, given.ts, timeOf(given.ts), data, brought);
    const about = { conversationId, message: make.messageId(conversationId, given.ts) };
    if (isDeleted) {
      yield make.fact("MessageRecalled", place, `${id} ${given.ts}`, timeOf(given.ts), senderId, { ...about, senderId });
      return;
    }
    const edit = words(shown);
    if (given.edited && edit !== null)
      yield make.fact("MessageEdited", place, `${id} ${given.ts} ${given.edited.ts}`, timeOf(given.edited.ts), senderId, {
        ...about,
        senderId,
        text: edit,
      });
    for (const { name, users } of given.reactions ?? []) {
      const emoji = emojiNamed(name);
      if (emoji === undefined) {
        yield note(place, "reactions with an emoji that people made themselves: left out");
        continue;
      }
      for (const by of users) {
        yield* met(place, by, by, false);
        // When is not told: it was after the message.
        yield make.fact("ReactionAdded", place, `${id} ${given.ts} ${by} ${name}`, timeOf(given.ts), make.userId(by), {
          ...about,
          userId: make.userId(by),
          emoji,
        });
      }
    }
  }
}

/** What a message says: its text, and what a program wrote into its blocks. */
function bodyOf({ text: said, attachments }: Message): string {
  const blocks = (attachments ?? []).flatMap(({ pretext, title, text: body, fallback }) => {
    const parts = [pretext, title, body].filter((part) => words(part) !== null);
    return parts.length > 0 ? parts : [fallback].filter((part) => words(part) !== null);
  });
  // Of a link that people sent, the preview repeats what it says there.
  return words(said) === null ? blocks.join("\n") : (said ?? "");
}

/** Slack's markup as text. `nameOf` is asked for everyone whom it names. */
function plain(markup: string, nameOf: (user: string) => string): { shown: string; all: boolean } {
  let all = false;
  const shown = markup.replace(/<([^<>]*)>/g, (_, inner: string) => {
    const bar = inner.indexOf("|");
    const [target, label] = bar < 0 ? [inner, ""] : [inner.slice(0, bar), inner.slice(bar + 1)];
    if (/^@[A-Z0-9]+$/.test(target)) return `@${nameOf(target.slice(1))}`;
    if (target.startsWith("#")) return `#${label || target.slice(1)}`;
    if (/^!(here|channel|everyone)$/.test(target)) {
      all = true;
      return `@${target.slice(1)}`;
    }
    if (target.startsWith("!")) return label || target.slice(1);
    return label === "" || label === target ? target : `${label} (${target})`;
  });
  return { shown: shown.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&"), all };
}
