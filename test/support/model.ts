import type { RecordedEvent } from "../../src/ports/eventStore.ts";

/**
 * What the views must say, worked out from the list of all events by brute force: nothing is folded, everything is looked up in
 * the list anew. Where it says "at", it is before the event of that index; `end` is after the last one.
 */
export type ModelRole = "OWNER" | "ADMIN" | "MEMBER";
export type ModelEntry = { position: string; entry: Record<string, unknown> };
export type ModelMember = { user: string; role: ModelRole; joinedSeq: number; joinedAt: string };
export type ModelMessage = {
  seq: number;
  position: string;
  senderId: string;
  text: string | null;
  mentions: string[];
  mentionsAll: boolean;
  replyTo: number | null;
  sentAt: string;
  editedAt: string | null;
  recalledAt: string | null;
};

type Data = Record<string, never> & {
  groupId: string;
  ownerId: string;
  userId: string;
  userIds: string[];
  from: string;
  to: string;
  role: ModelRole;
  public: boolean;
  historyVisible: boolean;
  conversationId: string;
  senderId: string;
  number: number;
  seq: number;
  text: string | null;
  mentions: string[];
  mentionsAll: boolean;
  replyTo: number | null;
  imported?: { sentAt: string };
};

const DEFAULT_FANOUT_LIMIT = 100;

/** It stands in the inboxes of those whom it concerns, whatever the limit is. */
const isPersonal = ({ kind }: Record<string, unknown>): boolean => kind === "read" || kind === "joinRequest";

export type Model = ReturnType<typeof modelOf>;

export function modelOf(events: readonly RecordedEvent[]) {
  const end = events.length;
  const typeAt = (index: number): string => events[index]?.type ?? "";
  const dataAt = (index: number): Data => events[index]?.data as Data;
  const indexes = (at: number, wanted: (type: string, data: Data, index: number) => boolean): number[] =>
    Array.from({ length: at }, (_, index) => index).filter((index) => wanted(typeAt(index), dataAt(index), index));

  const directPair = (conversation: string): string[] | undefined =>
    conversation.startsWith("d:") ? conversation.slice(2).split("~") : undefined;

  /** Who belongs to a conversation just before an event, and as what. */
  const membersAt = (conversation: string, at: number): Map<string, ModelRole> => {
    const pair = directPair(conversation);
    if (pair) return new Map(pair.map((user) => [user, "MEMBER"]));
    const members = new Map<string, ModelRole>();
    for (const index of indexes(at, (_, data) => data.groupId === conversation)) {
      const data = dataAt(index);
      switch (typeAt(index)) {
        case "GroupCreated":
          members.set(data.ownerId, "OWNER");
          break;
        case "MemberJoined":
        case "MemberAdded":
          members.set(data.userId, "MEMBER");
          break;
        case "MembersImported":
          for (const user of data.userIds) members.set(user, "MEMBER");
          break;
        case "MemberLeft":
        case "MemberRemoved":
          members.delete(data.userId);
          break;
        case "RoleChanged":
          members.set(data.userId, data.role);
          break;
        case "OwnershipTransferred":
          members.set(data.from, "ADMIN");
          members.set(data.to, "OWNER");
      }
    }
    return members;
  };

  /** Where the messages of a conversation were sent: the first one's seq is 1. */
  const sendsOf = (conversation: string, at = end): number[] =>
    indexes(at, (type, data) => type === "MessageSent" && data.conversationId === conversation);
  const headAt = (conversation: string, at: number): number => sendsOf(conversation, at).length;
  const sentAtIndex = (conversation: string, seq: number): number => sendsOf(conversation)[seq - 1] ?? -1;

  const creationOf = (group: string, at = end): Data | undefined => {
    const [index] = indexes(at, (type, data) => type === "GroupCreated" && data.groupId === group);
    return index === undefined ? undefined : dataAt(index);
  };

  /** Whether a user may see a message that has been sent, just before an event. */
  const maySee = (user: string, conversation: string, seq: number, at = end): boolean => {
    if (directPair(conversation)) return membersAt(conversation, at).has(user);
    const group = creationOf(conversation, at);
    if (!group) return false;
    if (group.public) return true;
    if (group.historyVisible && membersAt(conversation, at).has(user)) return true;
    return membersAt(conversation, sentAtIndex(conversation, seq)).has(user);
  };

  /** How far a user has read a conversation, just before an event. */
  const markAt = (user: string, conversation: string, at = end): number => {
    let mark = 0;
    for (const index of indexes(at, (_, data) => data.conversationId === conversation)) {
      const data = dataAt(index);
      if (typeAt(index) === "MessageSent" && data.senderId === user && !data.imported)
        mark = Math.max(mark, headAt(conversation, index + 1));
      if (typeAt(index) === "ReadUpTo" && data.userId === user)
        mark = Math.max(mark, Math.min(data.seq, headAt(conversation, index)));
    }
    return mark;
  };

  const annotations = (type: string, conversation: string, seq: number): number[] =>
    indexes(end, (of, data) => of === type && data.conversationId === conversation && data.seq === seq);

  const messageOf = (conversation: string, seq: number): ModelMessage => {
    const index = sentAtIndex(conversation, seq);
    const data = dataAt(index);
    const edit = annotations("MessageEdited", conversation, seq).at(-1);
    const recall = annotations("MessageRecalled", conversation, seq)[0];
    const at = (of: number | undefined) => (of === undefined ? null : (events[of]?.metadata.at ?? ""));
    return {
      seq,
      position: events[index]?.position ?? "",
      senderId: data.senderId,
      text: recall !== undefined ? null : edit !== undefined ? dataAt(edit).text : data.text,
      mentions: recall !== undefined ? [] : data.mentions,
      mentionsAll: recall === undefined && data.mentionsAll,
      replyTo: data.replyTo,
      sentAt: data.imported?.sentAt ?? at(index) ?? "",
      editedAt: at(edit),
      recalledAt: at(recall),
    };
  };

  /** The members in the order in which they joined for the last time. */
  const memberList = (group: string): ModelMember[] => {
    const joined = (user: string): number =>
      indexes(end, (type, data) => {
        if (data.groupId !== group) return false;
        if (type === "GroupCreated") return data.ownerId === user;
        if (type === "MembersImported") return data.userIds.includes(user);
        return (type === "MemberJoined" || type === "MemberAdded") && data.userId === user;
      }).at(-1) ?? -1;
    return [...membersAt(group, end)]
      .map(([user, role]) => ({ user, role, at: joined(user) }))
      .sort((one, other) => one.at - other.at || (one.user < other.user ? -1 : 1))
      .map(({ user, role, at }) => ({ user, role, joinedSeq: headAt(group, at), joinedAt: events[at]?.metadata.at ?? "" }));
  };

  const joinedSeq = (user: string, conversation: string): number =>
    directPair(conversation) ? 0 : (memberList(conversation).find((member) => member.user === user)?.joinedSeq ?? 0);

  /** The seqs that a member has not read. */
  const unread = (user: string, conversation: string): number[] => {
    const base = Math.max(markAt(user, conversation), joinedSeq(user, conversation));
    return sendsOf(conversation)
      .map((index, before) => ({ data: dataAt(index), seq: before + 1 }))
      .filter(({ seq, data }) => seq > base && data.senderId !== user && !data.imported)
      .map(({ seq }) => seq)
      .filter((seq) => annotations("MessageRecalled", conversation, seq).length === 0);
  };

  /** What an event tells, and to whom, in the order of who they are; undefined where it tells nobody. */
  const told = (index: number): { entry: Record<string, unknown>; to: string[] } | undefined => {
    const data = dataAt(index);
    const { at, actorId: actor } = events[index]?.metadata ?? { at: "", actorId: "" };
    const membership = (user: string, change: string, when: number) => ({
      entry: { kind: "membership", conversation: data.groupId, user, actor, change, at },
      to: [...membersAt(data.groupId, when).keys()],
    });
    switch (typeAt(index)) {
      case "GroupCreated":
        return data.imported ? undefined : membership(data.ownerId, "JOINED", index + 1);
      case "MemberJoined":
      case "MemberAdded":
        return membership(data.userId, "JOINED", index + 1);
      case "MemberLeft":
        return membership(data.userId, "LEFT", index);
      case "MemberRemoved":
        return membership(data.userId, "REMOVED", index);
      case "RoleChanged":
        return membership(data.userId, "ROLE_CHANGED", index);
      case "OwnershipTransferred":
        return membership(data.to, "ROLE_CHANGED", index);
      case "JoinRequested":
      case "JoinRequestAccepted": {
        const { groupId: group, userId: user, number } = data;
        const deciding = [...membersAt(group, index)].filter(([, role]) => role !== "MEMBER").map(([member]) => member);
        return { entry: { kind: "joinRequest", group, user, number, at }, to: [user, ...deciding] };
      }
      case "MessageSent": {
        if (data.imported) return undefined;
        const conversation = data.conversationId;
        const entry = { kind: "received", conversation, seq: headAt(conversation, index + 1), at };
        return { entry, to: [...membersAt(conversation, index).keys()] };
      }
      case "MessageEdited":
      case "MessageRecalled": {
        const { conversationId: conversation, seq } = data;
        const change = typeAt(index) === "MessageEdited" ? "EDITED" : "RECALLED";
        const members = [...membersAt(conversation, index).keys()];
        return {
          entry: { kind: "changed", conversation, seq, change, at },
          to: members.filter((user) => maySee(user, conversation, seq, index)),
        };
      }
      case "ReadUpTo": {
        const { conversationId: conversation, userId } = data;
        const mark = markAt(userId, conversation, index + 1);
        const rose = mark > markAt(userId, conversation, index);
        return { entry: { kind: "read", conversation, seq: mark, at }, to: rose ? [userId] : [] };
      }
      default:
        return undefined;
    }
  };

  /**
   * Whether an event is told by an entry in each inbox: where it concerns no more members than the limit at that place allows.
   */
  const fannedOut = (index: number): boolean => {
    const { groupId, conversationId } = dataAt(index);
    const entering = ["GroupCreated", "MemberJoined", "MemberAdded"].includes(typeAt(index));
    const limits = indexes(index, (type) => type === "FanoutLimitSet").map(
      (at) => (dataAt(at) as unknown as { limit: number }).limit,
    );
    return membersAt(groupId ?? conversationId, entering ? index + 1 : index).size <= (limits.at(-1) ?? DEFAULT_FANOUT_LIMIT);
  };

  const all: (ModelEntry & { to: string[]; fanned: boolean })[] = events.flatMap((event, index) => {
    const telling = told(index);
    return telling ? [{ position: event.position, ...telling, fanned: fannedOut(index) }] : [];
  });

  return {
    groups: [...new Set(indexes(end, (type) => type === "GroupCreated").map((index) => dataAt(index).groupId))],
    /** Every conversation that an event speaks of. */
    conversations: [...new Set(events.flatMap(({ data }) => (data as Data).conversationId ?? (data as Data).groupId ?? []))],
    creationOf,
    membersOf: (conversation: string) => membersAt(conversation, end),
    memberList,
    maySee,
    head: (conversation: string) => headAt(conversation, end),
    timeline: (conversation: string) => sendsOf(conversation).map((_, index) => messageOf(conversation, index + 1)),
    mark: markAt,
    joinedSeq,
    unread,
    unreadMentions: (user: string, conversation: string) =>
      unread(user, conversation).filter((seq) => {
        const { mentions, mentionsAll } = dataAt(sentAtIndex(conversation, seq));
        return mentionsAll || mentions.includes(user);
      }),
    /** The conversations that a user is in now: groups, and direct ones that have begun. */
    conversationsOf: (user: string) => [
      ...new Set(
        events
          .map(({ data }) => (data as Data).conversationId ?? (data as Data).groupId)
          .filter((id): id is string => id !== undefined)
          .filter((id) => membersAt(id, end).has(user) && (directPair(id) === undefined || headAt(id, end) > 0)),
      ),
    ],
    /**
     * What happened to a user, in the order of the log. A message that they may not see any more, because the history was open to
     * them as a member and they have left, is not spoken of.
     */
    entries: (user: string): ModelEntry[] =>
      all
        .filter(({ to }) => to.includes(user))
        .filter(({ entry }) => entry.kind !== "changed" || maySee(user, String(entry.conversation), Number(entry.seq)))
        .map(({ position, entry }) => ({ position, entry })),
    /** The entries that are written to a user's own inbox; the others are found in their conversations. */
    written: (user: string): ModelEntry[] =>
      all
        .filter(({ to, fanned, entry }) => to.includes(user) && (fanned || isPersonal(entry)))
        .map(({ position, entry }) => ({ position, entry })),
    /** Every entry of a conversation but read marks, and whether it was written to inboxes. */
    fanned: (conversation: string): (ModelEntry & { fanned: boolean })[] =>
      all
        .filter(({ entry }) => entry.conversation === conversation && entry.kind !== "read")
        .map(({ position, entry, fanned }) => ({ position, entry, fanned })),
    /**
     * What a reader of one conversation may be told: of messages that they may see, and of members while they were one of them.
     */
    changes: (user: string, conversation: string): ModelEntry[] => {
      const group = creationOf(conversation);
      const open = group?.public || (group?.historyVisible && membersAt(conversation, end).has(user));
      return all
        .filter(({ entry }) => entry.conversation === conversation && entry.kind !== "read")
        .filter(({ entry, to }) => {
          if (entry.kind === "membership") return open || to.includes(user);
          return maySee(user, conversation, Number(entry.seq));
        })
        .map(({ position, entry }) => ({ position, entry }));
    },
  };
}
