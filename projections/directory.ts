import type { EventData } from "../src/domain/events.ts";
import { normaliseHandle } from "../src/domain/handleForm.ts";
import { type Projection, put, del, type Reader } from "../src/projecting/projection.ts";

/** Users and groups as they describe themselves, by id; users by handle. */
export type UserRow = Omit<EventData<"UserRegistered">, "userId"> & { deactivated?: true };
export type GroupRow = Omit<EventData<"GroupCreated">, "groupId" | "imported" | "notAdded"> & { createdAt: string };

/**
 * `formerGroups`: what a group was before each change, by the position of the change. `described`: where that by which a group is
 * found changed last.
 */
export const directory: Projection<"users" | "groups"> = {
  name: "directory",
  version: 2,
  reads: ["users", "groups"],
  reliedOn: true,
  conversationOf: ({ table, partition }) =>
    table === "users" || table === "handles" || table === "botTokens" ? undefined : partition,
  handlers: {
    UserRegistered: ({ data: { userId, ...profile } }) => [put("users", userId, "", profile satisfies UserRow)],
    ProfileUpdated: async ({ data: { userId, ...changed } }, rows) => {
      const user = await rows.get<UserRow>("users", userId, "");
      return [put("users", userId, "", { ...user, ...changed })];
    },
    UserDeactivated: async ({ data: { userId } }, rows) => {
      const user = await rows.get<UserRow>("users", userId, "");
      return user ? [put("users", userId, "", { ...user, deactivated: true } satisfies UserRow)] : [];
    },
    UserReactivated: async ({ data: { userId } }, rows) => {
      const user = await rows.get<UserRow>("users", userId, "");
      if (!user) return [];
      const { deactivated: _, ...active } = user;
      return [put("users", userId, "", active satisfies UserRow)];
    },
    BotTokenMade: ({ data: { userId, hash } }) => [put("botTokens", userId, "", hash)],
    HandleClaimed: ({ data }) => [put("handles", data.handle, "", data.userId)],
    HandleReleased: ({ data }) => [del("handles", data.handle, "")],
    GroupCreated: ({ data: { groupId, imported: _, notAdded: __, ...profile }, at }) => [
      put("groups", groupId, "", { ...profile, createdAt: at } satisfies GroupRow),
    ],
    GroupProfileChanged: async ({ data: { groupId, ...change }, position }, rows) => {
      const group = await rows.get<GroupRow>("groups", groupId, "");
      if (!group) throw new Error(`group ${groupId} was never created`);
      const isFoundOtherwise = change.title !== undefined || change.tags !== undefined || change.category !== undefined;
      return [
        put("groups", groupId, "", { ...group, ...change } satisfies GroupRow),
        put("formerGroups", groupId, position, group),
        ...(isFoundOtherwise ? [put("described", groupId, "", position)] : []),
      ];
    },
    GroupDissolved: async ({ data: { groupId }, position }, rows) => {
      const group = await rows.get<GroupRow>("groups", groupId, "");
      if (!group) throw new Error(`group ${groupId} was never created`);
      return [
        put("groups", groupId, "", { ...group, public: false, joinPolicy: "INVITE" } satisfies GroupRow),
        put("formerGroups", groupId, position, group),
      ];
    },
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
  /** The SHA-256 of a bot's token, in base64url. Undefined: it has none, or is deactivated. */
  botToken: async (id: string): Promise<string | undefined> => {
    const [user, hash] = [await reader.get<UserRow>("users", id, ""), await reader.get<string>("botTokens", id, "")];
    return user?.bot && !user.deactivated ? hash : undefined;
  },
  /** The id of the user who holds a handle. Throws the `Refusal` of a malformed one. */
  userIdByHandle: (handle: string) => reader.get<string>("handles", normaliseHandle(handle), ""),
  group: (id: string) => reader.get<GroupRow>("groups", id, ""),
  /** A group as it was at a position, for those who have left it. */
  groupAt: async (id: string, position: string): Promise<GroupRow | undefined> => {
    // In this order: what changes between the two reads is found by the second one.
    const now = await reader.get<GroupRow>("groups", id, "");
    const [next] = await reader.range<GroupRow>("formerGroups", id, { after: position, limit: 1 });
    return next?.value ?? now;
  },
  /** Where the title, the tags or the category of each of these groups changed last; undefined: they are as they were made. */
  describedAt: (ids: readonly string[]) =>
    reader.getMany<string>(
      "described",
      ids.map((id) => [id, ""] as const),
    ),
  groups: (ids: readonly string[]) =>
    reader.getMany<GroupRow>(
      "groups",
      ids.map((id) => [id, ""] as const),
    ),
});

export type DirectoryReads = ReturnType<typeof directoryReads>;
