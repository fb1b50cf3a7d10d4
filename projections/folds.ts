import { decider as annotation } from "../src/domain/annotation.ts";
import type { Decider } from "../src/domain/decider.ts";
import type { EventType } from "../src/domain/events.ts";
import { decider as friendship } from "../src/domain/friendship.ts";
import { decider as group, type Event as GroupEvent, roleOf, type Role, type State as GroupState } from "../src/domain/group.ts";
import { decider as handle } from "../src/domain/handle.ts";
import type { Recorded } from "../src/domain/recorded.ts";
import { emptyTrie, type Trie, trieSet } from "../src/domain/trie.ts";
import { decider as user, type State as UserState } from "../src/domain/user.ts";
import type { Awaitable } from "../src/ports/awaitable.ts";
import {
  del,
  type Handlers,
  type Projection,
  put,
  type Reader,
  type Rows,
  type TableWrite,
} from "../src/projecting/projection.ts";

/** The state of a stream after its event at `revision`, the members of a group apart. */
type StateRow = { state?: unknown; revision: number; position: string };

type Placed = Pick<Recorded, "stream" | "id" | "revision" | "position">;
type Of<T extends EventType> = Recorded<T> & Placed;

/** What is noted for every event: where it is, by its id, and the state of the stream with it. */
const noted = ({ stream, id, revision, position }: Placed, state: unknown): TableWrite[] => [
  put("states", stream, "", { state, revision, position } satisfies StateRow),
  put("ids", stream, id, revision),
];

/** The handler for a stream whose state is one small value. `kept`: the part of it that rows may hold. */
function small<State, Event extends { type: EventType }>(
  decider: Decider<State, unknown, Event>,
  kept: (state: State) => State = (state) => state,
) {
  return async (event: Of<Event["type"]>, rows: OwnRows): Promise<TableWrite[]> => {
    const row = await rows.get<StateRow>("states", event.stream, "");
    const before = (row?.state as State | undefined) ?? decider.initial;
    return noted(event, kept(decider.evolve(before, event as unknown as Event)));
  };
}

/** The exact place of a user is only in their own stream: the rows say only that there is one. */
const placeless = (state: UserState): UserState => (state?.point ? { ...state, point: undefined } : state);

/**
 * The handler for a group. Its state is split into one row for each member, and only the rows of members that the event names are
 * read.
 */
const grouped =
  <T extends GroupEvent["type"]>(named: (event: Of<T>) => readonly string[]) =>
  async (event: Of<T>, rows: OwnRows): Promise<TableWrite[]> => {
    const { stream } = event;
    const row = await rows.get<StateRow>("states", stream, "");
    const users = [...new Set(named(event))];
    let members: Trie<Role> = emptyTrie;
    for (const id of users) {
      const role = await rows.get<Role>("members", stream, id);
      if (role !== undefined) members = trieSet(members, id, role);
    }
    const before = row?.state === undefined ? undefined : { ...(row.state as NonNullable<GroupState>), members };
    const after = group.evolve(before, event as unknown as GroupEvent);
    const writes = noted(event, after && { groupId: after.groupId, joinPolicy: after.joinPolicy, public: after.public });
    for (const id of users) {
      const role = roleOf(after, id);
      if (role === roleOf(before, id)) continue;
      writes.push(role === undefined ? del("members", stream, id) : put("members", stream, id, role));
    }
    return writes;
  };

const ofUser = ({ data }: { data: { userId: string } }) => [data.userId];

const READS = ["states", "members"] as const;
type Read = (typeof READS)[number];
type OwnRows = Rows<Read>;

/**
 * Events of streams that no command folds, or that stay short. Any other type must have a handler, or the rows would hold a state
 * that lacks its events.
 */
type NeverFolded = "MessageSent" | "ReadUpTo" | "LogKeyMade" | "FanoutLimitSet";

/**
 * What commands are decided on, as rows: the state of each stream that may grow long, as its decider folds it, and where its
 * events are, by their ids. So nobody who was away has to fold a long stream anew. When a decider's state changes, this gets a
 * new version.
 */
export const folds: Projection<Read> = {
  name: "folds",
  version: 1,
  reads: READS,
  handlers: {
    UserRegistered: small(user, placeless),
    ProfileUpdated: small(user, placeless),
    LocationChanged: small(user, placeless),
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
    MessageEdited: small(annotation),
    MessageRecalled: small(annotation),
    GroupCreated: grouped(({ data }) => [data.ownerId]),
    MemberJoined: grouped(ofUser),
    MemberAdded: grouped(ofUser),
    MembersImported: grouped(({ data }) => data.userIds),
    MemberLeft: grouped(ofUser),
    MemberRemoved: grouped(ofUser),
    RoleChanged: grouped(ofUser),
    OwnershipTransferred: grouped(({ data }) => [data.from, data.to]),
    NothingChanged: async (event, rows) => noted(event, (await rows.get<StateRow>("states", event.stream, ""))?.state),
  } satisfies Handlers<Read> & { [Type in Exclude<EventType, NeverFolded>]: unknown },
};

/** A stream folded up to its event at `revision`, included. */
export type Snapshot = { state: unknown; revision: number; position: string };

/** How many members are read at a time, and how often reading begins again if the group changed meanwhile. */
const PAGE = 1_000;
const TRIES = 5;

/** The only functions that read the folds' rows. */
export const foldReads = (reader: Reader) => {
  const stateOf = (stream: string): Awaitable<StateRow | undefined> => reader.get<StateRow>("states", stream, "");

  const membersOf = async (stream: string): Promise<Trie<Role>> => {
    let members: Trie<Role> = emptyTrie;
    for (let after: string | undefined; ;) {
      const page = await reader.range<Role>("members", stream, { ...(after === undefined ? {} : { after }), limit: PAGE });
      for (const { sort, value } of page) members = trieSet(members, sort, value);
      after = page[page.length - 1]?.sort;
      if (page.length < PAGE) return members;
    }
  };

  return {
    /** The state of a stream in the rows. Undefined if they have none, or if it changed each time it was read. */
    snapshot: async (stream: string): Promise<Snapshot | undefined> => {
      for (let attempt = 0; attempt < TRIES; attempt++) {
        const row = await stateOf(stream);
        if (row === undefined) return undefined;
        const { state, revision, position } = row;
        if (!stream.startsWith("group-")) return { state, revision, position };
        const members = await membersOf(stream);
        // All rows of an event are committed together: the rows read in between are of one moment.
        const again = await stateOf(stream);
        if (again?.revision === revision)
          return { state: state === undefined ? undefined : { ...(state as object), members }, revision, position };
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
