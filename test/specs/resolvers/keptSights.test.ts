import fc from "fast-check";
import { afterEach, describe, expect, test } from "vitest";
import { keepSights, STAYS_SEARCHED } from "../../../src/api/keptSights.ts";
import { DIRECT_STAY, type Sight } from "../../../src/domain/visibility.ts";
import type { Visible } from "../../../src/ports/searchIndex.ts";
import type { TailPage, ToldRow } from "../../../src/projecting/tail.ts";
import { type ApiWorld, apiWorld } from "../../support/apiWorld.ts";

const page = (told: TailPage["told"]): TailPage => ({ from: "1", to: "2", epoch: 0n, items: [], ...(told && { told }) });
const stayRow = (user: string, conversation: string): ToldRow => ({
  table: "sights",
  partition: user,
  sort: conversation,
  row: DIRECT_STAY,
});
const groupRow = (id: string, row: object): ToldRow => ({
  table: "groups",
  partition: id,
  sort: "",
  row: { memberCount: 1, public: false, historyVisible: false, ...row },
});
const shown = ({ conversationIds, windows }: Visible) => [
  ...conversationIds,
  ...windows.map(({ conversationId, fromSeq, toSeq }) => `${conversationId} ${fromSeq}-${toSeq ?? ""}`),
];

/** Rows that change without telling anyone, and how often they are read. */
function rows() {
  const sights = new Map<string, Map<string, Sight>>();
  const reads: string[] = [];
  let held: Promise<void> | undefined;
  const of = (user: string) => [...(sights.get(user) ?? [])].map(([id, sight]) => ({ id, sight }));
  return {
    reads,
    set: (user: string, id: string, sight: Sight | undefined) => {
      const own = sights.get(user) ?? new Map<string, Sight>();
      if (sight) own.set(id, sight);
      else own.delete(id);
      sights.set(user, own);
    },
    /** What is read from here on is answered by the rows as they are now, once the returned function is called. */
    hold: (): (() => void) => {
      let goOn = (): void => {};
      held = new Promise((resolve) => {
        goOn = resolve;
      });
      return () => {
        held = undefined;
        goOn();
      };
    },
    relations: {
      sightsOf: async (user: string) => {
        reads.push(`all of ${user}`);
        const found = of(user);
        await held;
        return found;
      },
      sightsIn: async (user: string, ids: readonly string[]) => {
        reads.push(`${ids.join(", ")} of ${user}`);
        const found = of(user).filter(({ id }) => ids.includes(id));
        await held;
        return found;
      },
      rangesOf: async ({ stay }: Sight) => (stay ? [{ fromSeq: 1, toSeq: 1 }, stay] : []),
    },
  };
}

const since = (fromSeq: number, toSeq?: number): Sight => ({
  stay: { from: "1", fromSeq, ...(toSeq !== undefined && { to: "2", toSeq }) },
  historyVisible: false,
  public: false,
});

describe("sights that are kept", () => {
  test("are read once, and then only what changed", async () => {
    const { relations, reads, set } = rows();
    const kept = keepSights(relations);
    set("ann", "g:a", since(1));
    set("ann", "g:b", since(5));
    expect(shown(await kept.visibleTo("ann"))).toEqual(["g:a", "g:b 5-"]);
    expect(shown(await kept.visibleTo("ann"))).toEqual(["g:a", "g:b 5-"]);
    expect(kept.sight("ann", "g:b")).toEqual(since(5));
    expect(kept.sight("ann", "g:c")).toBeUndefined();
    expect(kept.sight("bob", "g:b")).toBeUndefined();
    expect(reads.splice(0)).toEqual(["all of ann"]);
    set("ann", "g:b", since(5, 7));
    set("ann", "g:c", since(9));
    kept.take(page([stayRow("ann", "g:b"), stayRow("ann", "g:c"), stayRow("bob", "g:a")]));
    // Not a moment longer.
    expect(kept.sight("ann", "g:b")).toBeUndefined();
    expect(kept.sight("ann", "g:a")).toEqual(since(1));
    const visible = await kept.visibleTo("ann");
    expect(shown(visible)).toEqual(["g:a", "g:b 5-7", "g:c 9-"]);
    expect(visible.kept?.changesSince(1)?.map(({ conversationId }) => conversationId)).toEqual(["g:b", "g:c"]);
    expect(visible.kept?.changesSince(2)).toEqual([]);
    expect(reads).toEqual(["g:b, g:c of ann"]);
  });

  test("are read again where a group is opened, closed or dissolved, not where somebody joins it", async () => {
    const { relations, reads, set } = rows();
    const kept = keepSights(relations);
    set("ann", "g:a", since(5));
    set("bob", "g:b", since(5));
    await kept.visibleTo("ann");
    await kept.visibleTo("bob");
    reads.length = 0;
    kept.take(page([groupRow("g:a", { memberCount: 2 }), groupRow("g:none", { public: true })]));
    await kept.visibleTo("ann");
    expect(reads).toEqual([]);
    for (const change of [{ public: true }, { historyVisible: true }, { dissolved: { position: "3", seq: 9 } }]) {
      kept.take(page([groupRow("g:a", change)]));
      await kept.visibleTo("bob");
      expect(reads.splice(0)).toEqual([]);
      await kept.visibleTo("ann");
      expect(reads.splice(0)).toEqual(["g:a of ann"]);
    }
  });

  test("that are being read while they change are read again", async () => {
    const { relations, set, hold } = rows();
    const kept = keepSights(relations);
    set("ann", "g:a", since(1));
    set("ann", "g:b", since(1));
    let goOn = hold();
    const first = kept.visibleTo("ann");
    set("ann", "g:a", undefined);
    kept.take(page([stayRow("ann", "g:a")]));
    // Whoever asks after the change does not rest on what was read before.
    const second = kept.visibleTo("ann");
    goOn();
    await first;
    expect(shown(await second)).toEqual(["g:b"]);

    kept.take(page([stayRow("ann", "g:b")]));
    goOn = hold();
    const third = kept.visibleTo("ann");
    set("ann", "g:b", since(4));
    kept.take(page([groupRow("g:b", { historyVisible: true })]));
    const fourth = kept.visibleTo("ann");
    expect(kept.sight("ann", "g:b")).toBeUndefined();
    goOn();
    await third;
    expect(shown(await fourth)).toEqual(["g:b 4-"]);

    goOn = hold();
    kept.take(page([stayRow("ann", "g:b")]));
    const fifth = kept.visibleTo("ann");
    set("ann", "g:b", undefined);
    kept.forget();
    const sixth = kept.visibleTo("ann");
    goOn();
    await fifth;
    expect(shown(await sixth)).toEqual([]);
  });

  test("are forgotten where too much was written, or anything may have been", async () => {
    const { relations, reads, set } = rows();
    const kept = keepSights(relations);
    set("ann", "g:a", since(1));
    for (const forget of [() => kept.take(page("many")), () => kept.forget()]) {
      const before = await kept.visibleTo("ann");
      reads.length = 0;
      forget();
      expect(kept.sight("ann", "g:a")).toBeUndefined();
      expect(kept.bytes()).toBe(0);
      // Under another name: no engine goes on from what it has.
      expect((await kept.visibleTo("ann")).kept?.id).not.toBe(before.kept?.id);
      expect(reads).toEqual(["all of ann"]);
    }
  });

  test("take no more memory than they may; those of whoever searched longest ago go first", async () => {
    const { relations, reads, set } = rows();
    for (let user = 0; user < 20; user++)
      for (let group = 0; group < 100; group++) set(`u${user}`, `g:${user}-${group}`, since(2));
    const kept = keepSights(relations, 1_000_000);
    for (let user = 0; user < 20; user++) {
      await kept.visibleTo(`u${user}`);
      await kept.visibleTo("u0");
      expect(kept.bytes()).toBeLessThanOrEqual(1_000_000);
    }
    reads.length = 0;
    await kept.visibleTo("u0");
    expect(reads).toEqual([]);
    await kept.visibleTo("u1");
    expect(reads).toEqual(["all of u1"]);
    const none = keepSights(relations, 10_000);
    expect(shown(await none.visibleTo("u3"))).toHaveLength(100);
    expect(none.bytes()).toBe(0);
  });

  test("that fail to be read are not kept", async () => {
    const { relations, set } = rows();
    let isAway = true;
    const kept = keepSights({
      ...relations,
      sightsOf: (user) => (isAway ? Promise.reject(new Error("away")) : relations.sightsOf(user)),
    });
    set("ann", "g:a", since(1));
    await expect(kept.visibleTo("ann")).rejects.toThrow("away");
    isAway = false;
    expect(shown(await kept.visibleTo("ann"))).toEqual(["g:a"]);
  });

  test("are searched by as many earlier stays as ever, over all conversations", async () => {
    const { relations, set } = rows();
    const asked: number[] = [];
    const stay = { from: "1", fromSeq: 9, earlier: "g:a~ann" };
    const kept = keepSights({
      ...relations,
      rangesOf: async (_, limit) => {
        asked.push(limit);
        return [...Array.from({ length: 10 }, (_, index) => ({ fromSeq: index, toSeq: index })), stay];
      },
    });
    for (const id of ["g:a", "g:b"]) set("ann", id, { stay, historyVisible: false, public: false });
    await kept.visibleTo("ann");
    kept.take(page([stayRow("ann", "g:b")]));
    await kept.visibleTo("ann");
    expect(asked).toEqual([STAYS_SEARCHED, STAYS_SEARCHED - 10, STAYS_SEARCHED - 10]);
  });
});

describe("a search by kept sights", () => {
  let here: ApiWorld;
  afterEach(() => here.close());

  const COUNT = `query ($text: String!) { searchMessages(query: { text: $text }, first: 100) {
    totalCount edges { node { message { id } } }
  } }`;
  type Found = { totalCount: number; edges: { node: { message: { id: string } } }[] };
  const found = async (user: string) => {
    const { totalCount, edges } = (await here.ask(user, COUNT, { text: "tea" }))["searchMessages"] as Found;
    const ids = edges.map(({ node }) => node.message.id).sort();
    expect(totalCount).toBe(ids.length);
    return ids;
  };
  const call = (user: string, field: string, type: string, input: object) =>
    here.ask(user, `mutation ($input: ${type}!) { ${field}(input: $input) { cursor } }`, {
      input: { clientMutationId: here.key(), ...input },
    });

  test("reads no sights a second time", async () => {
    here = await apiWorld({ searched: true });
    const { register, group, send, caughtUp, reads } = here;
    await register("ann", "bob");
    for (let count = 0; count < 5; count++) await send("ann", await group("ann", ["bob"]), "tea");
    await caughtUp();
    expect(await found("bob")).toHaveLength(5);
    reads.reset();
    expect(await found("bob")).toHaveLength(5);
    // The messages of the page alone.
    expect(reads).toMatchObject({ range: 0, getMany: 1 });
  });

  test("finds what a naive look at every message finds, after each change", { timeout: 120_000 }, async () => {
    const users = ["u0", "u1", "u2"];
    const step = fc.record({
      do: fc.constantFrom("send", "join", "leave", "remove", "open", "history", "dissolve"),
      by: fc.nat(2),
      in: fc.nat(2),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 10, maxLength: 30, size: "max" }), async (steps) => {
        here = await apiWorld({ searched: true });
        const { register, group, send, caughtUp } = here;
        await register(...users, "owner");
        const rooms = await Promise.all(
          [{}, { public: true }, { historyVisible: true }].map(async (kind) => ({
            id: await group("owner", ["u0"], { joinPolicy: "OPEN", ...kind }),
            kind: { public: false, historyVisible: false, ...kind },
            members: new Set(["u0"]),
            former: new Set<string>(),
            sent: [] as Set<string>[],
            isOver: false,
          })),
        );
        for (const each of steps) {
          const user = users[each.by] as string;
          const room = rooms[each.in] as (typeof rooms)[number];
          const { id, kind, members, sent } = room;
          if (room.isOver) continue;
          if (each.do === "join" && !members.has(user)) {
            await call(user, "join", "JoinInput", { id });
            members.add(user);
          } else if (each.do === "leave" && members.delete(user)) await call(user, "leave", "NodeInput", { id });
          else if (each.do === "remove" && members.delete(user))
            await call("owner", "removeMembers", "MembersInput", { conversationId: id, userIds: [user] });
          else if (each.do === "send") {
            await send("owner", id, "tea");
            sent.push(new Set(members));
          } else if (each.do === "open" || each.do === "history") {
            const change = each.do === "open" ? { public: !kind.public } : { historyVisible: !kind.historyVisible };
            await call("owner", "updateConversation", "UpdateConversationInput", { id, ...change });
            Object.assign(kind, change);
          } else if (each.do === "dissolve" && each.by === 0) {
            await call("owner", "dissolve", "NodeInput", { id });
            Object.assign(kind, { public: false });
            members.clear();
            room.isOver = true;
          }
          await caughtUp();
          for (const who of users) {
            const expected = rooms.flatMap((of) => {
              const all = of.members.has(who) && (of.kind.public || of.kind.historyVisible);
              return of.sent.flatMap((then, index) => (all || then.has(who) ? [`${of.id}:${index + 1}`] : []));
            });
            expect(await found(who), `${who} after ${JSON.stringify(each)}`).toEqual(expected.sort());
          }
        }
        await here.close();
      }),
      { numRuns: 10 },
    );
    here = await apiWorld();
  });
});
