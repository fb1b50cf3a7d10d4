import type { ApiWorld, Json } from "./apiWorld.ts";

/*
 * Places in which somebody of each role stands to a conversation of each kind: for tables that say who may do what.
 */

export const ROLES = ["stranger", "blocked", "friend", "member", "silenced", "admin", "owner", "former", "operator"] as const;
/**
 * `stranger`, `blocked`, `friend` and `operator` (with the scope `admin`) are outside; the owner has blocked the one and is a
 * friend of the other. In a direct conversation of the owner, `blocked`, `friend` and `member` are the other one, and `stranger`
 * and `operator` are outside. In a channel a `member` follows it, and `silenced` writes for it.
 */
export type Role = (typeof ROLES)[number];

export const KINDS = ["DIRECT", "GROUP", "PUBLIC", "CHANNEL"] as const;
/** `GROUP` is seen by its members alone, `PUBLIC` is a group that everyone sees. */
export type Kind = (typeof KINDS)[number];

/** Whether somebody can have this role there. */
export const isRoleOf = (role: Role, kind: Kind): boolean =>
  kind !== "DIRECT" || role === "stranger" || role === "blocked" || role === "friend" || role === "member" || role === "operator";

/** A conversation with a message of the owner's, one of the actor's where they could write, and who acts. */
export type Scene = {
  id: string;
  actor: string;
  owner: string;
  /** Another member without a role; in a direct conversation, the owner. */
  other: string;
  /** A message of the owner's. */
  seq: number;
  /** A message of the actor's own; of the owner's where the actor never wrote. */
  ownSeq: number;
};

let scenes = 0;

/** Makes people and conversations of their own, so that nothing done in one scene is seen in another. */
export async function sceneOf(world: ApiWorld, kind: Kind, role: Role): Promise<Scene> {
  const prefix = `s${++scenes}-`;
  const person = (name: string) => `${prefix}${name}`;
  const owner = person("owner");
  const actor = role === "owner" ? owner : person(role);
  const other = kind === "DIRECT" ? owner : person("other");
  await world.register(...new Set([owner, actor, other]));
  const act = (user: string, name: string, input: Json) => perform(world, user, name, input);
  if (role === "friend") {
    await act(owner, "requestFriendship", { userId: actor });
    await act(actor, "requestFriendship", { userId: owner });
  }
  const block = () => (role === "blocked" ? act(owner, "block", { userId: actor, on: true }) : undefined);
  const send = async (user: string, to: Json) =>
    ((await act(user, "sendMessage", { ...to, text: "hello" }))["message"] as { seq: number }).seq;
  if (kind === "DIRECT") {
    const isInside = role !== "stranger" && role !== "operator";
    const peer = isInside ? actor : person("peer");
    if (!isInside) await world.register(peer);
    const seq = await send(owner, { userId: peer });
    const ownSeq = isInside ? await send(actor, { userId: owner }) : seq;
    await block();
    const id = owner < peer ? `d:${owner}~${peer}` : `d:${peer}~${owner}`;
    return { id, actor, owner, other, seq, ownSeq };
  }
  await block();
  const isInside = role === "member" || role === "silenced" || role === "admin" || role === "former";
  const follows = kind === "CHANNEL" && (role === "member" || role === "former");
  const { conversation } = await act(owner, "createConversation", {
    kind: kind === "CHANNEL" ? "CHANNEL" : "GROUP",
    title: "Readers",
    joinPolicy: kind === "CHANNEL" ? "OPEN" : "APPROVAL",
    public: kind === "PUBLIC",
    memberIds: [other, ...(isInside && !follows ? [actor] : [])],
  });
  const { id } = conversation as { id: string };
  if (follows) await act(actor, "join", { id });
  if (role === "admin") await act(owner, "setRole", { conversationId: id, userId: actor, role: "ADMIN" });
  const seq = await send(owner, { conversationId: id });
  const mayWrite = role === "owner" || (isInside && !follows);
  const ownSeq = mayWrite ? await send(actor, { conversationId: id }) : seq;
  if (role === "silenced")
    await act(owner, "silence", { conversationId: id, userId: actor, until: new Date(world.time() + 86_400_000).toISOString() });
  if (role === "former") await act(actor, "leave", { id });
  return { id, actor, owner, other, seq, ownSeq };
}

/** A mutation of a user, with the parts of its payload that scenes need. Rejects with its refusal. */
export async function perform(world: ApiWorld, user: string, name: string, input: Json, admin = false): Promise<Json> {
  const selection = PARTS[name] ?? "";
  const type = `${name[0]?.toUpperCase()}${name.slice(1)}Input`;
  const answer = await world.ask(
    user,
    `mutation ($input: ${INPUTS[name] ?? type}!) { ${name}(input: $input) { cursor ${selection} } }`,
    { input: { clientMutationId: world.key(), ...input } },
    admin,
  );
  return answer[name] as Json;
}

const INPUTS: Readonly<Record<string, string>> = {
  leave: "NodeInput",
  addMembers: "MembersInput",
  removeMembers: "MembersInput",
  transferOwnership: "MemberInput",
  answerFriendRequest: "AnswerInput",
  answerJoinRequest: "AnswerInput",
};
const PARTS: Readonly<Record<string, string>> = {
  sendMessage: "message { seq }",
  createConversation: "conversation { id }",
  createInvite: "invite { code }",
  scheduleMessage: "scheduled { id }",
  join: "request { id }",
  requestFriendship: "request { id }",
};
