import { expiryAt } from "../src/domain/conversation.ts";
import { del, type Projection, put, type Reader, type Rows, seqKey, type TableWrite } from "../src/projecting/projection.ts";
import { textIn } from "./conversationRows.ts";
import { dueReads, noLongerDue, whenDue } from "./dueLists.ts";

/** A message that expires. */
export type ExpiringRef = { conversation: string; seq: number };

const READS = ["expiring"] as const;
type OwnRows = Rows<(typeof READS)[number]>;

const nameOf = (conversation: string, seq: number): string => `${conversation}~${seqKey(seq)}`;

/** When messages expire: `expiring` by conversation and seq, while their content is there; the times of all (dueLists). */
export const expiries: Projection<(typeof READS)[number]> = {
  name: "expiries",
  version: 1,
  reads: READS,
  conversationOf: ({ table, partition, value }) => (table === "expiring" ? partition : textIn(value, "conversation")),
  handlers: {
    MessageSent: ({ data, revision, at }) => {
      const expiresAt = expiryAt(at, data);
      if (expiresAt === undefined) return [];
      const ref: ExpiringRef = { conversation: data.conversationId, seq: revision + 1 };
      const name = nameOf(ref.conversation, ref.seq);
      return [put("expiring", ref.conversation, seqKey(ref.seq), expiresAt), whenDue(ref.conversation, expiresAt, name, ref)];
    },
    MessageRecalled: over,
    MessageExpired: over,
  },
};

async function over({ data }: { data: { conversationId: string; seq: number } }, rows: OwnRows): Promise<TableWrite[]> {
  const { conversationId: conversation, seq } = data;
  const expiresAt = await rows.get<string>("expiring", conversation, seqKey(seq));
  if (expiresAt === undefined) return [];
  return [del("expiring", conversation, seqKey(seq)), noLongerDue(conversation, expiresAt, nameOf(conversation, seq))];
}

/** The only functions that read the rows of `expiries`. */
export const expiryReads = (reader: Reader) => dueReads<ExpiringRef>(reader);

export type ExpiryReads = ReturnType<typeof expiryReads>;
