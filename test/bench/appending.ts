import { streams } from "../../src/domain/ids.ts";
import type { NewEvent } from "../../src/ports/eventStore.ts";
import { clockMs } from "./measure.ts";
import { messageSent, textOf } from "./seed.ts";

type Append = (stream: string, event: NewEvent, revision: number) => Promise<unknown>;
/** Events a second, and how long each took in milliseconds. */
export type Appending = { rate: number; times: number[] };

/** Appends to as many streams as are in flight, a message at a time each. */
export function appender(append: Append): (inFlight: number, seconds: number) => Promise<Appending> {
  const revisions = new Map<string, number>();
  return async (inFlight, seconds) => {
    const times: number[] = [];
    const began = clockMs();
    const lane = async (index: number): Promise<void> => {
      const id = `g:bench-${index}`;
      while (clockMs() < began + seconds * 1_000) {
        const at = clockMs();
        const revision = revisions.get(id) ?? -1;
        await append(streams.conversation(id), messageSent(id, "u000000", textOf(revision)), revision);
        revisions.set(id, revision + 1);
        times.push(clockMs() - at);
      }
    };
    await Promise.all(Array.from({ length: inFlight }, (_, index) => lane(index)));
    return { rate: (times.length * 1_000) / (clockMs() - began), times };
  };
}
