import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Client, clientOf, refusal, registered } from "../../support/client.ts";
import { type ApiServer, apiServer } from "../../support/apiServer.ts";

let server: ApiServer;
let backend: Client;
beforeAll(async () => {
  server = await apiServer();
  // It never registered.
  backend = await clientOf(server, "backend", { admin: true });
});
afterAll(() => server[Symbol.asyncDispose]());

const PROFILE = "id handle name signature gender bot tags { name score }";
const seen = async (client: Client, by: { id?: string; handle?: string }, atLeast: string) =>
  (
    await client.ask<{ user: object | null }>(
      `query ($id: ID, $handle: String, $atLeast: Cursor) { user(id: $id, handle: $handle, atLeast: $atLeast) { ${PROFILE} } }`,
      { ...by, atLeast },
    )
  ).user;

describe("putUser", () => {
  it("registers people, who are then like any other", async () => {
    const put = await backend.act("putUser", {
      id: "ann",
      handle: "Ann.Lee",
      name: "Ann Lee",
      signature: "hello",
      gender: "FEMALE",
      tags: [{ name: "chess", score: 2 }],
    });
    expect(put.user).toMatchObject({ id: "ann", handle: "ann.lee", name: "Ann Lee" });
    const ann = await clientOf(server, "ann");
    expect(await seen(ann, { handle: "@ann.lee" }, put.cursor)).toEqual({
      id: "ann",
      handle: "ann.lee",
      name: "Ann Lee",
      signature: "hello",
      gender: "FEMALE",
      bot: false,
      tags: [{ name: "chess", score: 2 }],
    });
    const bob = await registered(server, "bob");
    await bob.act("sendMessage", { userId: "ann", text: "hello" });
    expect(await refusal(ann.act("register", { handle: "other", name: "Ann" }))).toMatchObject({ code: "CONFLICT" });
  });

  it("replaces the whole profile of those who have registered, and the earlier handle is free again", async () => {
    const cat = await registered(server, "cat");
    await cat.act("updateProfile", { signature: "mine", tags: [{ name: "go" }] });
    const { cursor } = await backend.act("putUser", { id: "cat", handle: "kate", name: "Kate" });
    expect(await seen(cat, { id: "cat" }, cursor)).toEqual({
      id: "cat",
      handle: "kate",
      name: "Kate",
      signature: null,
      gender: null,
      bot: false,
      tags: [],
    });
    expect(await seen(cat, { handle: "cat" }, cursor)).toBeNull();
    await backend.act("putUser", { id: "dan", handle: "cat", name: "Dan" });
    expect(await refusal(backend.act("putUser", { id: "eve", handle: "kate", name: "Eve" }))).toEqual({
      code: "CONFLICT",
      field: "handle",
    });
  });

  it("is done once: a repeat does not undo what the user changed since", async () => {
    const input = { clientMutationId: "once", id: "fay", handle: "fay", name: "Fay" };
    const first = await backend.act("putUser", input);
    const fay = await clientOf(server, "fay");
    const changed = await fay.act("updateProfile", { name: "Fay of her own" });
    const again = await backend.act("putUser", input);
    expect(again.cursor).toBe(first.cursor);
    expect(await seen(fay, { id: "fay" }, changed.cursor)).toMatchObject({ name: "Fay of her own" });
    // The same id of a call, about another user, is another call.
    const other = await backend.act("putUser", { ...input, id: "gus", handle: "gus" });
    expect(other.user).toMatchObject({ id: "gus" });
  });

  it("leaves one profile and one handle, however many are put at once", async () => {
    const puts = Array.from({ length: 20 }, (_, index) =>
      backend.act("putUser", { id: "hal", handle: `hal${index % 3}`, name: `Hal ${index}` }),
    );
    const done = await Promise.all(puts);
    const cursor =
      done
        .map((each) => each.cursor)
        .sort()
        .at(-1) ?? "";
    const hal = (await seen(backend, { id: "hal" }, cursor)) as { handle: string };
    const free = ["hal0", "hal1", "hal2"].filter((handle) => handle !== hal.handle);
    for (const [index, handle] of free.entries()) await backend.act("putUser", { id: `new${index}`, handle, name: handle });
    expect(await refusal(backend.act("putUser", { id: "late", handle: hal.handle, name: "Late" }))).toMatchObject({
      code: "CONFLICT",
    });
  });

  it("is for the scope admin alone, whatever is given", async () => {
    const ida = await registered(server, "ida");
    for (const id of ["ida", "nobody", "a:b"])
      expect(await refusal(ida.act("putUser", { id, handle: "ida", name: "Ida" }))).toEqual({ code: "FORBIDDEN" });
  });
});
