import { del, type Projection, put, type Reader, type TableWrite } from "../src/projecting/projection.ts";

/** `conversation`: of the group that is kept equal to the circle, or null. */
export type CircleRow = { kind: string; name: string; conversation: string | null };

const READS = ["members"] as const;

/** What businesses say of their people: circles by id, their members by id, and the circles of each user. */
export const circles: Projection<(typeof READS)[number]> = {
  name: "circles",
  version: 1,
  reads: READS,
  handlers: {
    CirclePut: async ({ data: { circleId, kind, name, memberIds, conversationId } }, rows) => {
      const before = await rows.all<1>("members", circleId);
      const now = new Set(memberIds);
      const writes: TableWrite[] = [
        put("circles", circleId, "", { kind, name, conversation: conversationId } satisfies CircleRow),
      ];
      for (const [user] of before)
        if (!now.has(user)) writes.push(del("members", circleId, user), del("circlesOf", user, circleId));
      for (const user of now)
        if (!before.has(user)) writes.push(put("members", circleId, user, 1), put("circlesOf", user, circleId, 1));
      return writes;
    },
  },
};

/** The only functions that read the circles' rows. */
export const circleReads = (reader: Reader) => {
  const circlesBy = (ids: readonly string[]) =>
    reader.getMany<CircleRow>(
      "circles",
      ids.map((id) => [id, ""] as const),
    );
  return {
    circles: circlesBy,
    /** The circles that a user is in, by id: at most `limit`. */
    circlesOf: async (user: string, limit: number): Promise<string[]> =>
      (await reader.range<1>("circlesOf", user, { limit })).map(({ sort }) => sort),
    isMember: async (id: string, user: string): Promise<boolean> => (await reader.get("members", id, user)) !== undefined,
    /** Members by id, after one of them. */
    members: async (id: string, { after, limit }: { after: string | undefined; limit: number }): Promise<string[]> =>
      (await reader.range<1>("members", id, { ...(after === undefined ? {} : { after }), limit })).map(({ sort }) => sort),
  };
};
