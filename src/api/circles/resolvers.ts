import { isMember } from "../../domain/visibility.ts";
import { edgeCursor, edgeKey, pageSize } from "../arguments.ts";
import type { Area } from "../area.ts";
import { andThen } from "../../ports/awaitable.ts";
import { requireAdmin } from "../callers.ts";
import { circleRowOf } from "../circleEntities.ts";
import { type Connection, edged } from "../connections.ts";
import type { Context } from "../context.ts";
import {
  type CircleEntity,
  circleEntity,
  type ConversationEntity,
  conversationEntity,
  readAt,
  sightOf,
  type UserEntity,
  userEntity,
} from "../entities.ts";
import { circlePayload } from "../payloads.ts";
import { putCircleInput } from "./inputs.ts";

/** The most circles of one user that are given. */
const MAX_CIRCLES = 100;

/** Families, companies and departments: what a business says of its people. */
export const circles = {
  Mutation: {
    putCircle: async (_, { input }, { services, caller }) => {
      requireAdmin(caller);
      const parsed = putCircleInput(input);
      return circlePayload(parsed.circleId, await services.commands.putCircle(caller, parsed));
    },
  },

  Viewer: {
    circles: async ({ userId }, _, { services }) =>
      (await services.views.circles.circlesOf(userId, MAX_CIRCLES)).map((id) => circleEntity(id)),
  },

  Circle: {
    kind: (circle, _, context) => andThen(circleRowOf(context, circle), ({ kind }) => kind),
    name: (circle, _, context) => andThen(circleRowOf(context, circle), ({ name }) => name),
    members: (circle, { first, after }, context) => membersOf(context, circle, pageSize(first, 50), edgeKey(after, 1)?.[0]),
    conversation: (circle, _, context) => conversationOf(context, circle),
  },
} satisfies Area;

/** The people of a circle, by id. Whoever has the circle may see them. */
async function membersOf(
  context: Context,
  { id, at }: CircleEntity,
  first: number,
  after: string | undefined,
): Promise<Connection<UserEntity>> {
  const { circles } = context.services.views;
  const found = await readAt(context, at, () => circles.members(id, { after, limit: first + 1 }));
  const edges = found.slice(0, first).map((user) => ({ cursor: edgeCursor(user), node: userEntity(user) }));
  const [lowest] = after === undefined ? [] : await circles.members(id, { after: undefined, limit: 1 });
  return edged(edges, found.length > first, lowest !== undefined && after !== undefined && lowest <= after);
}

/** For its members. To others, such as an operator, it is null. */
async function conversationOf(context: Context, circle: CircleEntity): Promise<ConversationEntity | null> {
  const { conversation } = await circleRowOf(context, circle);
  if (conversation === null) return null;
  const entity = conversationEntity(conversation, circle.at);
  const { stay } = await sightOf(context, entity);
  return isMember(stay) ? entity : null;
}
