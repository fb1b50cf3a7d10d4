import { randomUUID } from "node:crypto";
import { parseEvent } from "../domain/recorded.ts";
import { decider as handleDecider, normaliseHandle } from "../domain/handle.ts";
import { streams } from "../domain/ids.ts";
import { Refusal } from "../domain/refusal.ts";
import { decider as userDecider } from "../domain/user.ts";
import type { Commands } from "./commands.ts";
import { type CommandContext, stamp } from "./context.ts";
import { handleStream } from "./handleStream.ts";
import { turns } from "./turns.ts";

const READ_PAGE = 500;

type Stamp = ReturnType<typeof stamp>;

/** A handle is claimed first, on a stream of its own, and then the user's event says so: a crash between the two is mended by the repeat. */
export function userCommands(context: CommandContext): Pick<Commands, "register" | "updateProfile" | "setLocation"> {
  const { handle, log } = context;
  // What one command of a user claims, another of theirs must not let go of at the same time.
  const inTurn = turns();

  // Both are done once by what they ask for: whoever holds a handle claims it again for nothing. So each has an id of its own, and one that
  // was claimed, released and is claimed again is not taken for a repeat.
  const onHandle = (text: string, command: "Claim" | "Release", userId: string, by: Stamp) =>
    handle({
      ...by,
      clientMutationId: randomUUID(),
      correlationId: by.clientMutationId,
      stream: handleStream(text),
      decider: handleDecider,
      command: { type: command, handle: text, userId },
    });

  /** Every handle that the user's events name, the one that they have now last. */
  const handlesOf = async (userId: string): Promise<string[]> => {
    const named: string[] = [];
    for (let from = 0; ; from += READ_PAGE) {
      const page = await log.read(streams.user(userId), from, "forwards", READ_PAGE);
      for (const stored of page) {
        const event = parseEvent(stored);
        if ((event?.type === "UserRegistered" || event?.type === "ProfileUpdated") && event.data.handle !== undefined)
          named.push(event.data.handle);
      }
      if (page.length < READ_PAGE) return named;
    }
  };

  /** Lets go of what the user claimed, now or ever, but of the handle that they have. */
  const releaseOthers = async (userId: string, claimed: string, by: Stamp): Promise<void> => {
    const named = await handlesOf(userId);
    const current = named[named.length - 1];
    for (const text of new Set([...named, normaliseHandle(claimed)]))
      if (text !== current) await onHandle(text, "Release", userId, by);
  };

  /** Claims what is asked for before the user's event says so; where that is refused after all, lets go of it again. */
  const claiming = async <T>(
    userId: string,
    text: string,
    by: Stamp,
    work: (claim: () => Promise<void>) => Promise<T>,
  ): Promise<T> => {
    let claimed = false;
    try {
      return await work(async () => {
        await onHandle(text, "Claim", userId, by);
        claimed = true;
      });
    } catch (error) {
      if (claimed && error instanceof Refusal && error.code !== "UNAVAILABLE") await releaseOthers(userId, text, by);
      throw error;
    }
  };

  return {
    register: (caller, { clientMutationId, ...profile }) =>
      inTurn(caller.userId, async () => {
        const by = stamp(context, caller, { clientMutationId });
        const { userId } = caller;
        const { position } = await claiming(userId, profile.handle, by, (claim) =>
          handle({
            ...by,
            stream: streams.user(userId),
            decider: userDecider,
            command: { type: "Register", userId, today: by.at.slice(0, 10), ...profile },
            creates: true,
            before: async (state) => {
              if (state === undefined) await claim();
            },
          }),
        );
        return { position };
      }),

    updateProfile: (caller, { clientMutationId, ...changed }) =>
      inTurn(caller.userId, async () => {
        const by = stamp(context, caller, { clientMutationId });
        const { userId } = caller;
        const wanted = changed.handle;
        const update = (claim: () => Promise<void>) =>
          handle({
            ...by,
            stream: streams.user(userId),
            decider: userDecider,
            command: { type: "UpdateProfile", userId, today: by.at.slice(0, 10), ...changed },
            reversible: true,
            before: async (state) => {
              if (state !== undefined && wanted !== undefined && normaliseHandle(wanted) !== state.handle) await claim();
            },
          });
        if (wanted === undefined) return { position: (await update(async () => {})).position };
        const { position } = await claiming(userId, wanted, by, update);
        await releaseOthers(userId, wanted, by);
        return { position };
      }),

    setLocation: async (caller, { clientMutationId, point }) => {
      const { userId } = caller;
      const { position } = await handle({
        ...stamp(context, caller, { clientMutationId }),
        stream: streams.user(userId),
        decider: userDecider,
        command: { type: "SetLocation", userId, point },
        reversible: true,
      });
      return { position };
    },
  };
}
