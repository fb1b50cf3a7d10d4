import { Readable } from "node:stream";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { expect, it, onTestFinished } from "vitest";
import { follower } from "../../../../src/adapters/eventStore/eventstoredb/follower.ts";
import { positionOf } from "../../../../src/adapters/eventStore/eventstoredb/position.ts";
import type { Record } from "../../../../src/adapters/eventStore/eventstoredb/records.ts";
import type { RecordedEvent } from "../../../../src/ports/eventStore.ts";
import { until } from "../../../support/until.ts";

const at = (place: number) => positionOf("0000test", { commit: BigInt(place), prepare: BigInt(place) });

it("what was taken is not kept, though whoever takes never gets to the end", async () => {
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as () => void;
  let sent = 0;
  const endless = Object.assign(new Readable({ objectMode: true, read: () => endless.push([{ place: ++sent }]) }), {
    cancel: () => {},
  });
  const of = follower({
    from: at(0),
    subscribe: () => Promise.resolve(endless),
    read: (record: Record) => {
      const position = at((record as unknown as { place: number }).place);
      return { position, event: { position } as RecordedEvent };
    },
    seen: () => {},
    end: () => Promise.resolve(at(0)),
    quietMs: 60_000,
  });
  onTestFinished(() => of.close());
  const events: WeakRef<RecordedEvent>[] = [];
  while (events.length < 10_000) {
    await until("it holds as much as it may", () => of.full);
    for (const event of of.take(500).events) events.push(new WeakRef(event));
  }
  collect();
  expect(events.filter((event) => event.deref() !== undefined).length).toBeLessThan(5_000);
});
