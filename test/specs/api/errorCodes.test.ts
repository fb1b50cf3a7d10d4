import { randomUUID } from "node:crypto";
import { getNamedType, isObjectType } from "graphql";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { INCOMING_HOOKS_MAX, WEBHOOKS_MAX } from "../../../src/domain/webhooks.ts";
import { streams } from "../../../src/domain/ids.ts";
import { incomingHookPut, webhookPut } from "../../support/happened.ts";
import { buildSchema } from "../../../src/api/schema.ts";
import { type Client, clientOf, refusal, registeredAll } from "../../support/client.ts";
import { type ApiServer, apiServer } from "../../support/apiServer.ts";
import { type Variables } from "../../support/http.ts";
import { bomb } from "../../support/pictures.ts";
import { uploaded } from "../../support/uploading.ts";
import { until } from "../../support/until.ts";

/*
 * What the schema says of the errors of each mutation. For each code that a description lists there is a call here that gets it,
 * and for no other: so neither is a code forgotten, nor one listed that never comes.
 */

const MEMBERS_MAX = 5;
const FILES = { FILE_SIZE_MAX: "1000", UPLOADS_WAITING: "2", PICTURE_PIXELS_MAX: "1000000" };
const OF_ARCHIVE = {
  uploadId: "u:ann:5e9f3c1a-8b2d-5c47-9a10-3f6b7d2e4c58",
  conversationId: "d:ann~bob",
  messageId: "5e9f3c1a-8b2d-5c47-9a10-3f6b7d2e4c59",
  name: "a.png",
  mediaType: "image/png",
  size: 7,
};
const FILE = { name: "a.txt", mediaType: "text/plain", size: 5 };
const mutations = buildSchema().getMutationType()?.getFields() ?? {};

/** The codes that a description lists, one or more a line: `- CODE: when`. */
const listed = (description: string | null | undefined): string[] =>
  [...(description ?? "").matchAll(/^- ([A-Z_]+): /gm)].map(([, code = ""]) => code).sort();

let server: ApiServer;
/** Owner, administrator, member, one who left, and one who was never in any group. */
let ann: Client;
let bob: Client;
let cay: Client;
let dan: Client;
let eve: Client;
/** Ann is a friend of one and has blocked two; three has as many friends as one may have. */
let clients: Record<"one" | "two" | "three", Client>;
let stranger: Client;
let operator: Client;
/** An invite-only group of ann's that nobody else can see, a public one, an open one, a full one and an empty one. */
let hidden: string;
let seen: string;
let open: string;
let full: string;
let empty: string;
/** Public ones: for those who are invited, and one that is full and has as many invitations as it may have. */
let byInvitation: string;
let crowded: string;
/** One with as many pinned messages as it may have. */
let pinned: string;
/** The seq of a message of cay's in `seen`, and of one that was recalled. */
let message: number;
let recalled: number;
/** One of eve's whose bytes have not come; two of bob's: one that is not what it was said to be, and one of too many pixels. */
let uploads: Record<"notCome" | "wrong" | "huge", string>;
/** The ids of reports of cay's message in `seen`: one that is open, and one that was dismissed. */
let reports: Record<"open" | "decided", string>;
/** The id of a message of ann's that waits: she may have no other one. */
let waiting: string;

beforeAll(async () => {
  server = await apiServer({
    GROUP_MEMBERS_MAX: String(MEMBERS_MAX),
    FRIENDS_MAX: "2",
    DEVICES_MAX: "1",
    SCHEDULED_MAX: "1",
    ...FILES,
  });
  [ann, bob, cay, dan, eve] = await registeredAll(server, "ann", "bob", "cay", "dan", "eve");
  const [one, two, three] = await registeredAll(server, "one", "two", "three", "four");
  clients = { one, two, three };
  stranger = await clientOf(server, "stranger");
  operator = await clientOf(server, "operator", { admin: true });
  const group = async (title: string, more: Variables) =>
    (await ann.act("createConversation", { kind: "GROUP", title, ...more })).conversation.id;
  const members = { memberIds: ["bob", "cay", "dan"] };
  hidden = await group("hidden", { ...members, joinPolicy: "INVITE" });
  seen = await group("seen", { ...members, public: true });
  open = await group("open", { ...members, joinPolicy: "OPEN" });
  full = await group("full", { memberIds: ["one", "two", "three", "four"], joinPolicy: "OPEN" });
  empty = await group("empty", { joinPolicy: "OPEN" });
  await ann.act("leave", { id: empty });
  for (const conversationId of [hidden, seen, open]) {
    await ann.act("setRole", { conversationId, userId: "bob", role: "ADMIN" });
    await dan.act("leave", { id: conversationId });
  }
  byInvitation = await group("by invitation", { joinPolicy: "INVITE", public: true });
  crowded = await group("crowded", { memberIds: ["bob", "cay", "dan"], public: true });
  await ann.act("setRole", { conversationId: crowded, userId: "bob", role: "ADMIN" });
  await call(clients.one, "join", { id: crowded });
  await ann.act("addMembers", { conversationId: crowded, userIds: ["four"] });
  for (let made = 0; made < 100; made++) await call(ann, "createInvite", { conversationId: crowded });
  await call(clients.one, "join", { clientMutationId: "asked", id: seen, note: "let me in" });
  await call(eve, "join", { id: seen });
  await call(ann, "answerJoinRequest", { id: requestOf("eve"), accept: false });
  message = (await cay.act("sendMessage", { conversationId: seen, text: "one" })).message.seq;
  recalled = (await cay.act("sendMessage", { conversationId: seen, text: "two" })).message.seq;
  await operator.act("createBot", { id: "poster", name: "Poster" });
  const many = [
    ...[...Array(WEBHOOKS_MAX).keys()].map((index) => webhookPut(`w:${index}`, { events: ["REPORTED"] })),
    ...[...Array(INCOMING_HOOKS_MAX).keys()].map((index) => incomingHookPut(`h:${index}`)),
  ];
  await server.tidings.log.append(
    streams.webhooks,
    many.map(({ type, data, actorId }) => {
      const metadata = { $correlationId: "c", $causationId: "c", actorId, at: "2024-01-02T03:04:05.678Z", schema: 1 };
      return { id: randomUUID(), type, data, metadata };
    }),
    "any",
  );
  pinned = await group("pinned", {});
  const seqs = [...Array(51).keys()].map((index) => index + 1);
  await Promise.all(seqs.map((seq) => ann.act("sendMessage", { conversationId: pinned, text: `${seq}` })));
  await Promise.all(seqs.slice(0, 50).map((seq) => ann.act("pinMessage", { conversationId: pinned, seq, on: true })));
  for (const emoji of ["🐀", "🐁", "🐂", "🐃", "🐄", "🐅", "🐆", "🐇", "🐈", "🐉"])
    await bob.act("react", { conversationId: seen, seq: message, emoji, on: true });
  const befriend = async (client: Client, id: string, other: Client, otherId: string) => {
    await call(client, "requestFriendship", { userId: otherId });
    await call(other, "requestFriendship", { userId: id });
  };
  await befriend(one, "one", ann, "ann");
  await call(ann, "block", { userId: "two", on: true });
  await call(ann, "addDevice", { id: "first", kind: "WEB", name: "x" });
  await call(dan, "requestFriendship", { userId: "three" });
  await befriend(three, "three", bob, "bob");
  await befriend(three, "three", cay, "cay");
  await call(ann, "requestFriendship", { userId: "bob" });
  const later = { clientMutationId: "a scheduled message", userId: "bob", sendAt: SOON, text: "later" };
  waiting = (await ann.act("scheduleMessage", later)).scheduled[0]?.id ?? "";
  await cay.act("recallMessage", { conversationId: seen, seq: recalled });
  const reason = "rude";
  reports = {
    open: (await bob.act("report", { conversationId: seen, seq: message, reason })).report.id,
    decided: (await eve.act("report", { conversationId: seen, seq: message, reason })).report.id,
  };
  await ann.act("decideReport", { id: reports.decided, action: "DISMISS" });
  uploads = {
    notCome: (await eve.act("createUpload", FILE)).upload.id,
    wrong: (await uploaded(bob, "a page")).id,
    huge: (await uploaded(bob, bomb(50_000, 50_000))).id,
  };
  for (const clientMutationId of ["an upload", "another"]) await ann.act("createUpload", { ...FILE, clientMutationId });
  await operator.act("importFile", OF_ARCHIVE);
});
afterAll(() => server[Symbol.asyncDispose]());

/** Any mutation, by its name, with its one argument. */
function call(client: Client, name: string, given: unknown): Promise<unknown> {
  const [argument, ...others] = mutations[name]?.args ?? [];
  if (!argument) throw new Error(`there is no mutation ${name}`);
  if (others.length > 0) {
    const all = [argument, ...others];
    const named = all.map((each) => `$${each.name}: ${String(each.type)}`).join(", ");
    const selection = isObjectType(getNamedType(mutations[name]?.type)) ? "{ __typename }" : "";
    return client.ask(
      `mutation (${named}) { ${name}(${all.map((each) => `${each.name}: $${each.name}`).join(", ")}) ${selection} }`,
      given as Variables,
    );
  }
  const value = argument.name === "input" ? { clientMutationId: randomUUID(), ...(given as object) } : given;
  const text = `mutation ($given: ${String(argument.type)}) { ${name}(${argument.name}: $given) { __typename } }`;
  return client.ask(text, { given: value });
}

/** By mutation and code: who calls with what. */
type Refused = Record<string, Record<string, (() => [Client, unknown])[]>>;

const profile = { handle: "someone", name: "Someone" };
const NOBODY = "nobody";
const circle = { id: "acme", kind: "company", name: "Acme", memberIds: ["ann"] };
/** A day ahead. */
const SOON = new Date(Date.now() + 86_400_000).toISOString();
const NO_GROUP = "g:none";
const NO_CODE = "tidings:i:0123456789abcdefghijklmnop";
const FUTURE = "2999-01-01T00:00:00Z";
const requestOf = (user: string, group = seen) => `j:${group}~${user}:1`;

const webhook = { id: "crm", url: "https://203.0.114.9/", events: ["MESSAGE_SENT"] };

const refused: Refused = {
  register: {
    BAD_INPUT: [() => [stranger, { ...profile, name: " " }], () => [stranger, { ...profile, handle: "admin" }]],
    CONFLICT: [() => [stranger, { ...profile, handle: "ann" }], () => [ann, profile]],
  },
  putUser: {
    BAD_INPUT: [
      () => [operator, { id: "a:b", ...profile }],
      () => [operator, { id: "new", ...profile, handle: "admin" }],
      () => [operator, { id: "new", ...profile, birthday: "2999-01-01" }],
    ],
    CONFLICT: [
      () => [operator, { id: "new", ...profile, handle: "ann" }],
      () => [operator, { id: "bob", ...profile, handle: "ann" }],
    ],
    FORBIDDEN: [() => [ann, { id: "ann", ...profile }], () => [stranger, { id: "a:b", ...profile }]],
  },
  createBot: {
    BAD_INPUT: [() => [operator, { id: "a:b", name: "Robot" }], () => [operator, { id: "robot", name: " " }]],
    CONFLICT: [() => [operator, { id: "ann", name: "Robot" }]],
    FORBIDDEN: [() => [ann, { id: "robot", name: "Robot" }], () => [stranger, { id: "a:b", name: "Robot" }]],
  },
  putWebhook: {
    BAD_INPUT: [
      () => [operator, { ...webhook, id: "no name" }],
      () => [operator, { ...webhook, events: [] }],
      () => [operator, { ...webhook, beforeSend: { otherwise: "ALLOW", timeoutMs: 99 } }],
      () => [operator, { ...webhook, beforeSend: { otherwise: "ALLOW", timeoutMs: 5_001 } }],
      () => [operator, { ...webhook, url: "http://example.org/" }],
      () => [operator, { ...webhook, url: "https://127.0.0.1/" }],
    ],
    FORBIDDEN: [() => [ann, webhook], () => [stranger, webhook]],
    LIMIT_EXCEEDED: [() => [operator, webhook]],
    NOT_FOUND: [() => [operator, { ...webhook, conversationId: "g:none" }]],
  },
  deleteWebhook: {
    BAD_INPUT: [() => [operator, { id: "no name" }]],
    FORBIDDEN: [() => [ann, { id: "w:none" }]],
    NOT_FOUND: [() => [operator, { id: "w:none" }]],
  },
  redeliverWebhook: {
    BAD_INPUT: [() => [operator, { id: "w:none" }]],
    FORBIDDEN: [() => [ann, { id: "w:none" }]],
    NOT_FOUND: [() => [operator, { id: "w:none~memory00.00000000001" }]],
  },
  putIncomingWebhook: {
    BAD_INPUT: [() => [operator, { id: "no name", botId: "ann", conversationId: "g:none" }]],
    FORBIDDEN: [() => [ann, { id: "ci", botId: "ann", conversationId: "g:none" }]],
    LIMIT_EXCEEDED: [() => [operator, { id: "ci", botId: "poster", conversationId: seen }]],
    NOT_FOUND: [() => [operator, { id: "ci", botId: "ann", conversationId: "g:none" }]],
  },
  deleteIncomingWebhook: {
    BAD_INPUT: [() => [operator, { id: "no name" }]],
    FORBIDDEN: [() => [ann, { id: "h:none" }]],
    NOT_FOUND: [() => [operator, { id: "h:none" }]],
  },
  report: {
    BAD_INPUT: [
      () => [cay, { conversationId: seen, seq: message, reason: "it is my own" }],
      () => [ann, { conversationId: seen, seq: message, reason: " " }],
    ],
    NOT_FOUND: [
      () => [ann, { conversationId: seen, seq: 999, reason: "rude" }],
      () => [eve, { conversationId: hidden, seq: 1, reason: "rude" }],
      () => [stranger, { conversationId: seen, seq: message, reason: "rude" }],
    ],
  },
  decideReport: {
    BAD_INPUT: [
      () => [ann, { id: `${seen}:1`, action: "DISMISS" }],
      () => [ann, { id: reports.open, action: "SILENCE", silenceSeconds: 1 }],
    ],
    CONFLICT: [() => [ann, { id: reports.decided, action: "RECALL" }]],
    FORBIDDEN: [() => [ann, { id: reports.open, action: "BAN" }]],
    NOT_FOUND: [
      () => [eve, { id: reports.open, action: "DISMISS" }],
      () => [cay, { id: reports.open, action: "DISMISS" }],
      () => [stranger, { id: reports.open, action: "DISMISS" }],
    ],
  },
  banUser: {
    BAD_INPUT: [() => [operator, { userId: "a:b" }]],
    FORBIDDEN: [() => [ann, { userId: "bob" }]],
    NOT_FOUND: [() => [operator, { userId: NOBODY }]],
  },
  unbanUser: {
    BAD_INPUT: [() => [operator, { userId: "a:b" }]],
    FORBIDDEN: [() => [ann, { userId: "bob" }]],
    NOT_FOUND: [() => [operator, { userId: NOBODY }]],
  },
  putCircle: {
    BAD_INPUT: [
      () => [operator, { ...circle, id: "no name" }],
      () => [operator, { ...circle, memberIds: [], withConversation: true }],
    ],
    FORBIDDEN: [() => [ann, circle], () => [stranger, circle]],
    NOT_FOUND: [() => [operator, { ...circle, memberIds: [NOBODY] }]],
  },
  updateProfile: {
    BAD_INPUT: [() => [ann, { name: null }], () => [ann, { birthday: "2999-01-01" }]],
    CONFLICT: [() => [ann, { handle: "bob" }]],
    NOT_FOUND: [() => [stranger, { name: "Someone" }]],
  },
  setLocation: {
    BAD_INPUT: [() => [ann, {}], () => [ann, { point: { latitude: 91, longitude: 0 } }]],
    NOT_FOUND: [() => [stranger, { point: null }]],
  },
  sendMessage: {
    BAD_INPUT: [
      () => [ann, { text: "to whom?" }],
      () => [ann, { userId: "bob", conversationId: seen, text: "to both?" }],
      () => [ann, { userId: "ann", text: "to myself" }],
      () => [ann, { userId: "bob", text: " " }],
      () => [bob, { userId: "ann", kind: "FILE", attachments: [{ uploadId: uploads.wrong }] }],
    ],
    CONFLICT: [
      () => [ann, { clientMutationId: "a message", userId: "bob", text: "another text" }],
      () => [eve, { userId: "bob", kind: "FILE", attachments: [{ uploadId: uploads.notCome }] }],
    ],
    FORBIDDEN: [() => [dan, { conversationId: hidden, text: "back?" }], () => [eve, { conversationId: seen, text: "in?" }]],
    LIMIT_EXCEEDED: [() => [bob, { userId: "ann", kind: "FILE", attachments: [{ uploadId: uploads.huge }] }]],
    NOT_FOUND: [
      () => [eve, { conversationId: hidden, text: "in?" }],
      () => [ann, { userId: NOBODY, text: "hello" }],
      () => [ann, { conversationId: seen, text: "what?", replyTo: 999 }],
      () => [ann, { conversationId: seen, text: "who?", mentions: [NOBODY] }],
      () => [ann, { userId: "bob", kind: "FILE", attachments: [{ uploadId: uploads.notCome }] }],
      () => [stranger, { userId: "ann", text: "hello" }],
    ],
  },
  scheduleMessage: {
    BAD_INPUT: [
      () => [ann, { text: "to whom?", sendAt: "2999-01-01T00:00:00Z" }],
      () => [ann, { userId: "bob", text: "too late", sendAt: "2020-01-01T00:00:00Z" }],
      () => [ann, { userId: "bob", text: " ", sendAt: SOON }],
    ],
    CONFLICT: [() => [ann, { clientMutationId: "a scheduled message", userId: "bob", text: "another text", sendAt: SOON }]],
    FORBIDDEN: [
      () => [dan, { conversationId: hidden, text: "back?", sendAt: SOON }],
      () => [ann, { userId: "two", text: "unblocked?", sendAt: SOON }],
    ],
    LIMIT_EXCEEDED: [() => [ann, { userId: "bob", text: "one more", sendAt: SOON }]],
    NOT_FOUND: [
      () => [eve, { conversationId: hidden, text: "in?", sendAt: SOON }],
      () => [ann, { userId: NOBODY, text: "hello", sendAt: SOON }],
      () => [stranger, { userId: "ann", text: "hello", sendAt: SOON }],
    ],
  },
  createUpload: {
    BAD_INPUT: [
      () => [ann, { ...FILE, name: "\u200b" }],
      () => [ann, { ...FILE, mediaType: "png" }],
      () => [ann, { ...FILE, size: 0 }],
    ],
    CONFLICT: [() => [ann, { ...FILE, clientMutationId: "an upload", size: 6 }]],
    LIMIT_EXCEEDED: [() => [ann, { ...FILE, size: 1_001 }], () => [ann, FILE]],
    NOT_FOUND: [() => [stranger, FILE]],
    // Where no files are kept: test/specs/commands/uploads.test.ts.
    UNAVAILABLE: [],
  },
  cancelScheduled: {
    BAD_INPUT: [() => [ann, { id: "x" }]],
    // While it is being sent: test/specs/processes/scheduledSends.test.ts.
    CONFLICT: [],
    NOT_FOUND: [() => [bob, { id: waiting }], () => [stranger, { id: waiting }]],
  },
  editMessage: {
    BAD_INPUT: [
      () => [cay, { conversationId: seen, seq: message, text: " " }],
      () => [cay, { conversationId: "x", seq: 1, text: "x" }],
    ],
    CONFLICT: [() => [cay, { conversationId: seen, seq: recalled, text: "back" }]],
    FORBIDDEN: [
      () => [ann, { conversationId: seen, seq: message, text: "mine" }],
      () => [dan, { conversationId: seen, seq: message, text: "mine" }],
    ],
    NOT_FOUND: [
      () => [cay, { conversationId: seen, seq: 999, text: "which?" }],
      () => [eve, { conversationId: hidden, seq: 1, text: "mine" }],
      () => [stranger, { conversationId: seen, seq: message, text: "mine" }],
    ],
  },
  recallMessage: {
    BAD_INPUT: [() => [cay, { conversationId: seen, seq: 0 }], () => [cay, { conversationId: "x", seq: 1 }]],
    FORBIDDEN: [() => [eve, { conversationId: seen, seq: message }], () => [dan, { conversationId: seen, seq: message }]],
    NOT_FOUND: [
      () => [cay, { conversationId: seen, seq: 999 }],
      () => [eve, { conversationId: hidden, seq: 1 }],
      () => [stranger, { conversationId: seen, seq: message }],
    ],
  },
  react: {
    BAD_INPUT: [
      () => [cay, { conversationId: seen, seq: message, emoji: "ok", on: true }],
      () => [cay, { conversationId: "x", seq: 1, emoji: "👍", on: true }],
    ],
    CONFLICT: [() => [ann, { conversationId: seen, seq: recalled, emoji: "👍", on: true }]],
    FORBIDDEN: [
      () => [eve, { conversationId: seen, seq: message, emoji: "👍", on: true }],
      () => [dan, { conversationId: seen, seq: message, emoji: "👍", on: true }],
    ],
    LIMIT_EXCEEDED: [() => [bob, { conversationId: seen, seq: message, emoji: "🎉", on: true }]],
    NOT_FOUND: [
      () => [cay, { conversationId: seen, seq: 999, emoji: "👍", on: true }],
      () => [eve, { conversationId: hidden, seq: 1, emoji: "👍", on: true }],
      () => [stranger, { conversationId: seen, seq: message, emoji: "👍", on: true }],
    ],
  },
  forwardMessages: {
    BAD_INPUT: [
      () => [cay, { fromConversationId: seen, seqs: [], toConversationId: hidden }],
      () => [cay, { fromConversationId: seen, seqs: [message, message], toConversationId: hidden }],
      () => [cay, { fromConversationId: "x", seqs: [message], toConversationId: hidden }],
    ],
    CONFLICT: [
      () => [cay, { fromConversationId: seen, seqs: [message, recalled], toConversationId: hidden }],
      () => [ann, { clientMutationId: "a message", fromConversationId: seen, seqs: [message], toConversationId: "d:ann~bob" }],
    ],
    FORBIDDEN: [
      () => [dan, { fromConversationId: seen, seqs: [message], toConversationId: hidden }],
      () => [ann, { fromConversationId: seen, seqs: [message], toConversationId: "d:ann~two" }],
    ],
    NOT_FOUND: [
      () => [cay, { fromConversationId: seen, seqs: [message, 999], toConversationId: hidden }],
      () => [eve, { fromConversationId: seen, seqs: [message], toConversationId: hidden }],
      () => [eve, { fromConversationId: hidden, seqs: [1], toConversationId: "d:ann~eve" }],
      () => [stranger, { fromConversationId: seen, seqs: [message], toConversationId: "d:ann~stranger" }],
    ],
  },
  pinMessage: {
    BAD_INPUT: [() => [bob, { conversationId: seen, seq: 0, on: true }], () => [bob, { conversationId: "x", seq: 1, on: true }]],
    CONFLICT: [() => [bob, { conversationId: seen, seq: recalled, on: true }]],
    FORBIDDEN: [
      () => [cay, { conversationId: seen, seq: message, on: true }],
      () => [dan, { conversationId: seen, seq: message, on: false }],
      () => [eve, { conversationId: seen, seq: message, on: true }],
    ],
    LIMIT_EXCEEDED: [() => [ann, { conversationId: pinned, seq: 51, on: true }]],
    NOT_FOUND: [
      () => [bob, { conversationId: seen, seq: 999, on: true }],
      () => [eve, { conversationId: hidden, seq: 1, on: true }],
      () => [stranger, { conversationId: seen, seq: message, on: true }],
    ],
  },
  markRead: {
    BAD_INPUT: [() => [cay, { conversationId: seen, seq: 0 }], () => [cay, { conversationId: "x", seq: 1 }]],
    FORBIDDEN: [() => [eve, { conversationId: seen, seq: 1 }], () => [dan, { conversationId: hidden, seq: 1 }]],
    NOT_FOUND: [() => [eve, { conversationId: hidden, seq: 1 }], () => [stranger, { conversationId: seen, seq: 1 }]],
  },
  addDevice: {
    BAD_INPUT: [
      () => [ann, { id: "g:x", kind: "WEB", name: "x" }],
      () => [ann, { id: "bob", kind: "WEB", name: "x" }],
      () => [ann, { id: "web", kind: "WEB", name: " " }],
      () => [ann, { id: "web", kind: "WEB", name: "x", pushService: "FCM" }],
      () => [ann, { id: "web", kind: "WEB", name: "x", pushService: "APNS", pushToken: "no hex" }],
    ],
    LIMIT_EXCEEDED: [() => [ann, { id: "second", kind: "WEB", name: "x" }]],
    NOT_FOUND: [() => [stranger, { id: "web", kind: "WEB", name: "x" }]],
  },
  removeDevice: {
    BAD_INPUT: [() => [ann, { id: "g:x" }]],
    NOT_FOUND: [() => [ann, { id: "none" }], () => [bob, { id: "first" }], () => [stranger, { id: "first" }]],
  },
  setTyping: {
    BAD_INPUT: [() => [cay, { conversationId: "x", typing: true }]],
    FORBIDDEN: [
      () => [eve, { conversationId: seen, typing: true }],
      () => [dan, { conversationId: hidden, typing: true }],
      () => [ann, { conversationId: "d:ann~two", typing: true }],
      () => [clients.two, { conversationId: "d:ann~two", typing: true }],
    ],
    NOT_FOUND: [
      () => [eve, { conversationId: hidden, typing: true }],
      () => [ann, { conversationId: `d:ann~${NOBODY}`, typing: true }],
      () => [stranger, { conversationId: seen, typing: true }],
    ],
  },
  setPreferences: {
    BAD_INPUT: [
      () => [cay, { conversationId: "x", muted: true }],
      () => [cay, { conversationId: seen, nickname: " " }],
      () => [ann, { conversationId: "d:ann~bob", nickname: "Annie" }],
    ],
    FORBIDDEN: [() => [eve, { conversationId: seen, muted: true }], () => [dan, { conversationId: hidden, muted: true }]],
    NOT_FOUND: [
      () => [eve, { conversationId: hidden, muted: true }],
      () => [ann, { conversationId: `d:ann~${NOBODY}`, muted: true }],
      () => [stranger, { conversationId: seen, muted: true }],
    ],
  },
  markAllRead: {
    BAD_INPUT: [() => [cay, { reads: [] }], () => [cay, { reads: [{ conversationId: seen, seq: 0 }] }]],
    FORBIDDEN: [() => [eve, { reads: [{ conversationId: seen, seq: 1 }] }]],
    NOT_FOUND: [
      () => [eve, { reads: [{ conversationId: hidden, seq: 1 }] }],
      () => [stranger, { reads: [{ conversationId: seen, seq: 1 }] }],
    ],
  },
  requestFriendship: {
    BAD_INPUT: [() => [ann, { userId: "ann" }], () => [ann, { userId: "bob", alias: " " }], () => [ann, { userId: "d:x" }]],
    CONFLICT: [() => [ann, { userId: "one" }]],
    FORBIDDEN: [() => [ann, { userId: "two" }], () => [clients.two, { userId: "ann" }]],
    LIMIT_EXCEEDED: [() => [clients.three, { userId: "eve" }]],
    NOT_FOUND: [() => [ann, { userId: NOBODY }], () => [stranger, { userId: "ann" }]],
  },
  answerFriendRequest: {
    BAD_INPUT: [() => [bob, { id: "x", accept: true }]],
    CONFLICT: [() => [ann, { id: "f:ann~one:1", accept: false }]],
    FORBIDDEN: [() => [ann, { id: "f:ann~bob:1", accept: true }]],
    LIMIT_EXCEEDED: [() => [clients.three, { id: "f:dan~three:1", accept: true }]],
    NOT_FOUND: [
      () => [eve, { id: "f:ann~bob:1", accept: true }],
      () => [bob, { id: "f:ann~bob:9", accept: true }],
      () => [stranger, { id: "f:ann~bob:1", accept: true }],
    ],
  },
  withdrawFriendRequest: {
    BAD_INPUT: [() => [ann, { id: "x" }]],
    CONFLICT: [() => [clients.one, { id: "f:ann~one:1" }]],
    FORBIDDEN: [() => [bob, { id: "f:ann~bob:1" }]],
    NOT_FOUND: [() => [eve, { id: "f:ann~bob:1" }], () => [ann, { id: "f:ann~bob:9" }], () => [stranger, { id: "f:ann~bob:1" }]],
  },
  endFriendship: {
    BAD_INPUT: [() => [ann, { userId: "d:x" }]],
    NOT_FOUND: [() => [ann, { userId: NOBODY }], () => [stranger, { userId: "ann" }]],
  },
  setAlias: {
    BAD_INPUT: [() => [ann, { userId: "one" }], () => [ann, { userId: "one", alias: " " }]],
    CONFLICT: [() => [ann, { userId: "eve", alias: "Evie" }]],
    NOT_FOUND: [() => [ann, { userId: NOBODY, alias: "x" }], () => [stranger, { userId: "ann", alias: "x" }]],
  },
  block: {
    BAD_INPUT: [() => [ann, { userId: "ann", on: true }]],
    NOT_FOUND: [() => [ann, { userId: NOBODY, on: true }], () => [stranger, { userId: "ann", on: true }]],
  },
  createConversation: {
    BAD_INPUT: [
      () => [ann, { kind: "DIRECT", title: "x" }],
      () => [ann, { kind: "CHANNEL", title: " " }],
      () => [ann, { kind: "GROUP", title: " " }],
    ],
    CONFLICT: [
      () => [ann, { clientMutationId: "a group", kind: "GROUP", title: "another title" }],
      () => [ann, { clientMutationId: "a group", kind: "CHANNEL", title: "another kind" }],
    ],
    LIMIT_EXCEEDED: [() => [ann, { kind: "GROUP", title: "x", memberIds: ["bob", "cay", "dan", "eve", "one"] }]],
    NOT_FOUND: [() => [ann, { kind: "GROUP", title: "x", memberIds: [NOBODY] }], () => [stranger, { kind: "GROUP", title: "x" }]],
  },
  updateConversation: {
    BAD_INPUT: [
      () => [ann, { id: "d:ann~bob", title: "Ours" }],
      () => [ann, { id: seen, title: null }],
      () => [ann, { id: seen, title: " " }],
      () => [ann, { id: seen, public: null }],
    ],
    FORBIDDEN: [() => [cay, { id: hidden, title: "Mine" }], () => [eve, { id: seen, title: "Mine" }]],
    NOT_FOUND: [
      () => [eve, { id: hidden, title: "Mine" }],
      () => [ann, { id: NO_GROUP, title: "Mine" }],
      () => [stranger, { id: seen, title: "Mine" }],
    ],
  },
  join: {
    BAD_INPUT: [
      () => [eve, {}],
      () => [eve, { id: "d:ann~eve" }],
      () => [eve, { id: open, inviteCode: "tidings:i:none" }],
      () => [eve, { id: seen, note: "x".repeat(1_025) }],
    ],
    CONFLICT: [() => [eve, { id: empty }], () => [clients.one, { clientMutationId: "asked", id: seen, note: "another note" }]],
    FORBIDDEN: [() => [eve, { id: byInvitation }]],
    LIMIT_EXCEEDED: [() => [eve, { id: full }]],
    NOT_FOUND: [
      () => [eve, { id: hidden }],
      () => [eve, { id: NO_GROUP }],
      () => [stranger, { id: open }],
      () => [eve, { inviteCode: "tidings:i:0123456789abcdefghijklmnop" }],
      () => [eve, { inviteCode: "no code" }],
    ],
  },
  answerJoinRequest: {
    BAD_INPUT: [() => [ann, { id: "f:ann~bob:1", accept: true }]],
    CONFLICT: [() => [bob, { id: requestOf("eve"), accept: true }]],
    FORBIDDEN: [() => [clients.one, { id: requestOf("one"), accept: true }]],
    LIMIT_EXCEEDED: [() => [bob, { id: requestOf("one", crowded), accept: true }]],
    NOT_FOUND: [
      () => [cay, { id: requestOf("one"), accept: true }],
      () => [ann, { id: requestOf("nobody"), accept: true }],
      () => [eve, { id: requestOf("one"), accept: true }],
      () => [stranger, { id: requestOf("one"), accept: true }],
    ],
  },
  addMembers: {
    BAD_INPUT: [
      () => [ann, { conversationId: "d:ann~bob", userIds: ["cay"] }],
      () => [ann, { conversationId: hidden, userIds: [] }],
    ],
    FORBIDDEN: [
      () => [cay, { conversationId: hidden, userIds: ["eve"] }],
      () => [dan, { conversationId: open, userIds: ["eve"] }],
    ],
    LIMIT_EXCEEDED: [() => [ann, { conversationId: hidden, userIds: ["one", "three", "four"] }]],
    NOT_FOUND: [
      () => [eve, { conversationId: hidden, userIds: ["eve"] }],
      () => [ann, { conversationId: hidden, userIds: [NOBODY] }],
      () => [stranger, { conversationId: seen, userIds: ["ann"] }],
    ],
  },
  removeMembers: {
    BAD_INPUT: [
      () => [ann, { conversationId: hidden, userIds: ["ann"] }],
      () => [ann, { conversationId: "d:ann~bob", userIds: ["bob"] }],
    ],
    FORBIDDEN: [
      () => [cay, { conversationId: hidden, userIds: ["bob"] }],
      () => [bob, { conversationId: hidden, userIds: ["ann"] }],
      () => [dan, { conversationId: hidden, userIds: ["cay"] }],
      () => [eve, { conversationId: seen, userIds: ["cay"] }],
    ],
    NOT_FOUND: [
      () => [eve, { conversationId: hidden, userIds: ["ann"] }],
      () => [stranger, { conversationId: seen, userIds: ["ann"] }],
    ],
  },
  leave: {
    BAD_INPUT: [() => [ann, { id: "d:ann~bob" }]],
    CONFLICT: [() => [ann, { id: hidden }]],
    FORBIDDEN: [() => [eve, { id: seen }]],
    NOT_FOUND: [() => [eve, { id: hidden }], () => [stranger, { id: seen }]],
  },
  setRole: {
    BAD_INPUT: [
      () => [ann, { conversationId: hidden, userId: "cay", role: "OWNER" }],
      () => [ann, { conversationId: hidden, userId: "ann", role: "ADMIN" }],
      () => [ann, { conversationId: "d:ann~bob", userId: "bob", role: "ADMIN" }],
    ],
    FORBIDDEN: [
      () => [bob, { conversationId: hidden, userId: "cay", role: "ADMIN" }],
      () => [dan, { conversationId: hidden, userId: "cay", role: "ADMIN" }],
      () => [eve, { conversationId: seen, userId: "cay", role: "ADMIN" }],
    ],
    NOT_FOUND: [
      () => [ann, { conversationId: hidden, userId: "eve", role: "ADMIN" }],
      () => [eve, { conversationId: hidden, userId: "cay", role: "ADMIN" }],
      () => [stranger, { conversationId: seen, userId: "cay", role: "ADMIN" }],
    ],
  },
  transferOwnership: {
    BAD_INPUT: [() => [ann, { conversationId: "d:ann~bob", userId: "bob" }], () => [ann, { conversationId: hidden, userId: "" }]],
    FORBIDDEN: [
      () => [bob, { conversationId: hidden, userId: "bob" }],
      () => [dan, { conversationId: hidden, userId: "bob" }],
      () => [eve, { conversationId: seen, userId: "bob" }],
    ],
    NOT_FOUND: [
      () => [ann, { conversationId: hidden, userId: "eve" }],
      () => [eve, { conversationId: hidden, userId: "bob" }],
      () => [stranger, { conversationId: seen, userId: "bob" }],
    ],
  },
  silence: {
    BAD_INPUT: [
      () => [ann, { conversationId: seen, userId: "cay" }],
      () => [ann, { conversationId: seen, userId: "cay", until: "2001-01-01T00:00:00Z" }],
      () => [ann, { conversationId: seen, userId: "ann", until: FUTURE }],
      () => [ann, { conversationId: "d:ann~bob", userId: "bob", until: FUTURE }],
    ],
    FORBIDDEN: [
      () => [cay, { conversationId: hidden, userId: "bob", until: FUTURE }],
      () => [bob, { conversationId: seen, userId: "ann", until: FUTURE }],
      () => [eve, { conversationId: seen, userId: "cay", until: FUTURE }],
    ],
    NOT_FOUND: [
      () => [eve, { conversationId: hidden, userId: "cay", until: FUTURE }],
      () => [ann, { conversationId: seen, userId: "eve", until: FUTURE }],
      () => [stranger, { conversationId: seen, userId: "cay", until: FUTURE }],
    ],
  },
  dissolve: {
    BAD_INPUT: [() => [ann, { id: "d:ann~bob" }]],
    FORBIDDEN: [() => [bob, { id: seen }], () => [dan, { id: hidden }]],
    NOT_FOUND: [() => [eve, { id: hidden }], () => [ann, { id: NO_GROUP }], () => [stranger, { id: seen }]],
  },
  createInvite: {
    BAD_INPUT: [
      () => [ann, { conversationId: "d:ann~bob" }],
      () => [ann, { conversationId: seen, uses: 0 }],
      () => [ann, { conversationId: seen, expiresAt: "2001-01-01T00:00:00Z" }],
    ],
    CONFLICT: [() => [ann, { clientMutationId: "an invitation", conversationId: seen, uses: 3 }]],
    FORBIDDEN: [() => [cay, { conversationId: hidden }], () => [eve, { conversationId: seen }]],
    LIMIT_EXCEEDED: [() => [ann, { conversationId: crowded }]],
    NOT_FOUND: [() => [eve, { conversationId: hidden }], () => [stranger, { conversationId: seen }]],
  },
  revokeInvite: {
    BAD_INPUT: [
      () => [ann, { conversationId: seen, code: "no code" }],
      () => [ann, { conversationId: "d:ann~bob", code: NO_CODE }],
    ],
    FORBIDDEN: [() => [cay, { conversationId: hidden, code: NO_CODE }]],
    NOT_FOUND: [
      () => [ann, { conversationId: seen, code: NO_CODE }],
      () => [eve, { conversationId: hidden, code: NO_CODE }],
      () => [stranger, { conversationId: seen, code: NO_CODE }],
    ],
  },
  importMessages: {
    BAD_INPUT: [() => [operator, { messages: [] }]],
    FORBIDDEN: [() => [ann, { messages: [{ key: "1", conversation: "room", sender: "ann", text: "x" }] }]],
  },
  importFacts: {
    BAD_INPUT: [() => [operator, { lines: [] }]],
    FORBIDDEN: [() => [ann, { lines: ["{}"] }]],
  },
  importFile: {
    BAD_INPUT: [() => [operator, { ...OF_ARCHIVE, uploadId: "x" }], () => [operator, { ...OF_ARCHIVE, size: 0 }]],
    CONFLICT: [() => [operator, { ...OF_ARCHIVE, size: 8 }]],
    FORBIDDEN: [() => [ann, OF_ARCHIVE]],
    LIMIT_EXCEEDED: [() => [operator, { ...OF_ARCHIVE, size: 1_001 }]],
    // Where no files are kept, and while one is removed: test/specs/processes/files.test.ts.
    NOT_FOUND: [],
    UNAVAILABLE: [],
  },
  replayProjection: {
    BAD_INPUT: [
      () => [operator, { name: "timelines@1" }],
      () => [operator, { name: "none" }],
      () => [operator, { name: "none", conversationId: seen }],
      () => [operator, { name: "timelines", conversationId: "d:bob~ann" }],
      () => [operator, { name: "devices", conversationId: seen }],
      () => [operator, { name: "search", conversationId: seen }],
    ],
    CONFLICT: [],
    FORBIDDEN: [
      () => [ann, { name: "search" }],
      () => [ann, { name: "timelines", conversationId: seen }],
      () => [ann, { name: "timelines", conversationId: "g:none" }],
      () => [stranger, { name: "devices", conversationId: "nonsense" }],
    ],
    NOT_FOUND: [
      () => [operator, { name: "timelines", conversationId: "g:none" }],
      () => [operator, { name: "timelines", conversationId: "d:ann~nobody" }],
    ],
  },
  cancelReplay: {
    BAD_INPUT: [() => [operator, "timelines@1"], () => [operator, "none"]],
    FORBIDDEN: [() => [ann, "search"]],
  },
  verifyProjection: {
    BAD_INPUT: [() => [operator, "timelines@1"], () => [operator, "none"]],
    CONFLICT: [],
    FORBIDDEN: [() => [ann, "search"]],
  },
  retryParked: {
    BAD_INPUT: [() => [operator, { name: "none" }], () => [operator, { name: "timelines", cursor: "here" }]],
    CONFLICT: [],
    FORBIDDEN: [() => [ann, { name: "timelines" }]],
    NOT_FOUND: [() => [operator, { name: "timelines", cursor: server.tidings.log.origin }]],
  },
};

describe("the error codes of each mutation", () => {
  it("are listed in its description, and each has a call here that gets it", () => {
    const found = Object.fromEntries(Object.entries(mutations).map(([name, { description }]) => [name, listed(description)]));
    const called = Object.fromEntries(Object.entries(refused).map(([name, codes]) => [name, Object.keys(codes).sort()]));
    expect(found).toEqual(called);
  });

  beforeAll(async () => {
    await call(ann, "sendMessage", { clientMutationId: "a message", userId: "bob", text: "a text" });
    await call(ann, "createConversation", { clientMutationId: "a group", kind: "GROUP", title: "a title" });
    await call(ann, "createInvite", { clientMutationId: "an invitation", conversationId: seen, uses: 2 });
  });

  it.each(Object.keys(refused))("of %s come as they are described", async (name) => {
    for (const [code, calls] of Object.entries(refused[name] ?? {}))
      for (const [place, made] of calls.entries()) {
        const [client, given] = made();
        const { code: got } = await refusal(call(client, name, given));
        expect(`${place}: ${got}`).toBe(`${place}: ${code}`);
      }
  });

  it("of register say that a clientMutationId was used with other input", async () => {
    const newcomer = await clientOf(server, "newcomer");
    const first = { clientMutationId: "mine", handle: "newcomer", name: "New" };
    await call(newcomer, "register", first);
    await call(newcomer, "register", first);
    expect(await refusal(call(newcomer, "register", { ...first, name: "Other" }))).toMatchObject({ code: "CONFLICT" });
  });

  it.each(["replayProjection", "verifyProjection"])("of %s say that it is under way", async (name) => {
    // It may be over before the second one comes: then both begin anew.
    await until("the second one comes in time", async () => {
      const twice = `mutation { one: ${name}(name: "search") { state } two: ${name}(name: "search") { state } }`;
      return operator.ask(twice).then(
        () => undefined,
        async (fault: unknown) => (await refusal(Promise.reject(fault as Error))).code === "CONFLICT" || undefined,
      );
    });
  });
});
