import { codeOf } from "../../domain/code.ts";
import { directConversationOf } from "../../domain/ids.ts";
import { orNull, userArgument, viewsAtLeast } from "../arguments.ts";
import type { Area } from "../area.ts";
import { viewsAt } from "../../commands/authorise.ts";
import { andThen } from "../../ports/awaitable.ts";
import { badInput } from "../badInput.ts";
import { registered, registeredOrAdmin, requireAdmin } from "../callers.ts";
import { knownUser, profileOf, userEntity } from "../entities.ts";
import { userPayload } from "../payloads.ts";
import { ageOn } from "./age.ts";
import { createBotInput, putUserInput, registerInput, setLocationInput, updateProfileInput } from "./inputs.ts";

/** The viewer, and other users. */
export const users = {
  Query: {
    viewer: async (_, { atLeast }, context) => {
      await context.requireRegistered();
      await viewsAtLeast(context, atLeast);
      return { userId: context.caller.userId };
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
  },

  Mutation: {
    register: async (_, { input }, { services, caller }) =>
      userPayload(caller.userId, await services.commands.register(caller, registerInput(input))),

    putUser: async (_, { input }, { services, caller }) => {
      requireAdmin(caller);
      const parsed = putUserInput(input);
      return userPayload(parsed.userId, await services.commands.putUser(caller, parsed));
    },

    createBot: async (_, { input }, { services, caller }) => {
      requireAdmin(caller);
      const parsed = createBotInput(input);
      const { token, ...done } = await services.commands.createBot(caller, parsed);
      // From now on this token is good, and the former one is not.
      await viewsAt(services.watermark, done.position);
      return { ...userPayload(parsed.userId, done), token };
    },

    updateProfile: (_, { input }, context) =>
      registered(context, async ({ services, caller }) =>
        userPayload(caller.userId, await services.commands.updateProfile(caller, updateProfileInput(input))),
      ),

    setLocation: (_, { input }, context) =>
      registered(context, async ({ services, caller }) =>
        userPayload(caller.userId, await services.commands.setLocation(caller, setLocationInput(input))),
      ),
  },

  Viewer: {
    user: ({ userId }) => userEntity(userId),
  },

  User: {
    handle: (user, _, context) => andThen(profileOf(context, user), ({ handle }) => handle),
    name: (user, _, context) => andThen(profileOf(context, user), ({ name }) => name),
    avatarUrl: (user, _, context) => andThen(profileOf(context, user), ({ avatarUrl }) => avatarUrl),
    gender: (user, _, context) => andThen(profileOf(context, user), ({ gender }) => gender),
    age: (user, _, context) =>
      andThen(profileOf(context, user), ({ birthday }) => (birthday === null ? null : ageOn(context.services.now(), birthday))),
    signature: (user, _, context) => andThen(profileOf(context, user), ({ signature }) => signature),
    tags: (user, _, context) => andThen(profileOf(context, user), ({ tags }) => tags),
    bot: (user, _, context) => andThen(profileOf(context, user), ({ bot }) => bot === true),
    code: ({ id }) => codeOf(id),
    directConversationId: (user, _, { caller }) => directConversationOf(caller.userId, user.id),
  },
} satisfies Area;
