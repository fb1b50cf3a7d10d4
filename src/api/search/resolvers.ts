import { membersInOrder, searchAtLeast } from "../arguments.ts";
import type { Area } from "../area.ts";
import { registeredOrAdmin } from "../callers.ts";
import { foundConversations, foundUsers } from "./entries.ts";
import { conversationSearch, userSearch } from "./entryInputs.ts";
import { messageSearch } from "./messageInputs.ts";
import { foundMessages } from "./messages.ts";

/** Searches for messages by their content, for people by name or place, and for groups by name. */
export const search = {
  Query: {
    searchMessages: async (_, { query, atLeast, ...page }, context) => {
      await registeredOrAdmin(context);
      membersInOrder(context.caller, "conversationId", query.conversationId);
      const asked = messageSearch(query, page);
      await searchAtLeast(context, atLeast);
      return foundMessages(context, asked);
    },

    searchUsers: async (_, { query, atLeast, ...page }, context) => {
      await registeredOrAdmin(context);
      const asked = userSearch(query, page);
      await searchAtLeast(context, atLeast);
      return foundUsers(context, asked);
    },

    searchConversations: async (_, { query, atLeast, ...page }, context) => {
      await registeredOrAdmin(context);
      const asked = conversationSearch(query, page);
      await searchAtLeast(context, atLeast);
      return foundConversations(context, asked);
    },
  },

  MessageHitConnection: {
    totalCount: async ({ facets }) => (await facets()).total,
    bySender: async ({ facets }) => (await facets()).bySender,
    byConversation: async ({ facets }) => (await facets()).byConversation,
    byMonth: async ({ facets }) => (await facets()).byMonth,
  },
} satisfies Area;
