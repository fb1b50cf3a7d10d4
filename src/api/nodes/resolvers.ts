import { readCode } from "../../domain/code.ts";
import { membersInOrder, nodeArgument, orNull, viewsAtLeast } from "../arguments.ts";
import type { Area } from "../area.ts";
import { registeredOrAdmin } from "../callers.ts";
import {
  conversationEntity,
  type ConversationEntity,
  knownUser,
  openConversation,
  ownFriend,
  ownRequest,
  type UserEntity,
  visibleMessage,
} from "../entities.ts";

/** Everything with an id or a code, in all areas. */
export const nodes = {
  Query: {
    node: async (_, { id, atLeast }, context) => {
      await registeredOrAdmin(context);
      membersInOrder(context.caller, "id", id);
      const node = nodeArgument(id);
      await viewsAtLeast(context, atLeast);
      switch (node.kind) {
        case "user":
          return orNull(context, () => knownUser(context, node.id));
        case "conversation":
          return orNull(context, () => openConversation(context, node.id));
        case "message":
          return orNull(context, () => visibleMessage(context, conversationEntity(node.conversation), node.seq));
        case "friendship":
          return orNull(context, () => ownFriend(context, node.users));
        case "friendRequest":
          return orNull(context, () => ownRequest(context, node.users, node.number));
      }
    },

    code: async (_, { text }, context) => {
      await registeredOrAdmin(context);
      const code = readCode(text);
      if (!code) return null;
      return orNull<UserEntity | ConversationEntity>(context, () =>
        code.kind === "user" ? knownUser(context, code.id) : openConversation(context, code.id),
      );
    },
  },
} satisfies Area;
