import type { Decider } from "../src/domain/decider.ts";
import { withoutTokens } from "../src/domain/devices.ts";
import type { EventType } from "../src/domain/events.ts";
import { decider as ban } from "../src/domain/ban.ts";
import { decider as circle } from "../src/domain/circle.ts";
import { decider as friendship } from "../src/domain/friendship.ts";
import { folding as handle } from "../src/domain/handleForm.ts";
import { decider as subscription } from "../src/domain/subscription.ts";
import { decider as schedule } from "../src/domain/schedule.ts";
import { decider as preferences } from "../src/domain/preferences.ts";
import { decider as pushToken } from "../src/domain/pushToken.ts";
import { decider as uploads } from "../src/domain/uploads.ts";
import { decider as user, type State as UserState } from "../src/domain/user.ts";
import { decider as webhooks } from "../src/domain/webhooks.ts";
import type { Awaitable } from "../src/ports/awaitable.ts";
import type { Handlers, Projection, Reader, Rows, TableWrite } from "../src/projecting/projection.ts";
import { annotated, annotationPartsOf, ofReacting } from "./annotationFolds.ts";
import { keyIfStream } from "./conversationRows.ts";
import { noted, type Of, type StateRow } from "./folded.ts";
import { GROUP_PARTS, grouped, groupPartsOf, ofInvite, ofMember, ofRequest, ofSilenced } from "./groupFolds.ts";

/** The handler for a stream whose state is one small value. `kept`: the part of it that rows may hold. */
function small<State, Event extends { type: EventType }>(
  decider: Pick<Decider<State, unknown, Event>, "initial" | "evolve">,
  kept: (state: State) => State = (state) => state,
) {
  return async (event: Of<Event["type"]>, rows: OwnRows): Promise<TableWrite[]> => {
    const row = await rows.get<StateRow>("states", event.stream, "");
    const before = (row?.state as State | undefined) ?? decider.initial;
    return noted(event, kept(decider.evolve(before, event as unknown as Event)));
  };
}

/** The exact place of a user and their push tokens are only in their own stream: the rows say only that there are some. */
const discreet = (state: UserState): UserState => {
  if (state === undefined) return state;
  const { devices, ...others } = state;
  const point = others.point ? undefined : others.point;
  return { ...others, point, ...(devices === undefined ? {} : { devices: withoutTokens(devices) }) };
};

const READS = ["states", "profiles", "reactions", ...GROUP_PARTS] as const;
type Read = (typeof READS)[number];
type OwnRows = Rows<Read>;

/**
 * Events of streams that no command folds, or that stay short. Any other type must have a handler, or the rows would hold a state
 * that lacks its events.
 */
type NeverFolded =
  | "MessageSent"
  | "ReadUpTo"
  | "LogKeyMade"
  | "FanoutLimitSet"
  | "ProjectionSlicesSet"
  | "EncryptionBegan"
  | "ViewsHealed"
  | "MessageReported"
  | "ReportDecided";

/**
 * What commands are decided on, as rows: the state of each stream that may grow long, as its decider folds it, and where its
 * events are, by their ids. So nobody who was away has to fold a long stream anew. When a decider's state changes, this gets a
 * new version.
 */
export const folds: Projection<Read> = {
  name: "folds",
  version: 3,
  reads: READS,
  conversationOf: ({ partition }) => keyIfStream(partition),
  handlers: {
    UserRegistered: small(user, discreet),
    ProfileUpdated: small(user, discreet),
    LocationChanged: small(user, discreet),
    DeviceAdded: small(user, discreet),
    DeviceRemoved: small(user, discreet),
    UserDeactivated: small(user, discreet),
    UserReactivated: small(user, discreet),
    BotTokenMade: small(user, discreet),
    HandleClaimed: small(handle),
    HandleReleased: small(handle),
    FriendshipRequested: small(friendship),
    FriendRequestAccepted: small(friendship),
    FriendRequestDeclined: small(friendship),
    FriendRequestWithdrawn: small(friendship),
    FriendshipBegan: small(friendship),
    FriendshipEnded: small(friendship),
    FriendAliasChanged: small(friendship),
    UserBlocked: small(friendship),
    UserUnblocked: small(friendship),
    MessageEdited: annotated(),
    MessageRecalled: annotated(),
    MessageExpired: annotated(),
    ReactionAdded: annotated(ofReacting),
    ReactionRemoved: annotated(ofReacting),
    ChannelFollowed: small(subscription),
    ChannelUnfollowed: small(subscription),
    MessageScheduled: small(schedule),
    ScheduleCancelled: small(schedule),
    ScheduleBegun: small(schedule),
    ScheduleSent: small(schedule),
    ScheduleFailed: small(schedule),
    ScheduleFilesReleased: small(schedule),
    UploadCreated: small(uploads),
    UploadSent: small(uploads),
    UploadClosed: small(uploads),
    PushTokenClaimed: small(pushToken),
    PushTokenReleased: small(pushToken),
    PreferencesChanged: small(preferences),
    MessagePinned: annotated(),
    MessageUnpinned: annotated(),
    FilesReleased: annotated(),
    GroupCreated: grouped(({ data }) => ({ members: [data.ownerId] })),
    GroupProfileChanged: grouped(() => ({})),
    MemberJoined: grouped(ofMember),
    MemberAdded: grouped(ofMember),
    MembersImported: grouped(({ data }) => ({ members: data.userIds })),
    MemberLeft: grouped(ofMember),
    MemberRemoved: grouped(ofMember),
    RoleChanged: grouped(ofMember),
    OwnershipTransferred: grouped(({ data }) => ({ members: [data.from, data.to], silenced: [data.to] })),
    JoinRequested: grouped(ofRequest),
    MemberInvited: grouped(ofRequest),
    JoinRequestAccepted: grouped(ofRequest),
    JoinRequestDeclined: grouped(ofRequest),
    JoinRequestWithdrawn: grouped(ofRequest),
    InviteCreated: grouped(ofInvite),
    InviteUsed: grouped(ofInvite),
    InviteRevoked: grouped(ofInvite),
    MemberSilenced: grouped(ofSilenced),
    FollowerAdmitted: grouped(() => ({})),
    GroupDissolved: grouped(() => ({})),
    CirclePut: small(circle),
    CircleEqualised: small(circle),
    WebhookPut: small(webhooks),
    WebhookDeleted: small(webhooks),
    WebhookSwitchedOff: small(webhooks),
    IncomingHookPut: small(webhooks),
    IncomingHookDeleted: small(webhooks),
    UserBanned: small(ban),
    UserUnbanned: small(ban),
    NothingChanged: async (event, rows) => noted(event, (await rows.get<StateRow>("states", event.stream, ""))?.state),
  } satisfies Handlers<Read> & { [Type in Exclude<EventType, NeverFolded>]: unknown },
};

/** A stream folded up to its event at `revision`, included. */
export type Snapshot = { state: unknown; revision: number; position: string };

/** Streams with parts of their state in rows of their own. */
const PARTS: readonly { stream: string; partsOf: (reader: Reader, stream: string, state: unknown) => Promise<object> }[] = [
  { stream: "group-", partsOf: groupPartsOf },
  { stream: "annotation-", partsOf: annotationPartsOf },
];

/** How often reading begins again if the stream changed meanwhile. */
const TRIES = 5;

/** The only functions that read the folds' rows. */
export const foldReads = (reader: Reader) => {
  const stateOf = (stream: string): Awaitable<StateRow | undefined> => reader.get<StateRow>("states", stream, "");

  return {
    /** The state of a stream in the rows. Undefined if they have none, or if it changed each time it was read. */
    snapshot: async (stream: string): Promise<Snapshot | undefined> => {
      for (let attempt = 0; attempt < TRIES; attempt++) {
        const row = await stateOf(stream);
        if (row === undefined) return undefined;
        const { state, revision, position } = row;
        const partsOf = PARTS.find((of) => stream.startsWith(of.stream))?.partsOf;
        if (!partsOf) return { state, revision, position };
        const parts = await partsOf(reader, stream, state);
        // All rows of an event are committed together: the rows read in between are of one moment.
        const again = await stateOf(stream);
        if (again?.revision === revision)
          return { state: state === undefined ? undefined : { ...(state as object), ...parts }, revision, position };
      }
      return undefined;
    },
    /** Up to which revision the rows know a stream's events by their ids; -1: none. */
    knownTo: async (stream: string): Promise<number> => (await stateOf(stream))?.revision ?? -1,
    /** The revision of an event. */
    revisionOf: (stream: string, id: string) => reader.get<number>("ids", stream, id),
  };
};

export type FoldReads = ReturnType<typeof foldReads>;
