import type { GraphQLFieldResolver } from "graphql";
import { Refusal } from "../domain/refusal.ts";
import type { Context } from "./context.ts";
import type { MutationResolvers } from "./generated.ts";

/**
 * What the token of a bot may change: what it writes, what it has read, how it is shown, and where it is. It asks for no
 * friendship, makes and rules no group, and has no devices: whoever made it does that for it.
 */
const ALLOWED = {
  sendMessage: true,
  scheduleMessage: true,
  cancelScheduled: true,
  editMessage: true,
  recallMessage: true,
  react: true,
  pinMessage: true,
  forwardMessages: true,
  markRead: true,
  markAllRead: true,
  setTyping: true,
  createUpload: true,
  updateProfile: true,
  join: true,
  leave: true,
  setPreferences: true,
} as const satisfies { readonly [Mutation in keyof MutationResolvers]?: true };

type Resolver = GraphQLFieldResolver<unknown, unknown>;

/** The resolver of a mutation, which refuses bots what is not theirs to do. */
export function unlessBot(mutation: string, resolve: Resolver): Resolver {
  if (Object.hasOwn(ALLOWED, mutation)) return resolve;
  return (root, args, context, info) => {
    if ((context as Context).caller.bot) throw new Refusal("FORBIDDEN", `a bot's token does not allow ${mutation}`);
    return resolve(root, args, context, info);
  };
}
