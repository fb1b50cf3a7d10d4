import { readCode } from "../domain/code.ts";
import { directMembers, isDirect } from "../domain/ids.ts";
import { mayOpen } from "../domain/visibility.ts";
import { requireAdmin } from "./admin.ts";
import type { Context } from "./context.ts";
import { type ConversationEntity, conversationEntity, membershipOf, sightOf, userEntity, visibleMessage } from "./entities.ts";
import type { UserEntity } from "./entities.ts";
import type { QueryResolvers } from "./generated.ts";
import { conversationSearch, messageSearch, userSearch } from "./searchInputs.ts";
import {
  badInput,
  conversationArgument,
  membersInOrder,
  nodeArgument,
  orNull,
  searchAtLeast,
  userArgument,
  viewsAtLeast,
} from "./arguments.ts";
import { foundConversations, foundUsers } from "./entrySearch.ts";
import { foundMessages } from "./messageSearch.ts";

export const Query: QueryResolvers = {
  viewer: async (_, { atLeast }, context) => {
    await context.requireRegistered();
    await viewsAtLeast(context, atLeast);
    return { userId: context.caller.userId };
  },

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
    }
  },

  user: async (_, { id, handle, atLeast }, context) => {
    await registeredOrAdmin(context);
    if ((id == null) === (handle == null)) throw badInput("id", "give one of id and handle");
    if (id != null) userArgument(id);
    await viewsAtLeast(context, atLeast);
    return orNull(context, async () => {
      const found = id ?? (await context.services.views.directory.userIdByHandle(handle ?? ""));
      return found === undefined ? null : knownUser(context, found);
    });
  },

  conversation: async (_, { id, atLeast }, context) => {
    await registeredOrAdmin(context);
    membersInOrder(context.caller, "id", id);
    conversationArgument(id);
    await viewsAtLeast(context, atLeast);
    return orNull(context, () => openConversation(context, id));
  },

  code: async (_, { text }, context) => {
    await registeredOrAdmin(context);
    const code = readCode(text);
    if (!code) return null;
    return orNull<UserEntity | ConversationEntity>(context, () =>
      code.kind === "user" ? knownUser(context, code.id) : openConversation(context, code.id),
    );
  },

  searchMessages: async (_, { query, atLeast, ...page }, context) => {
    await registeredOrAdmin(context);
    membersInOrder(context.caller, "conversationId", query.conversationId);
    const search = messageSearch(query, page);
    await searchAtLeast(context, atLeast);
    return foundMessages(context, search);
  },

  searchUsers: async (_, { query, atLeast, ...page }, context) => {
    await registeredOrAdmin(context);
    const search = userSearch(query, page);
    await searchAtLeast(context, atLeast);
    return foundUsers(context, search);
  },

  searchConversations: async (_, { query, atLeast, ...page }, context) => {
    await registeredOrAdmin(context);
    const search = conversationSearch(query, page);
    await searchAtLeast(context, atLeast);
    return foundConversations(context, search);
  },

  admin: async (_, _arguments, context) => {
    await registeredOrAdmin(context);
    requireAdmin(context.caller);
    return {};
  },
};

async function registeredOrAdmin({ caller, requireRegistered }: Context): Promise<void> {
  if (!caller.admin) await requireRegistered();
}

async function knownUser({ loaders }: Context, id: string): Promise<UserEntity | null> {
  const profile = await loaders.user(id);
  return profile ? { ...userEntity(id), profile } : null;
}

/**
 * A conversation that the viewer may open: a public group, one that they are or were a member of, or a direct one of theirs once it has begun.
 */
async function openConversation(context: Context, id: string): Promise<ConversationEntity | null> {
  const conversation = conversationEntity(id);
  if (isDirect(id)) {
    const isTheirs = directMembers(id)?.includes(context.caller.userId);
    return isTheirs && (await membershipOf(context, conversation)) ? conversation : null;
  }
  const sight = await sightOf(context, conversation);
  return mayOpen(sight) ? conversation : null;
}
