import { del, type Projection, put, type Reader } from "../src/projecting/projection.ts";
import { allOf } from "./wholePartition.ts";

/**
 * How a user wants a conversation for themselves. `hiddenAt`: the position from which on it is hidden, until a newer message
 * comes; null: it is not hidden. `nickname`: what the group calls them.
 */
export type PreferencesRow = { muted: boolean; pinned: boolean; hiddenAt: string | null; nickname: string | null };

const AS_IT_COMES: PreferencesRow = { muted: false, pinned: false, hiddenAt: null, nickname: null };

const isUsual = ({ muted, pinned, hiddenAt, nickname }: PreferencesRow): boolean =>
  !muted && !pinned && hiddenAt === null && nickname === null;

/** What each user wants of each conversation, by user. Where nothing is different from how it comes, there is no row. */
export const preferences: Projection<"preferences"> = {
  name: "preferences",
  version: 1,
  reads: ["preferences"],
  conversationOf: ({ sort }) => sort,
  handlers: {
    PreferencesChanged: async ({ data, position }, rows) => {
      const { userId, conversationId } = data;
      const before = (await rows.get<PreferencesRow>("preferences", userId, conversationId)) ?? AS_IT_COMES;
      const { muted = before.muted, pinned = before.pinned, nickname = before.nickname } = data;
      const hiddenAt = data.hidden === undefined ? before.hiddenAt : data.hidden ? position : null;
      const after: PreferencesRow = { muted, pinned, hiddenAt, nickname };
      return [isUsual(after) ? del("preferences", userId, conversationId) : put("preferences", userId, conversationId, after)];
    },
  },
};

/** The only functions that read the rows of `preferences`. */
export const preferenceReads = (reader: Reader) => ({
  /** Undefined where all is as it comes. */
  of: (user: string, conversation: string) => reader.get<PreferencesRow>("preferences", user, conversation),
  ofMany: (keys: readonly { conversation: string; user: string }[]) =>
    reader.getMany<PreferencesRow>(
      "preferences",
      keys.map(({ conversation, user }) => [user, conversation] as const),
    ),
  /** All of a user's, by conversation. */
  allOf: async (user: string): Promise<ReadonlyMap<string, PreferencesRow>> =>
    new Map((await allOf<PreferencesRow>(reader, "preferences", user)).map(({ sort, value }) => [sort, value])),
});

export type PreferenceReads = ReturnType<typeof preferenceReads>;
