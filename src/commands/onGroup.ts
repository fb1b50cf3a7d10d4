import { type Command, decider } from "../domain/group.ts";
import type { Event, State } from "../domain/groupState.ts";
import { isGroup, streams } from "../domain/ids.ts";
import { Refusal } from "../domain/refusal.ts";
import type { Awaitable } from "../ports/awaitable.ts";
import { viewsAt } from "./authorise.ts";
import type { Caller, ConversationInput, Done } from "./commands.ts";
import { type CommandContext, stamp } from "./context.ts";
import type { Handled } from "./handle.ts";
import { requireKnown } from "./rights.ts";

type Known = (context: CommandContext, caller: Caller, conversation: string, field: string) => Promise<void>;

/**
 * `known` runs before the stream is read, and refuses callers who may know nothing of the group. `isSame`: see `Handling`.
 */
type More = { known?: Known; isSame?: (events: readonly Event[]) => boolean };

export type OnGroup = ReturnType<typeof groupHandling>;

/** Commands on a group's stream: who belongs to it, and as what, is exact, because it is decided there. */
export function groupHandling(context: CommandContext) {
  const { handle, fresh, inForce, log, watermark } = context;

  /** One command on a group. A function that makes the command runs only for a new one, not for a repeat. */
  const onGroup = async (
    caller: Caller,
    input: ConversationInput,
    command: Command | (() => Awaitable<Command>),
    { known = requireKnown, ...more }: More = {},
  ): Promise<Handled<State, Event>> => {
    const { conversationId } = input;
    if (!isGroup(conversationId)) {
      throw new Refusal("BAD_INPUT", "a direct conversation always has the same two members: this works for groups only", {
        field: "conversationId",
      });
    }
    const mayAsk = async () => {
      await context.registered.require(caller.userId);
      await known(context, caller, conversationId, "conversationId");
    };
    await fresh(mayAsk);
    const call = {
      ...stamp(context, caller, input),
      ...more,
      stream: streams.group(conversationId),
      decider,
      reversible: true,
    };
    try {
      return await (typeof command === "function" ? handle({ ...call, commandOf: command }) : handle({ ...call, command }));
    } catch (error) {
      if (!(error instanceof Refusal) || error.code === "UNAVAILABLE") throw error;
      // A refusal tells of the group, and the rows that let the caller ask may have been old.
      await viewsAt(watermark, await log.end());
      await mayAsk();
      throw error;
    }
  };

  /** The same for a command that takes rights of these members away. It answers once that is in force. */
  const takingRights = async (
    caller: Caller,
    input: ConversationInput,
    command: Command,
    userIds: readonly string[] | "everyone",
    more: More = {},
  ): Promise<Done> => {
    const { position } = await onGroup(caller, input, command, more);
    await inForce(position, input.conversationId, userIds);
    return { position };
  };

  return { onGroup, takingRights };
}
