import { seqKey } from "../../src/projecting/projection.ts";
import { messageFrom, type MessageRow, type StoredMessage } from "../timelines.ts";
import { type Compared, PAGE } from "./comparison.ts";

type Views = Pick<Compared, "views" | "reading">;

/** A message of a conversation as its timeline has it. */
export type TimelineRow = { conversation: string; row: MessageRow };

const messagesOf = async ({ reading }: Views): Promise<string> => `${(await reading()).timelines}/messages`;

/** All conversations, by their bytes, a page at a time. */
export async function* conversationsOf(of: Views): AsyncGenerator<string[]> {
  const messages = await messagesOf(of);
  for (let after = ""; ;) {
    const page = await of.views.partitions(messages, after, PAGE);
    if (page.length > 0) yield page;
    after = page.at(-1) ?? "";
    if (page.length < PAGE) return;
  }
}

/** The rows of one conversation by their seqs, a page at a time. */
export async function* pagesOf(of: Views, conversation: string): AsyncGenerator<MessageRow[]> {
  const messages = await messagesOf(of);
  for (let after = seqKey(0); ;) {
    const page = await of.views.range(messages, conversation, { after, limit: PAGE });
    if (page.length > 0) yield page.map(({ value }) => messageFrom(value as StoredMessage));
    after = page.at(-1)?.sort ?? after;
    if (page.length < PAGE) return;
  }
}

/** All messages: conversations by their bytes, seqs as they rise. */
export async function* rowsOf(of: Views): AsyncGenerator<TimelineRow> {
  for await (const conversations of conversationsOf(of))
    for (const conversation of conversations)
      for await (const page of pagesOf(of, conversation)) for (const row of page) yield { conversation, row };
}
