import { execute, getNamedType, getNullableType, isListType, isNonNullType, parse } from "graphql";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Context } from "../../../src/api/context.ts";
import { streams } from "../../../src/domain/ids.ts";
import { type ApiWorld, apiWorld, type Json, schema } from "../../support/apiWorld.ts";
import { allFields, type Arguments, everyField, noteFields } from "../../support/everyField.ts";

/*
 * Every field of the schema is served: in a world where everything has happened, each is asked for, and each gives a value to
 * somebody.
 */

type Created = { conversation: { id: string } };

let world: ApiWorld;
let group: string;
const noted = new Set<string>();
/** Of the fields that are asked for now. */
let asking: Arguments;

beforeAll(async () => {
  asking = ARGUMENTS;
  const search = {
    state: "REPLAYING",
    progress: 0.5,
    eventsPerSecond: 7,
    differences: 2,
    lastError: "the index was away",
  } as const;
  // Inboxes that grow without end.
  const settings = { INBOX_TTL: "0", INBOX_MAX: "0" };
  const delivery = {
    event: "MESSAGE_SENT",
    stream: "g:one",
    revision: 1,
    key: "g:one",
    planned: 1_000,
    attempts: 2,
    status: 500,
    error: "it answered with 500",
    deliveredAt: 2_000,
    due: 3_000,
  };
  world = await apiWorld({
    searched: true,
    saying: { search, views: { version: "1.0", bytes: 4_096 }, settings, delivery },
  });
});
afterAll(() => world.close());

/** Asks, and notes what was answered. A refusal fails the test. */
async function ask(user: string, root: "Query" | "Mutation", field: string, given: string, admin = false, variables: Json = {}) {
  const of = (root === "Query" ? schema.getQueryType() : schema.getMutationType())?.getFields()[field];
  if (!of) throw new Error(`there is no ${root}.${field}`);
  const selection = allFields(schema, getNamedType(of.type), root === "Query" ? 4 : (DEEPER[field] ?? 1), asking);
  const declared = Object.keys(variables).length > 0 ? `($input: ${String(of.args[0]?.type)})` : "";
  const source = `${root === "Query" ? "query" : "mutation"} ${declared} { ${field}${given} ${selection} }`;
  const { data, errors } = await world.answer(user, source, variables, admin);
  expect(errors, `${root}.${field} of ${user}`).toBeUndefined();
  const answer = JSON.parse(JSON.stringify(data)) as Json;
  if (answer[field] != null) noted.add(`${root}.${field}`);
  noteFields(schema, of.type, answer[field], noted);
  return answer[field] as Json;
}

const act = (user: string, name: string, input: Json, admin = false) =>
  ask(user, "Mutation", name, "(input: $input)", admin, { input: { clientMutationId: world.key(), ...input } });

/** What only a payload has, and that is not at its first level. */
const DEEPER: Readonly<Record<string, number>> = { createUpload: 2, importFile: 2, decideReport: 3 };

const ARGUMENTS: Arguments = {
  "Conversation.message": "(seq: 1)",
  "Audit.consistency": "(from: 1, to: 2)",
};

/** Webhooks, and what they were told, of the newest group of ann's. */
async function whatProgramsAreTold(): Promise<void> {
  const beforeSend = { timeoutMs: 500, otherwise: "REFUSE" };
  const hook = { id: "ci", url: "https://ci.example.org/told", events: ["MESSAGE_SENT"], conversationId: group, beforeSend };
  await act("operator", "putWebhook", hook, true);
  await act("operator", "putIncomingWebhook", { id: "ci", botId: "robot", conversationId: group }, true);
  await act("operator", "redeliverWebhook", { id: `w:ci~${world.log.origin}` }, true);
  await ask("operator", "Query", "admin", "", true);
  for (const id of ["ci", "gone"]) {
    await act("operator", "putWebhook", { ...hook, id }, true);
    if (id === "gone") await act("operator", "deleteWebhook", { id: "w:gone" }, true);
  }
  await act("operator", "putIncomingWebhook", { id: "gone", botId: "robot", conversationId: group }, true);
  await act("operator", "deleteIncomingWebhook", { id: "h:gone" }, true);
}

/** What the viewer is told with this argument of a field. */
async function viewerAsked(user: string, field: string, given: string): Promise<void> {
  asking = { ...ARGUMENTS, [`Viewer.${field}`]: given };
  await ask(user, "Query", "viewer", "");
  asking = ARGUMENTS;
}

test("every field is served", { timeout: 120_000 }, async () => {
  await act("ann", "register", {
    handle: "ann",
    name: "Ann",
    avatarUrl: "https://example.org/ann.png",
    gender: "FEMALE",
    birthday: "1990-01-02",
    signature: "hello",
    tags: [{ name: "chess", score: 2 }],
  });
  await world.register("bob", "cay", "dan", "eve", "fay", "gil", "operator");
  await act("ann", "updateProfile", { name: "Ann" });
  await act("ann", "setLocation", { point: { latitude: 1, longitude: 2 } });
  await act("ann", "requestFriendship", { userId: "bob", note: "it is me", alias: "Bobby" });
  await act("bob", "answerFriendRequest", { id: "f:ann~bob:1", accept: true });
  await act("ann", "setAlias", { userId: "bob", alias: "Bobby" });
  await act("cay", "requestFriendship", { userId: "ann" });
  await act("ann", "requestFriendship", { userId: "dan" });
  await act("ann", "withdrawFriendRequest", { id: "f:ann~dan:1" });
  await act("ann", "requestFriendship", { userId: "dan" });
  await act("ann", "block", { userId: "cay", on: true });
  const created = await act("ann", "createConversation", {
    kind: "GROUP",
    title: "Readers",
    memberIds: ["bob"],
    avatarUrl: "https://example.org/readers.png",
    description: "who read",
    announcement: "on Friday",
    category: "books",
    tags: [{ name: "books" }],
    public: true,
  });
  group = (created["conversation"] as { id: string }).id;
  const attachments = [{ url: "https://example.org/a.png", name: "a.png", mediaType: "image/png", size: 3, width: 1, height: 2 }];
  const expiresAfterSeconds = 3_600;
  await act("ann", "sendMessage", { conversationId: group, text: "hello", topic: "books", mentions: ["bob"], attachments });
  await act("bob", "sendMessage", { conversationId: group, text: "hi", replyTo: 1, expiresAfterSeconds });
  await act("ann", "sendMessage", { userId: "bob", text: "direct" });
  const { upload } = (await act("ann", "createUpload", { name: "b.png", mediaType: "image/png", size: 7 })) as {
    upload: { id: string };
  };
  world.files.arrive(upload.id.split(":").at(-1) ?? "", "png 4x3");
  await act("ann", "sendMessage", { userId: "bob", kind: "IMAGE", attachments: [{ uploadId: upload.id }] });
  await act("ann", "editMessage", { conversationId: group, seq: 1, text: "hello all" });
  await act("bob", "sendMessage", { conversationId: group, text: "away" });
  await act("bob", "recallMessage", { conversationId: group, seq: 3 });
  await act("bob", "react", { conversationId: group, seq: 1, emoji: "👍", on: true });
  await act("ann", "pinMessage", { conversationId: group, seq: 1, on: true });
  await act("ann", "forwardMessages", { fromConversationId: group, seqs: [1], toConversationId: "d:ann~bob" });
  await act("bob", "setPreferences", { conversationId: group, muted: true, nickname: "Bobby" });
  await act("ann", "markRead", { conversationId: group, seq: 2 });
  await act("bob", "markAllRead", { reads: [{ conversationId: group, seq: 1 }] });
  const sendAt = new Date(world.time() + 86_400_000).toISOString();
  const scheduling = { conversationId: group, text: "later", topic: "books", attachments, sendAt };
  const { scheduled } = (await act("ann", "scheduleMessage", scheduling)) as { scheduled: { id: string }[] };
  await act("ann", "cancelScheduled", { id: scheduled[0]?.id });
  await act("ann", "scheduleMessage", scheduling);
  const refused = (await act("ann", "scheduleMessage", { ...scheduling, text: "too late" })) as { scheduled: { id: string }[] };

  const { invite } = (await act("ann", "createInvite", { conversationId: group, uses: 5, expiresAt: sendAt })) as {
    invite: { id: string; code: string };
  };
  await act("dan", "join", { inviteCode: invite.code });
  const revoked = (await act("ann", "createInvite", { conversationId: group })) as { invite: { code: string } };
  await act("ann", "revokeInvite", { conversationId: group, code: revoked.invite.code });
  const { request } = (await act("eve", "join", { id: group, note: "let me in" })) as { request: { id: string } };
  await act("ann", "answerJoinRequest", { id: request.id, accept: true });
  const asked = (await act("fay", "join", { id: group, note: "me too" })) as { request: { id: string } };
  await act("ann", "updateConversation", { id: group, title: "Readers", announcement: "on Monday" });
  await act("ann", "addMembers", { conversationId: group, userIds: ["gil"] });
  await act("ann", "setRole", { conversationId: group, userId: "bob", role: "ADMIN" });
  const { message: rude } = (await act("gil", "sendMessage", { conversationId: group, text: "rude", attachments })) as {
    message: { seq: number };
  };
  const place = { conversationId: group, seq: rude.seq };
  const { report } = (await act("bob", "report", { ...place, reason: "names" })) as { report: { id: string } };
  await act("ann", "decideReport", { id: report.id, action: "SILENCE", reason: "for a day" });
  await world.commands.reportByRule({ ...place, rule: "words", reason: "No such words." });
  await act("ann", "silence", { conversationId: group, userId: "gil", until: sendAt });
  await act("ann", "removeMembers", { conversationId: group, userIds: ["eve"] });
  await act("dan", "leave", { id: group });
  const other = (await act("ann", "createConversation", { kind: "GROUP", title: "Other", memberIds: ["bob"] })) as Created;
  await act("ann", "transferOwnership", { conversationId: other.conversation.id, userId: "bob" });
  await act("bob", "dissolve", { id: other.conversation.id });
  const channel = (await act("ann", "createConversation", { kind: "CHANNEL", title: "News", joinPolicy: "OPEN" })) as Created;
  await act("cay", "join", { id: channel.conversation.id });
  await act("ann", "addDevice", {
    id: "phone",
    kind: "IOS",
    name: "phone",
    pushService: "APNS",
    pushToken: "740f4707bebcf74f9b7c25d48e335894",
  });
  await act("ann", "addDevice", { id: "browser", kind: "WEB", name: "browser" });
  await act("ann", "removeDevice", { id: "browser" });
  const person = { id: "hal", handle: "hal", name: "Hal" };
  await act("operator", "putUser", person, true);
  await act("operator", "createBot", { id: "robot", name: "Robot" }, true);
  await whatProgramsAreTold();
  const circle = { id: "family", kind: "family", name: "The family", memberIds: ["ann", "bob"], withConversation: true };
  await act("operator", "putCircle", circle, true);
  for (const userId of ["hal", "gil"]) await act("operator", "banUser", { userId, reason: "spam" }, true);
  await act("operator", "unbanUser", { userId: "gil" }, true);
  const line = { key: "1", conversation: "room", sender: "someone", text: "from long ago" };
  await act("operator", "importMessages", { messages: [line, { ...line, key: "2", text: "" }] }, true);
  const fact = {
    fact: "MessageSent",
    id: crypto.randomUUID(),
    at: "2020-01-01T00:00:00Z",
    by: "ann",
    data: { conversationId: "d:ann~bob", senderId: "ann", text: "from long ago" },
  };
  const file = { uploadId: `u:ann:${crypto.randomUUID()}`, conversationId: "d:ann~bob", messageId: crypto.randomUUID() };
  await act("operator", "importFile", { ...file, name: "c.png", mediaType: "image/png", size: 7 }, true);
  await act("operator", "importFacts", { lines: [JSON.stringify(fact), "{}"] }, true);
  await act("ann", "endFriendship", { userId: "bob" });
  await act("ann", "requestFriendship", { userId: "bob" });
  await act("bob", "requestFriendship", { userId: "ann", alias: "Annie" });
  await beyondCalls(refused.scheduled.at(-1)?.id.split(":").at(-1) ?? "");
  for (const name of ["replayProjection", "cancelReplay", "verifyProjection", "retryParked"])
    await ask("operator", "Mutation", name, `(name: "search")`, true);
  await world.caughtUp();

  for (const user of ["ann", "bob", "cay", "dan", "fay"]) await ask(user, "Query", "viewer", "");
  for (const id of ["ann", group, `${group}:1`, `${group}:2`, invite.id, asked.request.id])
    await ask("bob", "Query", "node", `(id: "${id}")`);
  await ask("ann", "Query", "nodes", `(ids: ["bob", "${group}"])`);
  await ask("fay", "Query", "code", `(text: "${invite.code}")`);
  await ask("bob", "Query", "user", `(id: "ann")`);
  await ask("bob", "Query", "conversation", `(id: "${group}")`);
  asking = { ...ARGUMENTS, "Audit.inclusion": `(cursor: "${await world.log.end()}")` };
  await ask("ann", "Query", "admin", "", true);
  asking = ARGUMENTS;
  await ask("ann", "Query", "searchMessages", `(query: { text: "hello" })`);
  await ask(
    "bob",
    "Query",
    "searchUsers",
    `(query: { name: "ann", tags: ["chess"], near: { latitude: 1, longitude: 2, radius: 5000 } })`,
  );
  await ask("ann", "Query", "searchConversations", `(query: { name: "readers", tags: ["books"] })`);

  await listen("bob", "inbox", { after: world.log.origin }, "InboxCaughtUp");
  await listen("bob", "conversation", { id: group, after: world.log.origin }, "InboxCaughtUp");
  await listen("bob", "presence", { userIds: ["ann"] });
  await listen("operator", "projection", { name: "search" }, undefined, true);
  await typing("ann", "bob");

  await viewerAsked("ann", "scheduled", "(failed: true)");
  await ask("operator", "Query", "viewer", "");
  await whatIsLetGo();
  expect(everyField(schema).filter((field) => !noted.has(field))).toEqual([]);
});

/** What happens at its time, on a connection, or by a setting: a scheduled message of this id fails; somebody is asked in. */
async function beyondCalls(id: string): Promise<void> {
  await world.record(streams.schedule("ann"), "ann", [
    { type: "ScheduleFailed", data: { userId: "ann", id, code: "FORBIDDEN" } },
  ]);
  const invitation = { groupId: group, userId: "operator", number: 1, invitedBy: "ann" };
  await world.record(streams.group(group), "ann", [{ type: "MemberInvited", data: invitation }]);
  // No projection can handle that somebody left a group that there never was.
  await world.record(streams.group("g:none"), "ann", [{ type: "MemberLeft", data: { groupId: "g:none", userId: "ann" } }]);
  world.services.presence.connected({ userId: "ann", deviceId: "phone" });
}

/** Inboxes hold only so much: fay's is read from the conversations, and that of dan is no more. */
async function whatIsLetGo(): Promise<void> {
  const end = await world.log.end();
  world.services.wholeFrom = (user) => (user === "fay" ? end : world.log.origin);
  await viewerAsked("fay", "sync", `(after: "${world.log.origin}")`);
  world.horizons.set("dan", end);
  await listen("dan", "inbox", { after: world.log.origin }, "InboxReset");
}

type Delivery = { root: Json };
type Subscribing = (root: unknown, args: Json, context: Context) => Promise<AsyncGenerator<Delivery, undefined>>;

/** Notes what a subscription says: up to an entry of this type, or one delivery. */
async function listen(user: string, field: string, args: Json, last?: string, admin = false): Promise<void> {
  const stream = await subscribed(user, field, args, admin);
  for (let type: unknown; type !== (last ?? type) || type === undefined;) {
    const { value, done } = await stream.next();
    if (done === true) throw new Error(`${field} ended`);
    const [told] = Object.values(await noteDelivery(user, field, value));
    type = (told as Json)["__typename"];
  }
  await stream.return(undefined);
}

async function subscribed(user: string, field: string, args: Json, admin = false): Promise<AsyncGenerator<Delivery, undefined>> {
  const subscribe = schema.getSubscriptionType()?.getFields()[field]?.subscribe as Subscribing | undefined;
  if (!subscribe) throw new Error(`there is no subscription ${field}`);
  return subscribe(undefined, args, world.context(user, admin));
}

/** The operation runs for each delivery, as on a WebSocket. */
async function noteDelivery(user: string, field: string, { root }: Delivery): Promise<Json> {
  const of = schema.getSubscriptionType()?.getFields()[field];
  if (!of) throw new Error(`there is no subscription ${field}`);
  const given = of.args
    .filter(({ type }) => isNonNullType(type))
    .map(({ name, type }) => `${name}: ${isListType(getNullableType(type)) ? "[]" : '""'}`);
  const selection = allFields(schema, getNamedType(of.type), 2, asking);
  const document = parse(`subscription { ${field}${given.length > 0 ? `(${given.join(", ")})` : ""} ${selection} }`);
  const { data, errors } = await execute({ schema, document, rootValue: root, contextValue: world.context(user) });
  expect(errors, field).toBeUndefined();
  const answer = JSON.parse(JSON.stringify(data)) as Json;
  noted.add(`Subscription.${field}`);
  noteFields(schema, of.type, answer[field], noted);
  return answer;
}

/** One of two types, and the other one is told. */
async function typing(user: string, other: string): Promise<void> {
  const id = `d:${user}~${other}`;
  const stream = await subscribed(other, "typing", { conversationId: id });
  const next = stream.next();
  const { errors } = await world.answer(user, `mutation { setTyping(conversationId: "${id}", typing: true) }`);
  expect(errors).toBeUndefined();
  noted.add("Mutation.setTyping");
  const { value } = await next;
  await noteDelivery(other, "typing", value as Delivery);
  await ask(other, "Query", "conversation", `(id: "${id}")`);
  await stream.return(undefined);
}
