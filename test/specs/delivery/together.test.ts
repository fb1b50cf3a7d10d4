import { afterEach, describe, expect, test } from "vitest";
import type { EntryDelivery } from "../../../src/api/area.ts";
import { type ApiWorld, apiWorld, texts, told } from "../../support/apiWorld.ts";
import { gate } from "../../support/gate.ts";
import { runs, seed } from "../../support/property.ts";
import { randomOf } from "../../support/random.ts";

/* Readers who can take at once what is news for many, as a socket's outbox does. */

let here: ApiWorld;
afterEach(() => here.close());

/** All that needs no more than what is in memory is done. */
const settled = async (): Promise<void> => {
  for (let turn = 0; turn < 50; turn++) await new Promise((resolve) => setImmediate(resolve));
};

/** A commit waits while it is shut. */
let door = gate();
const shut = async (): Promise<void> => {
  door.open();
  door = gate();
  // Of no news to anybody. What comes after it shares the next commit.
  await here.fanout(1);
  await settled();
};
const caughtUp = async (): Promise<void> => {
  door.open();
  await here.caughtUp();
  await settled();
};

/** Reads a user's inbox. `takes`: asked for each item that may be taken at once. */
async function follow(user: string, takes: () => boolean = () => true) {
  const stream = await here.inbox(user);
  const heard: { text: string; cursor: string }[] = [];
  const counts = { taken: 0, woken: 0 };
  const taker = {
    take: (item: EntryDelivery) => {
      if (!takes()) return false;
      heard.push(told(item));
      counts.taken++;
      return true;
    },
  };
  const reading = (async () => {
    for (;;) {
      const item = stream.atHand();
      if (item !== undefined) {
        heard.push(told(item));
        continue;
      }
      let come = () => {};
      const coming = new Promise<void>((resolve) => (come = resolve));
      if (stream.onNews(come, taker)) {
        await coming;
        counts.woken++;
        continue;
      }
      const { value, done } = await stream.next();
      if (done === true) return;
      heard.push(told(value));
    }
  })();
  await settled();
  return {
    heard,
    counts,
    said: () => texts(heard).filter((text) => text !== "InboxCaughtUp"),
    left: async () => {
      await stream.return?.();
      await reading;
    },
  };
}

const members = (by: string, field: string, conversationId: string, userId: string) =>
  here.ask(by, `mutation ($i: MembersInput!) { ${field}(input: $i) { cursor } }`, {
    i: { clientMutationId: here.key(), conversationId, userIds: [userId] },
  });

const edit = (by: string, conversationId: string, seq: number) =>
  here.ask(by, `mutation ($i: EditMessageInput!) { editMessage(input: $i) { cursor } }`, {
    i: { clientMutationId: here.key(), conversationId, seq, text: "edited" },
  });

/** Groups that are not fanned out, each with a message. */
async function begin(users: readonly string[], groups: readonly (readonly string[])[]): Promise<string[]> {
  door = gate();
  door.open();
  here = await apiWorld({ committing: () => door.passed });
  await here.register(...users);
  await here.fanout(1);
  const ids: string[] = [];
  for (const [owner = "", ...others] of groups) ids.push(await here.group(owner, others));
  await caughtUp();
  for (const [index, id] of ids.entries()) await here.send(groups[index]?.[0] ?? "", id, "first");
  await caughtUp();
  return ids;
}

describe("news of a wide conversation", () => {
  test("is taken at once by all who are up to date, each time", async () => {
    const [id = ""] = await begin(["ann", "bob", "cat"], [["ann", "bob", "cat"]]);
    const all = [await follow("ann"), await follow("bob"), await follow("cat")];
    // The first one is waited for, as by any reader.
    await here.send("ann", id, "zero");
    await caughtUp();
    for (const text of ["one", "two"]) {
      await here.send("ann", id, text);
      // In the very call that tells of the commit.
      await here.caughtUp();
      for (const { said } of all) expect(said().at(-1)).toBe(`received ${text}`);
    }
    for (const { counts, said, left } of all) {
      expect(said()).toStrictEqual(["received zero", "received one", "received two"]);
      expect(counts).toStrictEqual({ taken: 2, woken: 0 });
      await left();
    }
  });

  test("comes in order with what else one commit brings: of oneself, of another conversation, of the same", async () => {
    const [one = "", other = ""] = await begin(
      ["ann", "bob"],
      [
        ["ann", "bob"],
        ["ann", "bob"],
      ],
    );
    const bob = await follow("bob");
    for (const places of [
      [one, "bob"],
      ["bob", one],
      [one, other],
      [other, one],
      [one, one],
      [one, "bob", other],
    ]) {
      bob.heard.splice(0);
      await shut();
      for (const [index, place] of places.entries()) await here.send("ann", place, `m${index}`);
      await caughtUp();
      expect(bob.said()).toStrictEqual(places.map((_, index) => `received m${index}`));
    }
    await bob.left();
  });

  test("is read by whoever cannot take it, and by those who are called after one that fails", async () => {
    const [id = ""] = await begin(["ann", "bob", "cat"], [["ann", "bob", "cat"]]);
    let fails = true;
    const warnings: string[] = [];
    const warned = (warning: Error) => void warnings.push(warning.message);
    process.on("warning", warned);
    const ann = await follow("ann", () => {
      if (!fails) return true;
      fails = false;
      throw new Error("no memory");
    });
    const bob = await follow("bob", () => false);
    const cat = await follow("cat");
    for (const text of ["zero", "one"]) {
      await here.send("ann", id, text);
      await caughtUp();
    }
    for (const { said } of [ann, bob, cat]) expect(said()).toStrictEqual(["received zero", "received one"]);
    expect([ann.counts.taken, bob.counts.taken, cat.counts.taken]).toStrictEqual([0, 0, 1]);
    await expect.poll(() => warnings).toStrictEqual(["no memory"]);
    process.off("warning", warned);
    await Promise.all([ann.left(), bob.left(), cat.left()]);
  });

  test("is not for those who left, and no more is heard of it once nobody listens", async () => {
    const [id = ""] = await begin(["ann", "bob"], [["ann", "bob"]]);
    const [ann, bob] = [await follow("ann"), await follow("bob")];
    await shut();
    // It waits for the views.
    const removing = members("ann", "removeMembers", id, "bob");
    await settled();
    await here.send("ann", id, "secret");
    await caughtUp();
    await removing;
    expect(bob.said()).toStrictEqual(["REMOVED bob"]);
    expect(ann.said()).toStrictEqual(["REMOVED bob", "received secret"]);
    await Promise.all([ann.left(), bob.left()]);
    const heard = ann.heard.length;
    await here.send("ann", id, "unheard");
    await caughtUp();
    expect(ann.heard).toHaveLength(heard);
  });

  test("is heard once and in order, however commits bring it and whoever takes it", async () => {
    const random = randomOf(seed("together"));
    let taken = 0;
    for (let run = 0; run < runs(40); run++) {
      const users = ["ann", "bob", "cat"];
      const ids = await begin(users, [users, ["ann", "bob"]]);
      const began = here.services.watermark.current();
      const followers = await Promise.all(users.map((user) => follow(user, () => random.chance(0.8))));
      const changing: Promise<unknown>[] = [];
      const heard: string[][] = users.map(() => []);
      let sent = 0;
      for (let step = 0; step < 25; step++) {
        const id = random.pick(ids);
        const choice = random.below(12);
        if (choice < 2) {
          // They wait for the views.
          changing.push(members("ann", choice === 0 ? "removeMembers" : "addMembers", id, "bob").catch(() => undefined));
          await settled();
        } else if (choice === 2) await edit("ann", id, 1);
        else if (choice < 5) await here.send("cat", random.pick(["ann", "bob"]), `m${sent++}`);
        else await here.send("ann", id, `m${sent++}`);
        if (random.chance(0.3)) door.open();
        if (random.chance(0.3)) await caughtUp();
        if (random.chance(0.3)) await shut();
      }
      await caughtUp();
      await Promise.all(changing);
      await caughtUp();
      for (const [index, { heard: entries }] of followers.entries())
        heard[index]?.push(...entries.filter(({ text }) => text !== "InboxCaughtUp").map(({ cursor }) => cursor));
      for (const [index, user] of users.entries()) {
        const { entries } = await here.sync(user, began);
        expect(heard[index], user).toStrictEqual(entries.map(({ cursor }) => cursor));
      }
      for (const { counts, left } of followers) {
        taken += counts.taken;
        await left();
      }
      if (run < runs(40) - 1) await here.close();
    }
    expect(taken).toBeGreaterThan(runs(40) * 10);
  });
});
