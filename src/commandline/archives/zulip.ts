import { z } from "zod";
import { MAX_ATTACHMENTS } from "../../domain/events.ts";
import type { JsonItem } from "./json.ts";
import { reactionStore } from "./zulipReactions.ts";
import { type Container, type FindKept, keptIn } from "./container.ts";
import { type Brought, contentOf, emojiNamed, type Made, making, mentionsOf, note, timeAt, words } from "./making.ts";

/*
 * Zulip's export: a tar with `realm.json` (people, channels, who is in them, reactions) and files of a thousand messages each.
 * The first stands behind the others, so that the archive is read twice.
 */

/** Reads the items of each file of JSON whose name, without its folder, is asked for; in the order of the archive. */
export type ZulipFiles = (wanted: (name: string) => boolean) => AsyncIterable<{ name: string; items: AsyncIterable<JsonItem> }>;

const text = z.string().nullish().catch(null);
const flag = z.boolean().nullish().catch(null);
const seconds = z.number().nullish().catch(null);

const shapes = {
  zerver_realm: z.object({ string_id: text }),
  zerver_userprofile: z.object({
    id: z.int(),
    full_name: text,
    is_active: flag,
    is_bot: flag,
    role: z.int().nullish().catch(null),
    date_joined: seconds,
  }),
  zerver_stream: z.object({
    id: z.int(),
    name: z.string(),
    description: text,
    invite_only: flag,
    deactivated: flag,
    date_created: seconds,
    creator: z.int().nullish().catch(null),
  }),
  zerver_recipient: z.object({ id: z.int(), type: z.int(), type_id: z.int() }),
  zerver_subscription: z.object({ user_profile: z.int(), recipient: z.int(), active: flag, is_muted: flag, pin_to_top: flag }),
  zerver_reaction: z.object({
    user_profile: z.int(),
    message: z.int(),
    emoji_name: z.string(),
    emoji_code: text,
    reaction_type: text,
  }),
};
type Table = keyof typeof shapes;
type Row<T extends Table> = z.output<(typeof shapes)[T]>;

const PEOPLE: readonly string[] = ["zerver_userprofile", "zerver_userprofile_mirrordummy", "zerver_userprofile_crossrealm"];

const message = z.object({
  id: z.int(),
  sender: z.int(),
  recipient: z.int(),
  subject: text,
  content: text,
  date_sent: z.number(),
  last_edit_time: seconds,
});
const userMessage = z.object({ user_profile: z.int(), message: z.int(), flags_mask: z.int() });
/** Of `flags_mask`: the user has read the message. */
const READ = 1;
/** Marks of what was read that are kept until the end: some 40 bytes each. */
const MAX_MARKS = 2_000_000;
/** Of `role`: owners and administrators of the realm. */
const STAFF = 200;

const timeOf = (given: number | null | undefined): string => timeAt(Math.round((given ?? 0) * 1_000));
const isMessages = (name: string): boolean => /^messages-\d+\.json$/.test(name);

/** What a Zulip export tells. */
export async function* zulipLines(
  files: ZulipFiles,
  uploads: () => Promise<Container> = async () => NO_UPLOADS,
): AsyncGenerator<Made, void> {
  const container = await uploads();
  try {
    yield* linesWith(files, uploadsIn(container));
  } finally {
    await container.close();
  }
}

const NO_UPLOADS: Container = {
  names: [],
  sizeOf: () => undefined,
  read: async function* () {},
  close: async () => undefined,
};

/** Finds uploads by their paths, in whatever folder all of them lie. */
function uploadsIn(container: Container): FindKept {
  const [, top = ""] =
    /^((?:[^/]+\/)?)uploads\//.exec(container.names.find((name) => /^([^/]+\/)?uploads\//.test(name)) ?? "") ?? [];
  return keptIn(container, `${top}uploads/`);
}

/** A file in the text of a message: what it is called there, and its path. */
const UPLOAD = /!?\[([^\]]*)\]\(\/user_uploads\/([^)\s]+)\)/g;

async function* linesWith(files: ZulipFiles, find: FindKept): AsyncGenerator<Made, void> {
  const people = new Map<number, Row<"zerver_userprofile">>();
  const streams = new Map<number, Row<"zerver_stream">>();
  const recipients = new Map<number, Row<"zerver_recipient">>();
  const subscribers = new Map<number, Row<"zerver_subscription">[]>();
  const reactions = reactionStore();
  let realm = "";

  for await (const { items } of files((name) => name === "realm.json"))
    for await (const { key = "", value } of items) {
      const table = PEOPLE.includes(key) ? "zerver_userprofile" : key;
      if (!Object.hasOwn(shapes, table)) continue;
      const read = shapes[table as Table].safeParse(value);
      if (!read.success) {
        yield note(`realm.json, ${key}`, `rows of ${key} that cannot be read: left out`);
        continue;
      }
      const row = read.data;
      if (table === "zerver_realm") realm = (row as Row<"zerver_realm">).string_id ?? "";
      else if (table === "zerver_userprofile")
        people.set((row as Row<"zerver_userprofile">).id, row as Row<"zerver_userprofile">);
      else if (table === "zerver_stream") streams.set((row as Row<"zerver_stream">).id, row as Row<"zerver_stream">);
      else if (table === "zerver_recipient") recipients.set((row as Row<"zerver_recipient">).id, row as Row<"zerver_recipient">);
      else if (table === "zerver_subscription")
        added(subscribers, (row as Row<"zerver_subscription">).recipient, row as Row<"zerver_subscription">);
      else {
        const {
          message: of,
          user_profile: by,
          emoji_name: name,
          emoji_code: code,
          reaction_type: type,
        } = row as Row<"zerver_reaction">;
        reactions.add(of, by, { name, code: code ?? null, type: type ?? null });
      }
    }

  const make = making(`zulip/${realm}`);
  const byName = new Map<string, number>();
  const told = new Set<number>();

  function* met(place: string, id: number): Generator<Made, void, void> {
    if (told.has(id)) return;
    told.add(id);
    const person = people.get(id);
    yield make.user(place, String(id), timeOf(person?.date_joined), {
      name: words(person?.full_name) ?? `user ${id}`,
      bot: person?.is_bot,
      tags: person ? [] : ["unknown"],
    });
    if (person?.is_active === false) yield make.deactivated(place, String(id), timeOf(person.date_joined));
    if (!person) yield note(place, "people whom realm.json does not describe: kept by their numbers");
  }

  for (const [id, { full_name: name }] of people) {
    yield* met("realm.json", id);
    if (name != null && !byName.has(name)) byName.set(name, id);
  }

  /** Where what is sent to a recipient goes: a group of its own, or the direct conversation of two. */
  const rooms = new Map<number, string>();
  function* group(
    recipient: number,
    name: string,
    about: Row<"zerver_stream"> | undefined,
    isPublic: boolean,
  ): Generator<Made, void, void> {
    const at = timeOf(about?.date_created);
    const active = (subscribers.get(recipient) ?? []).filter((each) => each.active !== false);
    const inside = active.map(({ user_profile: user }) => user);
    const staff = inside.find((user) => (people.get(user)?.role ?? Number.POSITIVE_INFINITY) <= STAFF);
    const owner =
      about?.creator != null && inside.includes(about.creator) ? about.creator : (staff ?? inside[0] ?? about?.creator ?? 0);
    for (const user of [owner, ...inside]) yield* met("realm.json", user);
    yield make.group("realm.json", name, at, {
      owner: String(owner),
      title: about?.name ?? inside.map((user) => words(people.get(user)?.full_name) ?? `user ${user}`).join(", "),
      description: about?.description,
      isPublic,
      tags: about?.deactivated ? ["archived"] : [],
    });
    yield* make.members(
      "realm.json",
      name,
      at,
      inside.flatMap((user) => (user === owner ? [] : [String(user)])),
    );
    const conversationId = make.groupId(name);
    rooms.set(recipient, conversationId);
    for (const { user_profile: user, is_muted: muted, pin_to_top: pinned } of active)
      if (muted || pinned)
        yield make.fact("PreferencesChanged", "realm.json", `${name} ${user}`, at, make.userId(String(user)), {
          userId: make.userId(String(user)),
          conversationId,
          ...(muted ? { muted } : {}),
          ...(pinned ? { pinned } : {}),
        });
  }

  for (const { id, type, type_id: of } of recipients.values()) {
    const stream = streams.get(of);
    if (type === 2 && stream) yield* group(id, `stream ${of}`, stream, !stream.invite_only);
    if (type !== 3) continue;
    const inside = (subscribers.get(id) ?? []).map(({ user_profile: user }) => String(user));
    const [one = "", other = ""] = inside;
    if (inside.length === 2) rooms.set(id, make.directId(one, other));
    else yield* group(id, `direct ${of}`, undefined, false);
  }

  /** Who has notes to themselves. They have the recipient that all has which others write to the same person. */
  const noted = new Set<number>();
  /** The conversation of a message; undefined: the archive does not say which. */
  function* roomOf(place: string, sender: number, recipient: number): Generator<Made, string | undefined, void> {
    const known = rooms.get(recipient);
    const to = recipients.get(recipient);
    if (known !== undefined || to?.type !== 1) return known;
    yield* met(place, to.type_id);
    if (to.type_id !== sender) return make.directId(String(sender), String(to.type_id));
    const name = `notes ${sender}`;
    if (!noted.has(sender)) {
      noted.add(sender);
      yield note(place, "people with notes to themselves: kept as a group of one");
      yield make.group(place, name, timeAt(0), { owner: String(sender), title: "Notes", isPublic: false });
    }
    return make.groupId(name);
  }

  /** The newest message that each has read in each conversation, by both. */
  const marks = new Map<string, Map<number, number>>();
  let markCount = 0;
  for await (const { name, items } of files(isMessages)) {
    const here = new Map<number, string>();
    let number = 0;
    for await (const { key, value } of items) {
      const place = `${name}, item ${++number}`;
      if (key === "zerver_usermessage") {
        const { user_profile: user = 0, message: id = 0, flags_mask: mask = 0 } = userMessage.safeParse(value).data ?? {};
        const conversationId = here.get(id);
        if ((mask & READ) === 0 || conversationId === undefined) continue;
        const ofRoom = marks.get(conversationId) ?? new Map<number, number>();
        marks.set(conversationId, ofRoom);
        const known = ofRoom.get(user);
        if (known === undefined && ++markCount > MAX_MARKS)
          yield note(place, "what people have read, beyond what is kept: left out");
        else if ((known ?? 0) < id) ofRoom.set(user, id);
        continue;
      }
      if (key !== "zerver_message") continue;
      const read = message.safeParse(value);
      if (!read.success) {
        yield note(place, "messages that cannot be read: left out");
        continue;
      }
      const { id, sender, recipient, subject, date_sent: sentAt, last_edit_time: edited } = read.data;
      const conversationId = yield* roomOf(place, sender, recipient);
      if (conversationId === undefined) {
        yield note(place, "messages to somebody whom realm.json does not describe: left out");
        continue;
      }
      const mentioned: number[] = [];
      let all = false;
      const shown = (read.data.content ?? "").replace(
        /@(_?)\*\*([^*|]+)(?:\|(\d+))?\*\*/g,
        (_, silent: string, who: string, by?: string) => {
          const user = by === undefined ? byName.get(who) : Number(by);
          if (/^(all|everyone|channel|stream)$/.test(who)) all = true;
          else if (user !== undefined && silent === "") mentioned.push(user);
          return `@${who}`;
        },
      );
      const senderId = make.userId(String(sender));
      const brought: Brought[] = [];
      const body = words(
        shown.replace(UPLOAD, (whole, label: string, given: string) => {
          const path = decoded(given);
          const kept = brought.length < MAX_ATTACHMENTS ? find(path) : undefined;
          if (!kept) return whole;
          const name = path.replace(/^.*\//, "");
          brought.push(make.brought(senderId, path, kept, name));
          return label === name ? "" : label;
        }),
      );
      if (/\]\(\/user_uploads\//.test(body ?? ""))
        yield note(place, "messages with files that are not in the archive: kept with their paths");
      const content = contentOf(
        body,
        brought.map(({ attachment }) => attachment),
      );
      if (!content) {
        yield note(place, "messages in which nothing is left to see: left out");
        continue;
      }
      yield* met(place, sender);
      here.set(id, conversationId);
      const isStream = recipients.get(recipient)?.type === 2;
      const said = {
        conversationId,
        senderId,
        topic: isStream ? (subject ?? null) : null,
        ...content,
        mentions: mentionsOf(mentioned.map((user) => make.userId(String(user)))),
        mentionsAll: all,
      };
      yield make.message(place, String(id), timeOf(sentAt), said, brought);
      const about = { conversationId, message: make.messageId(conversationId, String(id)) };
      if (edited != null && body !== null)
        yield make.fact("MessageEdited", place, `${id} ${edited}`, timeOf(edited), senderId, { ...about, senderId, text: body });
      for (const { user, emoji: named } of reactions.of(id)) {
        const emoji = named.type === "realm_emoji" ? undefined : (emojiOfCode(named.code) ?? emojiNamed(named.name));
        if (emoji === undefined) {
          yield note(place, "reactions with an emoji that people made themselves: left out");
          continue;
        }
        yield* met(place, user);
        const by = make.userId(String(user));
        yield make.fact("ReactionAdded", place, `${id} ${user} ${named.name}`, timeOf(sentAt), by, {
          ...about,
          userId: by,
          emoji,
        });
      }
    }
  }
  for (const [conversationId, ofRoom] of marks)
    for (const [number, id] of ofRoom) {
      const user = make.userId(String(number));
      yield make.fact("ReadUpTo", "messages", `${user} ${conversationId} ${id}`, timeAt(0), user, {
        userId: user,
        conversationId,
        message: make.messageId(conversationId, String(id)),
      });
    }
}

/** A path as it is in the archive. */
function decoded(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}

function added<T>(to: Map<number, T[]>, key: number, row: T): void {
  const known = to.get(key);
  if (known) known.push(row);
  else to.set(key, [row]);
}

/** The emoji of a code such as 1f44d, or 1f1fa-1f1f8. */
function emojiOfCode(code: string | null | undefined): string | undefined {
  if (code == null || !/^[0-9a-f]{2,5}(-[0-9a-f]{2,5}){0,9}$/.test(code)) return undefined;
  return String.fromCodePoint(...code.split("-").map((part) => Number.parseInt(part, 16)));
}
