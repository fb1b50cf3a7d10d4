import { sqliteEventStore } from "../../../src/adapters/eventStore/sqlite/sqliteEventStore.ts";
import { sqliteLogReader } from "../../../src/adapters/eventStore/sqlite/sqliteLogReader.ts";
import { levelViewStore } from "../../../src/adapters/viewStore/level/levelViewStore.ts";
import { readConfig } from "../../../src/config.ts";
import type { EventStore } from "../../../src/ports/eventStore.ts";
import { archiveFile, importLines } from "../archive.ts";
import type { Benchmark } from "../bench.ts";
import { fold, openRaw, type RawPage, rawPage, writeRaw } from "../folding.ts";
import { median, timed } from "../measure.ts";
import { scatteredGroups } from "../scatteredGroups.ts";
import { seedGroups, seedMessages, seedUsers } from "../seed.ts";

/** As the runner reads. */
const PAGE = 512;
const ROUNDS = 2;

export const replay: Benchmark = {
  name: "replay",
  about: "folding a whole log into new views, beside reading it alone and beside the same rows given to LevelDB",
  limitSeconds: 120,
  runsItself: true,
  run: async (bench) => {
    const dataDir = await bench.folder();
    const name = await writeLog(dataDir, bench.count(100_000, 10_000));
    const log = sqliteLogReader(dataDir);
    const rounds: { events: number; rows: number; folding: number; reading: number; writing: number }[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      const { seconds: reading, value: events } = await timed(() => readThrough(log));
      const store = await levelViewStore(await bench.folder());
      const { seconds: folding, value: rows } = await fold(log, store);
      await store.close();
      const beside = await levelViewStore(await bench.folder());
      const pages: RawPage[] = [];
      // Once more for its rows alone: to hold them all costs time that is not the fold's.
      await fold(log, beside, (page) => pages.push(rawPage(page)));
      await beside.close();
      const level = await openRaw(await bench.folder());
      const writing = await writeRaw(level, pages);
      await level.close();
      rounds.push({ events, rows, folding, reading, writing });
    }
    await log.close();
    const of = (share: (round: (typeof rounds)[number]) => number) => median(rounds.map(share));
    return [
      {
        name: `events of ${name}; floor: reading and JSON.parse`,
        unit: "events/s",
        measured: of(({ events, folding }) => events / folding),
        floor: of(({ events, reading }) => events / reading),
      },
      {
        name: "rows of it; floor: LevelDB alone",
        unit: "rows/s",
        measured: of(({ rows, folding }) => rows / folding),
        floor: of(({ rows, writing }) => rows / writing),
      },
      {
        name: "both; floor: reading, then LevelDB",
        unit: "s",
        measured: of(({ folding }) => folding),
        floor: of(({ reading, writing }) => reading + writing),
        note: `${of(({ events }) => events).toLocaleString("en")} events, ${of(({ rows }) => rows).toLocaleString("en")} rows`,
      },
    ];
  },
};

async function writeLog(dataDir: string, messages: number): Promise<string> {
  const archive = archiveFile();
  if (archive !== undefined) return importLines(readConfig({ DATA_DIR: dataDir }), archive, messages);
  const log = await sqliteEventStore(dataDir);
  const groups = scatteredGroups(500, 20, 5_000);
  await seedUsers(log, 5_000);
  await seedGroups(log, groups);
  await seedMessages(log, groups, messages / 500);
  await log.close();
  return "500 groups of 20";
}

async function readThrough(log: Pick<EventStore, "origin" | "readAll">): Promise<number> {
  let events = 0;
  for (let at = log.origin; ;) {
    const page = await log.readAll(at, PAGE);
    events += page.events.length;
    at = page.next;
    if (page.isTail) return events;
  }
}
