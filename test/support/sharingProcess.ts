// Started by tests as a process of its own: it folds its part of the slices of views that are on a PostgreSQL, and builds them,
// as a
// projector does. It reads the log of a folder only as far as it is allowed to. Orders come as messages.
import { sqliteLogReader } from "../../src/adapters/eventStore/sqlite/sqliteLogReader.ts";
import { postgresViewStore } from "../../src/adapters/viewStore/postgres/postgresViewStore.ts";
import type { EventStore, Position } from "../../src/ports/eventStore.ts";
import { gate } from "./gate.ts";
import { gatedLog } from "./gatedLog.ts";
import { sharingServer } from "./sharingServer.ts";

export type SharingPlan = { dataDir: string; url: string; schema: string; name: string; slices: number; pageEvents: number };

/** `fold`, `build`: up to which event the log may be read for that. `replay`: of a view. */
export type SharingOrder = { fold: Position } | { build: Position } | { replay: string };

/** What it says: its warnings, and when a replay has begun. */
export type SharingWord = { warning: string } | { begun: string };

const { dataDir, url, schema, name, slices, pageEvents } = JSON.parse(process.argv[2] ?? "") as SharingPlan;
const reader = sqliteLogReader(dataDir, { pollMs: 20 });
const gated = gatedLog(reader);
/** What may be read of it is not its end: views are read first once they have all that is there. */
const log = { ...gated, end: () => reader.end() };
const builtFrom = slowLog(reader);
const store = await postgresViewStore(url, { schema, shared: true });
const server = sharingServer({ log, builtFrom, store, name, slices, pages: { pageEvents } });

const say = (word: SharingWord): void => void process.send?.(word);
let told = 0;
setInterval(() => {
  for (const warning of server.warnings.slice(told)) say({ warning });
  told = server.warnings.length;
}, 50);

process.on("message", (order: SharingOrder) => {
  if ("fold" in order) gated.allow(order.fold);
  else if ("build" in order) builtFrom.allow(order.build);
  else
    void server
      .build()
      .then(() => server.builder.replay(order.replay))
      .then(
        () => say({ begun: order.replay }),
        (error: unknown) => say({ warning: String(error) }),
      );
});
process.on("disconnect", () => process.exit(0));

/** A log that gives nothing beyond a place until it is allowed to: what is built from it must not take it for the log's end. */
function slowLog(all: Pick<EventStore, "origin" | "read" | "readAll" | "changed" | "end">) {
  let upTo = all.origin;
  let opened = gate();
  return {
    ...all,
    allow: (to: Position): void => {
      upTo = to;
      opened.open();
      opened = gate();
    },
    readAll: async (after: Position, limit: number) => {
      while (after >= upTo && upTo < (await all.end())) await opened.passed;
      const page = await all.readAll(after, limit);
      const events = page.events.filter(({ position }) => position <= upTo);
      return events.length === page.events.length ? page : { events, next: upTo, isTail: false };
    },
  };
}
