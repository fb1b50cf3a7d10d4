import type { Commands } from "./commands.ts";
import type { CommandContext } from "./context.ts";
import { requireMember, requireWritable } from "./rights.ts";

/** That somebody types is in no log: all that is decided of it is whether they may. */
export const typingCommands = (context: CommandContext): Pick<Commands, "mayType"> => ({
  mayType: async (caller, conversation) => {
    await context.granted(async () => {
      await context.registered.require(caller.userId);
      await requireMember(context, caller, conversation, "conversationId");
      await requireWritable(context, caller, conversation, "conversationId");
    });
  },
});
