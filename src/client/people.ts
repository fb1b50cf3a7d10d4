import type { InboxEntry } from "./entries.ts";
import type { FriendRequest, JoinRequest, KnownPerson, PeopleState, Person } from "./types.ts";

export const NOBODY: PeopleState = {
  loaded: false,
  friends: [],
  incomingRequests: [],
  outgoingRequests: [],
  incomingJoinRequests: [],
  outgoingJoinRequests: [],
  blocked: [],
};

/** What people are to the viewer after an entry: the same object where it changes nothing of it. */
export function peopleAfter(people: PeopleState, me: string, entry: InboxEntry): PeopleState {
  switch (entry.__typename) {
    case "FriendRequestChanged": {
      const { request } = entry;
      return request.from.id === me
        ? { ...people, outgoingRequests: withRequest(people.outgoingRequests, request) }
        : { ...people, incomingRequests: withRequest(people.incomingRequests, request) };
    }
    case "FriendshipChanged": {
      const { user } = entry;
      const { status, blockedByViewer } = user.friendship;
      return {
        ...people,
        friends: status === "FRIENDS" ? withFriend(people.friends, user) : without(people.friends, user.id),
        blocked: blockedByViewer ? withPersonFirst(people.blocked, user) : without(people.blocked, user.id),
      };
    }
    case "JoinRequestChanged": {
      const { joinRequest } = entry;
      const { user, invitedBy } = joinRequest;
      // Who was asked in answers it, and who asked them in made it.
      const madeBy = invitedBy?.id ?? user.id;
      return madeBy === me
        ? { ...people, outgoingJoinRequests: withRequest(people.outgoingJoinRequests, joinRequest) }
        : { ...people, incomingJoinRequests: withRequest(people.incomingJoinRequests, joinRequest) };
    }
    case "ConversationChanged":
    case "MembershipChanged": {
      const { id, kind, title, avatarUrl } = entry.conversation;
      const isOfIt = ({ conversation }: JoinRequest): boolean => conversation.id === id;
      const { incomingJoinRequests: incoming, outgoingJoinRequests: outgoing } = people;
      if (![...incoming, ...outgoing].some(isOfIt)) return people;
      const now = (one: JoinRequest): JoinRequest =>
        isOfIt(one) ? { ...one, conversation: { ...one.conversation, kind, title, avatarUrl } } : one;
      return { ...people, incomingJoinRequests: incoming.map(now), outgoingJoinRequests: outgoing.map(now) };
    }
    default:
      return people;
  }
}

/** The same people, with this one as they are now. */
export function peopleWith(people: PeopleState, person: Person): PeopleState {
  const now = <T extends Person>(one: T): T => (one.id === person.id ? { ...one, ...person } : one);
  const asked = (request: FriendRequest): FriendRequest => ({ ...request, from: now(request.from), to: now(request.to) });
  const joining = (request: JoinRequest): JoinRequest => ({
    ...request,
    user: now(request.user),
    invitedBy: request.invitedBy && now(request.invitedBy),
  });
  return {
    ...people,
    friends: people.friends.map(now),
    blocked: people.blocked.map(now),
    incomingRequests: people.incomingRequests.map(asked),
    outgoingRequests: people.outgoingRequests.map(asked),
    incomingJoinRequests: people.incomingJoinRequests.map(joining),
    outgoingJoinRequests: people.outgoingJoinRequests.map(joining),
  };
}

/** Everybody who is shown there. */
export const peopleOfAll = (people: PeopleState): readonly Person[] => [
  ...people.friends,
  ...people.blocked,
  ...[...people.incomingRequests, ...people.outgoingRequests].flatMap(({ from, to }) => [from, to]),
  ...[...people.incomingJoinRequests, ...people.outgoingJoinRequests].flatMap(({ user, invitedBy }) =>
    invitedBy ? [user, invitedBy] : [user],
  ),
];

/** Only those that wait are listed, the newest first. */
function withRequest<T extends { id: string; status: string; requestedAt: string }>(
  requests: readonly T[],
  request: T,
): readonly T[] {
  const others = requests.filter(({ id }) => id !== request.id);
  if (request.status !== "PENDING") return others;
  const at = others.findIndex(({ requestedAt }) => requestedAt <= request.requestedAt);
  return at < 0 ? [...others, request] : [...others.slice(0, at), request, ...others.slice(at)];
}

/** The newest friendship first. */
function withFriend(friends: readonly KnownPerson[], user: KnownPerson): readonly KnownPerson[] {
  const others = without(friends, user.id);
  const since = user.friendship.since ?? "";
  const at = others.findIndex(({ friendship }) => (friendship.since ?? "") <= since);
  return at < 0 ? [...others, user] : [...others.slice(0, at), user, ...others.slice(at)];
}

/** One who was there keeps their place. */
const withPersonFirst = (people: readonly KnownPerson[], user: KnownPerson): readonly KnownPerson[] =>
  people.some(({ id }) => id === user.id) ? people.map((one) => (one.id === user.id ? user : one)) : [user, ...people];

const without = (people: readonly KnownPerson[], user: string): readonly KnownPerson[] => people.filter(({ id }) => id !== user);
