import type { Context } from "./context.ts";
import type { DeviceEntity } from "./entities.ts";

/** The viewer's devices. When they were last seen is read once for all of them, if it is asked for. */
export async function ownDevices({ services, caller: { userId: user } }: Context): Promise<DeviceEntity[]> {
  const rows = await services.views.devices.of(user);
  let reading: ReturnType<typeof services.presence.statesOf> | undefined;
  const states = () => (reading ??= services.presence.statesOf([{ user, devices: rows.map(({ id }) => id) }]));
  return rows.map((row, index): DeviceEntity => ({
    __typename: "Device",
    ...row,
    lastSeenAt: async () => {
      const at = (await states())[0]?.devices[index]?.lastSeenAt;
      return at === undefined ? null : new Date(at).toISOString();
    },
  }));
}

/** A device of the viewer; null if they have added none of this id. */
export async function ownDevice(context: Context, id: string): Promise<DeviceEntity | null> {
  return (await ownDevices(context)).find((device) => device.id === id) ?? null;
}
