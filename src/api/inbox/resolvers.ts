import { isDirect, peerOf } from "../../domain/ids.ts";
import { Refusal } from "../../domain/refusal.ts";
import { seesLive } from "../../domain/visibility.ts";
import { conversationFeed, inboxFeed } from "../../delivery/feed.ts";
import { pulled } from "../../delivery/pulled.ts";
import { conversationArgument, membersInOrder, position, syncLimit, viewsAtLeast } from "../arguments.ts";
import type { Area } from "../area.ts";
import type { Context } from "../context.ts";
import { conversationEntity, messageEdge, sightOf } from "../entities.ts";
import { tellingOf } from "./deliveries.ts";
import { syncPage } from "./sync.ts";

/** What happened: for those who were away, and for those who listen. */
export const inbox = {
  Viewer: {
    sync: async (_, { after, limit, atLeast }, context) => {
      const from = position(after, "after");
      const most = syncLimit(limit);
      await viewsAtLeast(context, atLeast);
      return syncPage(context, from, most);
    },
  },

  MessageReceived: {
    edge: ({ message }) => messageEdge(message),
  },

  // The operation runs for each delivery, with `root` as its root value.
  Subscription: {
    inbox: {
      subscribe: async (_, { after }, context) => {
        await context.requireRegistered();
        const { services, caller, together } = context;
        return pulled(inboxFeed(services, caller.userId, position(after, "after"), tellingOf(context, "inbox"), together));
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
  },
} satisfies Area;

/**
 * Those who may see the conversation live may listen. In a direct conversation both may listen even before its first message.
 * A former member may still get what they missed, if they give a cursor. Throws NOT_FOUND if there is no conversation that
 * the viewer may see, and FORBIDDEN if nothing would come.
 */
async function mayListen(context: Context, id: string, fromCursor: boolean): Promise<void> {
  const { services, caller, loaders } = context;
  try {
    await services.fresh(async () => {
      if (isDirect(id)) {
        const peer = peerOf(id, caller.userId);
        if (peer === undefined || !(await loaders.user(peer))) throw unknown();
        return;
      }
      const sight = await sightOf(context, conversationEntity(id));
      if (seesLive(sight)) return;
      if (sight.stay === undefined) throw unknown();
      throw former();
    });
  } catch (error) {
    if (!(fromCursor && error instanceof Refusal && error.code === "FORBIDDEN")) throw error;
  }
}

const unknown = () => new Refusal("NOT_FOUND", "there is no such conversation that you may see", { field: "id" });
const former = () => new Refusal("FORBIDDEN", "you are no longer a member of this conversation", { field: "id" });
