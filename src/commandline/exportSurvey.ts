import { type AboutMessage, isAboutMessage, type Scope } from "../domain/archive.ts";
import { directMembers, isChannel } from "../domain/ids.ts";
import { type Recorded, routingKey } from "../domain/recorded.ts";

/** What an archive holds of a log, known once the log was read. */
export type Seen = {
  /** Whether a fact is in the archive, so far as it can be told without its message. */
  takes(event: Recorded): boolean;
  /** Whether the archive holds a message. */
  sees(conversation: string, seq: number): boolean;
  /** The message was recalled or has expired. */
  isGone(conversation: string, seq: number): boolean;
  /** Known in an archive of one user. */
  isEdited(conversation: string, seq: number): boolean;
};

/** A stay of the user in a conversation: the seqs that it holds, and where it ended. */
type Stay = { fromSeq: number; toSeq?: number; to?: string };
type Joined = { stays: Stay[]; open: boolean; public: boolean };

/** Reads all events once. What it keeps: a number for each message that is gone, and the conversations of the user. */
export async function survey(events: AsyncIterable<Recorded>, scope: Scope): Promise<Seen> {
  const [gone, edited] = [messages(), messages()];
  const user = "user" in scope ? scope.user : undefined;
  const visits = user === undefined ? undefined : visitsOf(user);
  for await (const event of events) {
    visits?.note(event);
    if (event.type === "MessageRecalled" || event.type === "MessageExpired") gone.add(event.data);
    if (user !== undefined && event.type === "MessageEdited") edited.add(event.data);
  }
  const sees = (conversationId: string, seq: number) => visits?.sees(conversationId, seq) ?? true;
  return {
    sees,
    isGone: (conversationId, seq) => gone.has(conversationId, seq),
    isEdited: (conversationId, seq) => edited.has(conversationId, seq),
    takes: (event) => {
      if ("all" in scope) return true;
      if ("conversation" in scope)
        return event.type !== "PreferencesChanged" && routingKey(event.stream) === scope.conversation && !isOfPair(event);
      return isOfUser(event, scope.user, visits as Visits);
    },
  };
}

/** A set of messages. There may be very many: each is a number, and its conversation is named once. */
function messages() {
  const seqs = new Map<string, Set<number>>();
  return {
    has: (conversation: string, seq: number): boolean => seqs.get(conversation)?.has(seq) === true,
    add: ({ conversationId, seq }: { conversationId: string; seq: number }): void => {
      const known = seqs.get(conversationId);
      if (known) known.add(seq);
      else seqs.set(conversationId, new Set([seq]));
    },
  };
}

const isOfPair = ({ stream }: Recorded): boolean => stream.startsWith("friendship-");

type Visits = ReturnType<typeof visitsOf>;

/** Where a user was, and when. */
function visitsOf(user: string) {
  const joined = new Map<string, Joined>();
  /** Of groups, with who may read what they have sent: whoever joins later may see it. */
  const groups = new Map<string, { head: number; open: boolean; public: boolean }>();

  const groupOf = (id: string) => {
    const known = groups.get(id) ?? { head: 0, open: false, public: false };
    groups.set(id, known);
    return known;
  };
  const enter = (id: string): void => {
    const { head } = groupOf(id);
    const visit = joined.get(id) ?? { stays: [], open: false, public: false };
    joined.set(id, visit);
    if (visit.stays.at(-1)?.to !== undefined || visit.stays.length === 0) visit.stays.push({ fromSeq: head + 1 });
  };
  const leave = (id: string, position: string): void => {
    const stay = joined.get(id)?.stays.at(-1);
    if (stay && stay.to === undefined) Object.assign(stay, { toSeq: groupOf(id).head, to: position });
  };

  return {
    note: (event: Recorded): void => {
      switch (event.type) {
        case "GroupCreated": {
          const { groupId, ownerId, historyVisible } = event.data;
          Object.assign(groupOf(groupId), { open: historyVisible || isChannel(groupId), public: event.data.public });
          if (ownerId === user) enter(groupId);
          return;
        }
        case "GroupProfileChanged": {
          const { groupId, historyVisible, public: isPublic } = event.data;
          const group = groupOf(groupId);
          if (historyVisible !== undefined) group.open = historyVisible || isChannel(groupId);
          if (isPublic !== undefined) group.public = isPublic;
          return;
        }
        case "MemberJoined":
        case "MemberAdded":
        case "FollowerAdmitted":
          if (event.data.userId === user) enter(event.data.groupId);
          return;
        case "MembersImported":
          if (event.data.userIds.includes(user)) enter(event.data.groupId);
          return;
        case "ChannelFollowed":
          if (event.data.userId === user) enter(event.data.channelId);
          return;
        case "MemberLeft":
        case "MemberRemoved":
          if (event.data.userId === user) leave(event.data.groupId, event.position);
          return;
        case "ChannelUnfollowed":
          if (event.data.userId === user) leave(event.data.channelId, event.position);
          return;
        case "GroupDissolved":
          groupOf(event.data.groupId).public = false;
          leave(event.data.groupId, event.position);
          return;
        case "MessageSent":
          if (directMembers(event.data.conversationId) === undefined)
            groupOf(event.data.conversationId).head = event.revision + 1;
          return;
        default:
          return;
      }
    },
    /** The rule of `domain/visibility.ts`, for somebody who was there at least once. */
    sees: (id: string, seq: number): boolean => {
      const pair = directMembers(id);
      if (pair) return pair.includes(user);
      const stays = joined.get(id)?.stays ?? [];
      const group = groups.get(id);
      if (stays.length > 0 && group?.public) return true;
      if (group?.open && stays.at(-1) && stays.at(-1)?.to === undefined) return true;
      return stays.some(({ fromSeq, toSeq }) => seq >= fromSeq && (toSeq === undefined || seq <= toSeq));
    },
    /** Whether what happens in a group is told at this place: until the last stay ended. */
    tells: (id: string, position: string): boolean => {
      const last = joined.get(id)?.stays.at(-1);
      return last !== undefined && (last.to === undefined || position <= last.to);
    },
  };
}

/** An event about one message. */
export const isAnnotation = (event: Recorded): event is Recorded<AboutMessage> => isAboutMessage(event.type);

function isOfUser(event: Recorded, user: string, visits: Visits): boolean {
  if (isAnnotation(event)) return visits.sees(event.data.conversationId, event.data.seq);
  switch (event.type) {
    // They come with the first fact that names somebody.
    case "UserRegistered":
    case "ProfileUpdated":
    case "UserDeactivated":
    case "UserReactivated":
      return false;
    case "FriendshipRequested":
    case "FriendRequestAccepted":
    case "FriendRequestDeclined":
    case "FriendRequestWithdrawn":
      return event.data.from === user || event.data.to === user;
    case "FriendshipBegan":
      return event.data.userIds.includes(user);
    case "FriendshipEnded":
      return event.data.userId === user || event.data.friendId === user;
    // Whom others block, and what they call them, is nobody else's affair.
    case "FriendAliasChanged":
    case "UserBlocked":
    case "UserUnblocked":
    case "PreferencesChanged":
      return event.data.userId === user;
    case "ReadUpTo":
      return event.data.userId === user && visits.sees(event.data.conversationId, event.data.seq);
    case "ChannelFollowed":
    case "ChannelUnfollowed":
    case "FollowerAdmitted":
      return event.data.userId === user;
    case "MessageSent":
      return visits.sees(event.data.conversationId, event.revision + 1);
    case "GroupCreated":
    case "GroupProfileChanged":
    case "MemberJoined":
    case "MemberAdded":
    case "MembersImported":
    case "MemberLeft":
    case "MemberRemoved":
    case "RoleChanged":
    case "OwnershipTransferred":
    case "MemberSilenced":
    case "GroupDissolved":
      return visits.tells(event.data.groupId, event.position);
    default:
      return false;
  }
}
