import { afterEach, describe, expect, test } from "vitest";
import { type Context, contextOf } from "../../../src/api/context.ts";
import { conversationEntity, groupOf, membershipOf, sightOf } from "../../../src/api/entities.ts";
import { type ApiWorld, apiWorld, type Json } from "../../support/apiWorld.ts";
import { caller } from "../../support/cast.ts";

/* A right is looked up, then it is lost, and then rows are read: the answer must not be given. */

let here: ApiWorld;
afterEach(() => here.close());

const begin = async () => {
  here = await apiWorld();
  await here.register("ann", "bob", "eve");
  return here;
};

/** A context, and what is asked once its answer is made. */
function answering(user: string): { context: Context; wereHeld: () => Promise<boolean> } {
  let asked: () => boolean | Promise<boolean> = () => expect.fail("nothing is asked");
  const context = contextOf(here.services)(caller(user), {
    correlationId: "test",
    readRows: () => undefined,
    beforeAnswer: (isStillTrue) => void (asked = isStillTrue),
  });
  return { context, wereHeld: async () => asked() };
}

const act = async (user: string, name: string, type: string, input: Json) => {
  await here.ask(user, `mutation ($input: ${type}!) { ${name}(input: $input) { cursor } }`, {
    input: { clientMutationId: here.key(), ...input },
  });
  await here.caughtUp();
};
const remove = (id: string) => act("ann", "removeMembers", "MembersInput", { conversationId: id, userIds: ["bob"] });
const add = (id: string) => act("ann", "addMembers", "MembersInput", { conversationId: id, userIds: ["bob"] });
const update = (id: string, change: Json) => act("ann", "updateConversation", "UpdateConversationInput", { id, ...change });

describe("an answer", () => {
  for (const [what, look] of [
    ["sees a group", (context: Context, id: string) => sightOf(context, conversationEntity(id))],
    ["is in a group", (context: Context, id: string) => membershipOf(context, conversationEntity(id))],
    [
      "has a group in a list",
      async (context: Context, id: string) => {
        const membership = await here.services.views.relations.membership("bob", id);
        return groupOf(context, { ...conversationEntity(id), ...(membership && { membership }) });
      },
    ],
  ] as const)
    test(`to who ${what} is not given once they were removed, whether they are back or not`, async () => {
      const { group, send } = await begin();
      const id = await group("ann", ["bob"]);
      await here.caughtUp();
      const one = answering("bob");
      await look(one.context, id);
      expect(await one.wereHeld()).toBe(true);
      await send("ann", id, "news");
      await update(id, { title: "Other" });
      expect(await one.wereHeld()).toBe(true);
      await remove(id);
      expect(await one.wereHeld()).toBe(false);
      await add(id);
      expect(await one.wereHeld()).toBe(false);
      const next = answering("bob");
      await look(next.context, id);
      expect(await next.wereHeld()).toBe(true);
    });

  test("that rests on what a group shows to all, or to late members, is not given once that is closed", async () => {
    const { group } = await begin();
    const id = await group("ann", ["bob"], { public: true, historyVisible: true });
    await here.caughtUp();
    const [outside, inside] = [answering("eve"), answering("bob")];
    for (const { context } of [outside, inside]) await sightOf(context, conversationEntity(id));
    await update(id, { public: false });
    expect(await outside.wereHeld()).toBe(false);
    const member = answering("bob");
    await sightOf(member.context, conversationEntity(id));
    expect(await member.wereHeld()).toBe(true);
    await update(id, { historyVisible: false });
    expect(await member.wereHeld()).toBe(false);
  });

  test("to who has left before is given, whatever happens there", async () => {
    const { group } = await begin();
    const id = await group("ann", ["bob"]);
    await here.caughtUp();
    await remove(id);
    const former = answering("bob");
    await sightOf(former.context, conversationEntity(id));
    await add(id);
    await remove(id);
    expect(await former.wereHeld()).toBe(true);
  });

  test("of several mutations may take away what an earlier one showed, and tells of no loss in between", async () => {
    const { group } = await begin();
    const id = await group("ann", ["bob"]);
    await here.caughtUp();
    const two = answering("bob");
    await sightOf(two.context, conversationEntity(id));
    await two.context.rights.next();
    await remove(id);
    expect(await two.wereHeld()).toBe(true);

    await add(id);
    const lost = answering("bob");
    await sightOf(lost.context, conversationEntity(id));
    await remove(id);
    await lost.context.rights.next();
    expect(await lost.wereHeld()).toBe(false);
  });
});
