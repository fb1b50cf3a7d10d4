import { randomUUID } from "node:crypto";
import type { EventData, EventType } from "../../src/domain/events.ts";
import { streams } from "../../src/domain/ids.ts";
import { SCHEMA } from "../../src/domain/recorded.ts";
import type { EventStore, NewEvent } from "../../src/ports/eventStore.ts";

/*
 * Facts that a benchmark begins with, appended to the log as they are: a benchmark of messages does not wait for thousands of
 * registrations.
 */

type Log = Pick<EventStore, "append">;

const AT = "2026-01-01T00:00:00.000Z";
/** Appends on their way at once: they share an fsync. */
const AT_ONCE = 1_024;
/** The most that one event may name. */
const MEMBERS_AN_EVENT = 1_000;

export const userName = (index: number): string => `u${String(index).padStart(6, "0")}`;

function event<T extends EventType>(type: T, actorId: string, data: EventData<T>): NewEvent {
  const id = randomUUID();
  return { id, type, data, metadata: { $correlationId: id, $causationId: id, actorId, at: AT, schema: SCHEMA } };
}

/** Does something for each, many at once; begun in their order. */
export async function eachOf<T>(items: readonly T[], work: (item: T) => Promise<unknown>): Promise<void> {
  for (let from = 0; from < items.length; from += AT_ONCE) await Promise.all(items.slice(from, from + AT_ONCE).map(work));
}

export const range = (count: number): number[] => Array.from({ length: count }, (_, index) => index);

/** Users `u000000` and so on. */
export async function seedUsers(log: Log, count: number): Promise<void> {
  await eachOf(range(count).map(userName), (userId) => {
    const profile = { name: `User ${userId}`, avatarUrl: null, gender: null, birthday: null, signature: null, tags: [] };
    const registered = event("UserRegistered", userId, { userId, handle: userId, ...profile });
    return log.append(streams.user(userId), [registered], -1);
  });
}

/** What a channel has: its staff, the owner first, and so many followers from the user of a number on. */
export type SeededChannel = { id: string; staff: readonly string[]; followers: { from: number; count: number } };

/** A public channel and its followers, each with a stream of their own. They need not have registered. */
export async function seedChannel(log: Log, { id, staff, followers }: SeededChannel): Promise<void> {
  await seedGroups(log, [{ id, members: staff }], { public: true, historyVisible: true });
  for (let from = 0; from < followers.count; from += AT_ONCE) {
    const some = range(Math.min(AT_ONCE, followers.count - from)).map((index) => userName(followers.from + from + index));
    await eachOf(some, (userId) => {
      const followed = event("ChannelFollowed", userId, { channelId: id, userId });
      return log.append(streams.subscription(id, userId), [followed], -1);
    });
  }
}

export type SeededGroup = { id: string; members: readonly string[] };

/** Groups with their members, of whose coming nobody was told. */
export async function seedGroups(
  log: Log,
  groups: readonly SeededGroup[],
  more: Partial<EventData<"GroupCreated">> = {},
): Promise<void> {
  await eachOf(groups, ({ id: groupId, members }) => {
    const [ownerId = "", ...others] = members;
    const created = event("GroupCreated", ownerId, {
      groupId,
      ownerId,
      title: `Group ${groupId}`,
      avatarUrl: null,
      description: null,
      announcement: null,
      category: null,
      tags: [],
      joinPolicy: "INVITE",
      public: false,
      historyVisible: false,
      ...more,
    });
    const joined: NewEvent[] = [];
    for (let from = 0; from < others.length; from += MEMBERS_AN_EVENT)
      joined.push(event("MembersImported", ownerId, { groupId, userIds: others.slice(from, from + MEMBERS_AN_EVENT) }));
    return log.append(streams.group(groupId), [created, ...joined], -1);
  });
}

/** A text message as `sendMessage` stores it, but for what `more` says. */
export const messageSent = (
  conversationId: string,
  senderId: string,
  text: string,
  more: Partial<EventData<"MessageSent">> = {},
): NewEvent =>
  event("MessageSent", senderId, {
    conversationId,
    senderId,
    clientMutationId: randomUUID(),
    kind: "TEXT",
    topic: null,
    text,
    attachments: [],
    replyTo: null,
    mentions: [],
    mentionsAll: false,
    ...more,
  });

/** So many messages to each of some groups that have none yet, the groups in turn, by members in turn. */
export async function seedMessages(log: Log, groups: readonly SeededGroup[], each: number, from = 0): Promise<void> {
  for (let seq = from; seq < from + each; seq++) {
    await eachOf(groups, ({ id, members }) => {
      const sender = members[seq % members.length] ?? "";
      return log.append(streams.conversation(id), [messageSent(id, sender, textOf(seq))], seq - 1);
    });
  }
}

/** What people write, more or less: some sixty characters. */
export const textOf = (seq: number): string => `message ${seq}: shall we meet at the station at half past seven, or later?`;

/** A user's friends, as an answered request makes them. */
export async function seedFriends(log: Log, user: string, friends: readonly string[]): Promise<void> {
  await eachOf(friends, (friend) => {
    const asked = { number: 1, from: user, to: friend };
    const userIds: [string, string] = user < friend ? [user, friend] : [friend, user];
    return log.append(
      streams.friendship(user, friend),
      [
        event("FriendshipRequested", user, { ...asked, note: null, alias: null }),
        event("FriendRequestAccepted", friend, asked),
        event("FriendshipBegan", friend, { userIds }),
      ],
      -1,
    );
  });
}

/** Members of a group who lead it. */
export async function seedAdmins(log: Log, groupId: string, ownerId: string, admins: readonly string[]): Promise<void> {
  const events = admins.map((userId) => event("RoleChanged", ownerId, { groupId, userId, role: "ADMIN" }));
  await log.append(streams.group(groupId), events, "any");
}

/** Answers to one message of a conversation, by its members in turn. */
export async function seedReplies(log: Log, { id, members }: SeededGroup, replyTo: number, count: number): Promise<void> {
  const AN_APPEND = 500;
  for (let from = 0; from < count; from += AN_APPEND) {
    const events = range(Math.min(AN_APPEND, count - from)).map((index) =>
      messageSent(id, members[(from + index) % members.length] ?? "", textOf(from + index), { replyTo }),
    );
    await log.append(streams.conversation(id), events, "any");
  }
}
