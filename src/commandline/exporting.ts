import { type Fact, type FactType, isFactType, type Scope, type WrittenFact, type WrittenOf } from "../domain/archive.ts";
import type { EventData } from "../domain/events.ts";
import { directMembers, isUserId, streams } from "../domain/ids.ts";
import { parseEvent, type Recorded } from "../domain/recorded.ts";
import { byteCache } from "../ports/byteCache.ts";
import type { EventStore, Position } from "../ports/eventStore.ts";
import { withNames } from "./archives/names.ts";
import type { Attachment } from "./archives/making.ts";
import { isAnnotation, type Seen, survey } from "./exportSurvey.ts";

/** Events that are read at a time. */
const PAGE = 1_000;
/** Memory for the ids of messages that others name. */
const IDS_BYTES = 33_554_432;

/** In place of what an edit said of a message that is gone: an edit has a text. */
const GONE = "…";

/**
 * Puts the bytes of a file beside the archive. The id that it has there; undefined where it is not there (any more): then its
 * name stands in the text.
 */
export type FileOf = (fileId: string, senderId: string) => Promise<string | undefined>;

export type ExportedLog = Pick<EventStore, "origin" | "read" | "readAll">;

/** All events of the log up to a position. `at` is told how far it is. Throws `Unreadable` for what this version cannot read. */
export async function* eventsUpTo(
  log: Pick<EventStore, "origin" | "readAll">,
  until: Position,
  at: (position: Position) => void,
): AsyncGenerator<Recorded, void> {
  for (let after = log.origin; after < until;) {
    const page = await log.readAll(after, PAGE);
    for (const stored of page.events) {
      if (stored.position > until) return;
      const event = parseEvent(stored);
      if (event) yield event;
    }
    if (page.next === after) return;
    after = page.next;
    at(after);
  }
}

/**
 * The facts of an archive, from the log, up to a position. The log is read twice: first for what is gone by then (recalled and
 * expired messages are told without what they said), and for what a user may see. Nothing of it is held but that. Without
 * `fileOf`, uploaded files are left where they are.
 */
export async function* factsOf(
  log: ExportedLog,
  until: Position,
  scope: Scope,
  at: (pass: 1 | 2, position: Position) => void = () => {},
  fileOf: FileOf = async () => undefined,
): AsyncGenerator<WrittenFact, void> {
  const seen = await survey(
    eventsUpTo(log, until, (position) => at(1, position)),
    scope,
  );
  const ids = byteCache<string>(IDS_BYTES);
  const idOf = async (conversation: string, seq: number): Promise<string | undefined> => {
    const key = `${conversation}:${seq}`;
    const known = ids.get(key);
    if (known !== undefined) return known;
    const [message] = await log.read(streams.conversation(conversation), seq - 1, "forwards", 1);
    if (!message || message.position > until) return undefined;
    ids.set(key, message.id);
    return message.id;
  };
  const told = new Set<string>();
  const people = "all" in scope ? undefined : told;

  for await (const event of eventsUpTo(log, until, (position) => at(2, position))) {
    if (event.type === "MessageSent") ids.set(`${event.data.conversationId}:${event.revision + 1}`, event.id);
    if (!isFactType(event.type) || !seen.takes(event)) continue;
    const fact = await factOf(event, { log, until, scope, seen, idOf, fileOf });
    if (!fact) continue;
    if (people) yield* peopleOf(fact, { log, until, scope }, people);
    yield fact;
  }
}

type Exporting = {
  log: ExportedLog;
  until: Position;
  scope: Scope;
  seen: Seen;
  idOf: (conversation: string, seq: number) => Promise<string | undefined>;
  fileOf: FileOf;
};

/** The fact that an event is in an archive. Undefined: it is about a message that the archive does not hold. */
async function factOf(event: Recorded, exporting: Exporting): Promise<WrittenFact | undefined> {
  const { id, at, actorId } = event;
  const by = isUserId(actorId) ? actorId : null;
  const told = <T extends FactType>(fact: T, data: WrittenOf<T>["data"]) => ({ fact, id, at, by, data }) as WrittenOf<T>;
  if (isAnnotation(event)) {
    const { seq, ...data } = event.data;
    if (event.type === "MessageEdited" && !(await isTold(event, exporting))) return undefined;
    const message = await exporting.idOf(data.conversationId, seq);
    if (message === undefined) return undefined;
    // Of what is gone, nothing is told that it said.
    const shown = event.type === "MessageEdited" && exporting.seen.isGone(data.conversationId, seq) ? { text: GONE } : {};
    return told(event.type, { ...data, ...shown, message });
  }
  switch (event.type) {
    case "MessageSent":
      return told("MessageSent", await messageOf(event, exporting));
    case "ReadUpTo": {
      const { seq, ...data } = event.data;
      const message = await newestUpTo(event, seq, exporting);
      return message === undefined ? undefined : told("ReadUpTo", { ...data, message });
    }
    case "GroupCreated": {
      const { imported: _, notAdded: __, ...data } = event.data;
      return told("GroupCreated", data);
    }
    case "FriendshipRequested":
      // What the other one calls somebody is their own affair.
      return told(
        event.type,
        "user" in exporting.scope && event.data.from !== exporting.scope.user ? { ...event.data, alias: null } : event.data,
      );
    default:
      return isFactType(event.type) ? told(event.type, event.data as never) : undefined;
  }
}

/** What is as in most messages is left out. */
async function messageOf(event: Recorded<"MessageSent">, exporting: Exporting): Promise<WrittenOf<"MessageSent">["data"]> {
  const { scope, seen, idOf } = exporting;
  const { conversationId, senderId, clientMutationId, kind, topic, replyTo, scheduled, expiresAfterSeconds, forwardedFrom } =
    event.data;
  const seq = event.revision + 1;
  const data: WrittenOf<"MessageSent">["data"] = { conversationId, senderId };
  if (clientMutationId !== event.id && clientMutationId !== "") data.clientMutationId = clientMutationId;
  if (kind !== "TEXT") data.kind = kind;
  if (topic !== null) data.topic = topic;
  if (replyTo !== null && seen.sees(conversationId, replyTo)) data.replyTo = (await idOf(conversationId, replyTo)) ?? null;
  if (scheduled) data.scheduled = scheduled;
  if (expiresAfterSeconds !== undefined) data.expiresAfterSeconds = expiresAfterSeconds;
  if (forwardedFrom && "all" in scope) data.forwardedFrom = forwardedFrom;
  if (seen.isGone(conversationId, seq)) return data;
  const { text, attachments, mentions, mentionsAll } = event.data;
  const shown = "user" in scope && seen.isEdited(conversationId, seq) ? await lastText(conversationId, seq, exporting) : text;
  const told: Attachment[] = [];
  const left: string[] = [];
  for (const { url, file, name, mediaType, size, width, height } of attachments) {
    if (url !== undefined) told.push({ url, name, mediaType, size, width, height });
    const id = file && (await exporting.fileOf(file.id, senderId));
    if (id !== undefined) told.push({ file: id, name, mediaType, size });
    else if (file) left.push(name);
  }
  if (told.length > 0) data.attachments = told;
  else delete data.kind;
  const said = withNames(shown, left);
  if (said !== null) data.text = said;
  if (mentions.length > 0) data.mentions = mentions;
  if (mentionsAll) data.mentionsAll = mentionsAll;
  return data;
}

/** A user is shown what a message says, and not what it said before. */
async function isTold(event: Recorded<"MessageEdited">, { log, until, scope }: Exporting): Promise<boolean> {
  if (!("user" in scope)) return true;
  return (await lastEdit(log, until, event.data)).id === event.id;
}

async function lastText(conversationId: string, seq: number, { log, until }: Exporting): Promise<string | null> {
  const { data } = await lastEdit(log, until, { conversationId, seq });
  return (data as EventData<"MessageEdited">).text;
}

async function lastEdit(log: ExportedLog, until: Position, { conversationId, seq }: { conversationId: string; seq: number }) {
  const stream = streams.annotation(conversationId, seq);
  for (let from = Number.MAX_SAFE_INTEGER; from >= 0;) {
    const page = await log.read(stream, from, "backwards", PAGE);
    const last = page.find(({ type, position }) => type === "MessageEdited" && position <= until);
    if (last) return last;
    from = (page.at(-1)?.revision ?? 0) - 1;
  }
  throw new Error(`${stream} has no edit`);
}

/** A mark counts as the lesser of its seq and the newest message at its place. Undefined: there was none yet. */
async function newestUpTo(event: Recorded<"ReadUpTo">, seq: number, { log, idOf }: Exporting): Promise<string | undefined> {
  const { conversationId } = event.data;
  // Nearly always the message was there: it is one row to read.
  for (let from = seq - 1, limit = 1; from >= 0; limit = PAGE) {
    const page = await log.read(streams.conversation(conversationId), from, "backwards", limit);
    const newest = page.find(({ position }) => position < event.position);
    if (newest) return idOf(conversationId, newest.revision + 1);
    from = (page.at(-1)?.revision ?? 0) - 1;
  }
  return undefined;
}

/** The people whom a fact names, before it, each once: with what they say of themselves up to the end of the archive. */
async function* peopleOf(
  fact: WrittenFact,
  { log, until, scope }: Pick<Exporting, "log" | "until" | "scope">,
  told: Set<string>,
): AsyncGenerator<WrittenFact, void> {
  for (const user of usersIn(fact)) {
    if (told.has(user)) continue;
    told.add(user);
    const isOther = "user" in scope && scope.user !== user;
    let profile: WrittenFact | undefined;
    const activity: WrittenFact[] = [];
    for await (const fact of profileOf(user, log, until)) {
      if (!isOther) yield fact;
      else if (fact.fact === "UserDeactivated" || fact.fact === "UserReactivated") activity.splice(0, 1, fact);
      // Others see what somebody says of themselves, not what they said before; and their age, not their birthday.
      else profile = { ...fact, ...profile, data: { ...profile?.data, ...fact.data, birthday: null } } as WrittenFact;
    }
    if (profile) yield profile;
    // Whether they are active now, and not how it came.
    yield* activity.filter(({ fact }) => fact === "UserDeactivated");
  }
}

/** What is said of a user. */
const OF_PROFILES: ReadonlySet<string> = new Set(["UserRegistered", "ProfileUpdated", "UserDeactivated", "UserReactivated"]);

/** What a user said of themselves, one after the other, and whether somebody acts as them. */
async function* profileOf(user: string, log: ExportedLog, until: Position): AsyncGenerator<WrittenFact, void> {
  for (let from = 0; ;) {
    const page = await log.read(streams.user(user), from, "forwards", PAGE);
    for (const stored of page) {
      const event = stored.position <= until ? parseEvent(stored) : null;
      if (!event || !OF_PROFILES.has(event.type)) continue;
      const { type, data, id, at } = event;
      yield { fact: type, id, at, by: user, data } as WrittenFact;
    }
    if (page.length < PAGE) return;
    from += page.length;
  }
}

/** Every user whom a fact names: both of a direct conversation, too. */
function usersIn({ by, data }: Pick<Fact | WrittenFact, "by" | "data">): string[] {
  const {
    userId,
    userIds,
    ownerId,
    senderId,
    mentions,
    from,
    to,
    friendId,
    blockedId,
    conversationId = "",
  } = data as Partial<Record<string, string>> & { userIds?: readonly string[]; mentions?: readonly string[] };
  const one = [by, userId, ownerId, senderId, from, to, friendId, blockedId].filter((user) => typeof user === "string");
  return [...one, ...(userIds ?? []), ...(mentions ?? []), ...(directMembers(conversationId) ?? [])];
}
