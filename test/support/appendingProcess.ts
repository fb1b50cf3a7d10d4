// Started by tests as a process of its own: `node appendingProcess.js <folder> <appends in flight> [<characters of an event>]`.
// It appends without end, and says what became of each append as a line of its output, only once that is known:
// stored <stream> <revision> <id> <position>
// failed <outcome> <message>
// fatal <message>
import { randomUUID } from "node:crypto";
import { sqliteEventStore } from "../../src/adapters/eventStore/sqlite/sqliteEventStore.ts";
import { Unavailable } from "../../src/ports/faults.ts";

const [dataDir = "", inFlight = "1", characters = "200"] = process.argv.slice(2);
const say = (...words: unknown[]): unknown => process.stdout.write(`${words.join(" ")}\n`);
const metadata = { $correlationId: "c", $causationId: "c", actorId: "a", at: "2024-05-06T07:08:09.123Z", schema: 1 };

let broken = false;
const store = await sqliteEventStore(dataDir, {
  onFatal(error) {
    broken = true;
    say("fatal", error.message);
  },
});

/** Whether it was stored. */
async function append(stream: string, expected: number, count: number): Promise<boolean> {
  const events = Array.from({ length: count }, () => ({
    id: randomUUID(),
    type: "Said",
    data: { text: "x".repeat(Number(characters)) },
    metadata,
  }));
  try {
    const { revision, position } = await store.append(stream, events, expected);
    const stored = await store.read(stream, expected + 1, "forwards", count);
    say("stored", stream, revision, events.at(-1)?.id, position);
    return stored.length === count;
  } catch (error) {
    say("failed", error instanceof Unavailable ? error.outcome : "otherwise", (error as Error).message);
    return false;
  }
}

await Promise.all(
  Array.from({ length: Number(inFlight) }, async () => {
    const stream = `stream-${randomUUID()}`;
    for (let expected = -1; !broken; expected += 2) {
      if (!(await append(stream, expected, 2))) return;
    }
  }),
);
// Once it is broken, it stays so.
await append("afterwards", -1, 1);
await store.close();
say("closed");
