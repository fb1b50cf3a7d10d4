import { createHash } from "node:crypto";
import { nameToEmoji } from "gemoji";
import { eventId } from "../../commands/eventId.ts";
import { handlesFor, IMPORT, importedGroupId, importedUserId, nameOf } from "../../commands/imports.ts";
import type { FactType, WrittenOf } from "../../domain/archive.ts";
import { type linked, MAX_ATTACHMENTS, MAX_EMOJI, MAX_MENTIONS, MAX_TEXT, httpUrl, MAX_TOPIC } from "../../domain/events.ts";
import { directConversationOf, streams, uploadIdOf } from "../../domain/ids.ts";
import { inLine, isBlank } from "../../domain/text.ts";
import type { z } from "zod";
import type { ArchiveLine, BroughtFile } from "../archive.ts";
import type { Kept } from "./container.ts";

/*
 * What the readers of other messengers' archives have in common. A reader turns its archive into the lines of one of Tidings. Its
 * ids follow from those that the archive has: so the same archive, or a later one, tells the same facts.
 */

export type Linked = z.infer<typeof linked>;
/** A file by its address, or one whose bytes the archive has. */
export type Attachment = NonNullable<WrittenOf<"MessageSent">["data"]["attachments"]>[number];
/** A file of a message, and its bytes. */
export type Brought = { attachment: Extract<Attachment, { file: string }>; kept: Kept };
/** A fact, or a note of what could not be told; `place` says where it stands. */
export type Made = ArchiveLine;

const EPOCH = "1970-01-01T00:00:00.000Z";

/** A time in milliseconds since 1970 as a fact has it. What is none counts as the beginning of time. */
export function timeAt(ms: number): string {
  if (!Number.isFinite(ms) || ms < 0 || ms > 253_402_300_799_999) return EPOCH;
  return new Date(ms).toISOString();
}

export const note = (place: string, text: string): Made => ({ number: 0, place, note: text });

/** `source`: the messenger, with what tells one server of it from another, if its archive says so. */
export function making(source: string) {
  const ref = (id: string): string => `${source}/${id}`;
  const userId = (id: string): string => importedUserId(ref(id));
  const groupId = (id: string): string => importedGroupId(ref(id));
  const factId = (name: string): string => eventId("archive", IMPORT, ref(name), 0);
  const made = <T extends FactType>(
    fact: T,
    place: string,
    id: string,
    at: string,
    by: string | null,
    data: WrittenOf<T>["data"],
  ) => ({ number: 0, place, fact: { fact, id, at, by, data } }) as Made;

  return {
    userId,
    groupId,
    directId: (one: string, other: string): string => directConversationOf(userId(one), userId(other)),
    messageId: (conversation: string, key: string): string => eventId(streams.conversation(conversation), IMPORT, ref(key), 0),
    /** A file that somebody sent. `key`: its own name in the archive: the same, of the same size, is the same file. */
    brought: (
      senderId: string,
      key: string,
      kept: Kept,
      named: string | null | undefined,
      mediaType?: string | null,
    ): Brought => {
      const name = fileName(named);
      const stream = streams.uploads(senderId);
      const file = uploadIdOf(senderId, eventId(stream, IMPORT, `${ref(key)} ${kept.size}`, 0));
      return { attachment: { file, name, mediaType: typeNamed(mediaType, name), size: kept.size }, kept };
    },
    /** Any other fact: `name` is its own among those of the archive. */
    fact: <T extends FactType>(fact: T, place: string, name: string, at: string, by: string | null, data: WrittenOf<T>["data"]) =>
      made(fact, place, factId(`${fact} ${name}`), at, by, data),
    message: (
      place: string,
      key: string,
      at: string,
      data: Omit<WrittenOf<"MessageSent">["data"], "topic"> & { topic?: string | null },
      brought: readonly Brought[] = [],
    ): Made => {
      const { conversationId, senderId } = data;
      const id = eventId(streams.conversation(conversationId), IMPORT, ref(key), 0);
      const topic = data.topic == null || isBlank(data.topic) ? null : cut(data.topic, MAX_TOPIC);
      const told = made("MessageSent", place, id, at, senderId, { ...data, topic });
      if (brought.length === 0) return told;
      const isThere = new Set(data.attachments);
      const files = brought.filter(({ attachment }) => isThere.has(attachment));
      return { ...told, files: files.map(({ attachment, kept }): BroughtFile => ({ id: attachment.file, ...kept })) };
    },
    user: (
      place: string,
      id: string,
      at: string,
      {
        name,
        handle,
        avatarUrl,
        signature,
        bot = false,
        tags = [],
      }: {
        name: string;
        handle?: string | undefined;
        avatarUrl?: string | null | undefined;
        signature?: string | null | undefined;
        bot?: boolean | null | undefined;
        tags?: readonly string[];
      },
    ): Made => {
      const [wanted = ""] = handlesFor(handle === undefined || isBlank(handle) ? name : handle);
      return made("UserRegistered", place, factId(`UserRegistered ${id}`), at, userId(id), {
        userId: userId(id),
        handle: wanted,
        name: nameOf(name),
        avatarUrl: addressOf(avatarUrl),
        gender: null,
        birthday: null,
        signature: signature == null || isBlank(signature) ? null : cut(signature, 1_024),
        tags: tags.map((tag) => ({ name: tag, score: 0 })),
        ...(bot && { bot: true }),
      });
    },
    /** Nobody acts as a user any more. When that was, archives do not say. */
    deactivated: (place: string, id: string, at: string): Made =>
      made("UserDeactivated", place, factId(`UserDeactivated ${id}`), at, null, { userId: userId(id) }),
    group: (
      place: string,
      id: string,
      at: string,
      {
        owner,
        title,
        description,
        announcement,
        isPublic,
        tags = [],
      }: {
        owner: string;
        title: string;
        description?: string | null | undefined;
        announcement?: string | null | undefined;
        isPublic: boolean;
        tags?: readonly string[];
      },
    ): Made =>
      made("GroupCreated", place, factId(`GroupCreated ${id}`), at, userId(owner), {
        groupId: groupId(id),
        ownerId: userId(owner),
        title: nameOf(title),
        avatarUrl: null,
        description: textOrNull(description, 4_096),
        announcement: textOrNull(announcement, 4_096),
        category: null,
        tags: tags.map((tag) => ({ name: tag, score: 0 })),
        joinPolicy: isPublic ? "OPEN" : "INVITE",
        public: isPublic,
        historyVisible: true,
      }),
    /** Members of a group beside its owner: facts of a thousand each. `occasion`: where somebody may come several times. */
    members: (place: string, id: string, at: string, members: readonly string[], occasion = ""): Made[] => {
      const userIds = [...new Set(members.map(userId))];
      return Array.from({ length: Math.ceil(userIds.length / 1_000) }, (_, chunk) => {
        const some = userIds.slice(chunk * 1_000, (chunk + 1) * 1_000);
        const name = createHash("sha256")
          .update([...some, occasion].join(" "))
          .digest("hex");
        return made("MembersImported", place, factId(`MembersImported ${id} ${name}`), at, null, {
          groupId: groupId(id),
          userIds: some,
        });
      });
    },
  };
}
export type Making = ReturnType<typeof making>;

/** At most so many characters; never within one. */
export const cut = (text: string, most: number): string =>
  [...text.replace(/[\p{Surrogate}\0]/gu, "\ufffd")].slice(0, most).join("");

const textOrNull = (text: string | null | undefined, most: number): string | null =>
  text == null || isBlank(text) ? null : cut(text, most);

/** A text for a message; null where nothing can be seen in it. */
export const words = (text: string | null | undefined): string | null => textOrNull(text, MAX_TEXT);

/** An address of http or https; null for anything else. */
export const addressOf = (url: string | null | undefined): string | null =>
  url != null && httpUrl.safeParse(url).success ? url : null;

export const mentionsOf = (users: readonly string[]): string[] => [...new Set(users)].slice(0, MAX_MENTIONS);

const BYTES = "application/octet-stream";

function fileName(given: string | null | undefined): string {
  const name = inLine(cut(given ?? "", 255)).trim();
  return isBlank(name) ? "file" : name;
}

const typeIn = (given: string | null | undefined): string | undefined =>
  given != null && /^[\w.+-]+\/[\w.+-]+$/.test(given) && given.length <= 127 ? given : undefined;

/** What files with such an ending are, where an archive does not say more. What they are, is seen in their content later. */
const ENDINGS: Readonly<Record<string, string>> = {
  ...{ png: "image/png", jpg: "image/jpeg", jpeg: "image/jpeg", gif: "image/gif", webp: "image/webp", avif: "image/avif" },
  ...{ mp3: "audio/mpeg", m4a: "audio/mp4", ogg: "audio/ogg", wav: "audio/wav", flac: "audio/flac" },
  ...{ mp4: "video/mp4", mov: "video/quicktime", webm: "video/webm", pdf: "application/pdf", txt: "text/plain" },
};
const typeNamed = (given: string | null | undefined, name: string): string =>
  typeIn(given) ?? named(ENDINGS, /\.([a-z0-9]{1,8})$/i.exec(name)?.[1]?.toLowerCase() ?? "") ?? BYTES;

/** A file by its address. Undefined where it has none that anyone could open. */
export function attachmentOf(file: {
  url: string | null | undefined;
  name: string | null | undefined;
  mediaType?: string | null | undefined;
  size?: number | null | undefined;
  width?: number | null | undefined;
  height?: number | null | undefined;
}): Linked | undefined {
  const url = addressOf(file.url);
  if (url === null) return undefined;
  const pixels = (count: number | null | undefined) => (Number.isSafeInteger(count) && Number(count) > 0 ? Number(count) : null);
  return {
    url,
    name: fileName(file.name),
    mediaType: typeIn(file.mediaType) ?? BYTES,
    size: Number.isSafeInteger(file.size) && Number(file.size) >= 0 ? Number(file.size) : 0,
    width: pixels(file.width),
    height: pixels(file.height),
  };
}

/** What a message with these files and this text is. Undefined: nothing is left of it. */
export function contentOf(
  text: string | null,
  files: readonly Attachment[],
): Pick<WrittenOf<"MessageSent">["data"], "kind" | "text" | "attachments"> | undefined {
  if (files.length === 0) return text === null ? undefined : { text };
  const attachments = files.slice(0, MAX_ATTACHMENTS);
  const of = (type: string) => attachments.every(({ mediaType }) => mediaType.startsWith(`${type}/`));
  const kind = of("image") ? "IMAGE" : of("audio") ? "AUDIO" : of("video") ? "VIDEO" : "FILE";
  return { kind, text, attachments };
}

/** Emoji that other messengers call otherwise. */
const OTHERWISE: Readonly<Record<string, string>> = {
  simple_smile: "🙂",
  slightly_smiling_face: "🙂",
  thumbsup_all: "👍",
  thumbs_up: "👍",
  thumbs_down: "👎",
};
const SKINS = ["", "", "🏻", "🏼", "🏽", "🏾", "🏿"];

/** What is given in a list under a name, which may be that of a member that all objects have (`constructor`). */
const named = (list: Readonly<Record<string, string>>, name: string): string | undefined =>
  Object.hasOwn(list, name) ? list[name] : undefined;

/** The emoji of a name such as `thumbsup` or `+1::skin-tone-3`. Undefined: one that was made by people of that server. */
export function emojiNamed(given: string): string | undefined {
  const [name = "", tone = ""] = given.replace(/^:|:$/g, "").split("::");
  const known = named(OTHERWISE, name) ?? named(nameToEmoji, name) ?? named(nameToEmoji, name.replaceAll("-", "_"));
  if (known === undefined) return undefined;
  const skin = SKINS[Number(/^skin-tone-([2-6])$/.exec(tone)?.[1] ?? 0)] ?? "";
  const emoji = skin === "" ? known : known.replace("\ufe0f", "") + skin;
  return emoji.length <= MAX_EMOJI ? emoji : undefined;
}
