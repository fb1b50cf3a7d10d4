import type { MemberRow } from "../../projections/relationRows.ts";
import { isStaff } from "../../projections/standing.ts";
import { directMembers, isChannel, isDirect } from "../domain/ids.ts";
import { seesLive } from "../domain/visibility.ts";
import { andThen, type Awaitable } from "../ports/awaitable.ts";
import type { Context } from "./context.ts";
import {
  type ConversationEntity,
  conversationEntity,
  type MemberEntity,
  membershipOf,
  readAt,
  sightOf,
  userEntity,
} from "./entities.ts";

/** What a member's entity is made of. */
export type MemberParts = Pick<MemberRow, "role" | "joinedAt" | "joinedSeq" | "standing" | "silencedUntil">;

export const memberEntity = (
  conversation: ConversationEntity,
  user: string,
  { role, joinedAt, joinedSeq, standing, silencedUntil }: MemberParts,
): MemberEntity => ({
  __typename: "Member",
  conversation,
  user: userEntity(user),
  role,
  joinedAt,
  joinedSeq,
  follower: standing === "FOLLOWER",
  ...(silencedUntil !== undefined && { silencedUntil }),
});

/**
 * Whether the viewer is of the staff of a channel. Only then they learn who follows it. An operator, who is shown it as it stood,
 * learns it too; of one that was dissolved nobody is left, whatever the followers' rows say.
 */
export function seesFollowers(context: Context, { id: conversation, at, isWhole }: ConversationEntity): Awaitable<boolean> {
  if (isWhole) return andThen(context.loaders.groupRelations(conversation), (row) => row?.dissolved === undefined);
  return andThen(
    readAt(context, at, () => context.loaders.member({ conversation, user: context.caller.userId })),
    (viewer) => isStaff(viewer?.standing),
  );
}

/**
 * A member of now of a conversation, whoever asks. Null if the user is none; in a direct conversation of the viewer both are
 * members once it has begun.
 */
export function memberOf(context: Context, conversation: ConversationEntity, user: string): Awaitable<MemberEntity | null> {
  if (isDirect(conversation.id)) {
    if (!directMembers(conversation.id)?.includes(user)) return null;
    return andThen(membershipOf(context, conversation), (begun) =>
      begun ? memberEntity(conversation, user, { role: "MEMBER", ...begun }) : null,
    );
  }
  const row = readAt(context, conversation.at, () => context.loaders.member({ conversation: conversation.id, user }));
  return andThen(row, (member) => (member ? memberEntity(conversation, user, member) : null));
}

/**
 * The same for those who see the conversation's members: its members, and anyone if it is public. Followers of a channel are seen
 * by its staff and by themselves.
 */
export async function visibleMember(context: Context, id: string, user: string): Promise<MemberEntity | null> {
  const conversation = conversationEntity(id);
  const sight = await sightOf(context, conversation);
  const member = seesLive(sight) ? await memberOf(context, conversation, user) : null;
  if (!isChannel(id) || user === context.caller.userId) return member;
  // Asked whether there is such a follower or not, so that the time tells nothing.
  const isStaffs = await seesFollowers(context, conversation);
  return member?.follower && !isStaffs ? null : member;
}

/** How many members it has. Whoever has left is told how many there were then; whoever never saw them, 0. */
export function memberCountOf(context: Context, conversation: ConversationEntity): Awaitable<number> {
  if (isDirect(conversation.id)) return 2;
  return andThen(sightOf(context, conversation), (sight) =>
    seesLive(sight) ? membersNow(context, conversation) : membersAtLeaving(context, conversation),
  );
}

const membersNow = (context: Context, conversation: ConversationEntity): Awaitable<number> =>
  andThen(
    readAt(context, conversation.at, () => context.loaders.groupRelations(conversation.id)),
    (row) => row?.memberCount ?? 0,
  );

/** A former member does not see who came and went after they left. */
const membersAtLeaving = (context: Context, conversation: ConversationEntity): Awaitable<number> =>
  andThen(
    readAt(context, conversation.at, () =>
      context.services.views.relations.countAtLeaving(conversation.id, context.caller.userId),
    ),
    // They may have come back at this very moment.
    (count) => count ?? membersNow(context, conversation),
  );
