import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { viewProjections } from "../../../projections/index.ts";
import { capacity } from "../../../src/commandline/capacity.ts";
import { FIGURES, type Figure, usualFigures } from "../../../src/commandline/capacityFigures.ts";
import { type Load, type Part, planOf, ratesOf } from "../../../src/commandline/capacityModel.ts";
import { CAPACITY_OPTIONS, type CapacityOption, readCapacity } from "../../../src/commandline/capacityOptions.ts";
import { bytesText, countText } from "../../../src/commandline/capacityPage.ts";
import { directConversationOf } from "../../../src/domain/ids.ts";
import { parseEvent, type Recorded, SCHEMA } from "../../../src/domain/recorded.ts";
import { generationOf, type Rows, type TableWrite } from "../../../src/projecting/projection.ts";
import { createWorkspace } from "../../../src/projecting/workspace.ts";
import { GROUP, groupCreated, type Happened, joined, readUpTo, registered, sent } from "../../support/happened.ts";
import { memoryViews } from "../../support/memoryViews.ts";
import { AT, idOf, position } from "../../support/projected.ts";
import { runs, seed } from "../../support/property.ts";
import { runTidings } from "../../support/server.ts";

/* What a load takes, on paper: `tidings capacity`, and docs/scaling.md, which shows the same. */

const figures = usualFigures();
const loadOf = (more: Partial<Load> = {}): Load => ({ ...readCapacity({ users: "1M" }).load, ...more });
const scaling = readFileSync(fileURLToPath(new URL("../../../docs/scaling.md", import.meta.url)), "utf8");

describe("given options", () => {
  const given =
    (options: Record<string, string>, replaced: string[] = []) =>
    () =>
      readCapacity(options, replaced);

  it("when they are numbers, shares, times and sizes with units, then they are what one means by them", () => {
    const { load } = given({
      users: "2.5M",
      sendsPerDay: "1K",
      online: "40%",
      groupShare: "0.25",
      retentionDays: "3y",
      inboxDays: "90d",
      machineDisk: "4T",
      machineMemory: "64g",
    })();
    expect(load).toMatchObject({
      users: 2_500_000,
      sendsPerDay: 1_000,
      online: 0.4,
      groupShare: 0.25,
      retentionDays: 1_095,
      inboxDays: 90,
      machineDisk: 4e12,
      machineMemory: 64e9,
    });
    // What was not given is as the help says it.
    expect(load).toMatchObject({ peak: 3, devices: 1.5, fanoutLimit: 50, busy: 0.6 });
  });

  it("when several are wrong, then all of them are told together, each with what to write", () => {
    expect(given({ users: "many", online: "140%", retentionDays: "3 weeks" }, ["row-bytes", "nonsense=3", "fold-row=0"])).toThrow(
      new RegExp(
        [
          "these options are wrong:",
          '--users must be a number, such as 500, 2.5K or 10M, not "many"',
          '--online must be from 0% to 100%, not "140%"',
          '--retention must be days or years, such as 90d or 3y, not "3 weeks"',
          "--with row-bytes needs a number above 0, such as row-bytes=220",
          '--with knows no "nonsense": one of send-main, .*',
          "--with fold-row needs a number above 0, such as fold-row=8.2",
        ].join("\\n  "),
      ),
    );
    expect(given({})).toThrow("--users must be given: people who have an account, a number, such as 500, 2.5K or 10M");
  });

  it("when a figure is replaced, then the plan goes by it", () => {
    const rates = (replaced: string[]) => planOf(loadOf(), readCapacity({ users: "1M" }, replaced).figures);
    expect(rates(["append-rate=500"]).logs).toBe(4);
    expect(rates([]).logs).toBe(1);
  });
});

describe("given a load", () => {
  it("when it is 86,400 users who send once a day, then a message comes each second, and each part does its share", () => {
    const load = loadOf({ users: 86_400, sendsPerDay: 1, peak: 1, groupShare: 0, marks: 1, online: 0.5, devices: 2 });
    const rates = ratesOf(load, figures);
    expect(rates).toMatchObject({ sends: 1, marks: 1, appends: 2, inboxRows: 2, connections: 86_400 });
    // The sender's two devices, and those of the other one, who is there half of the time.
    expect(rates.deliveries).toBe(3);
    expect(rates.rows).toBe(figures["rows-direct"] + 2 + figures["rows-mark-direct"]);
    expect(rates.logADay).toBe(86_400 * (2 * (figures["event-bytes"] + figures["event-index-bytes"]) + load.messageBytes));
  });

  it("when groups are larger than the fan-out limit, then no inbox is written to", () => {
    const of = (groupSize: number) => ratesOf(loadOf({ groupShare: 1, groupSize, marks: 0, fanoutLimit: 50 }), figures);
    expect(of(50).inboxRows).toBeCloseTo(50 * of(50).sends);
    expect(of(51).inboxRows).toBe(0);
    expect(of(51).rows).toBeLessThan(of(50).rows);
  });

  it("when nobody is there, then there is what a cluster has at least, and no end of it", () => {
    const idle = planOf(
      loadOf({ users: 1, online: 0, sendsPerDay: 0, pagesPerDay: 0, visitsPerDay: 0, searchesPerDay: 0 }),
      figures,
    );
    expect(idle.parts.map(({ part, nodes }) => [part, nodes])).toEqual([
      ["API", 2],
      ["projector", 2],
      ["indexer", 1],
      ["EventStoreDB", 3],
      ["PostgreSQL", 2],
      ["Elasticsearch", 2],
      ["Redis", 2],
    ]);
    expect(idle.usersAtFirst).toBe(Infinity);
  });

  it("when one EventStoreDB cluster cannot take its appends, then there are several logs, and that limit is named first", () => {
    const small = loadOf({ retentionDays: 30 });
    const plan = planOf({ ...small, users: 10_000_000 }, figures);
    expect(plan.limits[0]).toMatchObject({ limit: "appends of one EventStoreDB cluster", divides: true });
    expect(plan.logs).toBe(Math.ceil(plan.rates.appends / figures["append-rate"]));
    expect(plan.logs).toBeGreaterThan(1);
    expect(plan.parts.find(({ part }) => part === "EventStoreDB")?.nodes).toBe(3 * plan.logs);
    const before = planOf({ ...small, users: plan.usersAtFirst * 0.999 }, figures);
    expect(before.logs).toBe(1);
    expect(planOf({ ...small, users: plan.usersAtFirst * 1.001 }, figures).logs).toBe(2);
  });
});

describe("for any load", () => {
  const anyLoad = fc.record<Load>({
    users: fc.integer({ min: 1, max: 50_000_000 }),
    sendsPerDay: fc.integer({ min: 0, max: 200 }),
    peak: fc.integer({ min: 1, max: 20 }),
    online: fc.double({ min: 0, max: 1, noNaN: true }),
    devices: fc.integer({ min: 1, max: 5 }),
    groupShare: fc.double({ min: 0, max: 1, noNaN: true }),
    groupSize: fc.integer({ min: 2, max: 500 }),
    fanoutLimit: fc.integer({ min: 0, max: 500 }),
    marks: fc.double({ min: 0, max: 1, noNaN: true }),
    messageBytes: fc.integer({ min: 1, max: 2_000 }),
    pagesPerDay: fc.integer({ min: 0, max: 200 }),
    visitsPerDay: fc.integer({ min: 0, max: 200 }),
    searchesPerDay: fc.integer({ min: 0, max: 50 }),
    retentionDays: fc.integer({ min: 1, max: 3_650 }),
    inboxDays: fc.integer({ min: 1, max: 3_650 }),
    busy: fc.double({ min: 0.1, max: 1, noNaN: true }),
    machineCores: fc.integer({ min: 2, max: 128 }),
    machineMemory: fc.integer({ min: 8, max: 1_024 }).map((gb) => gb * 1e9),
    machineDisk: fc.integer({ min: 1, max: 64 }).map((tb) => tb * 1e12),
  });
  const GROWING = ["users", "sendsPerDay", "peak", "devices", "messageBytes", "retentionDays", "searchesPerDay"] as const;
  const check = (property: string, ...args: Parameters<typeof fc.property<[Load, number, (typeof GROWING)[number]]>>) =>
    fc.assert(fc.property(...args), { seed: seed(property), numRuns: runs() });

  it("more of anything never takes less, as long as there are as many logs", () => {
    check("more takes no less", anyLoad, fc.integer({ min: 1, max: 10 }), fc.constantFrom(...GROWING), (load, times, what) => {
      const [one, more] = [planOf(load, figures), planOf({ ...load, [what]: load[what] * times }, figures)];
      expect(more.logs).toBeGreaterThanOrEqual(one.logs);
      expect(more.usersAtFirst * 1.000001).toBeGreaterThanOrEqual(what === "users" ? one.usersAtFirst : 0);
      if (more.logs > one.logs) return;
      expect(more.slices).toBeGreaterThanOrEqual(one.slices);
      for (const [index, part] of one.parts.entries())
        for (const size of ["nodes", "cores", "memory", "disk"] as const)
          expect((more.parts[index] as Part)[size], `${part.part} ${size}`).toBeGreaterThanOrEqual(part[size]);
    });
  });

  it("figures are finite and above nothing, limits come nearest first, and no log is asked for more than it takes", () => {
    check("plans hold", anyLoad, fc.constant(1), fc.constantFrom(...GROWING), (load) => {
      const plan = planOf(load, figures);
      for (const part of plan.parts)
        for (const size of [part.nodes, part.cores, part.memory]) expect(Number.isFinite(size) && size > 0).toBe(true);
      const used = plan.limits.map((limit) => limit.used);
      expect(used).toEqual(used.toSorted((one, other) => other - one));
      const each = planOf({ ...load, users: load.users / plan.logs }, figures);
      for (const { limit, divides, used: share } of each.limits) if (divides) expect(share, limit).toBeLessThanOrEqual(1.000001);
    });
  });
});

describe("figures that are counted", () => {
  type Counted = { written: number; inboxes: number; kept: number };

  /** What an event writes and deletes in all views after these, and how many rows there are more then. */
  async function counted(past: readonly Happened[], last: Happened): Promise<Counted> {
    const store = memoryViews();
    const workspace = createWorkspace(store);
    const views = viewProjections.map((projection) => {
      const generation = generationOf(projection);
      return { projection, generation, rows: workspace.rowsOf(projection, generation) };
    });
    const revisions = new Map<string, number>();
    let [before, result] = [0, { written: 0, inboxes: 0, kept: 0 }];
    for (const [index, { stream, type, data, actorId }] of [...past, last].entries()) {
      const revision = (revisions.get(stream) ?? -1) + 1;
      revisions.set(stream, revision);
      const number = index + 1;
      const metadata = { actorId, at: AT, schema: SCHEMA };
      const event = parseEvent({ id: idOf(number), stream, revision, position: position(number), type, data, metadata });
      if (event === null) throw new Error(`there is no event ${type}`);
      before = store.dump().length;
      result = { written: 0, inboxes: 0, kept: 0 };
      for (const { projection, generation, rows } of views) {
        const handler = projection.handlers[event.type] as
          ((event: Recorded, rows: Rows) => TableWrite[] | Promise<TableWrite[]>) | undefined;
        const writes = (await handler?.(event, rows)) ?? [];
        for (const write of writes) {
          const count = write.op === "putEach" ? write.partitions.length : 1;
          result.written += count;
          if (projection.name === "inboxes" && write.table === "entries") result.inboxes += count;
        }
        workspace.apply(projection, generation, writes);
      }
      await store.commit(workspace.writes);
      workspace.committed();
    }
    return { ...result, kept: store.dump().length - before };
  }

  const people = Array.from({ length: 60 }, (_, index) => `user${index}`);
  const limit: Happened = { stream: "settings", type: "FanoutLimitSet", data: { limit: 50 }, actorId: "~server" };
  const written = (conversationId: string) =>
    people
      .slice(0, 2)
      .flatMap((user, index) =>
        Array.from({ length: 4 }, (_, call) => sent(user, { conversationId, clientMutationId: `${index}-${call}` })),
      );
  const groupOf = (size: number): Happened[] => {
    const members = people.slice(0, size);
    return [
      limit,
      ...members.map((user) => registered(user)),
      groupCreated("user0"),
      ...members.slice(1).map((user) => joined(user)),
    ];
  };
  const direct = directConversationOf("user0", "user1");
  const pair = [limit, registered("user0"), registered("user1"), ...written(direct)];

  it("are those of a direct message and of its read mark", async () => {
    expect(await counted(pair, sent("user1", { conversationId: direct, clientMutationId: "last" }))).toEqual({
      written: figures["rows-direct"] + 2,
      inboxes: 2,
      kept: figures["rows-kept"] + 2,
    });
    expect(await counted(pair, readUpTo("user0", 8, direct))).toEqual({
      written: figures["rows-mark-direct"],
      inboxes: 1,
      kept: 1,
    });
  });

  it.each([5, 20, 50])("are those of a message to a group of %i, and of its read mark", async (size) => {
    const past = [...groupOf(size), ...written(GROUP)];
    const message = await counted(past, sent("user1", { clientMutationId: "last" }));
    expect(message.inboxes).toBe(size);
    expect(message.kept).toBe(figures["rows-kept"] + size);
    // A fanned out message writes one less than one that is not.
    expect(message.written - size).toBe(figures["rows-group"] - 1);
    expect(await counted(past, readUpTo("user0", 8))).toMatchObject({ written: figures["rows-mark-group"], inboxes: 1, kept: 1 });
  });

  it("are those of a message to a group beyond the fan-out limit", async () => {
    const message = await counted([...groupOf(60), ...written(GROUP)], sent("user1", { clientMutationId: "last" }));
    expect(message).toEqual({ written: figures["rows-group"], inboxes: 0, kept: figures["rows-kept"] });
  });
});

describe("texts", () => {
  it("have three digits at most", () => {
    expect([0.0123, 0, 1, 950, 6_944, 999_600, 10_000_000].map(countText)).toEqual([
      "0.012",
      "0",
      "1",
      "950",
      "6.94K",
      "1M",
      "10M",
    ]);
    expect([2e9, 1.5e12, 64e12].map(bytesText)).toEqual(["2 GB", "1.5 TB", "64 TB"]);
  });

  it("as JSON hold the load, the figures and the plan", () => {
    const out: string[] = [];
    capacity({ users: "1M" }, [], true, { out: (text) => out.push(text) });
    const told = JSON.parse(out.join("\n")) as object;
    expect(told).toEqual({ load: loadOf(), figures, ...JSON.parse(JSON.stringify(planOf(loadOf(), figures))) });
  });
});

describe("docs/scaling.md", () => {
  it("lists every figure as the command has it, and no other", () => {
    const lineOf = ([name, { value, unit, what, from }]: [string, Figure]) =>
      `| \`${name}\` | ${value.toLocaleString("en")}${unit === "" ? "" : ` ${unit}`} | ${what} | ${from} |`;
    const lines = scaling.split("\n").filter((line) => /^\| `[a-z][a-z-]+` \|/.test(line));
    const all = Object.entries<Figure>(FIGURES);
    expect(lines).toEqual([
      ...all.filter(([, { assumed }]) => assumed !== true).map(lineOf),
      ...all.filter(([, { assumed }]) => assumed === true).map(lineOf),
    ]);
  });

  it("lists every option with its usual value", () => {
    const lines = scaling.split("\n").filter((line) => /^\| `--[a-z-]+` \|/.test(line));
    expect(lines).toEqual(
      Object.values<CapacityOption>(CAPACITY_OPTIONS).map(
        ({ name, about, usual = "must be given" }) => `| \`--${name}\` | ${about} | ${usual} |`,
      ),
    );
  });

  describe("shows what the command says", () => {
    const examples = [...scaling.matchAll(/^```console\n\$ npm run -s tidings -- (capacity .*)\n([\s\S]*?)^```$/gm)];
    let answers: string[];
    beforeAll(async () => {
      answers = [];
      for (const [, line = ""] of examples) {
        const { code, out, err } = await runTidings(line.split(" "), {});
        expect({ code, err }).toEqual({ code: 0, err: "" });
        answers.push(out);
      }
    });

    it("word by word", () => {
      expect(examples.length).toBeGreaterThan(0);
      expect(answers).toEqual(examples.map(([, , shown]) => shown));
    });
  });

  it("is where the benchmarks are that it names", () => {
    const main = readFileSync(join(fileURLToPath(new URL("../../bench", import.meta.url)), "main.ts"), "utf8");
    const names = [...scaling.matchAll(/`npm run bench -- (\w+)`/g)].map(([, name = ""]) => name);
    expect(names.length).toBeGreaterThan(0);
    for (const name of names) expect(main, name).toMatch(new RegExp(`\\b${name}\\b`));
  });
});

describe("tidings capacity", () => {
  it("says what is wrong, and what to write instead", async () => {
    const { code, out, err } = await runTidings(["capacity", "--users", "many", "--peak", "0.5"], {});
    expect({ code, out }).toEqual({ code: 1, out: "" });
    expect(err).toContain("--users must be a number");
    expect(err).toContain("--peak must be from 1 to 1000");
  });

  it("takes every option, and figures more than once", async () => {
    const { code, out, err } = await runTidings(
      ["capacity", "--users", "1M", "--group-size", "10", "--json", "--with", "row-bytes=100", "--with", "fold-row=1"],
      {},
    );
    expect({ code, err }).toEqual({ code: 0, err: "" });
    expect(JSON.parse(out)).toMatchObject({ load: { groupSize: 10 }, figures: { "row-bytes": 100, "fold-row": 1 } });
  });
});
