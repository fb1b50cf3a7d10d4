import { FOLLOWERS, type MemberList, ROLES } from "../../../projections/channelMembers.ts";
import type { Role } from "../../domain/groupState.ts";
import { directMembers, isChannel, isDirect } from "../../domain/ids.ts";
import { seesLive } from "../../domain/visibility.ts";
import type { Context } from "../context.ts";
import { type ConversationEntity, type MemberEntity, membershipOf, readAt, sightOf } from "../entities.ts";
import { edgeCursor } from "../arguments.ts";
import { type Connection, edged } from "../connections.ts";
import { memberEntity, type MemberParts, seesFollowers } from "../memberEntities.ts";

type Found = { key: string; user: string; member: MemberParts };
/** `followers`: only the followers of a channel, or only its staff. */
type MemberQuery = { first: number; after: string | undefined; role?: Role; followers?: boolean };

/**
 * The members in order of joining. Members see each other, and anyone who may read a public group sees its members. All
 * others see nobody. The followers of a channel are listed for its staff alone.
 */
export async function membersOf(
  context: Context,
  conversation: ConversationEntity,
  query: MemberQuery,
): Promise<Connection<MemberEntity>> {
  if (!seesLive(await sightOf(context, conversation))) return edged([], false, false);
  const { first, after, role } = query;
  const lists = await listsFor(context, conversation, query);
  const read = (from: string | undefined, count: number) =>
    readAt(context, conversation.at, () =>
      isDirect(conversation.id)
        ? directPage(context, conversation, from, role)
        : groupPage(context, conversation.id, from, count, lists),
    );
  const found = await read(after, first + 1);
  const oldest = after === undefined ? undefined : (await read(undefined, 1))[0];
  const edges = found
    .slice(0, first)
    .map(({ key, user, member }) => ({ cursor: edgeCursor(key), node: memberEntity(conversation, user, member) }));
  return edged(edges, found.length > first, oldest !== undefined && after !== undefined && oldest.key <= after);
}

/** The lists that the viewer may see of those asked for. */
async function listsFor(
  context: Context,
  conversation: ConversationEntity,
  { role, followers }: MemberQuery,
): Promise<readonly MemberList[]> {
  const roles: readonly Role[] = role === undefined ? ROLES : [role];
  if (!isChannel(conversation.id)) return roles;
  const staff = followers === true ? [] : roles;
  if (followers === false || !roles.includes("MEMBER")) return staff;
  return (await seesFollowers(context, conversation)) ? [...staff, FOLLOWERS] : staff;
}

/** At least `count` members of these lists after a key, if there are so many. */
async function groupPage(
  { services }: Context,
  id: string,
  after: string | undefined,
  count: number,
  lists: readonly MemberList[],
): Promise<Found[]> {
  const found: Found[] = [];
  for (let from = after; ;) {
    const page = await services.views.relations.membersByJoin(id, from, count, lists);
    found.push(...page);
    // A page may be shorter because members left while it was read. Only an empty page is the end.
    from = page[page.length - 1]?.key;
    if (from === undefined || found.length >= count) return found;
  }
}

/** The two members of a direct conversation that has begun. */
async function directPage(
  context: Context,
  conversation: ConversationEntity,
  after: string | undefined,
  role: Role | undefined,
): Promise<Found[]> {
  const members = directMembers(conversation.id) ?? [];
  // An operator is none of the two.
  const begun = conversation.isWhole
    ? await context.loaders.membership({ conversation: conversation.id, user: members[0] ?? "" })
    : await membershipOf(context, conversation);
  if (!begun || (role !== undefined && role !== "MEMBER")) return [];
  return members
    .filter((user) => after === undefined || user > after)
    .map((user) => ({ key: user, user, member: { role: "MEMBER", joinedAt: begun.joinedAt, joinedSeq: begun.joinedSeq } }));
}
