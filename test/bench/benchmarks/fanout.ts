import { sqliteEventStore } from "../../../src/adapters/eventStore/sqlite/sqliteEventStore.ts";
import { levelViewStore } from "../../../src/adapters/viewStore/level/levelViewStore.ts";
import type { Write } from "../../../src/ports/viewStore.ts";
import type { Benchmark } from "../bench.ts";
import { amount } from "../figures.ts";
import { fold, openRaw, rawPage, writeRaw } from "../folding.ts";
import { median } from "../measure.ts";
import { scatteredGroups } from "../scatteredGroups.ts";
import { seedGroups, seedMessages, seedUsers } from "../seed.ts";

const GROUPS = 64;
const MEMBERS = 100;
const USERS = 20_000;
const GOAL = 0.6;

export const fanout: Benchmark = {
  name: "fanout",
  about: `folding messages to groups of ${MEMBERS} into inboxes, beside the same rows given to LevelDB as they are`,
  limitSeconds: 90,
  runsItself: true,
  run: async (bench) => {
    const log = await sqliteEventStore(await bench.folder());
    const store = await levelViewStore(await bench.folder());
    const level = await openRaw(await bench.folder());
    const groups = scatteredGroups(GROUPS, MEMBERS, USERS);
    await seedUsers(log, USERS);
    await seedGroups(log, groups);
    await fold(log, store);

    const each = bench.count(32, 8);
    const rates: { rows: number; raw: number; events: number }[] = [];
    for (let round = 0; round <= bench.count(6, 3); round++) {
      await seedMessages(log, groups, each, round * each);
      const pages: (readonly Write[])[] = [];
      const { seconds, value: rows } = await fold(log, store, (page) => pages.push(page));
      const rawSeconds = await writeRaw(level, pages.map(rawPage));
      // The first round warms up.
      if (round > 0) rates.push({ rows: rows / seconds, raw: rows / rawSeconds, events: (each * GROUPS) / seconds });
    }
    await store.close();
    await level.close();
    await log.close();
    const events = median(rates.map((rate) => rate.events));
    return [
      {
        name: `groups of ${MEMBERS}`,
        unit: "rows/s",
        measured: median(rates.map((rate) => rate.rows)),
        floor: median(rates.map((rate) => rate.raw)),
        goal: GOAL,
        note: amount(events, "events/s"),
      },
    ];
  },
};
