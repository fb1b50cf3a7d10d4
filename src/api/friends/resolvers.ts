import type { FriendshipRow, RequestRow } from "../../../projections/friends.ts";
import { directConversationOf, friendRequestIdOf, friendshipIdOf } from "../../domain/ids.ts";
import { andThen, type Awaitable } from "../../ports/awaitable.ts";
import { edgeKey, pageSize } from "../arguments.ts";
import type { Area } from "../area.ts";
import { registered } from "../callers.ts";
import type { Context } from "../context.ts";
import { type FriendRequestEntity, type FriendshipEntity, readAt, userEntity } from "../entities.ts";
import { friendRequestPayload, userPayload } from "../payloads.ts";
import { answerInput, blockInput, requestFriendshipInput, requestInput, setAliasInput, userInput } from "./inputs.ts";
import { blockedBy, friendsByName, friendsBySince, requestsOf } from "./lists.ts";

/** Who is whose friend, who asks to be, and who has blocked whom. */
export const friends = {
  Mutation: {
    requestFriendship: (_, { input }, context) =>
      registered(context, async ({ services, caller }) =>
        friendRequestPayload(await services.commands.requestFriendship(caller, requestFriendshipInput(input))),
      ),

    answerFriendRequest: (_, { input }, context) =>
      registered(context, async ({ services, caller }) =>
        friendRequestPayload(await services.commands.answerFriendRequest(caller, answerInput(input))),
      ),

    withdrawFriendRequest: (_, { input }, context) =>
      registered(context, async ({ services, caller }) =>
        friendRequestPayload(await services.commands.withdrawFriendRequest(caller, requestInput(input))),
      ),

    endFriendship: (_, { input }, context) =>
      registered(context, async ({ services, caller }) =>
        userPayload(input.userId, await services.commands.endFriendship(caller, userInput(input))),
      ),

    setAlias: (_, { input }, context) =>
      registered(context, async ({ services, caller }) =>
        userPayload(input.userId, await services.commands.setAlias(caller, setAliasInput(input))),
      ),

    block: (_, { input }, context) =>
      registered(context, async ({ services, caller }) =>
        userPayload(input.userId, await services.commands.block(caller, blockInput(input))),
      ),
  },

  Viewer: {
    friends: (_, { orderBy, first, after }, context) => {
      const cap = context.services.friendCap;
      const size = pageSize(first, 50);
      return orderBy === "SINCE"
        ? friendsBySince(context, cap, { first: size, after: edgeKey(after, 1) })
        : friendsByName(context, cap, { first: size, after: edgeKey(after, 2) });
    },

    friendRequests: (_, { direction, status, first, after }, context) =>
      requestsOf(context, direction ?? "INCOMING", status ?? "PENDING", { first: pageSize(first, 50), after: edgeKey(after, 1) }),

    blocked: (_, { first, after }, context) => blockedBy(context, { first: pageSize(first, 50), after: edgeKey(after, 1) }),
  },

  User: {
    friendship: ({ id, at }): FriendshipEntity => ({ user: id, ...(at === undefined ? {} : { at }) }),
  },

  Friendship: {
    status: (friendship, _, context) => andThen(rowOf(context, friendship), (row) => statusOf(row, context.caller.userId)),
    since: (friendship, _, context) => andThen(rowOf(context, friendship), (row) => row?.friends?.since ?? null),
    alias: (friendship, _, context) => andThen(rowOf(context, friendship), (row) => row?.aliases[context.caller.userId] ?? null),
    blockedByViewer: (friendship, _, context) =>
      andThen(rowOf(context, friendship), (row) => row?.blocks[context.caller.userId] !== undefined),
  },

  Friend: {
    id: ({ user }, _, { caller }) => friendshipIdOf(caller.userId, user.id),
    alias: ({ row }) => row.alias,
    since: ({ row }) => row.since,
    conversationId: ({ user }, _, { caller }) => directConversationOf(caller.userId, user.id),
  },

  FriendRequest: {
    id: ({ users: [one, other], number }) => friendRequestIdOf(one, other, number),
    from: (request, _, context) => andThen(requestOf(context, request), ({ from }) => userEntity(from)),
    to: (request, _, context) => andThen(requestOf(context, request), ({ to }) => userEntity(to)),
    note: (request, _, context) => andThen(requestOf(context, request), ({ note }) => note),
    status: (request, _, context) => andThen(requestOf(context, request), ({ status }) => status),
    requestedAt: (request, _, context) => andThen(requestOf(context, request), ({ requestedAt }) => requestedAt),
    decidedAt: (request, _, context) => andThen(requestOf(context, request), ({ decidedAt }) => decidedAt),
  },

  FriendshipChanged: {
    status: ({ user }, _, context) => andThen(rowOf(context, { user: user.id }), (row) => statusOf(row, context.caller.userId)),
  },
} satisfies Area;

function rowOf(context: Context, friendship: FriendshipEntity): Awaitable<FriendshipRow | undefined> {
  const key = { one: context.caller.userId, other: friendship.user };
  return (friendship.row ??= readAt(context, friendship.at, () => context.loaders.friendship(key)));
}

function statusOf(row: FriendshipRow | undefined, viewer: string) {
  if (row?.friends) return "FRIENDS";
  if (row?.request?.status !== "PENDING") return "NONE";
  return row.request.from === viewer ? "REQUESTED_BY_VIEWER" : "REQUESTED_BY_THEM";
}

function requestOf(context: Context, request: FriendRequestEntity): Awaitable<RequestRow> {
  const [one, other] = request.users;
  return (request.row ??= readAt(context, request.at, () =>
    andThen(context.services.views.friends.request(one, other, request.number), (row) => {
      if (row === undefined) throw new Error(`the views have no request ${request.number} of ${one} and ${other}`);
      return row;
    }),
  ));
}
