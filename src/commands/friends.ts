import { type Command, decider, type Event, type State } from "../domain/friendship.ts";
import { directConversationOf, streams } from "../domain/ids.ts";
import { Refusal } from "../domain/refusal.ts";
import { ADDING } from "./adding.ts";
import type { Caller, Commands, Done, FriendRequestDone, FriendRequestInput } from "./commands.ts";
import { type CommandContext, stamp } from "./context.ts";
import type { Handled } from "./handle.ts";

type FriendCommands = Pick<
  Commands,
  "requestFriendship" | "answerFriendRequest" | "withdrawFriendRequest" | "endFriendship" | "setAlias" | "block"
>;

/** How two users stand is exact: it is decided on the stream of the two. */
export function friendCommands(context: CommandContext): FriendCommands {
  const { handle, fresh, inForce, addToGroups, directMessages } = context;

  /**
   * One command on the stream of the caller and another user, who must have registered. `field`: the input that names the other.
   */
  const onPair = async (
    caller: Caller,
    input: { clientMutationId: string },
    { other, field }: { other: string; field: string },
    command: Command,
  ): Promise<Handled<State, Event>> => {
    await fresh(() => context.registered.require(caller.userId));
    return handle({
      ...stamp(context, caller, input),
      stream: streams.friendship(caller.userId, other),
      decider,
      reversible: true,
      command,
      before: () => fresh(() => context.registered.requireAll([other], field, command.type === "Request" ? "active" : undefined)),
    });
  };

  /** The same of a request, which only the two of it know of. */
  const onRequest = async (caller: Caller, input: FriendRequestInput, command: Command): Promise<FriendRequestDone> => {
    const { users, number } = input;
    const other = users.find((user) => user !== caller.userId);
    if (other === undefined || !users.includes(caller.userId)) {
      await fresh(() => context.registered.require(caller.userId));
      throw new Refusal("NOT_FOUND", "there is no such request", { field: "id" });
    }
    const { position } = await onPair(caller, input, { other, field: "id" }, command);
    return { position, users, number };
  };

  return {
    requestFriendship: async (caller, input) => {
      const { userId: to, note, alias } = input;
      const from = caller.userId;
      const command = { type: "Request", from, to, note, alias } as const;
      const { position, events, state } = await onPair(caller, input, { other: to, field: "userId" }, command);
      const made = events.find(({ type }) => type === "FriendshipRequested" || type === "FriendRequestAccepted");
      const number = made && "number" in made.data ? made.data.number : (state.request?.number ?? 1);
      return { position, users: [from, to], number };
    },
    answerFriendRequest: (caller, input) =>
      onRequest(caller, input, { type: "Answer", number: input.number, by: caller.userId, accept: input.accept }),
    withdrawFriendRequest: (caller, input) =>
      onRequest(caller, input, { type: "Withdraw", number: input.number, by: caller.userId }),
    endFriendship: async (caller, input) => {
      const { userId: friendId } = input;
      const done = await onUser(caller, input, { type: "End", by: caller.userId, friendId });
      const both = [caller.userId, friendId];
      // Where only friends may write to each other, or add each other to groups without asking, both lose that right.
      if (directMessages === "friends") await inForce(done.position, directConversationOf(caller.userId, friendId), both);
      if (directMessages === "friends" || addToGroups === "friends") await inForce(done.position, ADDING, both);
      return done;
    },
    setAlias: (caller, input) =>
      onUser(caller, input, { type: "SetAlias", by: caller.userId, friendId: input.userId, alias: input.alias }),
    block: async (caller, input) => {
      const { userId, on } = input;
      const done = await onUser(caller, input, { type: "Block", by: caller.userId, userId, on });
      // Nothing that the other one writes comes any more.
      if (on) {
        await inForce(done.position, directConversationOf(caller.userId, userId), [userId]);
        // And neither adds the other to groups.
        await inForce(done.position, ADDING, [caller.userId, userId]);
      }
      return done;
    },
  };

  async function onUser(caller: Caller, input: { clientMutationId: string; userId: string }, command: Command): Promise<Done> {
    const { position } = await onPair(caller, input, { other: input.userId, field: "userId" }, command);
    return { position };
  }
}
