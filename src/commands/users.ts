import { normaliseHandle } from "../domain/handleForm.ts";
import { streams } from "../domain/ids.ts";
import { Refusal } from "../domain/refusal.ts";
import { decider as userDecider, type State } from "../domain/user.ts";
import { nameText } from "../domain/text.ts";
import { laterOf, type Position } from "../ports/eventStore.ts";
import { botTokenFor, hashOfToken } from "./botTokens.ts";
import { claimFirst, claimHandle, type Reason, releaseHandle } from "./claims.ts";
import type { Commands } from "./commands.ts";
import { type CommandContext, stamp } from "./context.ts";
import { handlesFor } from "./imports.ts";
import { claimPushToken } from "./pushTokens.ts";

type Stamp = ReturnType<typeof stamp>;

/**
 * The commands of users. A handle is claimed first, on its own stream; then the user's event names it. If the server crashes in
 * between, a repeat completes the rest.
 */
export function userCommands(
  context: CommandContext,
): Pick<Commands, "register" | "putUser" | "createBot" | "updateProfile" | "setLocation" | "addDevice" | "removeDevice"> {
  const { handle } = context;
  const inTurn = context.inUserTurn;

  /**
   * Releases a handle that the user has just claimed, and their former handles, but never the present one. Resolves with the
   * position from which on those that the user held are free.
   */
  const releaseOthers = async (
    userId: string,
    claimed: string,
    state: State,
    by: Stamp,
    reason: Reason,
  ): Promise<Position | undefined> => {
    let released: Position | undefined;
    for (const text of new Set([...(state?.formerHandles ?? []), normaliseHandle(claimed)])) {
      if (text === state?.handle) continue;
      const free = await releaseHandle(handle, text, userId, by, { reason, current: state?.handle });
      if (free !== undefined) released = laterOf(free, released);
    }
    return released;
  };

  /**
   * Claims a handle before the user's event names it. If the event is refused after all, the claim is released again. `work`
   * passes on the user's state each time before it decides.
   */
  const claiming = async <T>(
    userId: string,
    text: string,
    by: Stamp,
    work: (deciding: (state: State, isNew: boolean) => Promise<void>) => Promise<T>,
  ): Promise<T> => {
    let latest: State;
    let claimed = false;
    try {
      return await work(async (state, isNew) => {
        latest = state;
        if (!isNew) return;
        await claimHandle(handle, text, userId, by);
        claimed = true;
      });
    } catch (error) {
      if (claimed && error instanceof Refusal && error.code !== "UNAVAILABLE")
        await releaseOthers(userId, text, latest, by, "claimed in vain");
      throw error;
    }
  };

  return {
    register: (caller, { clientMutationId, ...profile }) =>
      inTurn(caller.userId, async () => {
        const by = stamp(context, caller, { clientMutationId });
        const { userId } = caller;
        const { position } = await claiming(userId, profile.handle, by, (deciding) =>
          handle({
            ...by,
            stream: streams.user(userId),
            decider: userDecider,
            command: { type: "Register", userId, today: by.at.slice(0, 10), ...profile },
            creates: true,
            before: (state) => deciding(state, state === undefined),
          }),
        );
        return { position };
      }),

    putUser: (caller, { clientMutationId, ...profile }) => {
      const { userId, handle: wanted } = profile;
      return inTurn(userId, async () => {
        if (!caller.admin) throw new Refusal("FORBIDDEN", "this needs a token with the scope admin");
        const by = stamp(context, caller, { clientMutationId });
        const { position, state } = await claiming(userId, wanted, by, (deciding) =>
          handle({
            ...by,
            stream: streams.user(userId),
            decider: userDecider,
            command: { type: "Put", today: by.at.slice(0, 10), ...profile },
            reversible: true,
            before: (state) => deciding(state, state === undefined || normaliseHandle(wanted) !== state.handle),
          }),
        );
        const free = await releaseOthers(userId, wanted, state, by, "replaced");
        return { position: laterOf(position, free) };
      });
    },

    createBot: (caller, { clientMutationId, userId, name }) =>
      inTurn(userId, async () => {
        if (!caller.admin) throw new Refusal("FORBIDDEN", "this needs a token with the scope admin");
        const by = stamp(context, caller, { clientMutationId });
        const token = botTokenFor(userId);
        const hash = hashOfToken(token);
        const { position, repeated } = await handle({
          ...by,
          stream: streams.user(userId),
          decider: userDecider,
          commandOf: async (state) => {
            const command = { type: "MakeBot", userId, name, hash } as const;
            if (state) return { ...command, handle: state.handle };
            // Refused first where it cannot be: no handle is claimed in vain.
            userDecider.decide(state, { ...command, handle: "bot" });
            const candidates = [...handlesFor(name), ...handlesFor(userId)];
            return { ...command, handle: await claimFirst(handle, candidates, userId, by) };
          },
          isSame: (events) => events.every((event) => !("name" in event.data) || event.data.name === nameText(name, "name")),
        });
        return { position, token: repeated ? null : token };
      }),

    updateProfile: (caller, { clientMutationId, ...changed }) =>
      inTurn(caller.userId, async () => {
        const by = stamp(context, caller, { clientMutationId });
        const { userId } = caller;
        const wanted = changed.handle;
        const update = (deciding: (state: State, isNew: boolean) => Promise<void>) =>
          handle({
            ...by,
            stream: streams.user(userId),
            decider: userDecider,
            command: { type: "UpdateProfile", userId, today: by.at.slice(0, 10), ...changed },
            reversible: true,
            before: (state) =>
              deciding(state, state !== undefined && wanted !== undefined && normaliseHandle(wanted) !== state.handle),
          });
        if (wanted === undefined) return { position: (await update(async () => {})).position };
        const { position, state } = await claiming(userId, wanted, by, update);
        const free = await releaseOthers(userId, wanted, state, by, "replaced");
        return { position: laterOf(position, free) };
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

    addDevice: async (caller, { clientMutationId, ...device }) => {
      const { userId } = caller;
      const by = stamp(context, caller, { clientMutationId });
      const { position } = await handle({
        ...by,
        stream: streams.user(userId),
        decider: userDecider,
        command: { type: "AddDevice", userId, cap: context.deviceCap, ...device },
        reversible: true,
        before: async (state) => {
          // Ids of devices and of users look alike, and one id names one thing.
          if (await context.registered.has(device.deviceId))
            throw new Refusal("BAD_INPUT", "this is the id of a user: give the device a random one", { field: "id" });
          // The token first: from then on nobody else's pushes come here, whatever happens next.
          if (state !== undefined) await claimPushToken(context, by, { userId, ...device });
        },
      });
      return { position };
    },

    removeDevice: async (caller, { clientMutationId, deviceId }) => {
      const { userId } = caller;
      const { position } = await handle({
        ...stamp(context, caller, { clientMutationId }),
        stream: streams.user(userId),
        decider: userDecider,
        command: { type: "RemoveDevice", userId, deviceId },
        reversible: true,
      });
      return { position };
    },
  };
}
