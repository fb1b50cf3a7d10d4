import type { EventData } from "../src/domain/events.ts";
import { del, type Projection, put, type Reader } from "../src/projecting/projection.ts";

/** A device as its user sees it. Where pushes go to is for nobody to read. */
export type DeviceRow = { id: string; kind: EventData<"DeviceAdded">["kind"]; name: string };

/** The devices of each user, in the order in which they were added: one row, since they are few and read together. */
export const devices: Projection<"devices"> = {
  name: "devices",
  version: 1,
  reads: ["devices"],
  handlers: {
    DeviceAdded: async ({ data: { userId, deviceId: id, kind, name } }, rows) => {
      const before = (await rows.get<DeviceRow[]>("devices", userId, "")) ?? [];
      const added: DeviceRow = { id, kind, name };
      const isKnown = before.some((device) => device.id === id);
      return [
        put("devices", userId, "", isKnown ? before.map((device) => (device.id === id ? added : device)) : [...before, added]),
      ];
    },
    DeviceRemoved: async ({ data: { userId, deviceId } }, rows) => {
      const before = (await rows.get<DeviceRow[]>("devices", userId, "")) ?? [];
      const left = before.filter(({ id }) => id !== deviceId);
      return [left.length === 0 ? del("devices", userId, "") : put("devices", userId, "", left)];
    },
  },
};

/** The only functions that read the rows of `devices`. */
export const deviceReads = (reader: Reader) => ({
  of: async (user: string): Promise<readonly DeviceRow[]> => (await reader.get<DeviceRow[]>("devices", user, "")) ?? [],
  ofMany: async (users: readonly string[]): Promise<(readonly DeviceRow[])[]> => {
    const rows = await reader.getMany<DeviceRow[]>(
      "devices",
      users.map((user) => [user, ""] as const),
    );
    return rows.map((row) => row ?? []);
  },
});
