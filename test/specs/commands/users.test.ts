import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { handleStream } from "../../../src/commands/handleStream.ts";
import { decider as handles } from "../../../src/domain/handle.ts";
import { streams } from "../../../src/domain/ids.ts";
import { Refusal } from "../../../src/domain/refusal.ts";
import type { EventStore } from "../../../src/ports/eventStore.ts";
import { Unavailable } from "../../../src/ports/faults.ts";
import { runs, seed } from "../../support/property.ts";
import { refused } from "../../support/refused.ts";
import { caller, profile } from "../../support/cast.ts";
import { isBookkeeping, nodeOver, world } from "../../support/world.ts";

const [ann, ben] = [caller("ann"), caller("ben")];

/** Whose a handle is by its own stream. */
async function holderOf(log: EventStore, handle: string): Promise<string | undefined> {
  const events = await log.read(handleStream(handle), 0, "forwards", 10_000);
  return events.reduce((state, event) => handles.evolve(state, event as never), handles.initial).userId;
}

const eventsOf = async (log: EventStore, user: string) =>
  (await log.read(streams.user(user), 0, "forwards", 10_000)).map(({ type }) => type);

/** A log that lets so many appends through and then fails one. */
function failingOnce(log: EventStore, after: number, outcome: "nothing" | "unknown" = "nothing"): EventStore {
  let left = after;
  return {
    ...log,
    append: (...of) => (left-- === 0 ? Promise.reject(new Unavailable("the log is away", outcome)) : log.append(...of)),
  };
}

describe("registering", () => {
  test("makes a user whom the views find by id and by handle", async () => {
    const { commands, views, catchUp, log } = world();
    const { position } = await commands.register(ann, {
      ...profile(" @Ann.Lee "),
      name: "Ann Lee",
      avatarUrl: "https://example.org/a.png",
      gender: "FEMALE",
      birthday: "2000-02-29",
      signature: "carpe diem",
      tags: [{ name: "chess", score: 2 }],
    });
    await catchUp();
    expect(await log.end()).toBe(position);
    expect(await views.directory.user("ann")).toEqual({
      handle: "ann.lee",
      name: "Ann Lee",
      avatarUrl: "https://example.org/a.png",
      gender: "FEMALE",
      birthday: "2000-02-29",
      signature: "carpe diem",
      tags: [{ name: "chess", score: 2 }],
    });
    expect(await views.directory.userIdByHandle("@ANN.LEE")).toBe("ann");
    expect(await eventsOf(log, "ann")).toEqual(["UserRegistered"]);
  });

  test("is done once: the same call again is answered as the first, with other input it is a conflict", async () => {
    const { commands, log } = world();
    const input = profile("ann");
    const first = await commands.register(ann, input);
    const end = await log.end();
    const other = nodeOver(log, world().store);
    for (const node of [commands, other.commands]) {
      expect(await node.register(ann, input)).toMatchObject({ position: first.position });
      await refused(node.register(ann, { ...input, name: "Another" }), "CONFLICT", "clientMutationId");
      await refused(node.register(ann, { ...input, handle: "another" }), "CONFLICT", "clientMutationId");
    }
    expect(await log.end()).toBe(end);
  });

  test("a second time is refused, and the handle of the first stays", async () => {
    const { commands, log } = world();
    await commands.register(ann, profile("ann"));
    const end = await log.end();
    const refusal = await refused(commands.register(ann, profile("annie")), "CONFLICT");
    expect(refusal.message).toContain("updateProfile");
    await refused(commands.register(ann, profile("ann")), "CONFLICT");
    expect(await log.end()).toBe(end);
    expect(await holderOf(log, "ann")).toBe("ann");
  });

  test("under a handle that is taken is refused, however it is written, and may be tried with another one", async () => {
    const { commands, log } = world();
    await commands.register(ann, profile("ann"));
    const input = profile("@ＡＮＮ");
    await refused(commands.register(ben, input), "CONFLICT", "handle");
    expect(await eventsOf(log, "ben")).toEqual([]);
    expect(await holderOf(log, "ann")).toBe("ann");
    await commands.register(ben, { ...input, handle: "ben" });
    expect(await holderOf(log, "ben")).toBe("ben");
  });

  test.each([
    [{ handle: "no spaces please" }, "handle"],
    [{ handle: "" }, "handle"],
    [{ birthday: "2999-01-01" }, "birthday"],
    [{ name: "half \ud800 a character" }, "name"],
    [
      {
        tags: [
          { name: "one", score: 1 },
          { name: "one", score: 2 },
        ],
      },
      "tags",
    ],
  ])("with what cannot be is refused, and takes no handle away: %j", async (change, field) => {
    const { commands, log } = world();
    const input = profile("ann");
    await refused(commands.register(ann, { ...input, ...change }), "BAD_INPUT", field);
    expect(await holderOf(log, "ann")).toBeUndefined();
    // Put right under the same id: the handle is held as any other.
    await commands.register(ann, input);
    expect(await holderOf(log, "ann")).toBe("ann");
    await refused(commands.register(ben, profile("ann")), "CONFLICT", "handle");
  });

  test.each([
    [0, "nothing"],
    [1, "nothing"],
  ] as const)("that a log broke off (at append %d) is done by the repeat", async (after, outcome) => {
    const { log, store } = world();
    const input = profile("ann");
    const broken = nodeOver(failingOnce(log, after, outcome), store);
    await refused(broken.commands.register(ann, input), "UNAVAILABLE");
    expect(await eventsOf(log, "ann")).toEqual([]);
    await nodeOver(log, store).commands.register(ann, input);
    expect(await holderOf(log, "ann")).toBe("ann");
    expect(await eventsOf(log, "ann")).toEqual(["UserRegistered"]);
  });

  test("whose outcome is unknown is found out, and done once", async () => {
    for (const fault of ["unknown, stored", "unknown, lost"] as const) {
      const { commands, log } = world();
      log.failAppends(fault, fault);
      await commands.register(ann, profile("ann"));
      expect(await eventsOf(log, "ann")).toEqual(["UserRegistered"]);
      expect(await log.read(handleStream("ann"), 0, "forwards", 10)).toHaveLength(1);
    }
  });

  test("at the same moment under one handle: one gets it", async () => {
    const { log, store, commands } = world();
    const nodes = [commands, nodeOver(log, store).commands, nodeOver(log, store).commands];
    const users = Array.from({ length: 12 }, (_, index) => `u${index}`);
    const outcomes = await Promise.allSettled(
      users.map((user, index) => (nodes[index % 3] as typeof commands).register(caller(user), profile("wanted"))),
    );
    const won = users.filter((_, index) => outcomes[index]?.status === "fulfilled");
    expect(won).toHaveLength(1);
    expect(await holderOf(log, "wanted")).toBe(won[0]);
    for (const outcome of outcomes)
      if (outcome.status === "rejected") expect(outcome.reason).toMatchObject({ code: "CONFLICT", field: "handle" });
  });

  test("at two nodes at the same moment makes one user, who holds the handle", async () => {
    const { log, store } = world();
    for (const [index, [one, other]] of [
      ["same", "same"],
      ["one", "two"],
    ].entries()) {
      const user = caller(`user${index}`);
      // Both have claimed before either has registered.
      const inputs = [profile(one as string), profile(other as string)];
      const nodes = inputs.map(() => nodeOver(slow(log, "user-"), store).commands);
      const outcomes = await Promise.allSettled(nodes.map((node, at) => node.register(user, inputs[at] as never)));
      expect(outcomes.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
      const [event] = await log.read(streams.user(user.userId), 0, "forwards", 10);
      const { handle } = event?.data as { handle: string };
      expect(await holderOf(log, handle)).toBe(user.userId);
      for (const name of [one, other]) if (name !== handle) expect(await holderOf(log, name as string)).toBeUndefined();
    }
  });
});

/** A log that is slow to append to some streams: others have time to do the same. */
function slow(log: EventStore, prefix: string): EventStore {
  return {
    ...log,
    append: async (stream, ...of) => {
      if (stream.startsWith(prefix)) for (let turn = 0; turn < 100; turn++) await Promise.resolve();
      return log.append(stream, ...of);
    },
  };
}

describe("handles that look the same", () => {
  test.each([
    ["σασ", "σας"],
    ["istanbul", "İstanbul"],
    ["ann", "аnn"],
    ["аnn", "ann"],
  ])("%s and %s are not two users'", async (one, other) => {
    const { commands, log, views, catchUp } = world();
    await commands.register(ann, profile(one));
    const end = await log.end();
    const input = profile(other);
    const refusal = await refused(commands.register(ben, input), "CONFLICT", "handle");
    expect(refusal.message).toContain("looks like one that is taken");
    expect(await log.end()).toBe(end);
    await commands.register(ben, { ...input, handle: "ben" });
    await refused(commands.updateProfile(ben, { clientMutationId: "u", handle: other }), "CONFLICT", "handle");
    // Who has the one may take the other, and give both free.
    await commands.updateProfile(ann, { clientMutationId: "u1", handle: other });
    await refused(commands.updateProfile(ben, { clientMutationId: "u2", handle: one }), "CONFLICT", "handle");
    await catchUp();
    expect(await views.directory.userIdByHandle(other)).toBe("ann");
    await commands.updateProfile(ann, { clientMutationId: "u3", handle: "annie" });
    await commands.updateProfile(ben, { clientMutationId: "u4", handle: one });
    await catchUp();
    expect(await views.directory.userIdByHandle(one)).toBe("ben");
    expect(await holderOf(log, one)).toBe("ben");
  });

  test("at the same moment: one gets it", async () => {
    const { log, store, commands } = world();
    const nodes = [commands, nodeOver(log, store).commands];
    const outcomes = await Promise.allSettled(
      ["ann", "аnn", "anп", "аnn"].map((name, index) =>
        (nodes[index % 2] as typeof commands).register(caller(`u${index}`), profile(name)),
      ),
    );
    expect(outcomes.filter(({ status }, index) => status === "fulfilled" && index !== 2)).toHaveLength(1);
  });
});

describe("a profile", () => {
  test("is changed where something is given, and taken away where null is", async () => {
    const { commands, views, catchUp } = world();
    await commands.register(ann, { ...profile("ann"), signature: "carpe diem", gender: "OTHER" });
    await commands.updateProfile(ann, { clientMutationId: "u", name: "Ann Lee", signature: null });
    await catchUp();
    expect(await views.directory.user("ann")).toMatchObject({ handle: "ann", name: "Ann Lee", signature: null, gender: "OTHER" });
    expect(await views.directory.userIdByHandle("ann")).toBe("ann");
  });

  test("of nobody cannot be changed", async () => {
    const { commands, log } = world();
    const refusal = await refused(commands.updateProfile(ann, { clientMutationId: "u", handle: "ann" }), "NOT_FOUND");
    expect(refusal.message).toContain("register");
    expect(await holderOf(log, "ann")).toBeUndefined();
  });

  test("that is so already changes no row", async () => {
    const { commands, log, store, catchUp } = world();
    await commands.register(ann, profile("ann"));
    await catchUp();
    const rows = store.dump(isBookkeeping);
    const { position } = await commands.updateProfile(ann, { clientMutationId: "u", handle: "@Ann", name: "ann" });
    expect(position).toBe(await log.end());
    await catchUp();
    expect(store.dump(isBookkeeping)).toEqual(rows);
  });

  test("with another handle gives the old one free", async () => {
    const { commands, views, catchUp, log } = world();
    await commands.register(ann, profile("ann"));
    const { position } = await commands.updateProfile(ann, { clientMutationId: "u", handle: "annie" });
    // Who reads from there on finds nobody under the old one.
    expect(position).toBe(await log.end());
    await catchUp();
    expect(await views.directory.user("ann")).toMatchObject({ handle: "annie" });
    expect(await views.directory.userIdByHandle("annie")).toBe("ann");
    expect(await views.directory.userIdByHandle("ann")).toBeUndefined();
    await commands.register(ben, profile("ann"));
    await catchUp();
    expect(await views.directory.userIdByHandle("ann")).toBe("ben");
    await refused(commands.updateProfile(ann, { clientMutationId: "v", handle: "ann" }), "CONFLICT", "handle");
    expect([await holderOf(log, "ann"), await holderOf(log, "annie")]).toEqual(["ben", "ann"]);
  });

  test("with another handle reads no more of the log after a thousand changes than after one", async () => {
    const { commands, log } = world();
    await commands.register(ann, profile("ann"));
    const readBy = async (handle: string) => {
      const from = log.calls.length;
      await commands.updateProfile(ann, { clientMutationId: handle, handle });
      return log.calls.slice(from).flatMap((call) => (call.op === "read" && call.stream === "user-ann" ? [call.from] : []));
    };
    const reads = (await readBy("first")).length;
    for (let time = 0; time < 1_000; time++) {
      await commands.updateProfile(ann, { clientMutationId: `t${time}`, name: `ann ${time}` });
    }
    const last = await readBy("last");
    expect(last.length).toBeLessThanOrEqual(reads);
    expect(Math.min(...last)).toBeGreaterThan(900);
  });

  test("may go to and fro between handles, each time holding the one and giving the other free", async () => {
    const { commands, log } = world();
    await commands.register(ann, profile("one"));
    for (const [index, handle] of ["two", "one", "two", "one", "one", "three", "two"].entries()) {
      await commands.updateProfile(ann, { clientMutationId: `u${index}`, handle });
      for (const name of ["one", "two", "three"]) expect(await holderOf(log, name)).toBe(name === handle ? "ann" : undefined);
    }
  });

  test("that is refused keeps the handle it has, and takes no other", async () => {
    const { commands, log } = world();
    await commands.register(ann, profile("ann"));
    const input = { clientMutationId: "u", handle: "annie" };
    await refused(commands.updateProfile(ann, { ...input, birthday: "2999-01-01" }), "BAD_INPUT", "birthday");
    expect([await holderOf(log, "ann"), await holderOf(log, "annie")]).toEqual(["ann", undefined]);
    await commands.updateProfile(ann, input);
    expect([await holderOf(log, "ann"), await holderOf(log, "annie")]).toEqual([undefined, "ann"]);
  });

  test("is changed once by one call, whatever was changed since", async () => {
    const { commands, log } = world();
    await commands.register(ann, profile("one"));
    const input = { clientMutationId: "u", handle: "two" };
    const first = await commands.updateProfile(ann, input);
    await commands.updateProfile(ann, { clientMutationId: "v", handle: "three" });
    await commands.register(ben, profile("two"));
    expect(await commands.updateProfile(ann, input)).toEqual(first);
    expect([await holderOf(log, "two"), await holderOf(log, "three")]).toEqual(["ben", "ann"]);
  });

  test.each([0, 1, 2])("change that a log broke off (at append %d) is finished by the repeat", async (after) => {
    const { log, store, commands } = world();
    await commands.register(ann, profile("one"));
    const input = { clientMutationId: "u", handle: "two" };
    await refused(nodeOver(failingOnce(log, after), store).commands.updateProfile(ann, input), "UNAVAILABLE");
    await nodeOver(log, store).commands.updateProfile(ann, input);
    expect([await holderOf(log, "one"), await holderOf(log, "two")]).toEqual([undefined, "ann"]);
    expect(await eventsOf(log, "ann")).toEqual(["UserRegistered", "ProfileUpdated"]);
  });
});

describe("handles", () => {
  const names = ["one", "two", "three", "four"];
  const call = fc.record({
    user: fc.constantFrom("ann", "ben", "cat"),
    node: fc.nat({ max: 1 }),
    handle: fc.constantFrom(...names),
    /** A fault that the command is refused for after a look at it. */
    wrong: fc.nat({ max: 4 }).map((n) => n === 0),
    register: fc.boolean(),
    key: fc.nat({ max: 5 }),
  });
  const fault = fc.constantFrom<("conflict" | "nothing" | undefined)[]>(undefined, undefined, undefined, "conflict", "nothing");
  const round = fc.record({ calls: fc.array(call, { minLength: 1, maxLength: 4 }), fault });

  test("are each held by the one user who shows it, and by nobody where none does", { timeout: 300_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(round, { maxLength: 15 }), async (rounds) => {
        const { log, store, commands } = world();
        const nodes = [commands, nodeOver(log, store).commands];
        /** Handles that the log broke off over: whoever claimed one holds it until the call is repeated. */
        const brokenOff = new Set<string>();
        const perform = async ({ user, node, handle, wrong, register, key }: (typeof rounds)[number]["calls"][number]) => {
          const at = nodes[node] as typeof commands;
          const change = wrong ? { birthday: "2999-01-01" } : {};
          const clientMutationId = `${register ? "r" : "u"}${key}`;
          try {
            if (register) await at.register(caller(user), { ...profile(handle), clientMutationId, ...change });
            else await at.updateProfile(caller(user), { clientMutationId, handle, ...change });
          } catch (error) {
            expect(error).toBeInstanceOf(Refusal);
            if ((error as Refusal).code !== "UNAVAILABLE") return;
            for (const name of [handle, await shownBy(log, user)]) if (name !== undefined) brokenOff.add(name);
            for (const name of await namedBy(log, user)) brokenOff.add(name);
          }
        };
        for (const { calls, fault: failing } of rounds) {
          if (failing) log.failAppends(failing);
          // One after another for each user, at once for several.
          await Promise.all(
            ["ann", "ben", "cat"].map(async (user) => {
              for (const what of calls) if (what.user === user) await perform(what);
            }),
          );
        }
        const shown = new Map<string, string>();
        for (const user of ["ann", "ben", "cat"]) {
          const handle = await shownBy(log, user);
          if (handle === undefined) continue;
          expect(shown.has(handle), `${handle} is ${shown.get(handle)}'s and ${user}'s`).toBe(false);
          shown.set(handle, user);
        }
        for (const name of names)
          if (shown.has(name) || !brokenOff.has(name)) expect(await holderOf(log, name), name).toBe(shown.get(name));
      }),
      { numRuns: runs(), seed: seed("handles") },
    );
  });

  test("are whole after any two calls of one user at one moment", async () => {
    for (let round = 0; round < 20; round++) {
      const { log, commands } = world();
      await commands.register(ann, profile("one"));
      await Promise.all(
        ["two", "one", "three", "one"].map((handle, index) =>
          commands.updateProfile(ann, { clientMutationId: `u${index}`, handle }),
        ),
      );
      const shown = await shownBy(log, "ann");
      for (const name of names) expect(await holderOf(log, name)).toBe(name === shown ? "ann" : undefined);
    }
  });
});

async function namedBy(log: EventStore, user: string): Promise<string[]> {
  const events = await log.read(streams.user(user), 0, "forwards", 10_000);
  return events.flatMap(({ data }) => (data as { handle?: string }).handle ?? []);
}

const shownBy = async (log: EventStore, user: string) => (await namedBy(log, user)).at(-1);
