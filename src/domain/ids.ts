import { z } from "zod";

/**
 * A user's id is the `sub` of their token. It has no `:` and no `~`, so that it can be part of the ids of pairs and
 * conversations.
 */
export const userId = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/, "a user id is 1 to 64 of A-Z a-z 0-9 . _ - and begins with a letter or digit");

/** The user that a text names, or what is wrong with it. */
export function readUserId(text: unknown): { id: string } | { fault: string } {
  const { success, data, error } = userId.safeParse(text);
  return success ? { id: data } : { fault: error.issues[0]?.message ?? "this is not a user's id" };
}

/** A group's id, which is its conversation's id too. */
export const groupId = z.string().regex(/^g:[A-Za-z0-9._-]{1,64}$/, "a group's id begins with g:");

const DIRECT = /^d:([A-Za-z0-9][A-Za-z0-9._-]{0,63})~([A-Za-z0-9][A-Za-z0-9._-]{0,63})$/;

/** A direct conversation's id: the two user ids in text order. */
export const directId = z
  .string()
  .refine((id) => directMembers(id) !== undefined, "a direct conversation's id is d:<user>~<user>, the two ids in order");

export const conversationId = z.union([groupId, directId], {
  error: "a conversation's id is g:<name> (a group's) or d:<user>~<user>, the two ids in order (a direct one's)",
});

/** The one conversation of two users. */
export function directConversationOf(one: string, other: string): string {
  return one < other ? `d:${one}~${other}` : `d:${other}~${one}`;
}

/** The two users of a direct conversation, in order; undefined where the id is not one's. */
export function directMembers(id: string): [string, string] | undefined {
  const match = DIRECT.exec(id);
  const [, one, other] = match ?? [];
  return one !== undefined && other !== undefined && one < other ? [one, other] : undefined;
}

export const isDirect = (id: string): boolean => id.startsWith("d:");
export const isGroup = (id: string): boolean => id.startsWith("g:");

/** The other one of a direct conversation. */
export function peerOf(conversation: string, user: string): string | undefined {
  const members = directMembers(conversation);
  if (!members?.includes(user)) return undefined;
  return members[0] === user ? members[1] : members[0];
}

export const messageIdOf = (conversation: string, seq: number): string => `${conversation}:${seq}`;

/** A message's id taken apart: `<conversation>:<seq>`. */
export function parseMessageId(id: string): { conversation: string; seq: number } | undefined {
  const match = /^(.+):([1-9][0-9]{0,14})$/.exec(id);
  const [, conversation, seq] = match ?? [];
  if (conversation === undefined || seq === undefined || !conversationId.safeParse(conversation).success) return undefined;
  return { conversation, seq: Number(seq) };
}

/** The streams: one kind for each aggregate. */
export const streams = {
  user: (id: string) => `user-${id}`,
  /** `hash`: see handle.ts. Stream names hold no personal data. */
  handle: (hash: string) => `handle-${hash}`,
  group: (id: string) => `group-${id}`,
  conversation: (id: string) => `conversation-${id}`,
  annotation: (conversation: string, seq: number) => `annotation-${conversation}:${seq}`,
  reader: (user: string, conversation: string) => `reader-${user}~${conversation}`,
  settings: "settings",
  key: "key",
} as const;
