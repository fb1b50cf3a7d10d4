import type { Caller, CreateConversationInput, RegisterInput, SendMessageInput } from "../../src/commands/commands.ts";

/* Who the specs are about, and what they ask for: whole inputs, of which a test names only what it is about. */

export const caller = (userId: string, more: Partial<Caller> = {}): Caller => ({ userId, admin: false, ...more });
export const admin: Caller = { userId: "operator", admin: true };

let keys = 0;
/** An id for a call that no other call has. */
export const newKey = (): string => `key-${++keys}`;

export const profile = (handle: string, clientMutationId = newKey()): RegisterInput => ({
  clientMutationId,
  handle,
  name: handle,
  avatarUrl: null,
  gender: null,
  birthday: null,
  signature: null,
  tags: [],
});

export const group = (more: Partial<CreateConversationInput> = {}): CreateConversationInput => ({
  clientMutationId: newKey(),
  kind: "GROUP",
  title: "Readers",
  avatarUrl: null,
  description: null,
  announcement: null,
  category: null,
  tags: [],
  joinPolicy: "OPEN",
  public: false,
  historyVisible: false,
  memberIds: [],
  ...more,
});

export const text = (
  to: { conversationId: string } | { userId: string },
  more: Partial<SendMessageInput> = {},
): SendMessageInput => ({
  clientMutationId: newKey(),
  conversationId: null,
  userId: null,
  kind: "TEXT",
  topic: null,
  text: "hello",
  attachments: [],
  replyTo: null,
  mentions: [],
  mentionsAll: false,
  ...to,
  ...more,
});
