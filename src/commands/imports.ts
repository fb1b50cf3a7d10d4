import { createHash } from "node:crypto";
import { LRUCache } from "lru-cache";
import { checked } from "../domain/checked.ts";
import { message as composeMessage } from "../domain/conversation.ts";
import { MAX_NAME } from "../domain/events.ts";
import { decider as groupDecider } from "../domain/group.ts";
import { decider as handleDecider } from "../domain/handle.ts";
import { streams } from "../domain/ids.ts";
import { Refusal } from "../domain/refusal.ts";
import { inLine, isBlank, wellFormed } from "../domain/text.ts";
import { decider as userDecider } from "../domain/user.ts";
import type { Commands, Imported, ImportedLine, ImportFault } from "./commands.ts";
import type { CommandContext } from "./context.ts";
import { eventId } from "./eventId.ts";
import { handleStream } from "./handleStream.ts";
import type { Outgoing } from "./send.ts";

/** Who an import's events are by, where nobody of the archive is. No user id: whatever a user does has other event ids. */
const IMPORT = "~import";

/** Any text as 26 characters of a-z and 2-7: 130 bits of its SHA-256, so that no two names meet. */
function hashOf(text: string): string {
  const digits = BigInt(`0x${createHash("sha256").update(text, "utf8").digest("hex")}`);
  const alphabet = "abcdefghijklmnopqrstuvwxyz234567";
  let hash = "";
  for (let rest = digits, count = 0; count < 26; count++, rest /= 32n) hash += alphabet[Number(rest % 32n)];
  return hash;
}

/** The user that a sender's name of an archive becomes. */
export const importedUserId = (sender: string): string => `i-${hashOf(sender)}`;
/** The group that a room's name of an archive becomes. */
export const importedGroupId = (room: string): string => `g:i-${hashOf(room)}`;

/** Handles for a name, the most readable first; the last one is nobody else's. */
export function handlesFor(sender: string): string[] {
  const hash = hashOf(sender);
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

/** A name as a profile holds it: what is too long is cut, but in no character's middle, and an empty one is shown as such. */
function nameOf(text: string): string {
  const name = [...inLine(text)].slice(0, MAX_NAME).join("").trim();
  return isBlank(name) ? "(no name)" : name;
}

/**
 * History from elsewhere. Senders become users, rooms public groups of theirs that have no secrets from their members; a line is known by its
 * key for ever. Nothing of it is told to anyone, and everyone has read it.
 */
export function importCommands(context: CommandContext): Pick<Commands, "importMessages"> {
  const { handle, messages, views, now } = context;
  const users = new LRUCache<string, Promise<void>>({ max: 100_000 });
  const rooms = new LRUCache<string, Set<string>>({ max: 10_000 });

  const by = () => ({ actorId: IMPORT, clientMutationId: IMPORT, at: now().toISOString() });

  const ensureUser = (sender: string): Promise<void> => {
    let ensured = users.get(sender);
    if (!ensured) {
      ensured = register(sender).catch((error: unknown) => {
        users.delete(sender);
        throw error;
      });
      users.set(sender, ensured);
    }
    return ensured;
  };

  const register = async (sender: string): Promise<void> => {
    const userId = importedUserId(sender);
    if (await views.directory.user(userId)) return;
    await handle({
      ...by(),
      stream: streams.user(userId),
      decider: userDecider,
      command: {
        type: "Register",
        userId,
        today: now().toISOString().slice(0, 10),
        handle: await claim(userId, sender),
        name: nameOf(sender),
        avatarUrl: null,
        gender: null,
        birthday: null,
        signature: null,
        tags: [],
      },
    });
  };

  const claim = async (userId: string, sender: string): Promise<string> => {
    const candidates = handlesFor(sender);
    for (const [index, candidate] of candidates.entries()) {
      try {
        await handle({
          ...by(),
          actorId: userId,
          stream: handleStream(candidate),
          decider: handleDecider,
          command: { type: "Claim", handle: candidate, userId },
        });
        return candidate;
      } catch (error) {
        if (!(error instanceof Refusal) || index === candidates.length - 1) throw error;
        if (error.code !== "CONFLICT" && error.code !== "BAD_INPUT") throw error;
      }
    }
    throw new Error("no handle was left");
  };

  const ensureMembers = async (room: string, senders: readonly string[]): Promise<void> => {
    const groupId = importedGroupId(room);
    const known = rooms.get(room);
    const members = known ?? new Set<string>();
    const [first, ...missing] = senders.filter((sender) => !members.has(sender));
    if (first === undefined) return;
    if (!known && !(await views.relations.group(groupId))) {
      await handle({
        ...by(),
        // As whoever creates a group: someone who can be looked up.
        actorId: importedUserId(first),
        stream: streams.group(groupId),
        decider: groupDecider,
        command: {
          type: "Create",
          groupId,
          by: importedUserId(first),
          memberIds: [],
          memberCap: 1,
          title: nameOf(room),
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
        // There since before, or made by another import of the same room.
        if (!(error instanceof Refusal) || error.code !== "CONFLICT") throw error;
      });
    }
    const ids = [first, ...missing].map(importedUserId);
    await handle({
      ...by(),
      // Who is to be there names the call.
      clientMutationId: hashOf(ids.join(" ")),
      stream: streams.group(groupId),
      decider: groupDecider,
      command: { type: "Import", userIds: ids },
    });
    for (const sender of [first, ...missing]) members.add(sender);
    rooms.set(room, members);
  };

  const outgoing = (line: ImportedLine): Outgoing => {
    const at = now().toISOString();
    const conversationId = importedGroupId(line.conversation);
    const senderId = importedUserId(line.sender);
    wellFormed(line.sender, "sender");
    wellFormed(line.conversation, "conversation");
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
    return { id: eventId(streams.conversation(conversationId), IMPORT, line.key, 0), data, actorId: senderId, at };
  };

  return {
    importMessages: async (caller, input): Promise<Imported> => {
      if (!caller.admin) throw new Refusal("FORBIDDEN", "importing needs a token with the scope admin");
      const refused: ImportFault[] = [];
      const byRoom = new Map<string, { index: number; sender: string; outgoing: Outgoing }[]>();
      for (const [index, line] of input.messages.entries()) {
        try {
          const made = { index, sender: line.sender, outgoing: outgoing(line) };
          const room = byRoom.get(line.conversation);
          if (room) room.push(made);
          else byRoom.set(line.conversation, [made]);
        } catch (error) {
          refused.push(faultOf(index, error));
        }
      }
      let stored = 0;
      let alreadyThere = 0;
      let position = context.log.origin;
      for (const [room, lines] of byRoom) {
        const senders = [...new Set(lines.map(({ sender }) => sender))];
        try {
          await Promise.all(senders.map(ensureUser));
          await ensureMembers(room, senders);
        } catch (error) {
          // A room that cannot be written to (everyone has left it) keeps the others from nothing.
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

/** What is the line's own fault; anything else (the log is away) is the whole call's, which is then made again. */
function faultOf(index: number, error: unknown): ImportFault {
  if (error instanceof Refusal && (error.code === "BAD_INPUT" || error.code === "CONFLICT")) {
    return { index, code: error.code, message: error.message };
  }
  throw error;
}
