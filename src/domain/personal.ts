import type { EventData, EventType } from "./events.ts";

/*
 * What of each event somebody wrote, is called, or where they are: what is sealed in the log. All else is plain: ids, seqs, times
 * and kinds, by which events are routed and decided on.
 */

/** In place of a text that there must be, and that is gone. */
export const ERASED = "[erased]";

/** The member of an event's data that holds what is sealed. */
export const SEALED = "$sealed";

/**
 * Whose key something is sealed under. `monthly`: it has another key in each month, so that a month alone can be forgotten; else
 * one for ever.
 */
export type Owner = { id: string; monthly: boolean };

type Spec<T extends EventType> = {
  /** The member of the data that the fields are members of. Absent: they are members of the data. */
  within?: keyof EventData<T> & string;
  fields: readonly string[];
  owners: (data: EventData<T>) => readonly Owner[];
  /** What the fields are read as once a key of it is gone, in a stream: members that are not named are left out. */
  erased: Erased | ((stream: string) => Erased);
};

type Erased = Readonly<Record<string, unknown>>;

/** What is personal in the data of some type of event. */
export type Personal = {
  within: string | undefined;
  fields: ReadonlySet<string>;
  owners: (data: never) => readonly Owner[];
  erased: Erased | ((stream: string) => Erased);
};

/** Another one for each handle, so that no two of them are one row. Nobody can ask for it. */
const erasedHandle = (stream: string): Erased => ({ handle: `${ERASED} ${stream.slice(stream.indexOf("-") + 1)}` });

const person = (id: string): Owner => ({ id, monthly: true });
/** Each of them once, and those that are known. */
const persons = (...ids: readonly (string | null)[]): Owner[] =>
  [...new Set(ids)].flatMap((id) => (id === null ? [] : [person(id)]));
const conversation = (id: string): Owner => ({ id, monthly: true });
/** What belongs to a group or a circle itself does not go with its messages. */
const lasting = (id: string): Owner => ({ id: `${id}/profile`, monthly: false });

const profile = ["handle", "name", "avatarUrl", "gender", "birthday", "signature", "tags"];
const groupProfile = ["title", "avatarUrl", "description", "announcement", "category", "tags"];
const content = ["topic", "text", "attachments"];

/** By type. Null: nothing of it is. */
const table: { readonly [T in EventType]: Spec<T> | null } = {
  UserRegistered: {
    fields: profile,
    owners: ({ userId }) => [person(userId)],
    erased: { handle: ERASED, name: ERASED, avatarUrl: null, gender: null, birthday: null, signature: null, tags: [] },
  },
  // What is left out was left as it was: and that is erased.
  ProfileUpdated: { fields: profile, owners: ({ userId }) => [person(userId)], erased: {} },
  LocationChanged: { fields: ["point"], owners: ({ userId }) => [person(userId)], erased: { point: null } },
  DeviceAdded: {
    fields: ["name", "pushService", "pushToken"],
    owners: ({ userId }) => [person(userId)],
    erased: { name: ERASED, pushService: null, pushToken: null },
  },
  DeviceRemoved: null,
  UserDeactivated: null,
  UserReactivated: null,
  BotTokenMade: null,
  PushTokenClaimed: null,
  PushTokenReleased: null,
  HandleClaimed: { fields: ["handle"], owners: ({ userId }) => [person(userId)], erased: erasedHandle },
  HandleReleased: { fields: ["handle"], owners: ({ userId }) => [person(userId)], erased: erasedHandle },
  FriendshipRequested: {
    fields: ["note", "alias"],
    owners: ({ from, to }) => persons(from, to),
    erased: { note: null, alias: null },
  },
  FriendRequestAccepted: null,
  FriendRequestDeclined: null,
  FriendRequestWithdrawn: null,
  FriendshipBegan: null,
  FriendshipEnded: null,
  FriendAliasChanged: {
    fields: ["alias"],
    owners: ({ userId, friendId }) => persons(userId, friendId),
    erased: { alias: null },
  },
  UserBlocked: null,
  UserUnblocked: null,
  GroupCreated: {
    fields: groupProfile,
    owners: ({ groupId }) => [lasting(groupId)],
    erased: { title: ERASED, avatarUrl: null, description: null, announcement: null, category: null, tags: [] },
  },
  GroupProfileChanged: { fields: groupProfile, owners: ({ groupId }) => [lasting(groupId)], erased: {} },
  MemberJoined: null,
  MemberAdded: null,
  MembersImported: null,
  MemberLeft: null,
  MemberRemoved: null,
  RoleChanged: null,
  OwnershipTransferred: null,
  JoinRequested: { fields: ["note"], owners: ({ userId }) => [person(userId)], erased: { note: null } },
  MemberInvited: null,
  JoinRequestAccepted: null,
  JoinRequestDeclined: null,
  JoinRequestWithdrawn: null,
  InviteCreated: null,
  InviteUsed: null,
  InviteRevoked: null,
  FollowerAdmitted: null,
  MemberSilenced: null,
  GroupDissolved: null,
  ChannelFollowed: null,
  ChannelUnfollowed: null,
  CirclePut: {
    fields: ["kind", "name"],
    owners: ({ circleId }) => [lasting(circleId)],
    erased: { kind: ERASED, name: ERASED },
  },
  CircleEqualised: null,
  MessageSent: {
    // A digest of a short text is as good as the text.
    fields: [...content, "textGiven"],
    owners: ({ senderId, conversationId }) => [person(senderId), conversation(conversationId)],
    erased: { topic: null, text: ERASED, attachments: [] },
  },
  MessageEdited: {
    fields: ["text"],
    owners: ({ senderId, conversationId }) => [person(senderId), conversation(conversationId)],
    erased: { text: ERASED },
  },
  MessageRecalled: null,
  MessageExpired: null,
  // One of the pictures that all have: no words.
  ReactionAdded: null,
  ReactionRemoved: null,
  MessagePinned: null,
  MessageUnpinned: null,
  FilesReleased: null,
  MessageReported: {
    fields: ["reason"],
    owners: ({ senderId, reporterId }) => persons(senderId, reporterId),
    erased: { reason: ERASED },
  },
  ReportDecided: {
    fields: ["reason"],
    owners: ({ senderId, decidedBy }) => persons(senderId, decidedBy),
    erased: { reason: null },
  },
  UserBanned: { fields: ["reason"], owners: ({ userId, bannedBy }) => persons(userId, bannedBy), erased: { reason: null } },
  UserUnbanned: { fields: ["reason"], owners: ({ userId, unbannedBy }) => persons(userId, unbannedBy), erased: { reason: null } },
  ReadUpTo: null,
  // Without a text and files it cannot be sent when its time comes.
  MessageScheduled: {
    within: "message",
    fields: content,
    owners: ({ userId }) => [person(userId)],
    erased: { topic: null, text: null, attachments: [] },
  },
  ScheduleCancelled: null,
  ScheduleBegun: null,
  ScheduleSent: null,
  ScheduleFailed: null,
  ScheduleFilesReleased: null,
  UploadCreated: { fields: ["name"], owners: ({ userId }) => [person(userId)], erased: { name: ERASED } },
  UploadSent: null,
  UploadClosed: null,
  PreferencesChanged: { fields: ["nickname"], owners: ({ userId }) => [person(userId)], erased: { nickname: null } },
  NothingChanged: null,
  WebhookPut: null,
  WebhookDeleted: null,
  WebhookSwitchedOff: null,
  IncomingHookPut: null,
  IncomingHookDeleted: null,
  LogKeyMade: null,
  FanoutLimitSet: null,
  ProjectionSlicesSet: null,
  EncryptionBegan: null,
  ViewsHealed: null,
};

const known = new Map<string, Personal>();
for (const [type, spec] of Object.entries(table))
  if (spec) known.set(type, { ...spec, within: spec.within, fields: new Set(spec.fields) });

/** What is personal in the events of a type. Undefined: nothing is, or it is not known. */
export const personalOf = (type: string): Personal | undefined => known.get(type);

type Members = Record<string, unknown>;
const isMembers = (value: unknown): value is Members => typeof value === "object" && value !== null && !Array.isArray(value);

/** Whether a member says something: what is absent, null or empty has nothing to hide. */
const says = (value: unknown): boolean => value !== undefined && value !== null && !(Array.isArray(value) && value.length === 0);

/**
 * Divides the data of an event into what is sealed and all else. Undefined: nothing of it is to be sealed, because it says
 * nothing personal.
 */
export function divided({ within, fields }: Personal, data: unknown): { part: Members; rest: Members } | undefined {
  if (!isMembers(data)) return undefined;
  const inner = within === undefined ? data : data[within];
  if (!isMembers(inner)) return undefined;
  const part: Members = {};
  const rest: Members = {};
  let isSaid = false;
  for (const name in inner) {
    const value = inner[name];
    if (fields.has(name)) {
      part[name] = value;
      isSaid ||= says(value);
    } else rest[name] = value;
  }
  if (!isSaid) return undefined;
  return { part, rest: within === undefined ? rest : { ...data, [within]: rest } };
}

/** The data of an event of a stream as it was before it was divided. `part` undefined: it is gone, and is read as erased. */
export function united({ within, erased }: Personal, rest: Members, part: unknown, stream: string): Members {
  const data: Members = {};
  for (const name in rest) if (name !== SEALED) data[name] = rest[name];
  const inner = isMembers(part) ? part : typeof erased === "function" ? erased(stream) : erased;
  if (within === undefined) return Object.assign(data, inner);
  const held = data[within];
  return { ...data, [within]: { ...(isMembers(held) ? held : {}), ...inner } };
}
