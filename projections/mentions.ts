import {
  del,
  type Projection,
  put,
  putEach,
  type Reader,
  type Rows,
  seqKey,
  type TableWrite,
} from "../src/projecting/projection.ts";
import { textIn } from "./conversationRows.ts";

/** Whom a message names. */
type NamedRow = { users: string[]; everyone: boolean; position: string };

/** A message that names somebody, and where it was sent. */
export type Mention = { position: string; conversation: string; seq: number };

const READS = ["named"] as const;

/**
 * Messages that name somebody: by user; and those that name everyone, by conversation, so that such a message costs no more in a
 * conversation of many. `newest`: where the newest one of a conversation is, or was before it was recalled.
 */
export const mentions: Projection<(typeof READS)[number]> = {
  name: "mentions",
  version: 1,
  reads: READS,
  conversationOf: ({ table, partition, value }) => (table === "mentions" ? textIn(value, "conversation") : partition),
  handlers: {
    MessageSent: ({ data, revision, position }) => {
      const { conversationId: conversation, mentions: users, mentionsAll: everyone } = data;
      if (users.length === 0 && !everyone) return [];
      const seq = revision + 1;
      const writes: TableWrite[] = [
        put("named", conversation, seqKey(seq), { users, everyone, position } satisfies NamedRow),
        putEach("mentions", users, position, { conversation, seq }),
      ];
      if (everyone) writes.push(put("everyone", conversation, position, seq), put("newest", conversation, "", position));
      return writes;
    },
    MessageRecalled: gone,
    MessageExpired: gone,
  },
};

async function gone(
  { data: { conversationId: conversation, seq } }: { data: { conversationId: string; seq: number } },
  rows: Rows<(typeof READS)[number]>,
): Promise<TableWrite[]> {
  const named = await rows.get<NamedRow>("named", conversation, seqKey(seq));
  if (named === undefined) return [];
  return [
    del("named", conversation, seqKey(seq)),
    ...named.users.map((user) => del("mentions", user, named.position)),
    ...(named.everyone ? [del("everyone", conversation, named.position)] : []),
  ];
}

/** The only functions that read the mentions' rows. None of them asks what somebody may see. */
export const mentionReads = (reader: Reader) => ({
  /** Messages that name a user, before a position: at most `limit`, the newest first. */
  mentionsOf: async (user: string, before: string | undefined, limit: number): Promise<Mention[]> => {
    const query = { ...(before === undefined ? {} : { before }), limit, reverse: true };
    const rows = await reader.range<Omit<Mention, "position">>("mentions", user, query);
    return rows.map(({ sort, value }) => ({ position: sort, ...value }));
  },
  /** Messages of a conversation that name everyone, before a position: at most `limit`, the newest first. */
  ofEveryone: async (conversation: string, before: string | undefined, limit: number): Promise<Mention[]> => {
    const query = { ...(before === undefined ? {} : { before }), limit, reverse: true };
    const rows = await reader.range<number>("everyone", conversation, query);
    return rows.map(({ sort, value }) => ({ position: sort, conversation, seq: value }));
  },
  /** The position above which no message of each conversation names everyone; undefined if none ever did. */
  newestOfEveryone: (conversations: readonly string[]) =>
    reader.getMany<string>(
      "newest",
      conversations.map((id) => [id, ""] as const),
    ),
});
