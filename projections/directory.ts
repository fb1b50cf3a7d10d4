import type { EventData } from "../src/domain/events.ts";
import { normaliseHandle } from "../src/domain/handle.ts";
import { type Projection, put, del, type Reader } from "../src/projecting/projection.ts";

/** Users and groups as they describe themselves, by id; users by handle. */
export type UserRow = Omit<EventData<"UserRegistered">, "userId">;
export type GroupRow = Omit<EventData<"GroupCreated">, "groupId" | "imported"> & { createdAt: string };

export const directory: Projection<"users"> = {
  name: "directory",
  version: 1,
  reads: ["users"],
  handlers: {
    UserRegistered: ({ data: { userId, ...profile } }) => [put("users", userId, "", profile satisfies UserRow)],
    ProfileUpdated: async ({ data: { userId, ...changed } }, rows) => {
      const user = await rows.get<UserRow>("users", userId, "");
      return [put("users", userId, "", { ...user, ...changed })];
    },
    HandleClaimed: ({ data }) => [put("handles", data.handle, "", data.userId)],
    HandleReleased: ({ data }) => [del("handles", data.handle, "")],
    GroupCreated: ({ data: { groupId, imported: _, ...profile }, at }) => [
      put("groups", groupId, "", { ...profile, createdAt: at } satisfies GroupRow),
    ],
  },
};

/** The only functions that read the directory's rows. */
export const directoryReads = (reader: Reader) => ({
  user: (id: string) => reader.get<UserRow>("users", id, ""),
  users: (ids: readonly string[]) =>
    reader.getMany<UserRow>(
      "users",
      ids.map((id) => [id, ""] as const),
    ),
  /** The id of the user who holds a handle. Throws the `Refusal` of a malformed one. */
  userIdByHandle: (handle: string) => reader.get<string>("handles", normaliseHandle(handle), ""),
  group: (id: string) => reader.get<GroupRow>("groups", id, ""),
  groups: (ids: readonly string[]) =>
    reader.getMany<GroupRow>(
      "groups",
      ids.map((id) => [id, ""] as const),
    ),
});
