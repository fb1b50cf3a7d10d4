import type { Compared, Comparison } from "./comparison.ts";
import { conversationsOf, pagesOf } from "./timelineRows.ts";

/** Conversations that the engine counts at a time. */
const COUNTED = 500;

/** Compares how many messages of each conversation the engine finds with the rows that are not recalled. */
export function comparedCounts(compared: Compared): Comparison {
  return {
    suspects: async (went) => {
      const found = new Set<string>();
      for await (const conversations of conversationsOf(compared))
        for (let from = 0; from < conversations.length; from += COUNTED) {
          const ids = conversations.slice(from, from + COUNTED);
          for (const id of (await differences(compared, ids)).keys()) found.add(id);
          went(ids.length);
        }
      return found;
    },
    differences: (ids) => differences(compared, ids),
  };
}

/** The engine counts between two counts of the rows, because messages may come meanwhile. */
async function differences(compared: Compared, ids: readonly string[]): Promise<Map<string, string>> {
  const { index, generation } = compared;
  const before = await Promise.all(ids.map((id) => liveRows(compared, id)));
  const query = { units: [], filter: { conversationIds: ids }, order: "NEWEST", limit: 0, facets: ids.length } as const;
  const found = await index.search(generation, query);
  const byConversation = new Map(found.facets?.byConversation.map(({ key, count }) => [key, count]));
  const unlike = new Map<string, string>();
  for (const [at, id] of ids.entries()) {
    const engine = byConversation.get(id) ?? 0;
    if (engine === before[at]) continue;
    const after = await liveRows(compared, id);
    const bounds = [before[at] ?? 0, after];
    if (engine < Math.min(...bounds) || engine > Math.max(...bounds))
      unlike.set(id, `${id}: the index finds ${engine} messages, the timeline has ${after}`);
  }
  return unlike;
}

async function liveRows(compared: Compared, conversation: string): Promise<number> {
  let count = 0;
  for await (const page of pagesOf(compared, conversation))
    count += page.filter(({ recalledAt, expired }) => recalledAt === null && !expired).length;
  return count;
}
