import { SCHEMA } from "../../src/domain/recorded.ts";
import type { EventStore } from "../../src/ports/eventStore.ts";
import { type Projection, put } from "../../src/projecting/projection.ts";
import { sent } from "./happened.ts";

/**
 * Counts what everyone has written. An event that is folded twice is counted twice, and one that is lost is not: such rows show
 * whatever a rebuild does wrong.
 */
export const counted = (name = "counted", more: Partial<Projection<"counts">> = {}): Projection<"counts"> => ({
  name,
  version: 1,
  reads: ["counts"],
  handlers: {
    MessageSent: async ({ data: { senderId } }, rows) => {
      const { count } = (await rows.get<{ count: number }>("counts", senderId, "")) ?? { count: 0 };
      return [put("counts", senderId, "", { count: count + 1 })];
    },
  },
  ...more,
});

/** Appends a message of each. */
export async function wrote(log: Pick<EventStore, "append">, ...by: string[]): Promise<void> {
  for (const who of by) {
    const { stream, type, data } = sent(who);
    const metadata = { $correlationId: "c", $causationId: "c", actorId: who, at: "2024-01-02T03:04:05.678Z", schema: SCHEMA };
    await log.append(stream, [{ id: crypto.randomUUID(), type, data, metadata }], "any");
  }
}
