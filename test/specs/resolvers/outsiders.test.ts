import { getNamedType, isInputObjectType, isObjectType } from "graphql";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { codeOf } from "../../../src/domain/code.ts";
import { apiErrorOf } from "../../../src/transport/errors.ts";
import { typing as typingArea } from "../../../src/api/typing/resolvers.ts";
import { edgeCursor } from "../../../src/api/arguments.ts";
import { gate } from "../../support/gate.ts";
import { memoryLog } from "../../support/memoryLog.ts";
import { type ApiWorld, apiWorld, type Json, schema, told } from "../../support/apiWorld.ts";

/*
 * Whoever may not see a thing learns nothing of it: of what there is and of what there is not they are told the same, byte for
 * byte but for what they themselves sent, after the same number of looks at the views and at the log. Tried for every operation,
 * and for every argument that can name something of others': a new one needs a case here, or a reason why it needs none.
 */

/** Something that is named, which is there or is not, and which the caller may not see. */
type Target = { conversation: string; seq: number; cursor: string };

/** `typing`: to who is typing there, and to nothing else. */
type Listen = { listen: string; after?: string; typing?: true };

type Case = {
  /** Operations and arguments that it tries. */
  of: string[];
  as: keyof typeof callers;
  targets: keyof Targets;
  /** What is asked: a document and its variables, or a subscription. */
  ask: (target: Target) => [document: string, variables: Json] | Listen;
};

/**
 * Ann's private group has three messages. Cat came after the first, Dan was there for the first two, and Eve is no member. Fay
 * follows another channel of Ann's.
 */
const callers = { stranger: "eve", former: "dan", late: "cat", follower: "fay" } as const;

/** In each list all are answered alike. */
type Targets = Record<
  | "groups"
  | "channels"
  | "conversations"
  | "unseenBefore"
  | "unseenAfter"
  | "rooms"
  | "requests"
  | "scheduled"
  | "uploads"
  | "circles"
  | "followers"
  | "joinRequests"
  | "invites",
  Target[]
>;

const call = (name: string, input: string, of: (target: Target) => Json): Case["ask"] => {
  const payload = name === "importMessages" ? "stored" : "cursor";
  // An id of their own for each call: a repeat is known before anything else.
  return (target) => [
    `mutation ($input: ${input}!) { ${name}(input: $input) { ${payload} } }`,
    { input: { clientMutationId: crypto.randomUUID(), ...of(target) } },
  ];
};

const on = ({ conversation: conversationId }: Target) => ({ conversationId });
const hit = "edges { cursor node { message { id text } } } pageInfo { hasNextPage endCursor } totalCount";
const facets = "bySender { key count } byConversation { key count } byMonth { key count }";

const search = (query: (target: Target) => Json, more: (target: Target) => Json = () => ({})): Case["ask"] => {
  const document = `query ($query: MessageQuery!, $after: String, $atLeast: Cursor) {
    searchMessages(query: $query, after: $after, atLeast: $atLeast) { ${hit} ${facets} } }`;
  return (target) => [document, { query: query(target), ...more(target) }];
};

/** What needs the group itself, by whoever is outside, and by who left it: nothing is said of what came since. */
const inGroup: Pick<Case, "of" | "ask">[] = [
  {
    of: ["Mutation.addMembers", "MembersInput.conversationId"],
    ask: call("addMembers", "MembersInput", (target) => ({ ...on(target), userIds: ["eve"] })),
  },
  {
    of: ["Mutation.removeMembers", "MembersInput.conversationId"],
    ask: call("removeMembers", "MembersInput", (target) => ({ ...on(target), userIds: ["bob"] })),
  },
  { of: ["Mutation.leave", "NodeInput.id"], ask: call("leave", "NodeInput", ({ conversation: id }) => ({ id })) },
  { of: ["Mutation.join", "JoinInput.id"], ask: call("join", "JoinInput", ({ conversation: id }) => ({ id })) },
  {
    of: ["Mutation.updateConversation", "UpdateConversationInput.id"],
    ask: call("updateConversation", "UpdateConversationInput", ({ conversation: id }) => ({ id, title: "Mine" })),
  },
  {
    of: ["Mutation.silence", "SilenceInput.conversationId"],
    ask: call("silence", "SilenceInput", (target) => ({ ...on(target), userId: "bob", until: "2999-01-01T00:00:00Z" })),
  },
  {
    of: ["Mutation.decideReport", "DecideReportInput.id"],
    ask: call("decideReport", "DecideReportInput", ({ conversation }) => ({ id: `r:${conversation}:1~bob`, action: "DISMISS" })),
  },
  { of: ["Mutation.dissolve", "NodeInput.id"], ask: call("dissolve", "NodeInput", ({ conversation: id }) => ({ id })) },
  { of: ["Mutation.createInvite", "CreateInviteInput.conversationId"], ask: call("createInvite", "CreateInviteInput", on) },
  {
    of: ["Mutation.revokeInvite", "RevokeInviteInput.conversationId"],
    ask: call("revokeInvite", "RevokeInviteInput", (target) => ({ ...on(target), code: "tidings:i:0123456789abcdefghijklmnop" })),
  },
  {
    of: ["Mutation.setRole", "SetRoleInput.conversationId"],
    ask: call("setRole", "SetRoleInput", (target) => ({ ...on(target), userId: "bob", role: "ADMIN" })),
  },
  {
    of: ["Mutation.transferOwnership", "MemberInput.conversationId"],
    ask: call("transferOwnership", "MemberInput", (target) => ({ ...on(target), userId: "bob" })),
  },
];

const inConversation: Pick<Case, "of" | "ask">[] = [
  {
    of: ["Mutation.sendMessage", "SendMessageInput.conversationId"],
    ask: call("sendMessage", "SendMessageInput", (target) => ({ ...on(target), text: "hello" })),
  },
  {
    of: ["Mutation.setPreferences", "SetPreferencesInput.conversationId"],
    ask: call("setPreferences", "SetPreferencesInput", (target) => ({ ...on(target), muted: true })),
  },
  {
    of: ["ForwardMessagesInput.toConversationId"],
    ask: call("forwardMessages", "ForwardMessagesInput", ({ conversation: toConversationId }) => ({
      fromConversationId: "d:eve~fay",
      seqs: [1],
      toConversationId,
    })),
  },
  {
    of: ["SendMessageInput.replyTo", "SendMessageInput.mentions"],
    ask: call("sendMessage", "SendMessageInput", (target) => ({
      ...on(target),
      text: "hello",
      replyTo: target.seq,
      mentions: ["bob"],
    })),
  },
  {
    of: ["Mutation.scheduleMessage", "ScheduleMessageInput.conversationId"],
    ask: call("scheduleMessage", "ScheduleMessageInput", (target) => ({
      ...on(target),
      text: "hello",
      sendAt: "2026-06-01T10:00:00Z",
    })),
  },
  {
    of: ["Query.conversation", "Query.conversation(id)"],
    ask: ({ conversation: id }) => ["query ($id: ID!) { conversation(id: $id) { title memberCount lastSeq } }", { id }],
  },
  {
    of: ["Query.node", "Query.node(id)"],
    ask: ({ conversation: id }) => ["query ($id: ID!) { node(id: $id) { id } }", { id }],
  },
  {
    of: ["Query.searchMessages", "MessageQuery.conversationId"],
    ask: search(on),
  },
  {
    of: ["Query.nodes", "Query.nodes(ids)"],
    ask: ({ conversation, seq }) => [
      "query ($ids: [ID!]!) { nodes(ids: $ids) { id } }",
      { ids: [conversation, `${conversation}:${seq}`, `m:${conversation}~bob`, `m:${conversation}~eve`] },
    ],
  },
  {
    of: ["Query.node(id)"],
    ask: ({ conversation }) => ["query ($id: ID!) { node(id: $id) { id } }", { id: `m:${conversation}~ann` }],
  },
  { of: ["Query.nodes(atLeast)"], ask: ({ conversation: id, cursor: at }) => [NODES_AT, { ids: [id], at }] },
  { of: ["Query.searchMessages"], ask: search((target) => ({ ...on(target), text: "secret", includePublic: true })) },
  {
    of: ["Subscription.conversation", "Subscription.conversation(id)"],
    ask: ({ conversation: listen }) => ({ listen }),
  },
  {
    of: ["Subscription.conversation(after)"],
    ask: ({ conversation: listen, cursor: after }) => ({ listen, after }),
  },
  {
    of: ["Mutation.setTyping", "Mutation.setTyping(conversationId)"],
    ask: ({ conversation: id }) => ["mutation ($id: ID!) { setTyping(conversationId: $id, typing: true) }", { id }],
  },
  {
    of: ["Subscription.typing", "Subscription.typing(conversationId)"],
    ask: ({ conversation: listen }) => ({ listen, typing: true }),
  },
  { of: ["Query.node(atLeast)"], ask: ({ conversation: id, cursor: at }) => [NODE_AT, { id, at }] },
  { of: ["Query.conversation(atLeast)"], ask: ({ conversation: id, cursor: at }) => [CONVERSATION_AT, { id, at }] },
  {
    // As it stood at a time.
    of: ["Query.conversation", "Query.conversation(id)"],
    ask: ({ conversation: id }) => [
      "query ($id: ID!, $at: DateTime) { conversation(id: $id, at: $at) { title memberCount lastSeq } }",
      { id, at: "2026-05-04T10:00:30.000Z" },
    ],
  },
];

/** What names a message by its number. */
const onMessage: Pick<Case, "of" | "ask">[] = [
  {
    of: ["Mutation.report", "ReportInput.conversationId", "ReportInput.seq"],
    ask: call("report", "ReportInput", (target) => ({ ...on(target), seq: target.seq, reason: "rude" })),
  },
  {
    of: ["Mutation.editMessage", "EditMessageInput.conversationId", "EditMessageInput.seq"],
    ask: call("editMessage", "EditMessageInput", (target) => ({ ...on(target), seq: target.seq, text: "other" })),
  },
  {
    of: ["Mutation.recallMessage", "MessageInput.conversationId", "MessageInput.seq"],
    ask: call("recallMessage", "MessageInput", (target) => ({ ...on(target), seq: target.seq })),
  },
  {
    of: ["Mutation.forwardMessages", "ForwardMessagesInput.fromConversationId"],
    ask: call("forwardMessages", "ForwardMessagesInput", ({ conversation, seq }) => ({
      fromConversationId: conversation,
      seqs: [seq],
      toConversationId: "d:bob~eve",
    })),
  },
  {
    of: ["Mutation.react", "ReactInput.conversationId", "ReactInput.seq"],
    ask: call("react", "ReactInput", (target) => ({ ...on(target), seq: target.seq, emoji: "👍", on: true })),
  },
  {
    of: ["Mutation.react", "ReactInput.conversationId", "ReactInput.seq"],
    ask: call("react", "ReactInput", (target) => ({ ...on(target), seq: target.seq, emoji: "👍", on: true })),
  },
  {
    of: ["Mutation.pinMessage", "PinMessageInput.conversationId", "PinMessageInput.seq"],
    ask: call("pinMessage", "PinMessageInput", (target) => ({ ...on(target), seq: target.seq, on: true })),
  },
  {
    of: ["Query.node(id)"],
    ask: ({ conversation, seq }) => ["query ($id: ID!) { node(id: $id) { id } }", { id: `${conversation}:${seq}` }],
  },
  {
    of: ["Conversation.message(seq)"],
    ask: ({ conversation: id, seq }) => [
      "query ($id: ID!, $seq: Int!) { conversation(id: $id) { message(seq: $seq) { id text } } }",
      { id, seq },
    ],
  },
  {
    of: ["SendMessageInput.replyTo"],
    ask: call("sendMessage", "SendMessageInput", (target) => ({ ...on(target), text: "hello", replyTo: target.seq })),
  },
  {
    of: ["Query.searchMessages(after)"],
    ask: search(on, ({ conversation, seq }) => ({ after: edgeCursor(conversation, String(seq), "1777888999000", "") })),
  },
];

/** What may be asked of a conversation that one has left. */
const withinSight: Pick<Case, "of" | "ask">[] = [
  {
    of: ["Conversation.messages(after)"],
    ask: ({ conversation: id, seq }) => [
      "query ($id: ID!, $after: String) { conversation(id: $id) { lastSeq messages(first: 1, after: $after) { edges { cursor } } } }",
      { id, after: String(seq) },
    ],
  },
  {
    of: ["Message.replies(after)"],
    ask: ({ conversation: id, seq }) => [
      `query ($id: ID!, $after: String) { conversation(id: $id) { unreadReplies pins { id } message(seq: 1) {
        replyCount lastReplyAt replies(after: $after) { edges { cursor } pageInfo { hasNextPage hasPreviousPage } } } } }`,
      { id, after: String(seq) },
    ],
  },
  {
    of: ["Message.readBy(after)"],
    ask: ({ conversation: id, seq }) => [
      `query ($id: ID!, $after: String) { conversation(id: $id) { message(seq: 1) {
        readCount readBy(after: $after) { edges { cursor } pageInfo { hasNextPage endCursor } } } } }`,
      { id, after: edgeCursor(`${String(seq).padStart(8, "0")}~ann`) },
    ],
  },
  {
    of: ["Conversation.messages(before)"],
    ask: ({ conversation: id, seq }) => [
      "query ($id: ID!, $before: String) { conversation(id: $id) { messages(last: 5, before: $before) { edges { cursor } } } }",
      { id, before: String(seq) },
    ],
  },
  {
    of: ["Conversation.messages(around)"],
    ask: ({ conversation: id, seq }) => [
      `query ($id: ID!, $around: Int) { conversation(id: $id) { messages(first: 3, around: $around) {
        edges { cursor } pageInfo { hasNextPage hasPreviousPage } } } }`,
      { id, around: seq },
    ],
  },
];

const NODE_AT = "query ($id: ID!, $at: Cursor) { node(id: $id, atLeast: $at) { id } }";
const NODES_AT = "query ($ids: [ID!]!, $at: Cursor) { nodes(ids: $ids, atLeast: $at) { id } }";
const CONVERSATION_AT = "query ($id: ID!, $at: Cursor) { conversation(id: $id, atLeast: $at) { id } }";

const all = (of: Pick<Case, "of" | "ask">[], as: Case["as"], targets: Case["targets"]): Case[] =>
  of.map((each) => ({ ...each, as, targets }));

const cases: Case[] = [
  ...all(inGroup, "stranger", "groups"),
  ...all([...inGroup, ...inConversation, ...onMessage], "stranger", "channels"),
  ...all(inConversation, "stranger", "conversations"),
  ...all(onMessage, "stranger", "conversations"),
  {
    of: ["Mutation.markRead", "MarkReadInput.conversationId", "MarkReadInput.seq"],
    as: "stranger",
    targets: "conversations",
    ask: call("markRead", "MarkReadInput", (target) => ({ ...on(target), seq: target.seq })),
  },
  {
    of: ["Mutation.markAllRead", "ReadInput.conversationId", "ReadInput.seq"],
    as: "stranger",
    targets: "conversations",
    ask: call("markAllRead", "MarkAllReadInput", (target) => ({ reads: [{ ...on(target), seq: target.seq }] })),
  },
  {
    of: ["Query.code"],
    as: "stranger",
    targets: "groups",
    ask: ({ conversation }) => ["query ($text: String!) { code(text: $text) { __typename } }", { text: codeOf(conversation) }],
  },
  {
    of: ["Query.searchConversations"],
    as: "stranger",
    targets: "groups",
    ask: ({ conversation: name }) => [
      `query ($query: ConversationQuery!) { searchConversations(query: $query) { edges { cursor } pageInfo { hasNextPage endCursor } } }`,
      { query: { name } },
    ],
  },
  {
    of: ["Query.searchConversations(after)"],
    as: "stranger",
    targets: "groups",
    ask: ({ conversation }) => [
      `query ($after: String) { searchConversations(query: { name: "Secret" }, after: $after) {
        edges { cursor } pageInfo { hasNextPage endCursor } } }`,
      { after: edgeCursor("name", "secret", conversation) },
    ],
  },
  {
    of: ["Mutation.importMessages", "ImportedMessage.conversation"],
    as: "stranger",
    targets: "rooms",
    ask: call("importMessages", "ImportInput", ({ conversation }) => ({
      messages: [{ key: "1", conversation, sender: "Ann", text: "hello" }],
    })),
  },
  {
    of: ["Mutation.importFacts"],
    as: "stranger",
    targets: "rooms",
    ask: call("importFacts", "ImportFactsInput", ({ conversation }) => ({
      lines: [JSON.stringify({ fact: "MessageSent", data: { conversationId: conversation } })],
    })),
  },
  {
    of: ["Mutation.importFile", "ImportFileInput.conversationId", "ImportFileInput.messageId", "ImportFileInput.uploadId"],
    as: "stranger",
    targets: "rooms",
    ask: call("importFile", "ImportFileInput", ({ conversation }) => ({
      ...{ uploadId: `u:ann:${crypto.randomUUID()}`, conversationId: conversation, messageId: crypto.randomUUID() },
      ...{ name: "a.png", mediaType: "image/png", size: 7 },
    })),
  },
  {
    of: ["Mutation.answerFriendRequest", "AnswerInput.id"],
    as: "stranger",
    targets: "requests",
    ask: call("answerFriendRequest", "AnswerInput", ({ conversation: id }) => ({ id, accept: true })),
  },
  {
    of: ["Mutation.answerJoinRequest", "AnswerInput.id"],
    as: "stranger",
    targets: "joinRequests",
    ask: call("answerJoinRequest", "AnswerInput", ({ conversation: id }) => ({ id, accept: false })),
  },
  {
    of: ["Query.node"],
    as: "follower",
    targets: "followers",
    ask: ({ conversation: id }) => ["query ($id: ID!) { node(id: $id) { id } }", { id }],
  },
  {
    of: ["Query.node"],
    as: "stranger",
    targets: "joinRequests",
    ask: ({ conversation: id }) => ["query ($id: ID!) { node(id: $id) { id } }", { id }],
  },
  {
    of: ["Mutation.join"],
    as: "stranger",
    targets: "invites",
    ask: call("join", "JoinInput", ({ conversation }) => ({ inviteCode: codeOf(conversation) })),
  },
  {
    of: ["Query.code"],
    as: "stranger",
    targets: "invites",
    ask: ({ conversation }) => ["query ($text: String!) { code(text: $text) { __typename } }", { text: codeOf(conversation) }],
  },
  {
    of: ["Query.node"],
    as: "stranger",
    targets: "invites",
    ask: ({ conversation: id }) => ["query ($id: ID!) { node(id: $id) { id } }", { id }],
  },
  {
    of: ["Mutation.withdrawFriendRequest", "NodeInput.id"],
    as: "stranger",
    targets: "requests",
    ask: call("withdrawFriendRequest", "NodeInput", ({ conversation: id }) => ({ id })),
  },
  {
    of: ["Mutation.cancelScheduled", "NodeInput.id"],
    as: "stranger",
    targets: "scheduled",
    ask: call("cancelScheduled", "NodeInput", ({ conversation: id }) => ({ id })),
  },
  {
    of: ["AttachmentInput.uploadId"],
    as: "stranger",
    targets: "uploads",
    ask: call("sendMessage", "SendMessageInput", ({ conversation: uploadId }) => ({
      userId: "fay",
      kind: "FILE",
      attachments: [{ uploadId }],
    })),
  },
  {
    of: ["Query.node"],
    as: "stranger",
    targets: "scheduled",
    ask: ({ conversation: id }) => ["query ($id: ID!) { node(id: $id) { id } }", { id }],
  },
  {
    of: ["Query.node"],
    as: "stranger",
    targets: "requests",
    ask: ({ conversation: id }) => ["query ($id: ID!) { node(id: $id) { id } }", { id }],
  },
  {
    of: ["Query.node(id)"],
    as: "stranger",
    targets: "circles",
    ask: ({ conversation: id }) => ["query ($id: ID!) { node(id: $id) { id ... on Circle { name } } }", { id }],
  },
  ...all(onMessage, "late", "unseenBefore"),
  ...all(onMessage, "former", "unseenAfter"),
  ...all(withinSight, "former", "unseenAfter"),
  {
    of: ["Mutation.markRead", "MarkReadInput.seq"],
    as: "former",
    targets: "unseenAfter",
    ask: call("markRead", "MarkReadInput", (target) => ({ ...on(target), seq: target.seq })),
  },
];

/** Names nothing that the caller may not see; each with the reason. */
const none: Record<string, string> = {
  "Mutation.createUpload": "names nothing",
  "Query.viewer": "the caller's own",
  "Query.viewer(atLeast)": "how far the log is everyone is told by every cursor",
  "Query.user": "users are known to all",
  "Query.user(id)": "users are known to all",
  "Query.user(atLeast)": "as viewer",
  "Query.searchMessages(atLeast)": "as viewer",
  "Query.searchUsers": "users are known to all",
  "Query.searchUsers(after)": "users are known to all",
  "Query.searchUsers(atLeast)": "as viewer",
  "Query.searchConversations(atLeast)": "as viewer",
  "Query.admin": "refused before anything is looked at",
  "Admin.parked(after)": "is for the scope admin",
  "Audit.inclusion(cursor)": "is for the scope admin",
  "Admin.reports(after)": "is for the scope admin",
  "Admin.bans(after)": "is for the scope admin",
  "Mutation.banUser": "refused before anything is looked at",
  "Mutation.unbanUser": "refused before anything is looked at",
  "BanInput.userId": "is for the scope admin",
  "Conversation.reports(after)": "a place in a list that only those who decide are shown",
  "Subscription.projection": "refused before anything is looked at",
  "Viewer.conversations(after)": "a place in the caller's own list",
  "Viewer.conversations(atLeast)": "as viewer",
  "Viewer.sync(after)": "a place in the log, after which the caller's own entries are told",
  "Viewer.sync(atLeast)": "as viewer",
  "Viewer.groups(after)": "a place in the caller's own list",
  "Viewer.friends(after)": "a place in the caller's own list",
  "Viewer.friendRequests(after)": "a place in the caller's own list",
  "Viewer.blocked(after)": "a place in the caller's own list",
  "Viewer.mentions(after)": "a place in the caller's own list",
  "Conversation.members(after)": "a place in a list that only members are shown",
  "Subscription.inbox": "the caller's own",
  "Subscription.inbox(after)": "as Viewer.sync",
  "MessageQuery.senderId": "narrows what the caller may see",
  "Mutation.register": "the caller's own; whether a handle is taken everyone may know",
  "Mutation.updateProfile": "as register",
  "Mutation.putUser": "refused before anything is looked at",
  "Mutation.putWebhook": "refused before anything is looked at",
  "Mutation.deleteWebhook": "refused before anything is looked at",
  "Mutation.redeliverWebhook": "refused before anything is looked at",
  "Mutation.putIncomingWebhook": "refused before anything is looked at",
  "Mutation.deleteIncomingWebhook": "refused before anything is looked at",
  "PutWebhookInput.id": "is for the scope admin",
  "PutWebhookInput.conversationId": "is for the scope admin",
  "PutIncomingWebhookInput.id": "is for the scope admin",
  "PutIncomingWebhookInput.botId": "is for the scope admin",
  "PutIncomingWebhookInput.conversationId": "is for the scope admin",
  "Webhook.deliveries(after)": "is for the scope admin",
  "Mutation.createBot": "refused before anything is looked at",
  "CreateBotInput.id": "is for the scope admin",
  "Mutation.putCircle": "refused before anything is looked at",
  "PutCircleInput.id": "is for the scope admin",
  "PutCircleInput.memberIds": "is for the scope admin",
  "Circle.members(after)": "a place in a list that only members are shown",
  "PutUserInput.id": "is for the scope admin",
  "Mutation.setLocation": "the caller's own",
  "Mutation.requestFriendship": "users are known to all; how the two stand is the caller's own",
  "RequestFriendshipInput.userId": "users are known to all",
  "Mutation.endFriendship": "as requestFriendship",
  "Mutation.setAlias": "as requestFriendship",
  "Mutation.addDevice": "is about one's own; users are known to all",
  "AddDeviceInput.id": "is about one's own; users are known to all",
  "Mutation.removeDevice": "is about one's own",
  "Subscription.presence": "says nothing of others than those whom one may see: presence.test.ts",
  "Subscription.presence(userIds)": "users are known to all; see Subscription.presence",
  "SetAliasInput.userId": "users are known to all",
  "Mutation.block": "as requestFriendship",
  "BlockInput.userId": "users are known to all",
  "UserInput.userId": "users are known to all",
  "Mutation.createConversation": "makes something new; users are known to all",
  "CreateConversationInput.memberIds": "users are known to all",
  "SendMessageInput.userId": "users are known to all",
  "ScheduleMessageInput.userId": "users are known to all",
  "MembersInput.userIds": "users are known to all",
  "MemberInput.userId": "asked only once the caller is known to be the owner",
  "SilenceInput.userId": "asked only once the caller is known to be the owner or an administrator",
  "Viewer.joinRequests(after)": "a place in the caller's own list",
  "SetRoleInput.userId": "asked only once the caller is known to be the owner",
  "ImportedMessage.key": "is for the scope admin",
  "Mutation.replayProjection": "refused before anything is looked at",
  "Mutation.replayProjection(conversationId)": "refused before anything is looked at",
  "Mutation.cancelReplay": "refused before anything is looked at",
  "Mutation.verifyProjection": "refused before anything is looked at",
  "Mutation.retryParked": "refused before anything is looked at",
  "Mutation.retryParked(cursor)": "is for the scope admin",
};

describe("what an outsider is answered", () => {
  let here: ApiWorld;
  let targets: Targets;
  const looks = { log: 0, end: 0 };

  beforeAll(async () => {
    const log = memoryLog();
    const { end } = log;
    log.end = () => {
      looks.end++;
      return end();
    };
    here = await apiWorld({ log, searched: true });
    const users = ["ann", "bob", "cat", "dan", "eve", "fay", "gus", "hal"];
    await here.register(...users);
    await here.caughtUp();
    const id = await here.group("ann", ["bob", "dan"], { title: "Secret", joinPolicy: "APPROVAL", tags: [{ name: "secret" }] });
    await here.caughtUp();
    const cursors = [await here.send("ann", id, "secret one")];
    const add = { clientMutationId: here.key(), conversationId: id, userIds: ["cat"] };
    await here.services.commands.addMembers({ userId: "ann", admin: false }, add);
    cursors.push(await here.send("bob", id, "secret two"));
    await here.caughtUp();
    await here.services.commands.leave({ userId: "dan", admin: false }, { clientMutationId: here.key(), conversationId: id });
    cursors.push(await here.send("ann", id, "secret three", { replyTo: 1 }));
    await here.services.commands.editMessage(
      { userId: "ann", admin: false },
      { clientMutationId: here.key(), conversationId: id, seq: 1, text: "secret 1" },
    );
    await here.services.commands.requestFriendship(
      { userId: "ann", admin: false },
      { clientMutationId: here.key(), userId: "bob", note: "secret", alias: null },
    );
    const channel = await here.group("ann", ["bob"], { kind: "CHANNEL", title: "Secret", joinPolicy: "INVITE" });
    await here.caughtUp();
    const post = await here.send("ann", channel, "secret post");
    const open = await here.group("ann", ["bob"], { kind: "CHANNEL", title: "Open", joinPolicy: "OPEN" });
    await here.caughtUp();
    for (const userId of ["fay", "gus"])
      await here.services.commands.join({ userId, admin: false }, { clientMutationId: here.key(), conversationId: open });
    await here.services.commands.putCircle(
      { userId: "root", admin: true },
      {
        clientMutationId: here.key(),
        circleId: "o:acme",
        kind: "secret",
        name: "secret",
        memberIds: ["ann"],
        withConversation: true,
      },
    );
    const invite = async (more: { expiresAt?: string; uses?: number }) => {
      const made = { clientMutationId: here.key(), conversationId: id, expiresAt: null, uses: null, ...more };
      return (await here.services.commands.createInvite({ userId: "ann", admin: false }, made)).inviteId;
    };
    await here.services.commands.joinByInvite(
      { userId: "gus", admin: false },
      { clientMutationId: here.key(), inviteId: await invite({ uses: 1 }) },
    );
    const usedUp = await invite({ uses: 1 });
    await here.services.commands.joinByInvite(
      { userId: "hal", admin: false },
      { clientMutationId: here.key(), inviteId: usedUp },
    );
    const revoked = await invite({});
    const over = await invite({ expiresAt: new Date(here.time() + 10_000).toISOString() });
    await here.services.commands.revokeInvite(
      { userId: "ann", admin: false },
      { clientMutationId: here.key(), conversationId: id, inviteId: revoked },
    );
    await here.services.commands.join({ userId: "dan", admin: false }, { clientMutationId: here.key(), conversationId: id });
    // By its id alone nobody may ask any more.
    await here.services.commands.updateConversation(
      { userId: "ann", admin: false },
      { clientMutationId: here.key(), conversationId: id, change: { joinPolicy: "INVITE" } },
    );
    const schedule = `mutation ($input: ScheduleMessageInput!) { scheduleMessage(input: $input) { scheduled { id } } }`;
    const sendAt = new Date(here.time() + 86_400_000).toISOString();
    const { scheduleMessage } = await here.ask("ann", schedule, {
      input: { clientMutationId: here.key(), conversationId: id, text: "secret later", sendAt },
    });
    const scheduled = (scheduleMessage as { scheduled: { id: string }[] }).scheduled[0]?.id ?? "";
    const creating = `mutation ($input: CreateUploadInput!) { createUpload(input: $input) { upload { id } } }`;
    const { createUpload } = await here.ask("ann", creating, {
      input: { clientMutationId: here.key(), name: "a.txt", mediaType: "text/plain", size: 5 },
    });
    const upload = (createUpload as { upload: { id: string } }).upload.id;
    here.files.arrive(upload.split(":").at(-1) ?? "", "hello");
    here.pass(20_000);
    const between = await here.send("ann", "bob", "secret between us");
    const other = await here.send("fay", "eve", "not a secret");
    await here.caughtUp();
    const [first = "", , third = ""] = cursors;
    const there = { conversation: id, seq: 1, cursor: first };
    const nowhere = { conversation: "g:00000000-0000-4000-8000-000000000000", seq: 1, cursor: other };
    targets = {
      groups: [there, nowhere, { ...nowhere, conversation: "g:none", seq: 7 }],
      channels: [
        { conversation: channel, seq: 1, cursor: post },
        { conversation: "c:none", seq: 1, cursor: other },
        { conversation: "c:none", seq: 7, cursor: other },
      ],
      conversations: [
        there,
        { ...there, seq: 3 },
        { ...there, seq: 999 },
        nowhere,
        { conversation: "d:ann~bob", seq: 1, cursor: between },
        { conversation: "d:ann~bob", seq: 2, cursor: other },
        { conversation: "d:ann~cat", seq: 1, cursor: other },
        { conversation: "d:nobody~none", seq: 1, cursor: other },
      ],
      unseenBefore: [there, { ...there, seq: 999, cursor: other }],
      unseenAfter: [
        { ...there, seq: 3, cursor: third },
        { ...there, seq: 4, cursor: other },
        { ...there, seq: 999, cursor: other },
      ],
      requests: ["f:ann~bob:1", "f:ann~bob:2", "f:ann~nobody:1", "f:bob~cat:1"].map((id) => ({ ...nowhere, conversation: id })),
      uploads: [upload, "u:ann:00000000-0000-5000-8000-000000000000", "u:nobody:00000000-0000-5000-8000-000000000000"].map(
        (name) => ({ ...nowhere, conversation: name }),
      ),
      scheduled: [scheduled, "s:ann:00000000-0000-5000-8000-000000000000", "s:nobody:00000000-0000-5000-8000-000000000000"].map(
        (name) => ({ ...nowhere, conversation: name }),
      ),
      circles: ["o:acme", "o:none"].map((id) => ({ ...nowhere, conversation: id })),
      followers: ["gus", "hal", "nobody"].map((user) => ({ ...nowhere, conversation: `m:${open}~${user}` })),
      joinRequests: [`j:${id}~dan:1`, `j:${id}~dan:2`, `j:${id}~cat:1`, "j:g:none~dan:1"].map((name) => ({
        ...nowhere,
        conversation: name,
      })),
      invites: [usedUp, revoked, over, "i:0123456789abcdefghijklmnop"].map((name) => ({ ...nowhere, conversation: name })),
      rooms: [
        { ...nowhere, conversation: "Secret" },
        { ...nowhere, conversation: "None" },
      ],
    };
  });
  afterAll(() => here.close());

  /** A whole answer as text, with what was sent taken out of it. */
  const answered = async (user: string, asked: ReturnType<Case["ask"]>, target: Target): Promise<string> => {
    const text = Array.isArray(asked) ? await executed(user, ...asked) : await subscribed(user, asked);
    const { conversation, seq, cursor } = target;
    return text
      .replaceAll(`${conversation}:${seq}`, "<message>")
      .replaceAll(conversation, "<conversation>")
      .replaceAll(cursor, "<cursor>")
      .replaceAll(new RegExp(`\\bmessage ${seq}\\b`, "g"), "message <seq>");
  };

  const shown = (error: unknown) => apiErrorOf(error, "id", (_, fault) => expect.fail(String(fault)));

  const executed = async (user: string, document: string, variables: Json): Promise<string> => {
    const { data, errors } = await here.answer(user, document, variables);
    return JSON.stringify({ data, errors: errors?.map(shown) });
  };

  /** The first three things that a subscription says, or how it ends. */
  const subscribed = async (user: string, { listen, after, typing }: Listen): Promise<string> => {
    const said: string[] = [];
    try {
      if (typing) {
        const stream = await typingArea.Subscription.typing.subscribe(undefined, { conversationId: listen }, here.context(user));
        await stream.return?.();
        return "listens";
      }
      const stream = await here.listen(user, listen, after);
      for (let count = 0; count < 3; count++) {
        const next = await stream.next();
        if (next.done === true) break;
        said.push(told(next.value).text);
      }
      await stream.return?.();
    } catch (error) {
      said.push(JSON.stringify(shown(error)));
    }
    return said.join("\n");
  };

  const counted = async (work: () => Promise<string>) => {
    here.reads.reset();
    looks.end = 0;
    const calls = here.log.calls.length;
    const text = await work();
    const { get, getMany, range } = here.reads;
    return { text, looks: { get, getMany, range, log: here.log.calls.length - calls, end: looks.end } };
  };

  for (const each of cases) {
    const { of, as, targets: which } = each;
    test(`by ${of.join(", ")} as ${as}, of ${which}`, async () => {
      const found = [];
      for (const target of targets[which]) {
        const ask = () => answered(callers[as], each.ask(target), target);
        // What is kept at hand of a conversation that was asked for before: for each the same.
        await ask();
        found.push(await counted(ask));
      }
      const [first, ...others] = found;
      for (const [index, other] of others.entries()) {
        const target = targets[which][index + 1];
        expect({ target, text: other.text }).toEqual({ target, text: first?.text });
        // Whether a direct conversation is somebody's its id alone says; and how many messages there are every member knows.
        if (/^(m:)?[gc]:/.test(target?.conversation ?? "") && as !== "late")
          expect({ target, looks: other.looks }).toEqual({ target, looks: first?.looks });
      }
      if (as === "stranger") expect(first?.text).not.toContain("secret");
    });
  }

  test("waits for the views in either case, where they are behind", async () => {
    const held = gate();
    let holds = false;
    const log = memoryLog();
    const behind = await apiWorld({ log, committing: async () => void (holds && (await held.passed)) });
    try {
      await behind.register("ann", "eve");
      await behind.caughtUp();
      const id = await behind.group("ann", [], { joinPolicy: "INVITE" });
      await behind.caughtUp();
      await behind.send("eve", "ann");
      await behind.caughtUp();
      holds = true;
      await behind.send("ann", id);
      const ended: string[] = [];
      const asked = [id, "g:none"].flatMap((conversationId) =>
        (
          [
            ["sendMessage", "SendMessageInput", { conversationId, text: "x" }],
            ["recallMessage", "MessageInput", { conversationId, seq: 1 }],
            ["leave", "NodeInput", { id: conversationId }],
            ["join", "JoinInput", { id: conversationId }],
          ] as const
        ).map(async ([name, type, input]) => {
          const document = `mutation ($input: ${type}!) { ${name}(input: $input) { cursor } }`;
          const { errors } = await behind.answer("eve", document, { input: { clientMutationId: behind.key(), ...input } });
          ended.push(name);
          return errors?.map(shown)[0]?.extensions.code;
        }),
      );
      for (let count = 0; count < 50; count++) await new Promise((resolve) => setImmediate(resolve));
      expect(ended).toEqual([]);
      held.open();
      expect(new Set(await Promise.all(asked))).toEqual(new Set(["NOT_FOUND"]));
    } finally {
      held.open();
      await behind.close();
    }
  });
});

describe("no operation and no argument is left out", () => {
  const tried = new Set(cases.flatMap(({ of }) => of));
  const naming = new Set(["seq", "replyTo", "after", "before", "around", "conversation", "key"]);
  const names: string[] = [];
  for (const type of Object.values(schema.getTypeMap())) {
    if (type.name.startsWith("__")) continue;
    if (isInputObjectType(type)) {
      for (const field of Object.values(type.getFields())) {
        const isNaming = getNamedType(field.type).name === "ID" || naming.has(field.name);
        if (isNaming && field.name !== "clientMutationId") names.push(`${type.name}.${field.name}`);
      }
    }
    if (!isObjectType(type)) continue;
    const isRoot = ["Query", "Mutation", "Subscription"].includes(type.name);
    for (const field of Object.values(type.getFields())) {
      if (isRoot) names.push(`${type.name}.${field.name}`);
      for (const argument of field.args) {
        const { name } = getNamedType(argument.type);
        if (name === "ID" || name === "Cursor" || naming.has(argument.name))
          names.push(`${type.name}.${field.name}(${argument.name})`);
      }
    }
  }

  test("of those in the schema", () => {
    expect(names.length).toBeGreaterThan(60);
    expect(names.filter((name) => !tried.has(name) && none[name] === undefined)).toEqual([]);
  });

  test("and those tried here are in the schema", () => {
    const known = new Set(names);
    expect([...tried, ...Object.keys(none)].filter((name) => !known.has(name) && !name.includes("mentions"))).toEqual([]);
  });
});
