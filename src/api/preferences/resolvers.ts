import { hasNicknames } from "../../domain/preferences.ts";
import type { PreferencesRow } from "../../../projections/preferences.ts";
import { andThen, type Awaitable } from "../../ports/awaitable.ts";
import type { Area } from "../area.ts";
import { registered } from "../callers.ts";
import type { Context } from "../context.ts";
import type { MemberEntity } from "../entities.ts";
import { stillHidden } from "../hidden.ts";
import { conversationPayload } from "../payloads.ts";
import { setPreferencesInput } from "./inputs.ts";

/** How members want their conversations. Only the nickname is for others to see. */
export const preferences = {
  Mutation: {
    setPreferences: (_, { input }, context) =>
      registered(context, async ({ services, caller }) =>
        conversationPayload(input.conversationId, await services.commands.setPreferences(caller, setPreferencesInput(input))),
      ),
  },

  Member: {
    nickname: ({ conversation, user }, _, context) =>
      hasNicknames(conversation.id)
        ? andThen(context.loaders.preferences({ conversation: conversation.id, user: user.id }), (row) => row?.nickname ?? null)
        : null,
    muted: (member, _, context) => andThen(ownOf(member, context), (row) => row?.muted ?? false),
    pinned: (member, _, context) => andThen(ownOf(member, context), (row) => row?.pinned ?? false),
    hidden: (member, _, context) => andThen(ownOf(member, context), (row) => (row ? isHidden(member, row, context) : false)),
  },
} satisfies Area;

/** What the viewer wants; of another member nothing is told. */
function ownOf({ conversation, user }: MemberEntity, { caller, loaders }: Context): Awaitable<PreferencesRow | undefined> {
  return user.id === caller.userId ? loaders.preferences({ conversation: conversation.id, user: user.id }) : undefined;
}

async function isHidden(
  { conversation: { id }, user }: MemberEntity,
  { hiddenAt }: PreferencesRow,
  context: Context,
): Promise<boolean> {
  if (hiddenAt === null) return false;
  const { loaders } = context;
  const [membership, head] = await Promise.all([loaders.membership({ conversation: id, user: user.id }), loaders.head(id)]);
  return (await stillHidden(context, [{ id, hiddenAt, membership, head }])).has(id);
}
