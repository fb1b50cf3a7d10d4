import { streams } from "../domain/ids.ts";
import { decider } from "../domain/preferences.ts";
import type { Commands } from "./commands.ts";
import { type CommandContext, stamp } from "./context.ts";
import { requireKnown, requireMember } from "./rights.ts";

/** What members want of a conversation for themselves. */
export function preferenceCommands(context: CommandContext): Pick<Commands, "setPreferences"> {
  const { handle, fresh, granted, grants } = context;
  return {
    setPreferences: (caller, { clientMutationId, conversationId, ...wanted }) =>
      grants.holding(conversationId, caller.userId, async () => {
        await fresh(async () => {
          await context.registered.require(caller.userId);
          await requireKnown(context, caller, conversationId, "conversationId");
        });
        const { position } = await handle({
          ...stamp(context, caller, { clientMutationId }),
          stream: streams.preferences(caller.userId, conversationId),
          decider,
          command: { type: "Set", userId: caller.userId, conversationId, ...wanted },
          reversible: true,
          before: () => granted(() => requireMember(context, caller, conversationId, "conversationId")),
        });
        return { position };
      }),
  };
}
