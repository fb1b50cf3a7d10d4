import { afterEach, describe, expect, test } from "vitest";
import type { EntryDelivery } from "../../../src/api/area.ts";
import { gate } from "../../support/gate.ts";
import { until } from "../../support/until.ts";
import { type ApiWorld, apiWorld, texts, told } from "../../support/apiWorld.ts";

/* What is committed, what is told of it, and what subscribers read: in the orders in which news could be lost between them. */

let here: ApiWorld;
afterEach(() => here.close());

/** What a subscription says, as it comes. */
function followed(stream: AsyncIterator<EntryDelivery, undefined>) {
  const heard: { text: string; cursor: string }[] = [];
  const reading = (async () => {
    for (;;) {
      const { value, done } = await stream.next();
      if (done === true) return;
      heard.push(told(value));
    }
  })();
  return {
    heard,
    said: () => texts(heard),
    left: async () => {
      await stream.return?.();
      await reading;
    },
  };
}

/** All that needs no more than what is in memory is done. */
const settled = async (): Promise<void> => {
  for (let turn = 0; turn < 100; turn++) await new Promise((resolve) => setImmediate(resolve));
};

/** A door through which so many go as were let. */
function door(open = Number.POSITIVE_INFINITY) {
  let left = open;
  let opened = gate();
  return {
    passed: async (): Promise<void> => {
      while (left <= 0) await opened.passed;
      left--;
    },
    letPass: (count: number): void => {
      left = count;
      opened.open();
      opened = gate();
    },
  };
}

/** What was committed is told once it is let go: as where it comes from another thread. */
function holding() {
  const held: (() => void)[] = [];
  let isHeld = false;
  return {
    telling: (tell: () => void): void => void (isHeld ? held.push(tell) : tell()),
    hold: () => void (isHeld = true),
    count: () => held.length,
    release: () => {
      isHeld = false;
      for (const tell of held.splice(0)) tell();
    },
  };
}

describe("a cursor that is ahead of the views", () => {
  test("is waited for: a conversation that grows wide below it is heard of", async () => {
    const commits = door();
    here = await apiWorld({ committing: commits.passed });
    const { register, group, fanout, send, inbox, services, caughtUp } = here;
    await register("ann", "bob");
    const id = await group("ann", ["bob"]);
    await fanout(1);
    await caughtUp();
    commits.letPass(0);
    // The first message that is not fanned out makes the conversation wide: its sender has the cursor before the views have the
    // rows.
    const cursor = await send("ann", id, "one");
    expect(services.watermark.current() < cursor).toBe(true);
    const { heard, said, left } = followed(await inbox("bob", cursor));
    await settled();
    expect(said(), "what the views do not hold yet is not said to be all").toEqual([]);
    commits.letPass(Number.POSITIVE_INFINITY);
    await until("it is caught up", () => heard.length > 0);
    expect(heard).toEqual([{ text: "InboxCaughtUp", cursor }]);
    for (const text of ["two", "three"]) await send("ann", id, text);
    await until("the rest is told", () => said().includes("received three"));
    expect(said()).toEqual(["InboxCaughtUp", "received two", "received three"]);
    await left();
  });

  test("never goes back: what is folded anew is not told again, and nobody is told of it as if it were new", async () => {
    const before = await apiWorld();
    await before.register("ann", "bob");
    for (let count = 1; count <= 6; count++) await before.send("bob", "ann", `old ${count}`);
    const end = await before.log.end();
    await before.close();
    // The same log, and views that are folded anew, event by event, as far as its users so far.
    const commits = door(4);
    here = await apiWorld({ log: before.log, pageEvents: 1, committing: commits.passed });
    here.services.begun = end;
    const { inbox, send, services, listen } = here;
    await until("the users are there", () => services.views.directory.user("bob"));
    await settled();
    expect(services.watermark.current() < end).toBe(true);
    const all = [
      followed(await inbox("ann", end)),
      followed(await inbox("ann")),
      followed(await inbox("ann", "another0.00000000001")),
      followed(await listen("ann", "d:ann~bob", end)),
      followed(await listen("ann", "d:ann~bob")),
    ];
    await settled();
    // One after the other, with time for all to read.
    for (let page = 0; page < 12; page++) {
      commits.letPass(1);
      await settled();
    }
    commits.letPass(Number.POSITIVE_INFINITY);
    await until("all are caught up", () => all.every(({ said }) => said().includes("InboxCaughtUp")));
    await send("bob", "ann", "new");
    await until("what is new is told", () => all.every(({ said }) => said().includes("received new")));
    for (const [index, { heard, said, left }] of all.entries()) {
      expect(said(), `${index}`).toEqual([...(index === 2 ? ["InboxReset"] : []), "InboxCaughtUp", "received new"]);
      expect(heard[0]?.cursor).toBe(end);
      await left();
    }
  });

  test("is not waited for by sync, which gives it back", async () => {
    const commits = door();
    here = await apiWorld({ committing: commits.passed });
    const { register, send, sync, caughtUp, services } = here;
    await register("ann", "bob");
    await caughtUp();
    commits.letPass(0);
    const cursor = await send("bob", "ann", "one");
    expect(services.watermark.current() < cursor).toBe(true);
    expect(await sync("ann", cursor)).toEqual({ entries: [], cursor, hasMore: false, resetRequired: false });
    commits.letPass(Number.POSITIVE_INFINITY);
  });
});

describe("a list of wide conversations that is older than the cursor", () => {
  test("is looked at again, also where the cursor leapt over what changed it", async () => {
    const asked = gate();
    const goOn = gate();
    here = await apiWorld();
    const { register, group, fanout, send, inbox, services, caughtUp } = here;
    await register("ann", "bob");
    const id = await group("ann", ["bob"]);
    await fanout(1);
    await caughtUp();
    const old = services.watermark.current();
    let horizon = "";
    const { horizonOf } = services;
    services.horizonOf = async (user) => {
      if (user !== "bob") return horizonOf(user);
      asked.open();
      await goOn.passed;
      return horizon;
    };
    const { heard, said, left } = followed(await inbox("bob", old));
    // The list was read, and is empty. Meanwhile the conversation grows wide, and all that the cursor stands for is deleted.
    await asked.passed;
    await send("ann", id, "one");
    await caughtUp();
    horizon = services.watermark.current();
    goOn.open();
    await until("it is reset", () => heard.length > 1);
    for (const text of ["two", "three"]) await send("ann", id, text);
    await until("the rest is told", () => said().includes("received three"));
    expect(said()).toEqual(["InboxReset", "InboxCaughtUp", "received two", "received three"]);
    await left();
  });
});

describe("where views are folded anew", () => {
  const DAY = 86_400_000;

  test("entries that were too old before are not there again, nor are they kept any longer that are old enough later", async () => {
    const before = await apiWorld({ time: Date.UTC(2026, 0, 1) });
    await before.register("ann", "bob");
    const old: string[] = [];
    for (const text of ["old 1", "old 2", "old 3"]) old.push(await before.send("bob", "ann", text));
    before.pass(60 * DAY);
    const young: string[] = [];
    for (const text of ["young 1", "young 2", "young 3"]) {
      young.push(await before.send("bob", "ann", text));
      before.pass(DAY / 2);
    }
    before.pass(20 * DAY);
    await before.close();
    const end = await before.log.end();

    const commits = door(4);
    const time = before.time();
    here = await apiWorld({ log: before.log, time, ttlMs: 30 * DAY, pageEvents: 1, committing: commits.passed });
    here.services.begun = end;
    const { inbox, send, services, sync, log, caughtUp, pass, sweep } = here;
    await until("the users are there", () => services.views.directory.user("bob"));
    const late = [followed(await inbox("ann", old[0])), followed(await inbox("ann", log.origin))];
    const inTime = followed(await inbox("ann", young[0]));
    for (let page = 0; page < 10; page++) {
      commits.letPass(1);
      await settled();
      const { entries } = await sync("ann");
      expect(entries.map(({ message }) => (message as { text: string }).text).filter((text) => text.startsWith("old"))).toEqual(
        [],
      );
    }
    commits.letPass(Number.POSITIVE_INFINITY);
    await caughtUp();
    const cursors = async (after?: string) => (await sync("ann", after)).entries.map(({ cursor }) => cursor);
    expect(await cursors()).toEqual(young);
    expect(await cursors(young[0])).toEqual(young.slice(1));
    for (const after of [log.origin, ...old.slice(0, -1)])
      expect(await sync("ann", after)).toEqual({ entries: [], cursor: end, hasMore: false, resetRequired: true });
    expect(await services.views.inboxes.entries("ann", log.origin, end, 10), "none is stored").toMatchObject({
      entries: young.map((position) => ({ position })),
    });
    await send("bob", "ann", "new");
    await until("what is new is told", () => [...late, inTime].every(({ said }) => said().includes("received new")));
    for (const { said, left } of late) {
      expect(said()).toEqual(["InboxReset", "InboxCaughtUp", "received new"]);
      await left();
    }
    expect(inTime.said()).toEqual(["received young 2", "received young 3", "InboxCaughtUp", "received new"]);
    await inTime.left();

    // Those go when it is their time, not when as much time has passed since they were folded.
    pass(8.75 * DAY);
    await sweep();
    expect((await cursors()).slice(0, 2)).toEqual(young.slice(1));
    pass(3 * DAY);
    await sweep();
    expect(await cursors()).toHaveLength(1);
    expect(await sync("ann", young[1])).toMatchObject({ resetRequired: true });
  });
});

describe("news of a page for which it was looked who listens before somebody did", () => {
  test.each(["inbox", "conversation"] as const)("wake who has read since: %s", async (kind) => {
    const thread = holding();
    here = await apiWorld({ telling: thread.telling });
    const { register, send, inbox, listen, caughtUp, services } = here;
    await register("ann", "bob");
    await send("ann", "bob", "zero");
    await caughtUp();
    thread.hold();
    // Committed, and nobody listened; what this thread knows of is older.
    const cursor = await send("ann", "bob", "one");
    await until("it is committed", () => thread.count() > 0);
    expect(services.watermark.current() < cursor).toBe(true);
    const { said, left } = followed(kind === "inbox" ? await inbox("bob") : await listen("bob", "d:ann~bob"));
    await until("it is caught up", () => said().length > 0);
    await settled();
    thread.release();
    await until("the news is told", () => said().includes("received one"), 20_000);
    expect(said()).toEqual(["InboxCaughtUp", "received one"]);
    await left();
  });
});

describe("a commit whose outcome was unknown", () => {
  test("that was stored is told of, though its page never is", async () => {
    here = await apiWorld();
    const { register, send, inbox, caughtUp, memory, sync, services } = here;
    await register("ann", "bob");
    await caughtUp();
    const from = services.watermark.current();
    const { heard, said, left } = followed(await inbox("bob"));
    // From here on what comes for bob is in memory.
    for (const text of ["one", "two"]) {
      await send("ann", "bob", text);
      await until("it is told", () => said().includes(`received ${text}`));
    }
    memory.failCommits("unknown, stored");
    await send("ann", "bob", "three");
    await caughtUp();
    await settled();
    await send("ann", "bob", "four");
    await until("the last is told", () => said().includes("received four"));
    expect(said()).toEqual(["InboxCaughtUp", "received one", "received two", "received three", "received four"]);
    expect((await sync("bob", from)).entries.map(({ cursor }) => cursor)).toEqual(heard.slice(1).map(({ cursor }) => cursor));
    await left();
  });
});
