import type { GroupRow } from "../../../projections/directory.ts";
import type { InviteRow, JoinRequestRow } from "../../../projections/joining.ts";
import { codeOf } from "../../domain/code.ts";
import { isGood } from "../../domain/groupInvites.ts";
import { joinRequestIdOf } from "../../domain/ids.ts";
import { andThen, type Awaitable } from "../../ports/awaitable.ts";
import { edgeCursor, edgeKey, pageSize } from "../arguments.ts";
import type { Area } from "../area.ts";
import { badInput } from "../badInput.ts";
import { registered } from "../callers.ts";
import { edged } from "../connections.ts";
import { memberCountOf } from "../memberEntities.ts";
import type { Context } from "../context.ts";
import {
  type ConversationEntity,
  conversationEntity,
  groupOf,
  type InviteEntity,
  type JoinRequestEntity,
  joinRequestEntity,
  readAt,
  userEntity,
} from "../entities.ts";
import { calledId } from "./resolvers.ts";
import { invitePayload, joinPayload, joinRequestPayload } from "../payloads.ts";
import { answerJoinInput, createInviteInput, joinByInviteInput, joinInput, revokeInviteInput } from "./joiningInputs.ts";

/** How users become members of groups: requests and invitations. */
export const joining = {
  Mutation: {
    join: (_, { input }, context) =>
      registered(context, async ({ services: { commands }, caller }) => {
        if (input.inviteCode != null)
          return joinPayload(await calledId(commands.joinByInvite(caller, joinByInviteInput(input)), "inviteCode"));
        if (input.id == null) throw badInput("id", "the group to join, or `inviteCode`");
        return joinPayload(await calledId(commands.join(caller, joinInput(input))));
      }),

    answerJoinRequest: (_, { input }, context) =>
      registered(context, async ({ services, caller }) =>
        joinRequestPayload(await calledId(services.commands.answerJoinRequest(caller, answerJoinInput(input)))),
      ),

    createInvite: (_, { input }, context) =>
      registered(context, async ({ services, caller }) =>
        invitePayload(await services.commands.createInvite(caller, createInviteInput(input))),
      ),

    revokeInvite: (_, { input }, context) =>
      registered(context, async ({ services, caller }) =>
        invitePayload(await services.commands.revokeInvite(caller, revokeInviteInput(input))),
      ),
  },

  Viewer: {
    joinRequests: async (_, { direction, status, first, after }, { services: { views }, caller }) => {
      const asked = direction ?? "INCOMING";
      const query = { after: edgeKey(after, 1)?.[0], limit: pageSize(first, 50) };
      const groups = asked === "INCOMING" ? await views.relations.decidesFor(caller.userId) : [];
      const { requests, next } = await views.joining.requestsOf(caller.userId, asked, status ?? "PENDING", groups, query);
      const edges = requests.map(({ key, request }) => ({
        cursor: edgeCursor(key),
        node: joinRequestEntity(request, { row: request }),
      }));
      return edged(edges, next !== undefined, query.after !== undefined);
    },
  },

  JoinPayload: {
    conversation: ({ conversation, request }, _, context) => (request ? conversationAskedFor(context, request) : conversation),
  },

  JoinRequest: {
    id: ({ group, user, number }) => joinRequestIdOf(group, user, number),
    conversation: (request, _, context) => conversationAskedFor(context, request),
    user: ({ user }) => userEntity(user),
    invitedBy: (request, _, context) =>
      andThen(requestOf(context, request), ({ invitedBy }) => (invitedBy === null ? null : userEntity(invitedBy))),
    note: (request, _, context) => andThen(requestOf(context, request), ({ note }) => note),
    status: (request, _, context) => andThen(requestOf(context, request), ({ status }) => status),
    requestedAt: (request, _, context) => andThen(requestOf(context, request), ({ requestedAt }) => requestedAt),
    decidedAt: (request, _, context) => andThen(requestOf(context, request), ({ decidedAt }) => decidedAt),
    decidedBy: (request, _, context) =>
      andThen(requestOf(context, request), ({ decidedBy }) => (decidedBy === null ? null : userEntity(decidedBy))),
  },

  Invite: {
    code: ({ id }) => codeOf(id),
    createdBy: (invite, _, context) => andThen(inviteOf(context, invite), ({ createdBy }) => userEntity(createdBy)),
    expiresAt: (invite, _, context) => andThen(inviteOf(context, invite), ({ expiresAt }) => expiresAt),
    usesLeft: (invite, _, context) => andThen(inviteOf(context, invite), ({ usesLeft }) => usesLeft),
    title: (invite, _, context) => andThen(invitingGroup(context, invite), ({ title }) => title),
    avatarUrl: (invite, _, context) => andThen(invitingGroup(context, invite), ({ avatarUrl }) => avatarUrl),
    description: (invite, _, context) => andThen(invitingGroup(context, invite), ({ description }) => description),
    memberCount: (invite, _, context) =>
      andThen(inviteOf(context, invite), (row) =>
        isGoodNow(context, row)
          ? andThen(context.loaders.groupRelations(row.group), (group) => group?.memberCount ?? 0)
          : memberCountOf(context, invitingTo(invite, row)),
      ),
  },
} satisfies Area;

function requestOf(context: Context, request: JoinRequestEntity): Awaitable<JoinRequestRow> {
  const { group, user, number } = request;
  return (request.row ??= readAt(context, request.at, () =>
    andThen(context.services.views.joining.request(group, user, number), (row) => {
      if (row === undefined) throw new Error(`the views have no request ${number} of ${user} to join ${group}`);
      return row;
    }),
  ));
}

function inviteOf(context: Context, invite: InviteEntity): Awaitable<InviteRow> {
  return (invite.row ??= readAt(context, invite.at, () =>
    andThen(context.services.views.joining.invite(invite.id), (row) => {
      if (row === undefined) throw new Error(`the views have no invitation ${invite.id}`);
      return row;
    }),
  ));
}

/** The group that is asked for, as it was when the request was made or decided. */
const conversationAskedFor = (context: Context, request: JoinRequestEntity): Awaitable<ConversationEntity> =>
  andThen(requestOf(context, request), ({ group, position }) => ({
    ...conversationEntity(group, request.at),
    asOf: position,
  }));

const isGoodNow = ({ services }: Context, row: InviteRow): boolean => isGood(row, services.now().toISOString());

const invitingTo = ({ at }: InviteEntity, { group, madeAt }: InviteRow): ConversationEntity => ({
  ...conversationEntity(group, at),
  asOf: madeAt,
});

/**
 * What the group says of itself now, while the invitation is good. One that is no longer good tells those who decided for the
 * group once, and ask the same again, no more than they may see of it.
 */
const invitingGroup = (context: Context, invite: InviteEntity): Awaitable<GroupRow> =>
  andThen(inviteOf(context, invite), (invited) =>
    andThen(
      isGoodNow(context, invited) ? context.loaders.group(invited.group) : groupOf(context, invitingTo(invite, invited)),
      (row) => {
        if (row === undefined) throw new Error(`the views have no group ${invited.group}`);
        return row;
      },
    ),
  );
