import { Refusal } from "../../domain/refusal.ts";
import type { Source } from "../../delivery/pulled.ts";
import { typingTopic } from "../../presence/typing.ts";
import type { Delivery } from "../area.ts";
import type { Context } from "../context.ts";
import { type TypingEntity, userEntity } from "../entities.ts";
import { isMember, maySeeTyping } from "./watching.ts";

/** Who types in a conversation. It ends once the viewer is no member any more, as soon as there would be something to tell. */
export function typingFeed(context: Context, conversationId: string): Source<Delivery<TypingEntity>> {
  const { services, caller } = context;
  /** What was heard of each since the last pull, and who is known to be typing. */
  const heard = new Map<string, boolean>();
  const known = new Set<string>();
  let stop: (() => void) | undefined;
  let isClosed = false;

  return {
    open: async (wake) => {
      stop = await services.ephemeral.listen([typingTopic(conversationId)], ({ user, typing }) => {
        // Servers have come or gone: nobody in particular.
        if (user === undefined) return;
        heard.set(String(user), typing === true);
        wake();
      });
      if (isClosed) return stop();
      for (const user of (await services.typing.known(conversationId)).toReversed()) if (!heard.has(user)) heard.set(user, true);
    },
    pull: async () => {
      const news = [...heard].filter(([user, typing]) => user !== caller.userId && typing !== known.has(user));
      heard.clear();
      if (news.length === 0) return { items: [], more: false };
      if (!(await isMember(context, conversationId))) return { items: [], more: false, end: notYours() };
      // In a direct conversation where one has blocked the other nobody is told anything.
      if (!(await maySeeTyping(context, conversationId))) return { items: [], more: false };
      const items = news.map(([user, typing]): Delivery<TypingEntity> => {
        if (typing) known.add(user);
        else known.delete(user);
        return { root: { typing: { user: userEntity(user), conversationId, typing } } };
      });
      return { items, more: heard.size > 0 };
    },
    current: (item) => item,
    close: () => {
      isClosed = true;
      stop?.();
    },
  };
}

const notYours = () => new Refusal("FORBIDDEN", "you are no longer a member of this conversation", { field: "conversationId" });
