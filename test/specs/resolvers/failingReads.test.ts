import { friendRequestIdOf, reportIdOf } from "../../../src/domain/ids.ts";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Bearer } from "../../../src/transport/auth.ts";
import { contextOf } from "../../../src/api/context.ts";
import { executor, type RequestInfo } from "../../../src/transport/execution/execute.ts";
import { isUndelivered } from "../../../src/transport/execution/rendering.ts";
import { transportDefaults } from "../../../src/transport/limits.ts";
import { SHARED_FIELDS } from "../../../src/api/inbox/deliveries.ts";
import { Unavailable } from "../../../src/ports/faults.ts";
import { failingReads } from "../../support/failingReads.ts";
import { codeOf } from "../../../src/domain/code.ts";
import { type ApiWorld, apiWorld, type Json, schema } from "../../support/apiWorld.ts";
import { withoutStacks } from "../../support/withoutStacks.ts";

/*
 * Each read of each port fails in turn, alone or with all that follow, under each operation of the API. Nothing ends the process,
 * whoever asked is told by a code, and the next call is answered.
 */

const SCHEDULED = `scheduled { id text sendAt conversation { id } }`;
/** Ahead of the clock of these worlds, and less than a year. */
const FAR = "2026-12-31T00:00:00.000Z";
const MESSAGE =
  "id seq text sender { id name age tags { name } } conversation { id title } replyTo { id text } mentions { name } attachments { url }";
const CONVERSATION = `id kind title avatarUrl description announcement category tags { name } createdAt joinPolicy public historyVisible code
  peer { name } memberCount membership { role readSeq user { name } } members(first: 5) { edges { node { id role readSeq user { name } } } pageInfo { hasNextPage } }
  messages(last: 3) { edges { node { ${MESSAGE} } } } message(seq: 1) { text } lastSeq lastMessage { text } lastActivityAt
  readSeq unreadCount unreadMentions`;
const ENTRY = `__typename cursor at ... on MessageReceived { message { ${MESSAGE} } viewer { unreadTotal } } ... on MessageChanged { messageChange message { ${MESSAGE} } }
  ... on ReadMoved { readSeq conversation { title } } ... on MembershipChanged { user { name } actor { name } conversation { title } }`;
const HITS = "edges { cursor node";

/** An operation, who asks, and what is to be there before. */
type Operation = { text: string; by?: string; admin?: boolean; variables?: (here: ApiWorld) => Json | Promise<Json> };

const input =
  (make: (here: ApiWorld) => Json | Promise<Json>) =>
  async (here: ApiWorld): Promise<Json> => ({ input: { clientMutationId: here.key(), ...(await make(here)) } });

/** A group of ann's with bob and, if asked for, one of those who are named. */
const grouped = async (here: ApiWorld, more: string[] = [], of: Json = {}): Promise<string> => {
  const id = await here.group("ann", ["bob", ...more], of);
  await here.caughtUp();
  return id;
};

let newcomers = 0;
/** A user whom nobody knows yet. */
const newcomer = async (here: ApiWorld): Promise<string> => {
  const id = `newcomer${++newcomers}`;
  await here.register(id);
  await here.caughtUp();
  return id;
};
/** The id of a request of one user to another. */
const askedBy = async (here: ApiWorld, from: string, userId: string): Promise<string> => {
  const caller = { userId: from, admin: false };
  await here.services.commands.requestFriendship(caller, { clientMutationId: here.key(), userId, note: null, alias: null });
  await here.caughtUp();
  return friendRequestIdOf(from, userId, 1);
};
/** Makes ann a friend of a user, and gives their id. */
const befriended = async (here: ApiWorld, user: string): Promise<string> => {
  await askedBy(here, user, "ann");
  await askedBy(here, "ann", user);
  return user;
};

/** Of ann, bob and cat, who were told of it on write first, and on read later. */
let early = "";
let seqs = 0;
const ownMessage = async (here: ApiWorld): Promise<Json> => {
  await here.send("ann", "bob", `own ${++seqs}`);
  await here.caughtUp();
  const head = await here.services.views.timelines.head("d:ann~bob");
  return { conversationId: "d:ann~bob", seq: head?.seq ?? 0 };
};

const REPORT =
  "id message { id text } reported { sender { name } text files } reporter { name } rule reason reportedAt action decidedBy { name }";

/** The id of a report of a message of ann's. */
const reportedBy = async (here: ApiWorld, user: string): Promise<string> => {
  const { conversationId, seq } = (await ownMessage(here)) as { conversationId: string; seq: number };
  const caller = { userId: user, admin: false };
  await here.services.commands.report(caller, { clientMutationId: here.key(), conversationId, seq, reason: "rude" });
  await here.caughtUp();
  return reportIdOf(conversationId, seq, { reporterId: user, rule: null });
};

/** A group whose first message is pinned and has a reaction and two answers, both of which name everyone. */
const answered = async (here: ApiWorld): Promise<string> => {
  const conversationId = await grouped(here);
  await here.send("ann", conversationId, "a question");
  for (const text of ["one", "two"]) await here.send("ann", conversationId, text, { replyTo: 1, mentionsAll: true });
  await here.caughtUp();
  const caller = { userId: "ann", admin: false };
  const call = () => ({ clientMutationId: here.key(), conversationId, seq: 1, on: true });
  await here.services.commands.react(caller, { ...call(), emoji: "👍" });
  await here.services.commands.pinMessage(caller, call());
  await here.caughtUp();
  return conversationId;
};

let names = 0;

const JOINING = "id note status requestedAt decidedAt decidedBy { name } user { name } invitedBy { name } conversation { title }";
const INVITE = "id code createdBy { name } expiresAt usesLeft title avatarUrl description memberCount";

const invitation = async (here: ApiWorld, conversationId: string): Promise<string> => {
  const made = { clientMutationId: here.key(), conversationId, expiresAt: null, uses: null };
  const { inviteId } = await here.services.commands.createInvite({ userId: "ann", admin: false }, made);
  await here.caughtUp();
  return codeOf(inviteId);
};

/** The id of dan's request to join a group of ann's. */
const requested = async (here: ApiWorld): Promise<string> => {
  const conversationId = await grouped(here, [], { public: true });
  await here.caughtUp();
  await here.services.commands.join({ userId: "dan", admin: false }, { clientMutationId: here.key(), conversationId });
  await here.caughtUp();
  return `j:${conversationId}~dan:1`;
};
const WEBHOOK = `id url events active failingSince conversation { title } beforeSend { timeoutMs otherwise failingSince error }
  deliveries { edges { node { id event cursor attempts status deliveredAt nextAttemptAt error } } }`;
const INCOMING = "id bot { name } conversation { title }";
const BEFORE_SEND = { timeoutMs: 3_000, otherwise: "ALLOW" as const };
const HOOK = { url: "https://ci.example.org/told", events: ["MESSAGE_SENT" as const], beforeSend: BEFORE_SEND };
const OPERATOR = { userId: "operator", admin: true };

/** The id of a webhook: always the same, since there may be only so many. */
const hooked = async (here: ApiWorld): Promise<string> => {
  const webhookId = "w:hook";
  const conversationId = await grouped(here);
  await here.services.commands.putWebhook(OPERATOR, { clientMutationId: here.key(), webhookId, ...HOOK, conversationId });
  await here.caughtUp();
  return webhookId;
};

/** The id of a bot. */
const bot = async (here: ApiWorld): Promise<string> => {
  const made = { clientMutationId: here.key(), userId: `bot${++names}`, name: "Robot" };
  await here.services.commands.createBot(OPERATOR, made);
  await here.caughtUp();
  return made.userId;
};

/** Of the one delivery that each webhook has had. */
const DELIVERY = {
  event: "MESSAGE_SENT",
  stream: "g:one",
  revision: 1,
  key: "g:one",
  planned: 1,
  attempts: 1,
  status: 204,
  error: undefined,
  deliveredAt: 2,
  due: undefined,
};

/** What a subscription says once it has begun. */
const FIRST = /InboxCaughtUp|^\{"data":\{"(presence|typing)"/;

const OPERATIONS: Record<string, Operation> = {
  viewer: {
    text: `{ viewer { user { id name code directConversationId } unreadTotal conversations(first: 10) { cursor edges { node { ${CONVERSATION} } } } } }`,
  },
  "viewer unread": { text: `{ viewer { conversations(unreadOnly: true) { edges { node { id unreadCount } } } } }`, by: "bob" },
  "viewer.groups": { text: `{ viewer { groups { edges { node { ${CONVERSATION} } } } } }` },
  "viewer.sync": { text: `{ viewer { sync(limit: 100) { cursor hasMore entries { ${ENTRY} } } } }`, by: "bob" },
  "viewer.sync after": {
    text: `query ($after: Cursor) { viewer { sync(after: $after) { cursor resetRequired entries { ${ENTRY} } } } }`,
    by: "bob",
    variables: ({ log }) => ({ after: log.origin }),
  },
  nodes: {
    text: `query ($ids: [ID!]!) { nodes(ids: $ids) { __typename id ... on Member { role readSeq } ... on Conversation { ${CONVERSATION} } } }`,
    variables: async (here) => {
      const id = await grouped(here);
      return { ids: ["ann", "nobody", id, `m:${id}~bob`, "d:ann~bob", "d:ann~bob:1", "m:d:ann~bob~bob"] };
    },
  },
  node: {
    text: `query ($id: ID!) { user: node(id: "ann") { ... on User { name } } it: node(id: $id) { ... on Conversation { ${CONVERSATION} } }
      message: node(id: "d:ann~bob:1") { ... on Message { ${MESSAGE} } } none: node(id: "nobody") { id } }`,
    variables: () => ({ id: early }),
  },
  user: { text: `{ user(id: "bob") { name handle } by: user(handle: "cat") { name } none: user(id: "nobody") { name } }` },
  conversation: { text: `{ conversation(id: "d:ann~bob") { ${CONVERSATION} } other: conversation(id: "g:none") { id } }` },
  "a conversation as it stood": {
    text: `query ($id: ID!, $at: DateTime) { conversation(id: $id, at: $at) { ${CONVERSATION} } }`,
    by: "bob",
    variables: (here) => ({ id: early, at: new Date(here.time()).toISOString() }),
  },
  code: {
    text: `query ($text: String!) { code(text: $text) { ... on User { name } ... on Conversation { title } } }`,
    variables: async (here) => {
      const { user } = await here.ask("ann", `{ user(id: "bob") { code } }`);
      return { text: (user as Json)["code"] };
    },
  },
  searchMessages: {
    text: `{ searchMessages(query: { text: "hello" }) { totalCount bySender { count } ${HITS} { highlights { text } message { ${MESSAGE} } } } } }`,
  },
  "searchMessages everywhere": {
    text: `{ searchMessages(query: { text: "hello", includePublic: true, conversationId: "d:ann~bob" }) { ${HITS} { message { text } } } } }`,
  },
  searchUsers: { text: `{ searchUsers(query: { name: "b*" }) { ${HITS} { user { name } } } } }` },
  searchConversations: {
    text: `{ searchConversations(first: 3, query: { name: "ann" }) { ${HITS} { conversation { ${CONVERSATION} } } } } }`,
  },
  admin: {
    text: `{ admin { components { role reachable } projections { name state lag } parked { edges { node { projection } } } } }`,
    admin: true,
  },
  inbox: {
    text: `subscription ($after: Cursor) { inbox(after: $after) { ${ENTRY} } }`,
    by: "bob",
    variables: ({ log }) => ({ after: log.origin }),
  },
  "inbox live": { text: `subscription { inbox { ${ENTRY} } }`, by: "bob" },
  "inbox ahead of the views": {
    text: `subscription ($after: Cursor) { inbox(after: $after) { ${ENTRY} } }`,
    by: "bob",
    variables: ({ log }) => ({ after: `${log.id}.zzzzzzzzzzz` }),
  },
  "conversation's": {
    text: `subscription ($id: ID!, $after: Cursor) { conversation(id: $id, after: $after) { ${ENTRY} } }`,
    by: "bob",
    variables: ({ log }) => ({ id: early, after: log.origin }),
  },
  presence: {
    text: `subscription ($ids: [ID!]!) { presence(userIds: $ids) { user { name presence { deviceKind online } } presence { deviceKind } } }`,
    variables: () => ({ ids: ["ann", "bob", "cat"] }),
  },
  typing: {
    text: `subscription ($id: ID!) { typing(conversationId: $id) { user { name } typing } }`,
    by: "bob",
    variables: ({ services }) => {
      services.typing.set(early, "ann", true);
      return { id: early };
    },
  },
  setTyping: {
    text: `mutation ($id: ID!) { setTyping(conversationId: $id, typing: true) }`,
    variables: () => ({ id: early }),
  },
  addDevice: {
    text: `mutation ($input: AddDeviceInput!) { addDevice(input: $input) { cursor devices { id kind name lastSeenAt current } } }`,
    variables: input((here) => ({ id: "a-browser", kind: "WEB", name: here.key() })),
  },
  removeDevice: {
    text: `mutation ($input: NodeInput!) { removeDevice(input: $input) { cursor devices { id } } }`,
    variables: input(async (here) => {
      const id = here.key();
      await here.services.commands.addDevice(
        { userId: "ann", admin: false },
        { clientMutationId: here.key(), deviceId: id, kind: "WEB", name: "a browser", pushService: null, pushToken: null },
      );
      return { id };
    }),
  },
  register: {
    text: `mutation ($input: RegisterInput!) { register(input: $input) { cursor user { name } } }`,
    by: "new",
    variables: input(() => ({ handle: `new-${++names}`, name: "New" })),
  },
  putUser: {
    text: `mutation ($input: PutUserInput!) { putUser(input: $input) { cursor user { name bot } } }`,
    admin: true,
    variables: input(() => ({ id: `put${++names}`, handle: `put${names}`, name: "Put" })),
  },
  createBot: {
    text: `mutation ($input: CreateBotInput!) { createBot(input: $input) { cursor token user { name bot } } }`,
    admin: true,
    variables: input(() => ({ id: `bot${++names}`, name: "Robot" })),
  },
  putWebhook: {
    text: `mutation ($input: PutWebhookInput!) { putWebhook(input: $input) { cursor secret webhook { ${WEBHOOK} } } }`,
    admin: true,
    variables: input(async (here) => ({ ...HOOK, id: `hook${++names}`, conversationId: await grouped(here) })),
  },
  deleteWebhook: {
    text: `mutation ($input: NodeInput!) { deleteWebhook(input: $input) { cursor webhook { id } } }`,
    admin: true,
    variables: input(async (here) => ({ id: await hooked(here) })),
  },
  redeliverWebhook: {
    text: `mutation ($input: NodeInput!) { redeliverWebhook(input: $input) { cursor webhook { ${WEBHOOK} } } }`,
    admin: true,
    variables: input(async (here) => ({ id: `${await hooked(here)}~${here.log.origin}` })),
  },
  putIncomingWebhook: {
    text: `mutation ($input: PutIncomingWebhookInput!) { putIncomingWebhook(input: $input) { cursor path webhook { ${INCOMING} } } }`,
    admin: true,
    variables: input(async (here) => ({ id: `in${++names}`, botId: await bot(here), conversationId: await grouped(here) })),
  },
  deleteIncomingWebhook: {
    text: `mutation ($input: NodeInput!) { deleteIncomingWebhook(input: $input) { cursor webhook { id } } }`,
    admin: true,
    variables: input(async (here) => {
      const hook = { hookId: `h:in${++names}`, botId: await bot(here), conversationId: await grouped(here) };
      await here.services.commands.putIncomingWebhook(OPERATOR, { clientMutationId: here.key(), ...hook });
      await here.caughtUp();
      return { id: hook.hookId };
    }),
  },
  "admin.webhooks": {
    text: `{ admin { webhooks { ${WEBHOOK} } incomingWebhooks { ${INCOMING} } } }`,
    admin: true,
    variables: async (here) => {
      await hooked(here);
      return {};
    },
  },
  putCircle: {
    text: `mutation ($input: PutCircleInput!) { putCircle(input: $input) { cursor circle { name members { edges { node { name } } } conversation { title } } } }`,
    admin: true,
    variables: input(() => ({ id: `put${++names}`, kind: "x", name: "Put", memberIds: ["ann", "bob"], withConversation: true })),
  },
  updateProfile: {
    text: `mutation ($input: UpdateProfileInput!) { updateProfile(input: $input) { cursor user { name } } }`,
    variables: input(() => ({ name: `Ann ${++names}` })),
  },
  "updateProfile's handle": {
    text: `mutation ($input: UpdateProfileInput!) { updateProfile(input: $input) { cursor user { name handle } } }`,
    by: "new",
    variables: input(async (here) => {
      await here.register(`new${++names}`);
      return { handle: `renamed-${names}` };
    }),
  },
  setLocation: {
    text: `mutation ($input: SetLocationInput!) { setLocation(input: $input) { cursor user { name } } }`,
    variables: input(() => ({ point: { latitude: ++names % 80, longitude: 10 } })),
  },
  sendMessage: {
    text: `mutation ($input: SendMessageInput!) { sendMessage(input: $input) { cursor message { ${MESSAGE} } } }`,
    variables: input(async (here) => ({ conversationId: await grouped(here, ["cat"]), text: "hello", mentions: ["bob", "cat"] })),
  },
  scheduleMessage: {
    text: `mutation ($input: ScheduleMessageInput!) { scheduleMessage(input: $input) { cursor ${SCHEDULED} } }`,
    variables: input(async (here) => ({ conversationId: await grouped(here), text: "later", sendAt: FAR })),
  },
  createUpload: {
    text: `mutation ($input: CreateUploadInput!) { createUpload(input: $input) { cursor upload { id url headers { name } } } }`,
    variables: input(async () => ({ name: "a.txt", mediaType: "text/plain", size: 5 })),
  },
  "sendMessage with an upload": {
    text: `mutation ($input: SendMessageInput!) { sendMessage(input: $input) { cursor message { attachments { url expiresAt } } } }`,
    variables: input(async (here) => {
      const asked = { clientMutationId: here.key(), name: "a.txt", mediaType: "text/plain", size: 5 };
      const document = `mutation ($input: CreateUploadInput!) { createUpload(input: $input) { upload { id } } }`;
      const { createUpload } = await here.ask("ann", document, { input: asked });
      const { id } = (createUpload as { upload: { id: string } }).upload;
      here.files.arrive(id.split(":").at(-1) ?? "", "hello");
      return { userId: "bob", kind: "FILE", attachments: [{ uploadId: id }] };
    }),
  },
  cancelScheduled: {
    text: `mutation ($input: NodeInput!) { cancelScheduled(input: $input) { cursor ${SCHEDULED} } }`,
    variables: input(async (here) => {
      const asked = { clientMutationId: here.key(), userId: "bob", text: "later", sendAt: FAR };
      const document = `mutation ($input: ScheduleMessageInput!) { scheduleMessage(input: $input) { ${SCHEDULED} } }`;
      const { scheduleMessage } = await here.ask("ann", document, { input: asked });
      return { id: (scheduleMessage as { scheduled: { id: string }[] }).scheduled[0]?.id };
    }),
  },
  scheduled: { text: `{ viewer { ${SCHEDULED} failed: scheduled(failed: true) { id failure } } }` },
  "sendMessage to a user": {
    text: `mutation ($input: SendMessageInput!) { sendMessage(input: $input) { cursor message { ${MESSAGE} } } }`,
    variables: input(() => ({ userId: "bob", text: "hello", replyTo: 1 })),
  },
  editMessage: {
    text: `mutation ($input: EditMessageInput!) { editMessage(input: $input) { cursor message { ${MESSAGE} } } }`,
    variables: input(async (here) => ({ ...(await ownMessage(here)), text: "hello, edited" })),
  },
  report: {
    text: `mutation ($input: ReportInput!) { report(input: $input) { cursor report { ${REPORT} } } }`,
    by: "bob",
    variables: input(async (here) => ({ ...(await ownMessage(here)), reason: "rude" })),
  },
  decideReport: {
    text: `mutation ($input: DecideReportInput!) { decideReport(input: $input) { cursor report { ${REPORT} } } }`,
    admin: true,
    variables: input(async (here) => ({ id: await reportedBy(here, "bob"), action: "RECALL", reason: "rude" })),
  },
  "conversation.reports": {
    text: `query ($id: ID!) { conversation(id: $id) { reports { edges { node { ${REPORT} } } pageInfo { hasNextPage } } } }`,
    variables: async (here) => {
      const conversationId = await grouped(here);
      await here.send("bob", conversationId, "rude");
      await here.caughtUp();
      const said = { clientMutationId: here.key(), conversationId, seq: 1, reason: "rude" };
      await here.services.commands.report({ userId: "ann", admin: false }, said);
      await here.caughtUp();
      return { id: conversationId };
    },
  },
  "admin.reports": {
    text: `{ admin { reports { edges { node { ${REPORT} } } } bans { edges { node { user { name } reason } } } } }`,
    admin: true,
  },
  banUser: {
    text: `mutation ($input: BanInput!) { banUser(input: $input) { cursor user { name } } }`,
    admin: true,
    variables: input(async (here) => ({ userId: await newcomer(here), reason: "spam" })),
  },
  unbanUser: {
    text: `mutation ($input: BanInput!) { unbanUser(input: $input) { cursor user { name } } }`,
    admin: true,
    variables: input(async (here) => ({ userId: await newcomer(here) })),
  },
  recallMessage: {
    text: `mutation ($input: MessageInput!) { recallMessage(input: $input) { cursor message { ${MESSAGE} } } }`,
    variables: input(ownMessage),
  },
  react: {
    text: `mutation ($input: ReactInput!) { react(input: $input) { cursor message { reactions { emoji count byViewer } } } }`,
    variables: input(async (here) => ({ ...(await ownMessage(here)), emoji: "👍", on: true })),
  },
  pinMessage: {
    text: `mutation ($input: PinMessageInput!) { pinMessage(input: $input) { cursor message { id conversation { pins { id } } } } }`,
    variables: input(async (here) => {
      const conversationId = await grouped(here);
      await here.send("ann", conversationId, "hello");
      await here.caughtUp();
      return { conversationId, seq: 1, on: true };
    }),
  },
  forwardMessages: {
    text: `mutation ($input: ForwardMessagesInput!) { forwardMessages(input: $input) { cursor messages { id text forwardedFrom { id } } } }`,
    variables: input(async (here) => {
      const { conversationId, seq } = await ownMessage(here);
      return { fromConversationId: conversationId, seqs: [seq], toConversationId: await grouped(here) };
    }),
  },
  "what becomes of messages": {
    text: `query ($id: ID!) { conversation(id: $id) { pins { id } unreadReplies message(seq: 1) { reactions { emoji count byViewer }
      replyCount lastReplyAt readCount replies(first: 1, after: "1") { edges { node { id } } pageInfo { hasPreviousPage } }
      readBy(first: 1) { edges { node { name } } pageInfo { hasPreviousPage } } } } }`,
    by: "bob",
    variables: async (here) => ({ id: await answered(here) }),
  },
  "viewer.mentions": {
    text: `{ viewer { mentions(first: 1) { edges { cursor node { id text } } pageInfo { hasNextPage } } } }`,
    by: "bob",
  },
  markRead: {
    text: `mutation ($input: MarkReadInput!) { markRead(input: $input) { cursor conversation { ${CONVERSATION} } } }`,
    by: "bob",
    variables: input(ownMessage),
  },
  markAllRead: {
    text: `mutation ($input: MarkAllReadInput!) { markAllRead(input: $input) { cursor conversations { id readSeq } viewer { unreadTotal } } }`,
    by: "bob",
    variables: input(async (here) => ({ reads: [await ownMessage(here)] })),
  },
  "viewer.friends": {
    text: `{ viewer { friends { totalCount edges { node { id alias since user { name } } } } since: friends(orderBy: SINCE) { totalCount }
      friendRequests(status: ACCEPTED) { edges { node { id note from { name } } } } blocked { edges { node { name } } } }
      user(id: "bob") { friendship { status since alias blockedByViewer } } }`,
  },
  requestFriendship: {
    text: `mutation ($input: RequestFriendshipInput!) { requestFriendship(input: $input) { cursor request { id status note to { name } } } }`,
    variables: input(async (here) => ({ userId: await newcomer(here), note: "hello" })),
  },
  answerFriendRequest: {
    text: `mutation ($input: AnswerInput!) { answerFriendRequest(input: $input) { cursor request { id status decidedAt } } }`,
    variables: input(async (here) => ({ id: await askedBy(here, await newcomer(here), "ann"), accept: true })),
  },
  withdrawFriendRequest: {
    text: `mutation ($input: NodeInput!) { withdrawFriendRequest(input: $input) { cursor request { id status } } }`,
    variables: input(async (here) => ({ id: await askedBy(here, "ann", await newcomer(here)) })),
  },
  endFriendship: {
    text: `mutation ($input: UserInput!) { endFriendship(input: $input) { cursor user { friendship { status } } } }`,
    variables: input(async (here) => ({ userId: await newcomer(here) })),
  },
  setAlias: {
    text: `mutation ($input: SetAliasInput!) { setAlias(input: $input) { cursor user { friendship { alias } } } }`,
    variables: input(async (here) => ({ userId: await befriended(here, await newcomer(here)), alias: "a friend" })),
  },
  block: {
    text: `mutation ($input: BlockInput!) { block(input: $input) { cursor user { friendship { blockedByViewer } } } }`,
    variables: input(async (here) => ({ userId: await newcomer(here), on: true })),
  },
  createConversation: {
    text: `mutation ($input: CreateConversationInput!) { createConversation(input: $input) { cursor conversation { ${CONVERSATION} } } }`,
    variables: input(() => ({ kind: "GROUP", title: "ann's own", memberIds: ["bob", "cat"] })),
  },
  updateConversation: {
    text: `mutation ($input: UpdateConversationInput!) { updateConversation(input: $input) { cursor conversation { ${CONVERSATION} } } }`,
    variables: input(async (here) => ({ id: await grouped(here), title: "others", historyVisible: true })),
  },
  join: {
    text: `mutation ($input: JoinInput!) { join(input: $input) { cursor conversation { ${CONVERSATION} } } }`,
    by: "dan",
    variables: input(async (here) => ({ id: await grouped(here, [], { joinPolicy: "OPEN", public: true }) })),
  },
  addMembers: {
    text: `mutation ($input: MembersInput!) { addMembers(input: $input) { cursor conversation { ${CONVERSATION} } } }`,
    variables: input(async (here) => ({ conversationId: await grouped(here), userIds: ["cat", "dan"] })),
  },
  removeMembers: {
    text: `mutation ($input: MembersInput!) { removeMembers(input: $input) { cursor conversation { ${CONVERSATION} } } }`,
    variables: input(async (here) => ({ conversationId: await grouped(here, ["cat"]), userIds: ["cat"] })),
  },
  leave: {
    text: `mutation ($input: NodeInput!) { leave(input: $input) { cursor conversation { ${CONVERSATION} } } }`,
    by: "bob",
    variables: input(async (here) => ({ id: await grouped(here) })),
  },
  setPreferences: {
    text: `mutation ($input: SetPreferencesInput!) { setPreferences(input: $input) { cursor conversation { ${CONVERSATION} membership { muted pinned hidden nickname } } } }`,
    variables: input(async (here) => ({
      conversationId: await grouped(here),
      muted: true,
      pinned: true,
      hidden: true,
      nickname: "A",
    })),
  },
  setRole: {
    text: `mutation ($input: SetRoleInput!) { setRole(input: $input) { cursor conversation { ${CONVERSATION} } } }`,
    variables: input(async (here) => ({ conversationId: await grouped(here), userId: "bob", role: "ADMIN" })),
  },
  transferOwnership: {
    text: `mutation ($input: MemberInput!) { transferOwnership(input: $input) { cursor conversation { ${CONVERSATION} } } }`,
    variables: input(async (here) => ({ conversationId: await grouped(here), userId: "bob" })),
  },
  "join by an invitation": {
    text: `mutation ($input: JoinInput!) { join(input: $input) { cursor conversation { ${CONVERSATION} } request { id } } }`,
    by: "dan",
    variables: input(async (here) => ({ inviteCode: await invitation(here, await grouped(here)) })),
  },
  "join by a request": {
    text: `mutation ($input: JoinInput!) { join(input: $input) { cursor request { ${JOINING} } } }`,
    by: "dan",
    variables: input(async (here) => ({ id: await grouped(here, [], { public: true }), note: "hello" })),
  },
  answerJoinRequest: {
    text: `mutation ($input: AnswerInput!) { answerJoinRequest(input: $input) { cursor request { ${JOINING} } } }`,
    variables: input(async (here) => ({ id: await requested(here), accept: true })),
  },
  "viewer.joinRequests": {
    text: `{ viewer { joinRequests { edges { node { ${JOINING} } } } out: joinRequests(direction: OUTGOING) { edges { node { id } } } } }`,
  },
  createInvite: {
    text: `mutation ($input: CreateInviteInput!) { createInvite(input: $input) { cursor invite { ${INVITE} } } }`,
    variables: input(async (here) => ({ conversationId: await grouped(here), uses: 2 })),
  },
  revokeInvite: {
    text: `mutation ($input: RevokeInviteInput!) { revokeInvite(input: $input) { cursor invite { ${INVITE} } } }`,
    variables: input(async (here) => {
      const conversationId = await grouped(here);
      return { conversationId, code: await invitation(here, conversationId) };
    }),
  },
  silence: {
    text: `mutation ($input: SilenceInput!) { silence(input: $input) { cursor conversation { ${CONVERSATION} } } }`,
    variables: input(async (here) => ({ conversationId: await grouped(here), userId: "bob", until: "2999-01-01T00:00:00Z" })),
  },
  dissolve: {
    text: `mutation ($input: NodeInput!) { dissolve(input: $input) { cursor conversation { ${CONVERSATION} } } }`,
    variables: input(async (here) => ({ id: await grouped(here) })),
  },
  importFacts: {
    text: `mutation ($input: ImportFactsInput!) { importFacts(input: $input) { cursor stored loose refused { index code message } } }`,
    admin: true,
    variables: input(async (here) => ({
      lines: [
        JSON.stringify({
          fact: "MessageSent",
          id: crypto.randomUUID(),
          at: "2024-05-01T12:00:00Z",
          by: null,
          data: { conversationId: await grouped(here), senderId: "ann", text: "old" },
        }),
      ],
    })),
  },
  importFile: {
    text: `mutation ($input: ImportFileInput!) { importFile(input: $input) { cursor upload { id url } } }`,
    admin: true,
    variables: input(async (here) => ({
      ...{ uploadId: `u:ann:${crypto.randomUUID()}`, conversationId: await grouped(here), messageId: crypto.randomUUID() },
      ...{ name: "a.png", mediaType: "image/png", size: 7 },
    })),
  },
  importMessages: {
    text: `mutation ($input: ImportInput!) { importMessages(input: $input) { cursor stored refused { index code message } } }`,
    admin: true,
    variables: input((here) => ({
      messages: [
        {
          key: here.key(),
          conversation: `room ${++names}`,
          sender: `sender ${names}`,
          sentAt: "2024-05-01T12:00:00Z",
          text: "hello",
        },
      ],
    })),
  },
  replayProjection: { text: `mutation { replayProjection(name: "search") { name state lag } }`, admin: true },
  cancelReplay: { text: `mutation { cancelReplay(name: "search") { name state lag } }`, admin: true },
  verifyProjection: { text: `mutation { verifyProjection(name: "search") { name state lag } }`, admin: true },
  retryParked: { text: `mutation { retryParked(name: "search") { name state lag } }`, admin: true },
};

/** Those whose answer tells what it could not learn, beside what it could. */
const TELLING = new Set(["admin", "importMessages", "replayProjection", "cancelReplay", "verifyProjection", "retryParked"]);

test("there is an operation for each root field", () => {
  const asked = Object.values(OPERATIONS)
    .map(({ text }) => text)
    .join("\n");
  for (const root of [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()])
    for (const name of Object.keys(root?.getFields() ?? {})) expect(asked).toMatch(new RegExp(`[{ ]${name}\\b`));
});

describe.each([true, false])("where rows are answered at once: %s", (atOnce) => {
  const faults = failingReads();
  const unhandled: unknown[] = [];
  const note = (reason: unknown): void => void unhandled.push(reason);
  let here: ApiWorld;
  let run: (operation: Operation, variables: Json) => Promise<string[]>;

  // A world of its own for each: what an operation leaves behind makes the reads of the next ones longer.
  beforeEach(async () => {
    process.on("unhandledRejection", note);
    here = await apiWorld({
      atOnce,
      searched: true,
      saying: { delivery: DELIVERY },
      reading: {
        store: (store) => ({
          ...store,
          get: faults.watched(store.get.bind(store), atOnce),
          getMany: faults.watched(store.getMany.bind(store)),
          range: faults.watched(store.range.bind(store)),
        }),
        log: (log) => ({
          ...log,
          read: faults.watched(log.read.bind(log), atOnce),
          readAll: faults.watched(log.readAll.bind(log), atOnce),
          end: faults.watched(log.end.bind(log), atOnce),
        }),
      },
    });
    const { services } = here;
    services.search = {
      ...services.search,
      messages: faults.watched(services.search.messages),
      entries: faults.watched(services.search.entries),
    };
    services.signals = { ...services.signals, listen: faults.watched(services.signals.listen, atOnce) };
    services.horizonOf = faults.watched(() => here.log.origin, atOnce);
    const executes = executor({
      schema,
      contextOf: contextOf(services),
      sharedFields: SHARED_FIELDS,
      limits: { ...transportDefaults, maxCost: Number.MAX_SAFE_INTEGER },
      rate: { take: () => undefined, delivered: () => 0 },
      log: { error: () => undefined, warn: () => undefined },
    });
    const codesOf = (text: string): string[] =>
      ((JSON.parse(text) as { errors?: { extensions: { code: string } }[] }).errors ?? []).map(
        ({ extensions }) => extensions.code,
      );

    run = async ({ text, by = "ann", admin = false }, variables) => {
      const prepared = await executes.prepare(text, undefined, {});
      if (!("id" in prepared)) throw new Error(prepared.map(({ message }) => message).join("; "));
      const caller: Bearer = { userId: by, admin, expiresAt: Number.MAX_SAFE_INTEGER };
      const request: RequestInfo = { transport: "http", correlationId: "test", address: "test" };
      if (prepared.kind !== "subscription") return codesOf((await executes.run(prepared, variables, caller, request)).text);
      const opened = await executes.subscribe(prepared, variables, caller, request);
      if ("text" in opened) return codesOf(opened.text);
      const { deliveries, render } = opened;
      try {
        for (;;) {
          const step = await deliveries.next();
          if (step.done === true) return [];
          const rendered = await render(step.value);
          if (isUndelivered(rendered)) return rendered.errors.map(({ extensions }) => extensions.code);
          const told = rendered.toString();
          const codes = codesOf(told);
          if (codes.length > 0 || FIRST.test(told)) return codes;
        }
      } catch (fault) {
        return [executes.explain(fault, caller, request).extensions.code];
      } finally {
        await deliveries.return?.();
      }
    };

    await here.register("ann", "bob", "cat", "dan");
    await here.send("ann", "bob", "hello");
    early = await here.group("ann", ["bob", "cat"]);
    await here.fanout(2);
    for (const text of ["hello", "hello again"]) await here.send("ann", early, text, { mentions: ["bob"] });
    await here.send("bob", "ann", "hello", { replyTo: 1 });
    await here.ask("ann", OPERATIONS["editMessage"]?.text ?? "", {
      input: { clientMutationId: here.key(), conversationId: early, seq: 1, text: "hello, better" },
    });
    await here.ask("bob", OPERATIONS["markRead"]?.text ?? "", {
      input: { clientMutationId: here.key(), conversationId: early, seq: 1 },
    });
    await here.caughtUp();
  });
  afterEach(async () => {
    await here.close();
    process.off("unhandledRejection", note);
  });

  const isMutating = (name: string) => OPERATIONS[name]?.text.startsWith("mutation") === true;
  test.each(Object.keys(OPERATIONS))("%s", { timeout: 120_000 }, async (name) => {
    const operation = OPERATIONS[name] as Operation;
    const isMutation = isMutating(name);
    const asked = async () => {
      const own = operation.by === "new" ? { ...operation, by: `new${names + 1}` } : operation;
      const variables = (await operation.variables?.(here)) ?? {};
      await here.caughtUp();
      return { own, variables };
    };
    const plans = [
      { code: "UNAVAILABLE", fault: () => new Unavailable("the disk is away"), alone: true },
      { code: "UNAVAILABLE", fault: () => new Unavailable("the disk is away"), alone: false },
      { code: "INTERNAL", fault: () => new Error("a fault of the disk"), alone: false },
    ];
    let failures = 0;
    for (const { code, fault, alone } of plans) {
      for (let nth = 1; ; nth++) {
        const { own, variables } = await asked();
        faults.begin(nth, alone, fault);
        const codes = await withoutStacks(() => run(own, variables));
        // What was left behind of it ends as well.
        for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => setImmediate(resolve));
        const failed = faults.end();
        const what = `${code} at read ${nth}${alone ? " alone" : ""}`;
        expect(unhandled.splice(0), `${what}: unhandled`).toEqual([]);
        if (!failed) {
          expect(codes, `${what}, which it did not come to`).toEqual([]);
          break;
        }
        failures++;
        for (const each of codes) expect(each, what).toBe(code);
        if (!TELLING.has(name)) expect(codes.length, what).toBeGreaterThan(0);
        const again = isMutation || nth === 1 ? await asked() : { own, variables };
        expect(await run(again.own, again.variables), `after ${what}`).toEqual([]);
      }
    }
    expect(failures).toBeGreaterThan(0);
  });
});
