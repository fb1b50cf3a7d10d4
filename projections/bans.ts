import type { Recorded } from "../src/domain/recorded.ts";
import { del, type Projection, put, type Reader, type Rows } from "../src/projecting/projection.ts";

/** Since when a user is banned (ISO 8601), by whom and why. `position`: of that event. */
export type BanRow = { user: string; by: string; reason: string | null; at: string; position: string };

/** That a user was banned, or is no longer. */
export type BanChange = { user: string; banned: boolean };

/** The partition of the lists. They are short: one row for each ban. No user has this id. */
const ALL = "~all";

const READS = ["bans"] as const;
type OwnRows = Rows<(typeof READS)[number]>;

/** Whoever listens to this topic is woken when somebody was banned, or is no longer. */
export const BANS_TOPIC = `users/${ALL}`;

/**
 * Who is banned from the server: by user, and in a list by when they were banned. `changes`: each ban and its end, for whoever
 * keeps in memory who is banned.
 */
export const bans: Projection<(typeof READS)[number]> = {
  name: "bans",
  version: 1,
  reads: READS,
  topics: { changes: "users" },
  handlers: {
    UserBanned: async (event, rows) => {
      const { userId: user, bannedBy: by, reason } = event.data;
      const ban: BanRow = { user, by, reason, at: event.at, position: event.position };
      return [
        ...(await unlisted(event, rows)),
        put("bans", user, "", ban),
        put("list", ALL, event.position, ban),
        change(event, true),
      ];
    },
    UserUnbanned: async (event, rows) => [
      ...(await unlisted(event, rows)),
      del("bans", event.data.userId, ""),
      change(event, false),
    ],
  },
};

type Event = Recorded<"UserBanned" | "UserUnbanned">;

const change = ({ data, position }: Event, banned: boolean) =>
  put("changes", ALL, position, { user: data.userId, banned } satisfies BanChange);

async function unlisted({ data }: Event, rows: OwnRows) {
  const before = await rows.get<BanRow>("bans", data.userId, "");
  return before === undefined ? [] : [del("list", ALL, before.position)];
}

/** The only functions that read the rows of `bans`. */
export const banReads = (reader: Reader) => ({
  ban: (user: string) => reader.get<BanRow>("bans", user, ""),
  /** Who is banned, the one who was banned last first, before a place. */
  banned: async ({ after, limit }: { after: string | undefined; limit: number }): Promise<BanRow[]> => {
    const before = after === undefined ? {} : { before: after };
    return (await reader.range<BanRow>("list", ALL, { ...before, limit, reverse: true })).map(({ value }) => value);
  },
  /** The changes after a place, in their order. */
  changes: (after: string | undefined, limit: number) =>
    reader.range<BanChange>("changes", ALL, { ...(after === undefined ? {} : { after }), limit }),
});

export type BanReads = ReturnType<typeof banReads>;
