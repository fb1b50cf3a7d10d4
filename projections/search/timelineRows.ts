import { generationOf, seqKey } from "../../src/projecting/projection.ts";
import { type MessageRow, timelines } from "../timelines.ts";
import { type Compared, PAGE } from "./comparison.ts";

type Views = Compared["views"];

/** A message of a conversation as its timeline has it. */
export type TimelineRow = { conversation: string; row: MessageRow };

const MESSAGES = `${generationOf(timelines)}/messages`;

/** All conversations, by their bytes, a page at a time. */
export async function* conversationsOf(views: Views): AsyncGenerator<string[]> {
  for (let after = ""; ;) {
    const page = await views.partitions(MESSAGES, after, PAGE);
    if (page.length > 0) yield page;
    after = page.at(-1) ?? "";
    if (page.length < PAGE) return;
  }
}

/** The rows of one conversation by their seqs, a page at a time. */
export async function* pagesOf(views: Views, conversation: string): AsyncGenerator<MessageRow[]> {
  for (let after = seqKey(0); ;) {
    const page = await views.range(MESSAGES, conversation, { after, limit: PAGE });
    if (page.length > 0) yield page.map(({ value }) => value as MessageRow);
    after = page.at(-1)?.sort ?? after;
    if (page.length < PAGE) return;
  }
}

/** All messages: conversations by their bytes, seqs as they rise. */
export async function* rowsOf(views: Views): AsyncGenerator<TimelineRow> {
  for await (const conversations of conversationsOf(views))
    for (const conversation of conversations)
      for await (const page of pagesOf(views, conversation)) for (const row of page) yield { conversation, row };
}
