import type { Done } from "../../commands/commands.ts";
import type { Area } from "../area.ts";
import { registered } from "../callers.ts";
import type { Context } from "../context.ts";
import type { DevicePayloadEntity } from "../entities.ts";
import { readAt } from "../entities.ts";
import { ownDevices } from "../ownDevices.ts";
import { addDeviceInput, removeDeviceInput } from "./inputs.ts";

/** The viewer's devices. */
export const devices = {
  Mutation: {
    addDevice: (_, { input }, context) =>
      registered(context, async ({ services, caller }) =>
        payload(context, await services.commands.addDevice(caller, addDeviceInput(input))),
      ),

    removeDevice: (_, { input }, context) =>
      registered(context, async ({ services, caller }) => {
        const done = await services.commands.removeDevice(caller, removeDeviceInput(input));
        await services.presence.forget({ user: caller.userId, device: input.id });
        return payload(context, done);
      }),
  },

  Viewer: {
    devices: (_viewer, _, context) => ownDevices(context),
    webPushKey: (_viewer, _, { services }) => services.webPushKey ?? null,
  },

  Device: {
    current: ({ id }, _, { caller }) => id === caller.deviceId,
    lastSeenAt: ({ lastSeenAt }) => lastSeenAt(),
  },

  DevicePayload: {
    devices: ({ cursor }, _, context) => readAt(context, cursor, () => ownDevices(context)),
  },
} satisfies Area;

/** The kinds of the user's devices are others than before: those who watch them are told once that can be read. */
function payload({ services, caller }: Context, { position }: Done): DevicePayloadEntity {
  const tell = (): void => services.presence.changed(caller.userId);
  if (services.watermark.current() >= position) tell();
  else services.watermark.whenReached(position, tell);
  return { cursor: position };
}
