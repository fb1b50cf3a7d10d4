import { isDirect, peerOf } from "../../domain/ids.ts";
import type { Context } from "../context.ts";

/** Whether the viewer is a member of a conversation now. */
export async function isMember({ loaders, caller: { userId: user } }: Context, conversation: string): Promise<boolean> {
  if (isDirect(conversation)) return peerOf(conversation, user) !== undefined;
  return (await loaders.member({ conversation, user })) !== undefined;
}

/** Whether the viewer may see who types there: members may, but in a direct conversation in which one has blocked the other. */
export async function maySeeTyping(context: Context, conversation: string): Promise<boolean> {
  const { loaders, caller, services } = context;
  const peer = isDirect(conversation) ? peerOf(conversation, caller.userId) : undefined;
  if (peer === undefined) return isMember(context, conversation);
  const pair = { one: caller.userId, other: peer };
  if (!services.views.friends.isTold(pair)) return false;
  const standing = await loaders.friendship(pair);
  return Object.keys(standing?.blocks ?? {}).length === 0;
}
