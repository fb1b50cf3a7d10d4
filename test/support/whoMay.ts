import { peerOf, reportIdOf } from "../../src/domain/ids.ts";
import type { ApiWorld, Json } from "./apiWorld.ts";
import { perform, type Kind, ROLES, type Role, type Scene } from "./scenes.ts";

/**
 * `input`: what is asked for in a scene. For each kind of conversation what everybody is answered, in the order of ROLES: `ok`;
 * `-` where nobody has the role; else the code and the field, as `outcomeOf` reads them.
 */
type Case = {
  input: (scene: Scene, world: ApiWorld) => Json | Promise<Json>;
  /** The field that refusals name. */
  field?: string;
} & Record<Kind, string>;

const CODES: Readonly<Record<string, string>> = { NF: "NOT_FOUND", FB: "FORBIDDEN", BI: "BAD_INPUT", CF: "CONFLICT" };

/** `FB`: FORBIDDEN, of the case's field. `FB.`: without a field. `FB:seq`: of another one. */
function outcomeOf(text: string, usual: string | undefined): string {
  const [, code = "", dot, other] = /^(\w+)(?:(\.)|:(\S+))?$/.exec(text) ?? [];
  const field = dot === undefined ? (other ?? usual) : undefined;
  return code === "ok" ? code : [CODES[code], field].filter((part) => part !== undefined).join(" ");
}

/** What everybody who can have a role there is answered. */
export function expectedOf({ field, ...of }: Case, kind: Kind): Partial<Record<Role, string>> {
  const outcomes = of[kind].split(" ");
  const listed = ROLES.map((role, index): [Role, string] => [role, outcomes[index] ?? ""]);
  return Object.fromEntries(listed.flatMap(([role, text]) => (text === "-" ? [] : [[role, outcomeOf(text, field)]])));
}

/** A day from now. */
const later = (world: ApiWorld) => new Date(world.time() + 86_400_000).toISOString();

/** Every mutation whose answer can depend on who asks. */
export const TABLE: Readonly<Record<string, Case>> = {
  sendMessage: {
    input: ({ id: conversationId }) => ({ conversationId, text: "hi" }),
    field: "conversationId",
    DIRECT: "NF FB ok ok - - - - NF",
    GROUP: "NF NF NF ok FB ok ok FB NF",
    PUBLIC: "FB FB FB ok FB ok ok FB FB",
    CHANNEL: "NF NF NF FB FB ok ok FB NF",
  },
  scheduleMessage: {
    input: ({ id: conversationId }, world) => ({ conversationId, text: "hi", sendAt: later(world) }),
    field: "conversationId",
    DIRECT: "NF FB ok ok - - - - NF",
    GROUP: "NF NF NF ok FB ok ok FB NF",
    PUBLIC: "FB FB FB ok FB ok ok FB FB",
    CHANNEL: "NF NF NF FB FB ok ok FB NF",
  },
  editMessage: {
    input: ({ id: conversationId, ownSeq: seq }) => ({ conversationId, seq, text: "other" }),
    field: "conversationId",
    DIRECT: "NF FB ok ok - - - - NF",
    GROUP: "NF NF NF ok FB ok ok FB NF",
    PUBLIC: "FB FB FB ok FB ok ok FB FB",
    CHANNEL: "NF NF NF FB FB ok ok FB NF",
  },
  recallMessage: {
    input: ({ id: conversationId, seq }) => ({ conversationId, seq }),
    field: "conversationId",
    DIRECT: "NF FB:seq FB:seq FB:seq - - - - NF",
    GROUP: "NF NF NF FB:seq FB:seq ok ok FB NF",
    PUBLIC: "FB FB FB FB:seq FB:seq ok ok FB FB",
    CHANNEL: "NF NF NF FB:seq FB:seq ok ok FB NF",
  },
  react: {
    input: ({ id: conversationId, seq }) => ({ conversationId, seq, emoji: "👍", on: true }),
    field: "conversationId",
    DIRECT: "NF FB ok ok - - - - NF",
    GROUP: "NF NF NF ok FB ok ok FB NF",
    PUBLIC: "FB FB FB ok FB ok ok FB FB",
    CHANNEL: "NF NF NF FB FB ok ok FB NF",
  },
  pinMessage: {
    input: ({ id: conversationId, seq }) => ({ conversationId, seq, on: true }),
    field: "conversationId",
    DIRECT: "NF FB ok ok - - - - NF",
    GROUP: "NF NF NF FB FB ok ok FB NF",
    PUBLIC: "FB FB FB FB FB ok ok FB FB",
    CHANNEL: "NF NF NF FB FB ok ok FB NF",
  },
  forwardMessages: {
    input: async ({ id, actor, seq }, world) => ({
      fromConversationId: id,
      seqs: [seq],
      toConversationId: await ownGroup(actor, world),
    }),
    field: "fromConversationId",
    DIRECT: "NF ok ok ok - - - - NF",
    GROUP: "NF NF NF ok ok ok ok ok NF",
    PUBLIC: "ok ok ok ok ok ok ok ok ok",
    CHANNEL: "NF NF NF ok ok ok ok ok NF",
  },
  markRead: {
    input: ({ id: conversationId, seq }) => ({ conversationId, seq }),
    field: "conversationId",
    DIRECT: "NF ok ok ok - - - - NF",
    GROUP: "NF NF NF ok ok ok ok FB NF",
    PUBLIC: "FB FB FB ok ok ok ok FB FB",
    CHANNEL: "NF NF NF ok ok ok ok FB NF",
  },
  markAllRead: {
    input: ({ id: conversationId, seq }) => ({ reads: [{ conversationId, seq }] }),
    field: "reads.0.conversationId",
    DIRECT: "NF ok ok ok - - - - NF",
    GROUP: "NF NF NF ok ok ok ok FB NF",
    PUBLIC: "FB FB FB ok ok ok ok FB FB",
    CHANNEL: "NF NF NF ok ok ok ok FB NF",
  },
  updateConversation: {
    input: ({ id }) => ({ id, title: "Writers" }),
    field: "id",
    DIRECT: "BI BI BI BI - - - - BI",
    GROUP: "NF NF NF FB FB ok ok FB NF",
    PUBLIC: "FB FB FB FB FB ok ok FB FB",
    CHANNEL: "NF NF NF FB FB ok ok FB NF",
  },
  join: {
    input: ({ id }) => ({ id }),
    field: "id",
    DIRECT: "BI BI BI BI - - - - BI",
    GROUP: "ok ok ok ok ok ok ok ok ok",
    PUBLIC: "ok ok ok ok ok ok ok ok ok",
    CHANNEL: "ok ok ok ok ok ok ok ok ok",
  },
  addMembers: {
    input: async ({ id: conversationId }, world) => ({ conversationId, userIds: [await newcomer(world)] }),
    field: "conversationId",
    DIRECT: "BI BI BI BI - - - - BI",
    GROUP: "NF NF NF FB FB ok ok FB NF",
    PUBLIC: "FB FB FB FB FB ok ok FB FB",
    CHANNEL: "NF NF NF FB FB ok ok FB NF",
  },
  removeMembers: {
    input: ({ id: conversationId, other }) => ({ conversationId, userIds: [other] }),
    field: "conversationId",
    DIRECT: "BI BI BI BI - - - - BI",
    GROUP: "NF NF NF FB FB ok ok FB NF",
    PUBLIC: "FB FB FB FB FB ok ok FB FB",
    CHANNEL: "NF NF NF FB FB ok ok FB NF",
  },
  leave: {
    input: ({ id }) => ({ id }),
    field: "id",
    DIRECT: "BI BI BI BI - - - - BI",
    GROUP: "NF NF NF ok ok ok CF ok NF",
    PUBLIC: "FB FB FB ok ok ok CF ok FB",
    CHANNEL: "NF NF NF ok ok ok CF ok NF",
  },
  setRole: {
    input: ({ id: conversationId, other: userId }) => ({ conversationId, userId, role: "ADMIN" }),
    field: "conversationId",
    DIRECT: "BI BI BI BI - - - - BI",
    GROUP: "NF NF NF FB FB FB ok FB NF",
    PUBLIC: "FB FB FB FB FB FB ok FB FB",
    CHANNEL: "NF NF NF FB FB FB ok FB NF",
  },
  transferOwnership: {
    input: ({ id: conversationId, other: userId }) => ({ conversationId, userId }),
    field: "conversationId",
    DIRECT: "BI BI BI BI - - - - BI",
    GROUP: "NF NF NF FB FB FB ok FB NF",
    PUBLIC: "FB FB FB FB FB FB ok FB FB",
    CHANNEL: "NF NF NF FB FB FB ok FB NF",
  },
  silence: {
    input: ({ id: conversationId, other: userId }, world) => ({ conversationId, userId, until: later(world) }),
    field: "conversationId",
    DIRECT: "BI BI BI BI - - - - BI",
    GROUP: "NF NF NF FB FB ok ok FB NF",
    PUBLIC: "FB FB FB FB FB ok ok FB FB",
    CHANNEL: "NF NF NF FB FB ok ok FB NF",
  },
  dissolve: {
    input: ({ id }) => ({ id }),
    field: "id",
    DIRECT: "BI BI BI BI - - - - BI",
    GROUP: "NF NF NF FB FB FB ok FB NF",
    PUBLIC: "FB FB FB FB FB FB ok FB FB",
    CHANNEL: "NF NF NF FB FB FB ok FB NF",
  },
  createInvite: {
    input: ({ id: conversationId }) => ({ conversationId }),
    field: "conversationId",
    DIRECT: "BI BI BI BI - - - - BI",
    GROUP: "NF NF NF FB FB ok ok FB NF",
    PUBLIC: "FB FB FB FB FB ok ok FB FB",
    CHANNEL: "NF NF NF FB FB ok ok FB NF",
  },
  revokeInvite: {
    input: async ({ id: conversationId, owner }, world) => ({
      conversationId,
      code: conversationId.startsWith("d:") ? "none" : await invite(owner, conversationId, world),
    }),
    field: "conversationId",
    DIRECT: "BI BI BI BI - - - - BI",
    GROUP: "NF NF NF FB FB ok ok FB NF",
    PUBLIC: "FB FB FB FB FB ok ok FB FB",
    CHANNEL: "NF NF NF FB FB ok ok FB NF",
  },
  setPreferences: {
    input: ({ id: conversationId }) => ({ conversationId, muted: true }),
    field: "conversationId",
    DIRECT: "NF ok ok ok - - - - NF",
    GROUP: "NF NF NF ok ok ok ok FB NF",
    PUBLIC: "FB FB FB ok ok ok ok FB FB",
    CHANNEL: "NF NF NF ok ok ok ok FB NF",
  },
  cancelScheduled: {
    input: async ({ owner }, world) => ({ id: await scheduled(owner, await ownGroup(owner, world), world) }),
    field: "id",
    DIRECT: "NF NF NF NF - - - - NF",
    GROUP: "NF NF NF NF NF NF ok NF NF",
    PUBLIC: "NF NF NF NF NF NF ok NF NF",
    CHANNEL: "NF NF NF NF NF NF ok NF NF",
  },
  answerJoinRequest: {
    input: async ({ id }, world) => ({ id: id.startsWith("d:") ? `j:g:none~${id}:1` : await asked(id, world), accept: true }),
    field: "id",
    DIRECT: "BI BI BI BI - - - - BI",
    GROUP: "NF NF NF NF NF ok ok NF NF",
    PUBLIC: "NF NF NF NF NF ok ok NF NF",
    CHANNEL: "NF NF NF NF NF NF NF NF NF",
  },
  createConversation: {
    input: () => ({ kind: "GROUP", title: "Own" }),
    DIRECT: "ok ok ok ok - - - - ok",
    GROUP: "ok ok ok ok ok ok ok ok ok",
    PUBLIC: "ok ok ok ok ok ok ok ok ok",
    CHANNEL: "ok ok ok ok ok ok ok ok ok",
  },
  requestFriendship: {
    input: ({ owner: userId }) => ({ userId }),
    field: "userId",
    DIRECT: "ok FB CF ok - - - - ok",
    GROUP: "ok FB CF ok ok ok BI ok ok",
    PUBLIC: "ok FB CF ok ok ok BI ok ok",
    CHANNEL: "ok FB CF ok ok ok BI ok ok",
  },
  answerFriendRequest: {
    input: async ({ owner }, world) => ({ id: await requestTo(owner, world), accept: true }),
    field: "id",
    DIRECT: "NF NF NF NF - - - - NF",
    GROUP: "NF NF NF NF NF NF ok NF NF",
    PUBLIC: "NF NF NF NF NF NF ok NF NF",
    CHANNEL: "NF NF NF NF NF NF ok NF NF",
  },
  withdrawFriendRequest: {
    input: async ({ owner }, world) => ({ id: await requestTo(owner, world) }),
    field: "id",
    DIRECT: "NF NF NF NF - - - - NF",
    GROUP: "NF NF NF NF NF NF FB NF NF",
    PUBLIC: "NF NF NF NF NF NF FB NF NF",
    CHANNEL: "NF NF NF NF NF NF FB NF NF",
  },
  endFriendship: {
    input: ({ owner: userId }) => ({ userId }),
    DIRECT: "ok ok ok ok - - - - ok",
    GROUP: "ok ok ok ok ok ok ok ok ok",
    PUBLIC: "ok ok ok ok ok ok ok ok ok",
    CHANNEL: "ok ok ok ok ok ok ok ok ok",
  },
  setAlias: {
    input: ({ owner: userId }) => ({ userId, alias: "Boss" }),
    DIRECT: "CF CF ok CF - - - - CF",
    GROUP: "CF CF ok CF CF CF CF CF CF",
    PUBLIC: "CF CF ok CF CF CF CF CF CF",
    CHANNEL: "CF CF ok CF CF CF CF CF CF",
  },
  block: {
    input: ({ owner: userId }) => ({ userId, on: true }),
    field: "userId",
    DIRECT: "ok ok ok ok - - - - ok",
    GROUP: "ok ok ok ok ok ok BI ok ok",
    PUBLIC: "ok ok ok ok ok ok BI ok ok",
    CHANNEL: "ok ok ok ok ok ok BI ok ok",
  },
  register: {
    input: ({ actor }) => ({ handle: `h-${actor}`, name: "Other" }),
    DIRECT: "CF CF CF CF - - - - CF",
    GROUP: "CF CF CF CF CF CF CF CF CF",
    PUBLIC: "CF CF CF CF CF CF CF CF CF",
    CHANNEL: "CF CF CF CF CF CF CF CF CF",
  },
  updateProfile: {
    input: () => ({ name: "Other" }),
    DIRECT: "ok ok ok ok - - - - ok",
    GROUP: "ok ok ok ok ok ok ok ok ok",
    PUBLIC: "ok ok ok ok ok ok ok ok ok",
    CHANNEL: "ok ok ok ok ok ok ok ok ok",
  },
  setLocation: {
    input: () => ({ point: null }),
    DIRECT: "ok ok ok ok - - - - ok",
    GROUP: "ok ok ok ok ok ok ok ok ok",
    PUBLIC: "ok ok ok ok ok ok ok ok ok",
    CHANNEL: "ok ok ok ok ok ok ok ok ok",
  },
  addDevice: {
    input: () => ({ id: "phone", kind: "IOS", name: "phone" }),
    DIRECT: "ok ok ok ok - - - - ok",
    GROUP: "ok ok ok ok ok ok ok ok ok",
    PUBLIC: "ok ok ok ok ok ok ok ok ok",
    CHANNEL: "ok ok ok ok ok ok ok ok ok",
  },
  createUpload: {
    input: () => ({ name: "a.png", mediaType: "image/png", size: 7 }),
    DIRECT: "ok ok ok ok - - - - ok",
    GROUP: "ok ok ok ok ok ok ok ok ok",
    PUBLIC: "ok ok ok ok ok ok ok ok ok",
    CHANNEL: "ok ok ok ok ok ok ok ok ok",
  },
  removeDevice: {
    input: () => ({ id: "phone" }),
    field: "id",
    DIRECT: "NF NF NF NF - - - - NF",
    GROUP: "NF NF NF NF NF NF NF NF NF",
    PUBLIC: "NF NF NF NF NF NF NF NF NF",
    CHANNEL: "NF NF NF NF NF NF NF NF NF",
  },
  report: {
    input: ({ id: conversationId, seq }) => ({ conversationId, seq, reason: "rude" }),
    field: "conversationId",
    DIRECT: "NF ok ok ok - - - - NF",
    GROUP: "NF NF NF ok ok ok BI:seq ok NF",
    PUBLIC: "ok ok ok ok ok ok BI:seq ok ok",
    CHANNEL: "NF NF NF ok ok ok BI:seq ok NF",
  },
  // Of a message of the owner's, who learns nothing of it.
  decideReport: {
    input: async (scene, world) => ({ id: await reported(scene, world), action: "DISMISS" }),
    field: "id",
    DIRECT: "NF NF NF NF - - - - ok",
    GROUP: "NF NF NF NF NF ok NF NF ok",
    PUBLIC: "NF NF NF NF NF ok NF NF ok",
    CHANNEL: "NF NF NF NF NF ok NF NF ok",
  },
  banUser: {
    input: ({ other: userId }) => ({ userId }),
    DIRECT: "FB FB FB FB - - - - ok",
    GROUP: "FB FB FB FB FB FB FB FB ok",
    PUBLIC: "FB FB FB FB FB FB FB FB ok",
    CHANNEL: "FB FB FB FB FB FB FB FB ok",
  },
  unbanUser: {
    input: ({ other: userId }) => ({ userId }),
    DIRECT: "FB FB FB FB - - - - ok",
    GROUP: "FB FB FB FB FB FB FB FB ok",
    PUBLIC: "FB FB FB FB FB FB FB FB ok",
    CHANNEL: "FB FB FB FB FB FB FB FB ok",
  },
  putUser: {
    input: ({ other }) => ({ id: other, handle: other, name: "Other" }),
    DIRECT: "FB FB FB FB - - - - ok",
    GROUP: "FB FB FB FB FB FB FB FB ok",
    PUBLIC: "FB FB FB FB FB FB FB FB ok",
    CHANNEL: "FB FB FB FB FB FB FB FB ok",
  },
  createBot: {
    input: ({ owner }) => ({ id: `${owner}-bot`, name: "Robot" }),
    DIRECT: "FB FB FB FB - - - - ok",
    GROUP: "FB FB FB FB FB FB FB FB ok",
    PUBLIC: "FB FB FB FB FB FB FB FB ok",
    CHANNEL: "FB FB FB FB FB FB FB FB ok",
  },
  putWebhook: {
    input: ({ owner }) => ({ id: `${owner}-hook`, url: "https://example.org/", events: ["MESSAGE_SENT"] }),
    DIRECT: "FB FB FB FB - - - - ok",
    GROUP: "FB FB FB FB FB FB FB FB ok",
    PUBLIC: "FB FB FB FB FB FB FB FB ok",
    CHANNEL: "FB FB FB FB FB FB FB FB ok",
  },
  deleteWebhook: {
    input: () => ({ id: "w:none" }),
    DIRECT: "FB FB FB FB - - - - NF:id",
    GROUP: "FB FB FB FB FB FB FB FB NF:id",
    PUBLIC: "FB FB FB FB FB FB FB FB NF:id",
    CHANNEL: "FB FB FB FB FB FB FB FB NF:id",
  },
  redeliverWebhook: {
    input: () => ({ id: "w:none~memory00.00000000001" }),
    DIRECT: "FB FB FB FB - - - - NF:id",
    GROUP: "FB FB FB FB FB FB FB FB NF:id",
    PUBLIC: "FB FB FB FB FB FB FB FB NF:id",
    CHANNEL: "FB FB FB FB FB FB FB FB NF:id",
  },
  putIncomingWebhook: {
    input: () => ({ id: "none", botId: "none", conversationId: "g:none" }),
    DIRECT: "FB FB FB FB - - - - NF:conversationId",
    GROUP: "FB FB FB FB FB FB FB FB NF:conversationId",
    PUBLIC: "FB FB FB FB FB FB FB FB NF:conversationId",
    CHANNEL: "FB FB FB FB FB FB FB FB NF:conversationId",
  },
  deleteIncomingWebhook: {
    input: () => ({ id: "h:none" }),
    DIRECT: "FB FB FB FB - - - - NF:id",
    GROUP: "FB FB FB FB FB FB FB FB NF:id",
    PUBLIC: "FB FB FB FB FB FB FB FB NF:id",
    CHANNEL: "FB FB FB FB FB FB FB FB NF:id",
  },
  putCircle: {
    input: ({ other, owner }) => ({ id: `c-${owner}`, kind: "family", name: "Family", memberIds: [other] }),
    DIRECT: "FB FB FB FB - - - - ok",
    GROUP: "FB FB FB FB FB FB FB FB ok",
    PUBLIC: "FB FB FB FB FB FB FB FB ok",
    CHANNEL: "FB FB FB FB FB FB FB FB ok",
  },
  importMessages: {
    input: ({ id }) => ({ messages: [{ key: id, conversation: id, sender: "someone", text: "from long ago" }] }),
    DIRECT: "FB FB FB FB - - - - ok",
    GROUP: "FB FB FB FB FB FB FB FB ok",
    PUBLIC: "FB FB FB FB FB FB FB FB ok",
    CHANNEL: "FB FB FB FB FB FB FB FB ok",
  },
  importFacts: {
    input: () => ({
      lines: [
        JSON.stringify({ fact: "UserRegistered", id: crypto.randomUUID(), at: "2020-01-01T00:00:00Z", by: null, data: {} }),
      ],
    }),
    DIRECT: "FB FB FB FB - - - - ok",
    GROUP: "FB FB FB FB FB FB FB FB ok",
    PUBLIC: "FB FB FB FB FB FB FB FB ok",
    CHANNEL: "FB FB FB FB FB FB FB FB ok",
  },
  importFile: {
    input: ({ id, other }) => ({
      uploadId: `u:${other}:${crypto.randomUUID()}`,
      conversationId: id,
      messageId: crypto.randomUUID(),
      name: "a.png",
      mediaType: "image/png",
      size: 7,
    }),
    DIRECT: "FB FB FB FB - - - - ok",
    GROUP: "FB FB FB FB FB FB FB FB ok",
    PUBLIC: "FB FB FB FB FB FB FB FB ok",
    CHANNEL: "FB FB FB FB FB FB FB FB ok",
  },
};

let people = 0;

async function newcomer(world: ApiWorld): Promise<string> {
  const user = `newcomer-${++people}`;
  await world.register(user);
  return user;
}

async function scheduled(owner: string, conversationId: string, world: ApiWorld): Promise<string> {
  const made = await perform(world, owner, "scheduleMessage", { conversationId, text: "later", sendAt: later(world) });
  return (made["scheduled"] as { id: string }[])[0]?.id ?? "";
}

/** A request of somebody to join a group or a channel. */
async function asked(id: string, world: ApiWorld): Promise<string> {
  const user = await newcomer(world);
  const made = await perform(world, user, "join", { id });
  return (made["request"] as { id: string } | null)?.id ?? `j:${id}~${user}:1`;
}

/** A request of somebody for the owner's friendship. */
async function requestTo(owner: string, world: ApiWorld): Promise<string> {
  const made = await perform(world, await newcomer(world), "requestFriendship", { userId: owner });
  return (made["request"] as { id: string }).id;
}

async function ownGroup(user: string, world: ApiWorld): Promise<string> {
  const { conversation } = await perform(world, user, "createConversation", { kind: "GROUP", title: "Own" });
  return (conversation as { id: string }).id;
}

/** A report of the owner's message, by another member. */
async function reported({ id, owner, other, seq }: Scene, world: ApiWorld): Promise<string> {
  const by = peerOf(id, owner) ?? other;
  await perform(world, by, "report", { conversationId: id, seq, reason: "rude" });
  return reportIdOf(id, seq, { reporterId: by, rule: null });
}

async function invite(owner: string, conversationId: string, world: ApiWorld): Promise<string> {
  const made = await perform(world, owner, "createInvite", { conversationId });
  return (made["invite"] as { code: string }).code;
}
