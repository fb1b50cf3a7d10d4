import { codeOf } from "../../domain/code.ts";
import { directMembers, isChannel, isDirect, kindOf, memberIdOf, peerOf } from "../../domain/ids.ts";
import { isMember, mayOpen, seesLive } from "../../domain/visibility.ts";
import { conversationArgument, edgeKey, membersInOrder, orNull, pageSize, viewsAtLeast } from "../arguments.ts";
import type { Area } from "../area.ts";
import { andThen } from "../../ports/awaitable.ts";
import { registeredOrAdmin } from "../callers.ts";
import type { Context } from "../context.ts";
import {
  type ConversationEntity,
  groupOf,
  headOf,
  lastSeqOf,
  membershipOf,
  messageAt,
  openConversation,
  profileOf,
  readAt,
  sightOf,
  unreadOf,
  userEntity,
  visibleMessage,
} from "../entities.ts";
import { viewerAt } from "../payloads.ts";
import { invitesOf } from "../joining.ts";
import { ACTIVITY_PARTS, byActivity, byJoining, JOINING_PARTS, unreadTotal } from "./list.ts";
import { conversationAt, pastTime } from "../past.ts";
import { memberCountOf, memberOf, seesFollowers } from "../memberEntities.ts";
import { membersOf } from "./members.ts";

const USUAL_PAGE = 50;

/** Conversations as viewers see them, and the viewer's list of them. */
export const conversations = {
  Query: {
    conversation: async (_, { id, atLeast, at }, context) => {
      await registeredOrAdmin(context);
      membersInOrder(context.caller, "id", id);
      conversationArgument(id);
      const then = at == null ? undefined : pastTime(context, at);
      await viewsAtLeast(context, atLeast);
      if (then !== undefined) return conversationAt(context, id, then);
      return orNull(context, () => openConversation(context, id));
    },
  },

  Viewer: {
    conversations: async (_, { first, after, kind, unreadOnly, includeHidden, pinnedFirst, atLeast }, context) => {
      const query = {
        first: pageSize(first, USUAL_PAGE),
        after: edgeKey(after, ACTIVITY_PARTS),
        unreadOnly: unreadOnly ?? false,
        includeHidden: includeHidden ?? false,
        pinnedFirst: pinnedFirst ?? false,
      };
      await viewsAtLeast(context, atLeast);
      return byActivity(context, { ...query, ...(kind == null ? {} : { kind }) });
    },

    unreadTotal: (viewer, { includeMuted }, context) =>
      includeMuted === true
        ? (viewer.unreadWithMuted ??= unreadTotal(context, true))
        : (viewer.unreadTotal ??= unreadTotal(context, false)),

    groups: (_, { first, after }, context) => byJoining(context, pageSize(first, USUAL_PAGE), edgeKey(after, JOINING_PARTS)),
  },

  Conversation: {
    kind: ({ id }) => kindOf(id),
    title: (conversation, _, context) => {
      const peer = peerEntity(conversation, context);
      if (peer) return andThen(profileOf(context, peer), ({ name }) => name);
      return andThen(groupOf(context, conversation), (group) => group?.title ?? conversation.id);
    },
    avatarUrl: (conversation, _, context) => andThen(groupOf(context, conversation), (group) => group?.avatarUrl ?? null),
    description: (conversation, _, context) => andThen(groupOf(context, conversation), (group) => group?.description ?? null),
    // It is for members. Whoever was only asked in gets to know it when they are one.
    announcement: (conversation, _, context) =>
      andThen(sightOf(context, conversation), (sight) =>
        mayOpen(sight) ? andThen(groupOf(context, conversation), (group) => group?.announcement ?? null) : null,
      ),
    category: (conversation, _, context) => andThen(groupOf(context, conversation), (group) => group?.category ?? null),
    tags: (conversation, _, context) => andThen(groupOf(context, conversation), (group) => group?.tags ?? []),
    createdAt: (conversation, _, context) => createdAt(context, conversation),
    joinPolicy: (conversation, _, context) => andThen(groupOf(context, conversation), (group) => group?.joinPolicy ?? "INVITE"),
    public: (conversation, _, context) => andThen(groupOf(context, conversation), (group) => group?.public ?? false),
    historyVisible: (conversation, _, context) =>
      andThen(groupOf(context, conversation), (group) => group?.historyVisible ?? isDirect(conversation.id)),
    code: ({ id }) => (isDirect(id) ? null : codeOf(id)),
    peer: (conversation, _, context) => peerEntity(conversation, context),
    memberCount: (conversation, _, context) => memberCountOf(context, conversation),
    members: (conversation, { first, after, role, followers }, context) => {
      const key = edgeKey(after, 1)?.[0];
      return membersOf(context, conversation, {
        first: pageSize(first, USUAL_PAGE),
        after: key,
        ...(role == null ? {} : { role }),
        ...(followers == null ? {} : { followers }),
      });
    },
    membership: (conversation, _, context) => memberOf(context, conversation, context.caller.userId),
    invites: (conversation, _, context) => invitesOf(context, conversation),
    lastSeq: (conversation, _, context) => lastSeqOf(context, conversation),
    lastMessage: (conversation, _, context) =>
      andThen(lastSeqOf(context, conversation), (seq) => (seq === 0 ? null : visibleMessage(context, conversation, seq))),
    lastActivityAt: (conversation, _, context) => lastActivityAt(context, conversation),
    readSeq: (conversation, _, context) => andThen(unreadOf(context, conversation), ({ readSeq }) => readSeq),
    unreadCount: (conversation, _, context) => andThen(unreadOf(context, conversation), ({ unreadCount }) => unreadCount),
    unreadMentions: (conversation, _, context) =>
      andThen(membershipOf(context, conversation), (stay) =>
        stay ? context.services.views.readMarks.unreadMentions(context.caller.userId, conversation.id, stay.joinedSeq) : 0,
      ),
  },

  ConversationPayload: {
    viewer: ({ cursor }, _, context) => viewerAt(context, cursor),
  },

  Member: {
    id: ({ conversation, user }) => memberIdOf(conversation.id, user.id),
    readSeq: ({ conversation, user }, _, context) => membersReadSeq(context, conversation, user.id),
  },
} satisfies Area;

/** The other member of the viewer's direct conversation. */
function peerEntity({ id, at }: ConversationEntity, { caller }: Context) {
  const peer = peerOf(id, caller.userId);
  return peer === undefined ? null : userEntity(peer, at);
}

/** A direct conversation begins with its first message. */
function createdAt(context: Context, conversation: ConversationEntity) {
  const [anyone] = directMembers(conversation.id) ?? [];
  if (anyone === undefined) return andThen(groupOf(context, conversation), (group) => group?.createdAt ?? null);
  const key = { conversation: conversation.id, user: anyone };
  const begun = readAt(context, conversation.at, () => context.loaders.membership(key));
  return andThen(begun, (row) => row?.joinedAt ?? null);
}

/** The time of the newest message that the viewer may know of. */
function lastActivityAt(context: Context, conversation: ConversationEntity) {
  return andThen(sightOf(context, conversation), (sight) => {
    const sent = seesLive(sight)
      ? andThen(headOf(context, conversation), (head) => head?.sentAt)
      : andThen(lastSeqOf(context, conversation), (seq) =>
          andThen(messageAt(context, conversation, seq), (message) => message?.row.sentAt),
        );
    return andThen(sent, (at) => at ?? createdAt(context, conversation));
  });
}

/** How far a member has read. Only members are told, and in a channel its staff: others who see the members get 0. */
function membersReadSeq(context: Context, conversation: ConversationEntity, user: string) {
  const { id, at } = conversation;
  const isTold = andThen(sightOf(context, conversation), ({ stay }) => {
    if (!isMember(stay)) return false;
    return !isChannel(id) || user === context.caller.userId || seesFollowers(context, conversation);
  });
  return andThen(isTold, (told) => (told ? readAt(context, at, () => context.loaders.mark({ conversation: id, user })) : 0));
}
