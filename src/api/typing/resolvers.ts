import { requireMember } from "../../commands/rights.ts";
import { pulled } from "../../delivery/pulled.ts";
import { isDirect } from "../../domain/ids.ts";
import { conversationArgument, membersInOrder } from "../arguments.ts";
import type { Area } from "../area.ts";
import { registered } from "../callers.ts";
import type { Context } from "../context.ts";
import { type UserEntity, userEntity } from "../entities.ts";
import { typingFeed } from "./feed.ts";
import { maySeeTyping } from "./watching.ts";

/** Who is typing. */
export const typing = {
  Mutation: {
    setTyping: (_, { conversationId, typing: isTyping }, context) =>
      registered(context, async ({ services, caller }) => {
        membersInOrder(caller, "conversationId", conversationId);
        conversationArgument(conversationId, "conversationId");
        await services.commands.mayType(caller, conversationId);
        services.typing.set(conversationId, caller.userId, isTyping);
        return true;
      }),
  },

  Conversation: {
    typing: ({ id }, _, context) => typingIn(context, id),
  },

  Subscription: {
    typing: {
      subscribe: async (_, { conversationId }, context) => {
        await context.requireRegistered();
        membersInOrder(context.caller, "conversationId", conversationId);
        conversationArgument(conversationId, "conversationId");
        const { services, caller } = context;
        await services.fresh(() => requireMember(services, caller, conversationId, "conversationId"));
        return pulled(typingFeed(context, conversationId));
      },
      resolve: ({ typing: told }) => told,
    },
  },
} satisfies Area;

/** Others who are typing. Who has left or was removed since types no more. */
async function typingIn(context: Context, conversation: string): Promise<UserEntity[]> {
  const { services, loaders, caller } = context;
  const users = (await services.typing.in(conversation)).filter((user) => user !== caller.userId);
  if (users.length === 0 || !(await maySeeTyping(context, conversation))) return [];
  const members = isDirect(conversation)
    ? users
    : await Promise.all(users.map(async (user) => ((await loaders.member({ conversation, user })) ? user : undefined)));
  return members.flatMap((user) => (user === undefined ? [] : [userEntity(user)]));
}
