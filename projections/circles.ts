import { dueReads, noLongerDue, whenDue } from "./dueLists.ts";
import { del, type Projection, put, type Reader, type Rows, type TableWrite } from "../src/projecting/projection.ts";

/** `conversation`: of the group that is kept equal to the circle, or null. */
export type CircleRow = { kind: string; name: string; conversation: string | null };

/** A circle whose conversation is not known to be equal to it. `revision`: of the event that put it; `by`: its actor. */
export type UnequalCircle = { circle: string; revision: number; by: string };

/** How long whoever puts a circle has time to make its conversation equal, in milliseconds, before the server does so itself. */
const BY_ITSELF_MS = 2_000;

const READS = ["members", "unequal"] as const;
type OwnRows = Rows<(typeof READS)[number]>;

/**
 * What businesses say of their people: circles by id, their members by id, and the circles of each user; `unequal`: when the
 * server itself makes a circle's conversation equal to it, where it is not known to be; the times of all (dueLists).
 */
export const circles: Projection<(typeof READS)[number]> = {
  name: "circles",
  version: 2,
  reads: READS,
  handlers: {
    CirclePut: async ({ data: { circleId, kind, name, memberIds, conversationId }, at, revision, actorId }, rows) => {
      const before = await rows.all<1>("members", circleId);
      const now = new Set(memberIds);
      const writes: TableWrite[] = [
        put("circles", circleId, "", { kind, name, conversation: conversationId } satisfies CircleRow),
        ...(await equal(rows, circleId)),
      ];
      if (conversationId !== null) {
        const dueAt = new Date(Date.parse(at) + BY_ITSELF_MS).toISOString();
        const unequal: UnequalCircle = { circle: circleId, revision, by: actorId };
        writes.push(put("unequal", circleId, "", dueAt), whenDue(circleId, dueAt, circleId, unequal));
      }
      for (const [user] of before)
        if (!now.has(user)) writes.push(del("members", circleId, user), del("circlesOf", user, circleId));
      for (const user of now)
        if (!before.has(user)) writes.push(put("members", circleId, user, 1), put("circlesOf", user, circleId, 1));
      return writes;
    },
    CircleEqualised: ({ data }, rows) => equal(rows, data.circleId),
  },
};

async function equal(rows: OwnRows, circle: string): Promise<TableWrite[]> {
  const dueAt = await rows.get<string>("unequal", circle, "");
  return dueAt === undefined ? [] : [del("unequal", circle, ""), noLongerDue(circle, dueAt, circle)];
}

/** The only functions that read the circles' rows. */
export const circleReads = (reader: Reader) => {
  const circlesBy = (ids: readonly string[]) =>
    reader.getMany<CircleRow>(
      "circles",
      ids.map((id) => [id, ""] as const),
    );
  return {
    ...dueReads<UnequalCircle>(reader),
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

export type CircleReads = ReturnType<typeof circleReads>;
