import { createHash } from "node:crypto";
import { checked } from "../domain/checked.ts";
import { message as composeMessage } from "../domain/conversation.ts";
import { MAX_NAME } from "../domain/events.ts";
import { decider as groupDecider } from "../domain/group.ts";
import { streams } from "../domain/ids.ts";
import { Refusal } from "../domain/refusal.ts";
import { inLine, isBlank, wellFormed } from "../domain/text.ts";
import { decider as userDecider } from "../domain/user.ts";
import { byteCache, jsonBytes } from "../ports/byteCache.ts";
import { claimFirst } from "./claims.ts";
import type { Commands, Imported, ImportedLine, ImportFault } from "./commands.ts";
import type { Stamp } from "./append.ts";
import type { CommandContext } from "./context.ts";
import { eventId } from "./eventId.ts";
import type { Outgoing } from "./outgoing.ts";

/**
 * The actor of an import's events if nobody of the archive can be named. It is no user id, so that no user's events get the same
 * ids.
 */
export const IMPORT = "~import";

/** Memory for what is known to be in the log already: users, rooms with their members, and names. */
const USERS_BYTES = 33_554_432;
const USER_BYTES = 128;
const ROOMS_BYTES = 67_108_864;
const MEMBER_BYTES = 128;
const IDS_BYTES = 16_777_216;

/**
 * Turns any text into 26 characters of a-z and 2-7. They hold 130 bits of its SHA-256, so that no two names get the same hash.
 */
function hashOf(text: string): string {
  const digits = BigInt(`0x${createHash("sha256").update(text, "utf8").digest("hex")}`);
  const alphabet = "abcdefghijklmnopqrstuvwxyz234567";
  let hash = "";
  for (let rest = digits, count = 0; count < 26; count++, rest /= 32n) hash += alphabet[Number(rest % 32n)];
  return hash;
}

/** The id of the user for a sender's name in an archive. The encoding of its characters makes no difference. */
export const importedUserId = (sender: string): string => userIdOf(sender.normalize("NFC"));
/** The id of the group for a room's name in an archive. */
export const importedGroupId = (room: string): string => groupIdOf(room.normalize("NFC"));

const userIdOf = (encoded: string): string => `i-${hashOf(encoded)}`;
const groupIdOf = (encoded: string): string => `g:i-${hashOf(encoded)}`;

/**
 * The ids that a name may have been imported under, the likeliest first. In the past, each encoding of a name got its own id.
 * What was imported under such an id is still found there.
 */
const idsOf = (name: string, idOf: (encoded: string) => string): string[] =>
  [...new Set([name, name.normalize("NFC"), name.normalize("NFD")])].map(idOf);

/** The same for a sender, to look them up. */
export const importedUserIds = (sender: string): string[] => idsOf(sender, userIdOf);

/** Handles for a name, the most readable first. The last one cannot be anybody else's. */
export function handlesFor(sender: string): string[] {
  const hash = hashOf(sender.normalize("NFC"));
  const readable = sender
    .normalize("NFKC")
    .toLowerCase()
    .normalize("NFKC")
    .replace(/[^\p{L}\p{M}\p{N}_-]+|\p{Default_Ignorable_Code_Point}+/gu, ".")
    .replace(/\.+/g, ".")
    .replace(/^[^\p{L}\p{N}]+|\.+$/gu, "");
  const short = [...readable].slice(0, 24).join("").slice(0, 32);
  return short === "" ? [`i-${hash}`] : [short, `${short}-${hash.slice(0, 6)}`, `${short}-${hash}`];
}

/**
 * A name in the form for a profile or a title. A long name is cut, but never within a character. An empty name gets a visible
 * replacement.
 */
export function nameOf(text: string): string {
  const name = [...inLine(text.normalize("NFC"))].slice(0, MAX_NAME).join("").trim();
  return isBlank(name) ? "(no name)" : name;
}

/** The request that an import came with. */
type Request = Pick<Stamp, "correlationId"> | Record<string, never>;

/**
 * Imports history from elsewhere. Senders become users. Rooms become public groups, whose members may see all of their history. A
 * line is identified by its key for ever. Nobody is notified of an import, and it counts as read by everyone.
 */
export function importCommands(context: CommandContext): Pick<Commands, "importMessages"> {
  const { handle, log, messages, views, now } = context;
  /** By the ids of the users and groups that they became. */
  const users = byteCache<Promise<void>>(USERS_BYTES, () => USER_BYTES);
  const rooms = byteCache<Set<string>>(ROOMS_BYTES, (members) => members.size * MEMBER_BYTES);
  /** Ids of names that can be encoded in several ways. */
  const ids = byteCache<string>(IDS_BYTES, jsonBytes);

  /** The id of a name: the one of its possible ids that the log holds, or else the id of its composed form (NFC). */
  const idOf = async (name: string, of: (encoded: string) => string, streamOf: (id: string) => string): Promise<string> => {
    const [first = "", ...others] = idsOf(name, of);
    if (others.length === 0) return first;
    const usual = of(name.normalize("NFC"));
    const key = streamOf(first);
    let id = ids.get(key);
    for (const candidate of id === undefined ? [first, ...others] : []) {
      const [event] = await log.read(streamOf(candidate), 0, "forwards", 1);
      if (event) id ??= candidate;
    }
    // Only an id that is already in the log is final.
    if (id !== undefined) ids.set(key, id);
    return id ?? usual;
  };

  const by = (request: Request): Stamp => ({
    actorId: IMPORT,
    clientMutationId: IMPORT,
    at: now().toISOString(),
    ...request,
  });

  const ensureUser = (userId: string, sender: string, request: Request): Promise<void> => {
    let ensured = users.get(userId);
    if (!ensured) {
      ensured = register(userId, sender, request).catch((error: unknown) => {
        users.delete(userId);
        throw error;
      });
      users.set(userId, ensured);
    }
    return ensured;
  };

  const register = async (userId: string, sender: string, request: Request): Promise<void> => {
    if (await views.directory.user(userId)) return;
    await handle({
      ...by(request),
      stream: streams.user(userId),
      decider: userDecider,
      command: {
        type: "Register",
        userId,
        today: now().toISOString().slice(0, 10),
        handle: await claimFirst(handle, handlesFor(sender), userId, { ...by(request), actorId: userId }),
        name: nameOf(sender),
        avatarUrl: null,
        gender: null,
        birthday: null,
        signature: null,
        tags: [],
      },
    });
  };

  const ensureMembers = async (groupId: string, title: string, userIds: readonly string[], request: Request): Promise<void> => {
    const known = rooms.get(groupId);
    const members = known ?? new Set<string>();
    const [first, ...missing] = userIds.filter((id) => !members.has(id));
    if (first === undefined) return;
    if (!known && !(await views.relations.group(groupId))) {
      await handle({
        ...by(request),
        // The creator must be a user who can be looked up.
        actorId: first,
        stream: streams.group(groupId),
        decider: groupDecider,
        command: {
          type: "Create",
          groupId,
          by: first,
          memberIds: [],
          memberCap: 1,
          title: nameOf(title),
          avatarUrl: null,
          description: null,
          announcement: null,
          category: null,
          tags: [],
          joinPolicy: "OPEN",
          public: true,
          historyVisible: true,
          imported: true,
        },
      }).catch((error: unknown) => {
        // The group was there before, or another import of the same room made it.
        if (!(error instanceof Refusal) || error.code !== "CONFLICT") throw error;
      });
    }
    const fresh = [first, ...missing];
    await handle({
      ...by(request),
      // The members to add identify the call.
      clientMutationId: hashOf(fresh.join(" ")),
      stream: streams.group(groupId),
      decider: groupDecider,
      command: { type: "Import", userIds: fresh },
    });
    for (const id of fresh) members.add(id);
    // Set it again, so that the cache weighs it again.
    rooms.delete(groupId);
    rooms.set(groupId, members);
  };

  const outgoing = async (line: ImportedLine, request: Request): Promise<Outgoing> => {
    const at = now().toISOString();
    const conversationId = await idOf(wellFormed(line.conversation, "conversation"), groupIdOf, streams.group);
    const senderId = await idOf(wellFormed(line.sender, "sender"), userIdOf, streams.user);
    const composed = composeMessage({
      conversationId,
      senderId,
      clientMutationId: line.key,
      kind: "TEXT",
      text: line.text,
      topic: line.topic,
      imported: { sentAt: line.sentAt ?? at },
    });
    const { data } = checked("MessageSent", composed);
    const id = eventId(streams.conversation(conversationId), IMPORT, line.key, 0);
    return { id, data, stamp: { actorId: senderId, clientMutationId: line.key, at, ...request } };
  };

  return {
    importMessages: async (caller, input): Promise<Imported> => {
      if (!caller.admin) throw new Refusal("FORBIDDEN", "an import needs a token with the scope admin");
      const request = caller.correlationId === undefined ? {} : { correlationId: caller.correlationId };
      const refused: ImportFault[] = [];
      /** By the group's id: a name in two encodings is one room, and its lines keep their order. */
      const byRoom = new Map<string, { index: number; line: ImportedLine; outgoing: Outgoing }[]>();
      for (const [index, line] of input.messages.entries()) {
        try {
          const made = { index, line, outgoing: await outgoing(line, request) };
          const { conversationId } = made.outgoing.data;
          const room = byRoom.get(conversationId);
          if (room) room.push(made);
          else byRoom.set(conversationId, [made]);
        } catch (error) {
          refused.push(faultOf(index, error));
        }
      }
      let stored = 0;
      let alreadyThere = 0;
      let position = context.log.origin;
      for (const [groupId, lines] of byRoom) {
        const senders = new Map(lines.map(({ line, outgoing: { data } }) => [data.senderId, line.sender]));
        try {
          await Promise.all([...senders].map(([userId, sender]) => ensureUser(userId, sender, request)));
          await ensureMembers(groupId, lines[0]?.line.conversation ?? "", [...senders.keys()], request);
        } catch (error) {
          // Lines of other rooms still go on if one room cannot be written to (because everyone has left it).
          for (const { index } of lines) refused.push(faultOf(index, error));
          continue;
        }
        const outcomes = await messages.storeAll(lines.map((line) => line.outgoing));
        for (const [at, outcome] of outcomes.entries()) {
          const index = lines[at]?.index ?? 0;
          if (outcome.status === "rejected") {
            refused.push(faultOf(index, outcome.reason));
            continue;
          }
          if (outcome.value.repeated) alreadyThere++;
          else stored++;
          if (outcome.value.position > position) position = outcome.value.position;
        }
      }
      refused.sort((one, other) => one.index - other.index);
      return { position, stored, alreadyThere, refused };
    },
  };
}

/** The fault of a single line. Any other error (the log is away) fails the whole call, and the caller repeats it. */
function faultOf(index: number, error: unknown): ImportFault {
  if (error instanceof Refusal && (error.code === "BAD_INPUT" || error.code === "CONFLICT")) {
    return { index, code: error.code, message: error.message };
  }
  throw error;
}
