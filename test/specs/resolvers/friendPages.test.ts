import { afterEach, describe, expect, test } from "vitest";
import { caller } from "../../support/cast.ts";
import { type ApiWorld, apiWorld } from "../../support/apiWorld.ts";

let here: ApiWorld;
afterEach(() => here.close());

type Page = { edges: { cursor: string }[]; pageInfo: { hasNextPage: boolean; hasPreviousPage: boolean } };
const PAGE = "edges { cursor } pageInfo { hasNextPage hasPreviousPage }";

/** Each list that has the newest first, and how ann gets somebody on it, and off. */
const lists = {
  "friends(orderBy: SINCE": {
    add: async (user: string) => {
      const { commands } = here.services;
      const request = { clientMutationId: here.key(), userId: "ann", note: null, alias: null };
      const { users, number } = await commands.requestFriendship(caller(user), request);
      await commands.answerFriendRequest(caller("ann"), {
        clientMutationId: here.key(),
        users: [...users],
        number,
        accept: true,
      });
    },
    remove: (user: string) => here.services.commands.endFriendship(caller("ann"), { clientMutationId: here.key(), userId: user }),
  },
  "friendRequests(direction: INCOMING": {
    add: (user: string) =>
      here.services.commands.requestFriendship(caller(user), {
        clientMutationId: here.key(),
        userId: "ann",
        note: null,
        alias: null,
      }),
    remove: (user: string) => {
      const users: [string, string] = ["ann", user];
      return here.services.commands.withdrawFriendRequest(caller(user), { clientMutationId: here.key(), users, number: 1 });
    },
  },
  "blocked(first: 50": {
    add: (user: string) => here.services.commands.block(caller("ann"), { clientMutationId: here.key(), userId: user, on: true }),
    remove: (user: string) =>
      here.services.commands.block(caller("ann"), { clientMutationId: here.key(), userId: user, on: false }),
  },
};

describe.each(Object.entries(lists))("a page of %s)", (field, { add, remove }) => {
  const name = field.slice(0, field.indexOf("("));
  const page = async (after: string | null): Promise<Page> => {
    const document = `query ($after: String) { viewer { ${field}, after: $after) { ${PAGE} } } }`;
    const { viewer } = (await here.ask("ann", document, { after })) as { viewer: Record<string, Page> };
    return viewer[name] as Page;
  };

  test("has a page before it as long as there is anything before it", async () => {
    here = await apiWorld();
    await here.register("ann", "bob", "cat", "dan");
    for (const user of ["bob", "cat", "dan"]) await add(user);
    await here.caughtUp();
    const all = await page(null);
    expect(all).toMatchObject({ pageInfo: { hasPreviousPage: false } });
    const [dan = "", cat = ""] = all.edges.map(({ cursor }) => cursor);
    expect((await page(dan)).pageInfo.hasPreviousPage).toBe(true);
    expect((await page(cat)).pageInfo.hasPreviousPage).toBe(true);
    // What the cursor named goes, and something is before it still; then nothing is.
    await remove("cat");
    await here.caughtUp();
    expect(await page(cat)).toMatchObject({ edges: [{}], pageInfo: { hasPreviousPage: true } });
    await remove("dan");
    await here.caughtUp();
    expect(await page(cat)).toMatchObject({ edges: [{}], pageInfo: { hasPreviousPage: false } });
    expect(await page(dan)).toMatchObject({ edges: [{}], pageInfo: { hasPreviousPage: false } });
  });
});
