import { isDirect, peerOf } from "../domain/ids.ts";
import { Refusal } from "../domain/refusal.ts";
import { seesLive } from "../domain/visibility.ts";
import type { Context } from "./context.ts";
import { conversationEntity, type EntryEntity, sightOf } from "./entities.ts";
import { type Delivery, tellingOf } from "./deliveries.ts";
import type { SubscriptionConversationArgs, SubscriptionInboxArgs } from "./generated.ts";
import { conversationArgument, membersInOrder, position } from "./arguments.ts";
import { conversationFeed, inboxFeed } from "../delivery/feed.ts";
import { pulled } from "../delivery/pulled.ts";

type SubscriptionField<Args> = {
  subscribe(root: unknown, args: Args, context: Context): Promise<AsyncIterableIterator<Delivery, undefined>>;
  resolve(root: Delivery["root"]): EntryEntity | undefined;
};

export type SubscriptionFields = {
  inbox: SubscriptionField<SubscriptionInboxArgs>;
  conversation: SubscriptionField<SubscriptionConversationArgs>;
};

/** Each delivery is run with its `root` as the root value. */
export const Subscription: SubscriptionFields = {
  inbox: {
    subscribe: async (_, { after }, context) => {
      await context.requireRegistered();
      const { services, caller } = context;
      return pulled(inboxFeed(services, caller.userId, position(after, "after"), tellingOf(context, "inbox")));
    },
    resolve: ({ inbox }) => inbox,
  },

  conversation: {
    subscribe: async (_, { id, after }, context) => {
      await context.requireRegistered();
      membersInOrder(context.caller, "id", id);
      conversationArgument(id);
      const from = position(after, "after");
      await mayListen(context, id, from !== undefined);
      const { services, caller } = context;
      return pulled(conversationFeed(services, caller.userId, id, from, tellingOf(context, "conversation")));
    },
    resolve: ({ conversation }) => conversation,
  },
};

/**
 * Whoever may see it live listens, and to a direct conversation before its first message. Who has left may still be told what they missed. Throws
 * NOT_FOUND where there is none that the viewer may see, FORBIDDEN where nothing would come.
 */
async function mayListen(context: Context, id: string, fromCursor: boolean): Promise<void> {
  const { services, caller, loaders } = context;
  await services
    .fresh(async () => {
      if (isDirect(id)) {
        const peer = peerOf(id, caller.userId);
        if (peer === undefined || !(await loaders.user(peer))) throw unknown();
        return;
      }
      const sight = await sightOf(context, conversationEntity(id));
      if (seesLive(sight)) return;
      if (sight.stay === undefined) throw unknown();
      throw former();
    })
    .catch((error: unknown) => {
      if (!(fromCursor && error instanceof Refusal && error.code === "FORBIDDEN")) throw error;
    });
}

const unknown = () => new Refusal("NOT_FOUND", "there is no such conversation that you may see", { field: "id" });
const former = () => new Refusal("FORBIDDEN", "you are no longer a member of this conversation", { field: "id" });
