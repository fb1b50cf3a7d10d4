import { expect } from "vitest";
import type { Random } from "../../support/random.ts";
import { until } from "../../support/until.ts";
import type { Scene } from "./scene.ts";

const READ = /* GraphQL */ `
  query ($id: ID!, $before: String, $atLeast: Cursor) {
    conversation(id: $id, atLeast: $atLeast) {
      messages(last: 1, before: $before) {
        edges {
          node {
            id
            clientMutationId
          }
        }
      }
    }
  }
`;

type Read = { conversation: { messages: { edges: { node: { id: string; clientMutationId: string } }[] } } | null };

/** Reads of what was written, by whoever wrote it, at any server. */
export function readBack() {
  let count = 0;
  return {
    /** How many messages were read. */
    count: () => count,
    /** Reads one message after the other, mostly of the newest, with the cursor that its sender was given; until it is over. */
    goOn: async ({ ledger, writers }: Scene, rng: Random, over: AbortSignal): Promise<void> => {
      let seen = 0;
      while (!over.aborted) {
        await until("there is more to read", () => over.aborted || ledger.sends.size > seen);
        seen = ledger.sends.size;
        const newest = [...ledger.sends.values()].slice(-50).filter(({ call }) => writers.includes(call.by));
        if (newest.length === 0) continue;
        const { call, conversation, answer } = rng.pick(newest);
        const { id, seq, clientMutationId } = answer.message;
        const found = await call.by.ask<Read>(READ, { id: conversation, before: String(seq + 1), atLeast: answer.cursor });
        expect(found.conversation?.messages.edges, `${id}, read by ${call.by.id}`).toEqual([{ node: { id, clientMutationId } }]);
        count++;
      }
    },
  };
}
