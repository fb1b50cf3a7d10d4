import { createHash } from "node:crypto";
import { z } from "zod";
import type { WrittenOf } from "../../domain/archive.ts";
import type { FindKept } from "./container.ts";
import {
  type Attachment,
  attachmentOf,
  type Brought,
  contentOf,
  emojiNamed,
  type Made,
  type Making,
  making,
  mentionsOf,
  note,
  timeAt,
  words,
} from "./making.ts";
import { sortedByTime } from "./sorting.ts";

/*
 * Mattermost's bulk export: JSON Lines, alone or in a zip. Lines of a kind follow each other: teams, channels, people with the
 * channels that they are in, posts with their answers, direct conversations, and their posts.
 */

const text = z.string().nullish().catch(null);
const time = z.number().nullish().catch(null);

const reaction = z.object({ user: z.string(), emoji_name: z.string(), create_at: time });
const said = {
  user: z.string(),
  message: text,
  create_at: z.number(),
  edit_at: time,
  reactions: z.array(reaction).nullish().catch(null),
  attachments: z
    .array(z.object({ path: text }))
    .nullish()
    .catch(null),
};
const reply = z.object(said);
const posted = {
  ...said,
  type: text,
  is_pinned: z.boolean().nullish().catch(null),
  replies: z.array(reply).nullish().catch(null),
};

const shapes = {
  channel: z.object({
    team: z.string(),
    name: z.string(),
    display_name: text,
    type: text,
    header: text,
    purpose: text,
    deleted_at: time,
  }),
  user: z.object({
    username: z.string(),
    nickname: text,
    first_name: text,
    last_name: text,
    position: text,
    delete_at: time,
    teams: z
      .array(
        z.object({
          name: z.string(),
          channels: z
            .array(z.object({ name: z.string(), roles: text, favorite: z.boolean().nullish().catch(null) }))
            .nullish()
            .catch(null),
        }),
      )
      .nullish()
      .catch(null),
  }),
  bot: z.object({ username: z.string(), display_name: text, description: text, delete_at: time }),
  post: z.object({ team: z.string(), channel: z.string(), ...posted }),
  direct_channel: z.object({ members: z.array(z.string()).nullish().catch(null), header: text }),
  direct_post: z.object({ channel_members: z.array(z.string()).nullish().catch(null), ...posted }),
};
type Kind = keyof typeof shapes;
type Of<K extends Kind> = z.output<(typeof shapes)[K]>;
type Reply = z.infer<typeof reply>;
type Posted = Of<"post"> | Of<"direct_post">;

/** A line as it stands in the file. */
export type JsonLine = { place: string; json: unknown };

export const isMattermost = (first: unknown): boolean =>
  z.object({ type: z.literal("version"), version: z.literal(1) }).safeParse(first).success;

/** A post of either kind: its time; undefined for any other line. */
function postedAt({ json }: JsonLine): number | undefined {
  const {
    type,
    post,
    direct_post: direct,
  } = (json ?? {}) as Record<string, { create_at?: unknown } | undefined> & { type?: unknown };
  if (type !== "post" && type !== "direct_post") return undefined;
  const at = (post ?? direct)?.create_at;
  return typeof at === "number" ? at : 0;
}

/** The lines, in their order, and after them all posts, in the order of time: the export has them in no order at all. */
async function* postsLast(lines: AsyncIterable<JsonLine>): AsyncGenerator<JsonLine, void> {
  const others = lines[Symbol.asyncIterator]();
  let next = await others.next();
  for (; !next.done && postedAt(next.value) === undefined; next = await others.next()) yield next.value;
  const rest = async function* (): AsyncGenerator<JsonLine, void> {
    for (; !next.done; next = await others.next()) yield next.value;
  };
  // Direct conversations and emoji stand behind the first posts, and come before all of them.
  yield* sortedByTime(rest(), (line) => postedAt(line) ?? -Number.MAX_VALUE);
}

/** Where people write: a conversation, and what it is called in names of facts. */
type Room = { conversationId: string; name: string };
type Channel = Of<"channel"> & { at: string };

/** What Mattermost's bulk export tells. `find`: the files beside it. The export has no addresses of them. */
export async function* mattermostLines(
  lines: AsyncIterable<JsonLine>,
  find: FindKept = () => undefined,
): AsyncGenerator<Made, void> {
  const make = making("mattermost");
  const people = new Set<string>();
  /** Channels, of which a group is made when its first member comes: it is their owner. */
  const waiting = new Map<string, Channel>();
  const made = new Set<string>();

  const channelName = (team: string, name: string) => `${team}/${name}`;

  function* met(place: string, username: string): Generator<Made, void, void> {
    if (people.has(username)) return;
    people.add(username);
    yield make.user(place, username, timeAt(0), { name: username, handle: username, tags: ["unknown"] });
    yield note(place, "people whom the export does not describe: kept by their names");
  }

  /** Somebody is in a channel. */
  function* inside(place: string, id: string, member: string): Generator<Made, void, void> {
    const channel = waiting.get(id);
    if (made.has(id)) return yield* make.members(place, id, channel?.at ?? timeAt(0), [member]);
    made.add(id);
    const { display_name: title, name = id, purpose, header, type, deleted_at: deleted } = channel ?? {};
    if (!channel) yield note(place, "channels that the export does not describe: kept as private groups");
    yield make.group(place, id, channel?.at ?? timeAt(0), {
      owner: member,
      title: words(title) ?? name,
      description: purpose,
      announcement: header,
      isPublic: type === "O",
      tags: deleted ? ["archived"] : [],
    });
  }

  function* user(place: string, given: Of<"user">): Generator<Made, void, void> {
    const { username, nickname, first_name: first, last_name: last } = given;
    const full = [first, last].filter((part) => words(part) !== null).join(" ");
    if (!people.has(username)) {
      people.add(username);
      yield make.user(place, username, timeAt(0), {
        name: words(nickname) ?? words(full) ?? username,
        handle: username,
        signature: given.position,
      });
      if (given.delete_at) yield make.deactivated(place, username, timeAt(given.delete_at));
    }
    for (const team of given.teams ?? [])
      for (const { name, roles, favorite } of team.channels ?? []) {
        const id = channelName(team.name, name);
        const isOwner = !made.has(id);
        yield* inside(place, id, username);
        if (!isOwner && /\bchannel_admin\b/.test(roles ?? ""))
          yield make.fact("RoleChanged", place, `${id} ${username}`, timeAt(0), null, {
            groupId: make.groupId(id),
            userId: make.userId(username),
            role: "ADMIN",
          });
        if (favorite)
          yield make.fact("PreferencesChanged", place, `${id} ${username}`, timeAt(0), make.userId(username), {
            userId: make.userId(username),
            conversationId: make.groupId(id),
            pinned: true,
          });
      }
  }

  function* bot(
    place: string,
    { username, display_name: name, description, delete_at: deleted }: Of<"bot">,
  ): Generator<Made, void, void> {
    if (people.has(username)) return;
    people.add(username);
    yield make.user(place, username, timeAt(0), {
      name: words(name) ?? username,
      handle: username,
      signature: description,
      bot: true,
    });
    if (deleted) yield make.deactivated(place, username, timeAt(deleted));
  }

  /** The conversation of some people: of two, the one that they have; of more, a group. */
  function* direct(place: string, members: readonly string[], title?: string | null): Generator<Made, Room | undefined, void> {
    const distinct = [...new Set(members)].sort();
    const [one, other] = distinct;
    if (one === undefined) {
      yield note(place, "direct conversations of nobody: left out");
      return undefined;
    }
    for (const member of distinct) yield* met(place, member);
    if (distinct.length === 2 && other !== undefined)
      return { conversationId: make.directId(one, other), name: distinct.join(",") };
    const id = `direct/${distinct.join(",")}`;
    if (!made.has(id)) {
      made.add(id);
      if (distinct.length === 1) yield note(place, "notes to oneself: kept as a group of one");
      yield make.group(place, id, timeAt(0), {
        owner: one,
        title: distinct.length === 1 ? "Notes" : distinct.join(", "),
        announcement: title,
        isPublic: false,
      });
      yield* make.members(place, id, timeAt(0), distinct.slice(1));
    }
    return { conversationId: make.groupId(id), name: id };
  }

  function* post(place: string, given: Posted, room: Room): Generator<Made, void, void> {
    if (given.type != null && given.type !== "" && !/^(custom_|me$|slack_attachment$)/.test(given.type))
      return yield note(place, "what the server said itself (who came, what a channel is called): left out");
    const root = keyOf(given, room);
    const hasRoot = yield* told(place, given, room, null, here);
    if (given.is_pinned && hasRoot)
      yield make.fact("MessagePinned", place, root, timeAt(given.create_at), make.userId(given.user), {
        conversationId: room.conversationId,
        message: make.messageId(room.conversationId, root),
        userId: make.userId(given.user),
      });
    for (const answer of given.replies ?? []) yield* told(place, answer, room, hasRoot ? root : null, here);
  }

  const here: Here = { make, met, people, find };
  for await (const { place, json } of postsLast(lines)) {
    const type = (json as { type?: unknown } | null)?.type;
    if (type === "version" || type === "team") continue;
    if (typeof type !== "string" || !Object.hasOwn(shapes, type)) {
      yield note(place, `lines of the kind ${String(type).slice(0, 64)}: left out`);
      continue;
    }
    const kind = type as Kind;
    const read = shapes[kind].safeParse((json as Record<string, unknown>)[kind]);
    if (!read.success) {
      yield note(place, `lines of the kind ${kind} that cannot be read: left out`);
      continue;
    }
    switch (kind) {
      case "channel": {
        const channel = read.data as Of<"channel">;
        waiting.set(channelName(channel.team, channel.name), { ...channel, at: timeAt(0) });
        break;
      }
      case "user":
        yield* user(place, read.data as Of<"user">);
        break;
      case "bot":
        yield* bot(place, read.data as Of<"bot">);
        break;
      case "direct_channel": {
        const { members, header } = read.data as Of<"direct_channel">;
        yield* direct(place, members ?? [], header);
        break;
      }
      case "post": {
        const given = read.data as Of<"post">;
        const id = channelName(given.team, given.channel);
        yield* met(place, given.user);
        // Nobody is in it any more: whoever wrote first owns it.
        if (!made.has(id)) yield* inside(place, id, given.user);
        yield* post(place, given, { conversationId: make.groupId(id), name: id });
        break;
      }
      case "direct_post": {
        const given = read.data as Of<"direct_post">;
        const room = yield* direct(place, given.channel_members ?? []);
        if (room) yield* post(place, given, room);
        break;
      }
    }
  }
}

/** A post has no id: its time, its author and what it says stand for one. */
const keyOf = ({ user, create_at: at, message }: Reply, { name }: Room): string =>
  `${name} ${at} ${user} ${createHash("sha256")
    .update(message ?? "")
    .digest("hex")
    .slice(0, 16)}`;

type Here = {
  make: Making;
  met: (place: string, username: string) => Generator<Made, void, void>;
  people: ReadonlySet<string>;
  find: FindKept;
};

/** A post or an answer, and what was done to it. Whether there is a message. */
function* told(
  place: string,
  given: Reply,
  room: Room,
  root: string | null,
  { make, met, people, find }: Here,
): Generator<Made, boolean, void> {
  const { conversationId } = room;
  yield* met(place, given.user);
  const files = given.attachments ?? [];
  const brought: Brought[] = [];
  const attached: Attachment[] = [];
  // A file is not lost without a trace: its name stays with the message.
  const names: string[] = [];
  for (const { path } of files) {
    const name = path?.replace(/^.*\//, "");
    const kept = path == null ? undefined : (find(`data/${path}`) ?? find(path));
    const linked = attachmentOf({ url: path, name });
    if (kept && path != null) brought.push(make.brought(make.userId(given.user), path, kept, name));
    const attachment = kept ? brought.at(-1)?.attachment : linked;
    if (attachment) attached.push(attachment);
    else if (name) names.push(`📎 ${name}`);
  }
  if (attached.length < files.length) yield note(place, "files that are not beside the export: kept by their names");
  const body = words([given.message ?? "", ...names].filter((part) => part !== "").join("\n"));
  const content = contentOf(body, attached);
  if (!content) {
    yield note(place, "messages in which nothing is left to see: left out");
    return false;
  }
  const key = keyOf(given, room);
  const senderId = make.userId(given.user);
  const mentions = [...(given.message ?? "").matchAll(/(?:^|[^\w@])@([a-z0-9][a-z0-9._-]*)/g)].map(([, name = ""]) =>
    name.replace(/[._-]+$/, ""),
  );
  const data: WrittenOf<"MessageSent">["data"] = {
    conversationId,
    senderId,
    ...content,
    mentions: mentionsOf(mentions.filter((name) => people.has(name)).map(make.userId)),
    mentionsAll: mentions.some((name) => ALL.has(name)),
  };
  if (root !== null) data.replyTo = make.messageId(conversationId, root);
  yield make.message(place, key, timeAt(given.create_at), data, brought);
  const about = { conversationId, message: make.messageId(conversationId, key) };
  if (given.edit_at && given.edit_at > given.create_at && body !== null)
    yield make.fact("MessageEdited", place, `${key} ${given.edit_at}`, timeAt(given.edit_at), senderId, {
      ...about,
      senderId,
      text: body,
    });
  for (const { user, emoji_name: name, create_at: at } of given.reactions ?? []) {
    const emoji = emojiNamed(name);
    if (emoji === undefined) {
      yield note(place, "reactions with an emoji that people made themselves: left out");
      continue;
    }
    yield* met(place, user);
    const by = make.userId(user);
    yield make.fact("ReactionAdded", place, `${key} ${user} ${name}`, timeAt(at ?? given.create_at), by, {
      ...about,
      userId: by,
      emoji,
    });
  }
  return true;
}

const ALL = new Set(["all", "channel", "here"]);
