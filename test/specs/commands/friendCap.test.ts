import { describe, expect, test } from "vitest";
import { caller, newKey, profile } from "../../support/cast.ts";
import { refused } from "../../support/refused.ts";
import { nodeOver, type World, world } from "../../support/world.ts";

type Commands = World["commands"];

const asked = async (commands: Commands, from: string, to: string) => {
  const input = { clientMutationId: newKey(), userId: to, note: null, alias: null };
  const { users, number } = await commands.requestFriendship(caller(from), input);
  return { users: users as [string, string], number };
};
const accept = (commands: Commands, by: string, request: { users: [string, string]; number: number }) =>
  commands.answerFriendRequest(caller(by), { clientMutationId: newKey(), ...request, accept: true });
const befriend = async (commands: Commands, one: string, other: string) =>
  accept(commands, other, await asked(commands, one, other));
const end = (commands: Commands, by: string, userId: string) =>
  commands.endFriendship(caller(by), { clientMutationId: newKey(), userId });

/** A world in which a user may have two friends. */
async function setUp(count = 5) {
  const target = world({ friendCap: 2 });
  const users = Array.from({ length: count }, (_, index) => `u${index}`);
  for (const user of ["ann", ...users]) await target.commands.register(caller(user), profile(user));
  await target.catchUp();
  const friendsOf = async (user: string) => {
    await target.catchUp();
    return target.views.friends.count(user, 100);
  };
  return { ...target, users, friendsOf };
}

describe("a user who has as many friends as one may have", () => {
  test("asks nobody, and no request makes them a friend of one more, whoever answers it", async () => {
    const { commands, friendsOf } = await setUp();
    const [toAnn, fromAnn] = [await asked(commands, "u3", "ann"), await asked(commands, "ann", "u2")];
    await befriend(commands, "ann", "u0");
    await befriend(commands, "u1", "ann");
    await refused(asked(commands, "ann", "u4"), "LIMIT_EXCEEDED");
    await refused(accept(commands, "ann", toAnn), "LIMIT_EXCEEDED");
    await refused(accept(commands, "u2", fromAnn), "LIMIT_EXCEEDED", "id");
    // The requests cross.
    await refused(asked(commands, "u2", "ann"), "LIMIT_EXCEEDED", "userId");
    expect(await friendsOf("ann")).toBe(2);
  });

  test("is asked all the same: they may have room later, and have it as soon as a friendship has ended", async () => {
    const { commands, friendsOf } = await setUp();
    for (const friend of ["u0", "u1"]) await befriend(commands, "ann", friend);
    const request = await asked(commands, "u2", "ann");
    await refused(accept(commands, "ann", request), "LIMIT_EXCEEDED");
    // The rows do not know of the end yet.
    await end(commands, "u1", "ann");
    await accept(commands, "ann", request);
    expect(await friendsOf("ann")).toBe(2);
  });

  test("gets the first result of a call that they make again", async () => {
    const { commands } = await setUp();
    const input = { clientMutationId: newKey(), userId: "u4", note: null, alias: null };
    const first = await commands.requestFriendship(caller("ann"), input);
    for (const friend of ["u0", "u1"]) await befriend(commands, "ann", friend);
    expect(await commands.requestFriendship(caller("ann"), input)).toEqual(first);
  });
});

describe("the last place for a friend", () => {
  test("is given to one of 50 answers at once, whoever gives them", async () => {
    const { commands, users, friendsOf } = await setUp(51);
    await befriend(commands, "ann", "u50");
    const requests = await Promise.all(
      users
        .slice(0, 50)
        .map(async (user, index) =>
          index % 2
            ? ([user, await asked(commands, "ann", user)] as const)
            : (["ann", await asked(commands, user, "ann")] as const),
        ),
    );
    const outcomes = await Promise.allSettled(requests.map(([by, request]) => accept(commands, by, request)));
    expect(outcomes.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
    for (const outcome of outcomes)
      if (outcome.status === "rejected") expect(outcome.reason).toMatchObject({ code: "LIMIT_EXCEEDED" });
    expect(await friendsOf("ann")).toBe(2);
  });

  test("is taken by none of many who only ask", async () => {
    const { commands, users, friendsOf } = await setUp(50);
    await befriend(commands, "ann", "u0");
    await Promise.all(users.slice(1).map(async (user) => asked(commands, "ann", user)));
    await accept(commands, "u1", { users: ["ann", "u1"], number: 1 });
    expect(await friendsOf("ann")).toBe(2);
  });

  test("is free again where the call that had it failed", async () => {
    const { commands, log, friendsOf } = await setUp();
    await befriend(commands, "ann", "u0");
    const [one, other] = [await asked(commands, "u1", "ann"), await asked(commands, "u2", "ann")];
    log.failAppends("nothing");
    await refused(accept(commands, "ann", one), "UNAVAILABLE");
    await accept(commands, "ann", other);
    expect(await friendsOf("ann")).toBe(2);
  });

  test("is known to another server by the rows", async () => {
    const { commands, log, store, watermark, catchUp } = await setUp();
    const other = nodeOver(log, store, { friendCap: 2, watermark, waited: catchUp });
    await befriend(commands, "ann", "u0");
    await befriend(other.commands, "ann", "u1");
    await catchUp();
    for (const each of [commands, other.commands]) await refused(asked(each, "ann", "u2"), "LIMIT_EXCEEDED");
  });
});
