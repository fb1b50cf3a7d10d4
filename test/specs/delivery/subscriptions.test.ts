import { execute, isInterfaceType, parse } from "graphql";
import { afterEach, describe, expect, test } from "vitest";
import { streams } from "../../../src/domain/ids.ts";
import type { Refusal } from "../../../src/domain/refusal.ts";
import type { EntryDelivery } from "../../../src/api/area.ts";
import { SHARED_FIELDS } from "../../../src/api/inbox/deliveries.ts";
import { type ApiWorld, apiWorld, type Json, schema, type Sync, texts, told, upTo } from "../../support/apiWorld.ts";

let here: ApiWorld;
afterEach(() => here.close());

const begin = async (...users: string[]) => {
  here = await apiWorld();
  await here.register(...users);
  return here;
};

/** The entries of a sync as the texts of a subscription's. */
const synced = ({ entries }: Sync) =>
  entries.map((entry) => {
    const text = (entry["message"] as Json | undefined)?.["text"] as string;
    switch (entry.__typename) {
      case "MessageReceived":
        return { text: `received ${text}`, cursor: entry.cursor };
      case "MessageChanged":
        return { text: `${String(entry["messageChange"])} ${text}`, cursor: entry.cursor };
      case "ReadMoved":
        return { text: `read ${String(entry["readSeq"])}`, cursor: entry.cursor };
      default:
        return { text: `${String(entry["membershipChange"])} ${String((entry["user"] as Json)["id"])}`, cursor: entry.cursor };
    }
  });

const members = (by: string, field: string, conversationId: string, ...userIds: string[]) =>
  here.ask(by, `mutation ($i: MembersInput!) { ${field}(input: $i) { cursor } }`, {
    i: { clientMutationId: here.key(), conversationId, userIds },
  });

const edit = (conversationId: string, seq: number, text: string) =>
  here.ask("ann", `mutation ($i: EditMessageInput!) { editMessage(input: $i) { cursor } }`, {
    i: { clientMutationId: here.key(), conversationId, seq, text },
  });

const update = (id: string, change: Json) =>
  here.ask("ann", `mutation ($i: UpdateConversationInput!) { updateConversation(input: $i) { cursor } }`, {
    i: { clientMutationId: here.key(), id, ...change },
  });

describe("an inbox", () => {
  test("is live from where it was opened", async () => {
    const { inbox, send } = await begin("ann", "bob");
    await send("bob", "ann", "before");
    await here.caughtUp();
    const stream = await inbox("ann");
    expect(texts(await upTo(stream, "InboxCaughtUp"))).toStrictEqual(["InboxCaughtUp"]);
    await send("bob", "ann", "one");
    await send("ann", "bob", "two");
    expect(texts(await upTo(stream, "received two"))).toStrictEqual(["received one", "received two"]);
    await stream.return?.();
  });

  test("first gives what was missed, then goes on, the same as sync", async () => {
    const { inbox, send, group, ask, services, sync } = await begin("ann", "bob");
    const start = services.log.origin;
    await send("bob", "ann", "one");
    const id = await group("bob", ["ann"]);
    await send("ann", id, "two");
    await ask(
      "ann",
      `mutation { editMessage(input: { clientMutationId: "e", conversationId: "${id}", seq: 1, text: "2" }) { cursor } }`,
    );
    await ask("ann", `mutation { markRead(input: { clientMutationId: "m", conversationId: "d:ann~bob", seq: 1 }) { cursor } }`);
    await here.caughtUp();
    const stream = await inbox("ann", start);
    const missed = await upTo(stream, "InboxCaughtUp");
    expect(texts(missed)).toStrictEqual(["received one", "JOINED ann", "received 2", "EDITED 2", "read 1", "InboxCaughtUp"]);
    await send("bob", "ann", "three");
    const live = await upTo(stream, "received three");
    expect([...missed.slice(0, -1), ...live]).toStrictEqual(synced(await sync("ann", start)));
    await stream.return?.();
  });

  test("tells whoever comes to an entry late what its message says by then, and no text that was recalled", async () => {
    const { inbox, listen, send, group, ask, services } = await begin("ann", "bob");
    const start = services.log.origin;
    const id = await group("bob", ["ann"]);
    for (const text of ["one", "two", "three"]) await send("bob", id, text);
    await here.caughtUp();
    const late = [await inbox("ann", start), await listen("ann", id, start)];
    for (const stream of late) await upTo(stream, "received one");
    const change = (field: string, input: string) =>
      ask("bob", `mutation { ${field}(input: { clientMutationId: "${field}", conversationId: "${id}", ${input} }) { cursor } }`);
    await change("recallMessage", "seq: 2");
    await change("editMessage", `seq: 3, text: "3"`);
    await here.caughtUp();
    for (const stream of late) {
      const rest = texts(await upTo(stream, "EDITED 3"));
      expect(rest).toStrictEqual(["received null", "received 3", "InboxCaughtUp", "RECALLED null", "EDITED 3"]);
      await stream.return?.();
    }
  });

  test("tells whoever comes to an entry late nothing of a message whose history was closed to them meanwhile", async () => {
    const { inbox, group, send, services } = await begin("ann", "bob");
    const id = await group("ann", [], { historyVisible: true });
    await send("ann", id, "one");
    await members("ann", "addMembers", id, "bob");
    await edit(id, 1, "2");
    await send("ann", id, "last");
    await here.caughtUp();
    const stream = await inbox("bob", services.log.origin);
    expect(texts(await upTo(stream, "JOINED bob"))).toStrictEqual(["JOINED bob"]);
    await update(id, { historyVisible: false });
    await edit(id, 1, "secret");
    await here.caughtUp();
    expect(texts(await upTo(stream, "received last"))).toStrictEqual(["received last"]);
    await stream.return?.();
  });

  test("goes on from any cursor of its own, with nothing missing and nothing twice", async () => {
    const { inbox, send, services, sync } = await begin("ann", "bob");
    for (let index = 0; index < 150; index++) await send(index % 2 ? "ann" : "bob", index % 2 ? "bob" : "ann", `m${index}`);
    await here.caughtUp();
    const all = synced(await sync("ann", services.log.origin));
    expect(all).toHaveLength(150);
    for (const from of [0, 1, 63, 64, 65, 148]) {
      const stream = await inbox("ann", all[from]?.cursor);
      expect((await upTo(stream, "InboxCaughtUp")).slice(0, -1)).toStrictEqual(all.slice(from + 1));
      await stream.return?.();
    }
  });

  test("is reset where its cursor is of another log, beyond its end, or too old", async () => {
    const { inbox, send, services, horizons, sync } = await begin("ann", "bob");
    await send("bob", "ann", "one");
    await send("bob", "ann", "two");
    await here.caughtUp();
    const end = services.watermark.current();
    horizons.set("ann", end);
    for (const cursor of ["another0.00000000001", `${services.log.id}.zzzzzzzzzzz`, services.log.origin]) {
      const stream = await inbox("ann", cursor);
      const opening = await upTo(stream, "InboxCaughtUp");
      expect(opening).toStrictEqual([
        { text: "InboxReset", cursor: end },
        { text: "InboxCaughtUp", cursor: end },
      ]);
      await stream.return?.();
      expect(await sync("ann", cursor)).toStrictEqual({ entries: [], cursor: end, hasMore: false, resetRequired: true });
    }
    expect(await sync("ann")).toStrictEqual({ entries: [], cursor: end, hasMore: false, resetRequired: false });
    expect(await sync("ann", end)).toStrictEqual({ entries: [], cursor: end, hasMore: false, resetRequired: false });
    await expect(inbox("ann", "nonsense")).rejects.toMatchObject({ code: "BAD_INPUT", field: "after" });
  });

  test("is reset in the midst of it where what it had not read yet was deleted", async () => {
    const { inbox, send, horizons, services } = await begin("ann", "bob");
    const stream = await inbox("ann");
    await upTo(stream, "InboxCaughtUp");
    await send("bob", "ann", "lost");
    await here.caughtUp();
    horizons.set("ann", services.watermark.current());
    expect(texts(await upTo(stream, "InboxCaughtUp"))).toStrictEqual(["InboxReset", "InboxCaughtUp"]);
    await send("bob", "ann", "found");
    expect(texts(await upTo(stream, "received found"))).toStrictEqual(["received found"]);
    await stream.return?.();
  });

  test("hears of conversations that are not fanned out, also of those that become so, or are joined, later", async () => {
    const { inbox, send, group, fanout, services, sync } = await begin("ann", "bob", "cat");
    const narrow = await group("ann", ["bob"]);
    await here.caughtUp();
    const stream = await inbox("bob");
    await upTo(stream, "InboxCaughtUp");
    // From here on nothing of a group of two is written to inboxes.
    await fanout(1);
    await send("ann", narrow, "one");
    expect(texts(await upTo(stream, "received one"))).toStrictEqual(["received one"]);
    await send("ann", narrow, "two");
    expect(texts(await upTo(stream, "received two"))).toStrictEqual(["received two"]);
    const later = await group("ann", ["cat"]);
    await members("ann", "addMembers", later, "bob");
    expect(texts(await upTo(stream, "JOINED bob"))).toStrictEqual(["JOINED bob"]);
    await send("cat", later, "three");
    expect(texts(await upTo(stream, "received three"))).toStrictEqual(["received three"]);
    await members("ann", "removeMembers", later, "bob");
    expect(texts(await upTo(stream, "REMOVED bob"))).toStrictEqual(["REMOVED bob"]);
    await send("cat", later, "not for bob");
    await send("ann", narrow, "four");
    expect(texts(await upTo(stream, "received four"))).toStrictEqual(["received four"]);
    const everything = synced(await sync("bob", services.log.origin)).map(({ text }) => text);
    expect(everything).not.toContain("received not for bob");
    await stream.return?.();
  });

  test("loses nothing of a stream of sends while it is read, left and read on", async () => {
    const { inbox, send, group, services, sync, fanout } = await begin("ann", "bob");
    const wide = await group("bob", ["ann"]);
    await fanout(1);
    const sending = (async () => {
      for (let index = 0; index < 120; index++) await send("bob", index % 3 ? wide : "ann", `m${index}`);
    })();
    const got: { text: string; cursor: string }[] = [];
    let cursor = services.log.origin;
    while (got.at(-1)?.text !== "received m119") {
      const stream = await inbox("ann", cursor);
      const most = 1 + ((got.length * 7) % 13);
      for (let count = 0; count < most && got.at(-1)?.text !== "received m119";) {
        const { value, done } = await stream.next();
        if (done) expect.unreachable();
        const entry = told(value);
        cursor = entry.cursor;
        if (entry.text === "InboxCaughtUp") continue;
        got.push(entry);
        count++;
      }
      await stream.return?.();
    }
    await sending;
    expect(got).toStrictEqual(synced(await sync("ann", services.log.origin)));
    expect(got.filter(({ text }) => text.startsWith("received"))).toHaveLength(120);
  });

  test("lets go of everything that it listens to", async () => {
    const { inbox, fanout, group, services } = await begin("ann", "bob");
    await fanout(1);
    await group("ann", ["bob"]);
    await here.caughtUp();
    const listening = new Set<string>();
    const { listen } = services.signals;
    services.signals.listen = (topics, wake) => {
      for (const topic of topics) listening.add(topic);
      const ended = listen(topics, wake) as () => void;
      return () => {
        for (const topic of topics) listening.delete(topic);
        ended();
      };
    };
    const stream = await inbox("ann");
    await upTo(stream, "InboxCaughtUp");
    const waiting = stream.next();
    await expect.poll(() => listening.size).toBe(2);
    await stream.return?.();
    expect(await waiting).toStrictEqual({ done: true, value: undefined });
    expect([...listening]).toStrictEqual([]);
  });

  test("marks what is the same to every viewer", async () => {
    const { inbox, send, ask } = await begin("ann", "bob");
    const [one, other] = [await inbox("ann"), await inbox("bob")];
    await upTo(one, "InboxCaughtUp");
    await upTo(other, "InboxCaughtUp");
    const cursor = await send("ann", "bob", "hi");
    const [first, second] = [(await one.next()).value, (await other.next()).value];
    expect(first?.shared).toMatch(new RegExp(`^${cursor}@`));
    expect(second?.shared).toBe(first?.shared);
    await ask("bob", `mutation { markRead(input: { clientMutationId: "m", conversationId: "d:ann~bob", seq: 1 }) { cursor } }`);
    const moved = (await other.next()).value;
    expect(moved?.root?.["inbox"]?.__typename).toBe("ReadMoved");
    expect(moved?.shared).toBeUndefined();
    await one.return?.();
    await other.return?.();
  });
});

test("what viewers are told of one event is made for each of them", async () => {
  const { inbox, send, context } = await begin("ann", "bob");
  const streams = { ann: await inbox("ann"), bob: await inbox("bob") };
  for (const stream of Object.values(streams)) await upTo(stream, "InboxCaughtUp");
  await send("ann", "bob", "hi");
  const document = parse(
    "subscription { inbox { ... on MessageReceived { message { text conversation { title unreadCount } } } } }",
  );
  const seen: Json = {};
  for (const [user, stream] of Object.entries(streams)) {
    const { root, rootOf } = (await stream.next()).value as EntryDelivery;
    const { data, errors } = await execute({
      schema,
      document,
      rootValue: rootOf ? rootOf(context(user)) : root,
      contextValue: context(user),
    });
    expect(errors).toBeUndefined();
    seen[user] = ((data?.["inbox"] as Json)["message"] as Json)["conversation"];
    await stream.return?.();
  }
  expect(seen).toEqual({ ann: { title: "BOB", unreadCount: 0 }, bob: { title: "ANN", unreadCount: 1 } });
});

describe("one conversation's subscription", () => {
  test("tells what happens in it, and nothing else", async () => {
    const { listen, send, group, services } = await begin("ann", "bob", "cat");
    const id = await group("ann", ["bob"]);
    await send("ann", id, "one");
    await here.caughtUp();
    const stream = await listen("bob", id, services.log.origin);
    expect(texts(await upTo(stream, "InboxCaughtUp")).slice(-2)).toStrictEqual(["received one", "InboxCaughtUp"]);
    await send("ann", "bob", "elsewhere");
    await send("bob", id, "two");
    expect(texts(await upTo(stream, "received two"))).toStrictEqual(["received two"]);
    await stream.return?.();
  });

  test("ends with FORBIDDEN for one who is removed, who is told so", async () => {
    const { listen, send, group } = await begin("ann", "bob");
    const id = await group("ann", ["bob"]);
    await here.caughtUp();
    const stream = await listen("bob", id);
    await upTo(stream, "InboxCaughtUp");
    await send("ann", id, "last");
    await members("ann", "removeMembers", id, "bob");
    await send("ann", id, "secret");
    expect(texts(await upTo(stream, "REMOVED bob"))).toStrictEqual(["received last", "REMOVED bob"]);
    await expect(stream.next()).rejects.toMatchObject({ code: "FORBIDDEN", field: "id" });
    expect(await stream.next()).toStrictEqual({ done: true, value: undefined });
  });

  test("tells a former member what they missed, then that it is over", async () => {
    const { listen, send, group, services } = await begin("ann", "bob");
    const id = await group("ann", ["bob"]);
    await send("ann", id, "seen");
    await members("ann", "removeMembers", id, "bob");
    await send("ann", id, "secret");
    await here.caughtUp();
    const stream = await listen("bob", id, services.log.origin);
    expect(texts(await upTo(stream, "REMOVED bob")).slice(-2)).toStrictEqual(["received seen", "REMOVED bob"]);
    await expect(stream.next()).rejects.toMatchObject({ code: "FORBIDDEN" });
    await expect(listen("bob", id)).rejects.toMatchObject({ code: "FORBIDDEN", field: "id" });
  });

  test("is not for strangers, but for all where it is public", async () => {
    const { listen, send, group } = await begin("ann", "bob", "eve");
    const refused = (asked: Promise<unknown>) => asked.catch(({ code, field }: Refusal) => ({ code, field }));
    const closed = await group("ann", ["bob"]);
    expect(await refused(listen("eve", closed))).toStrictEqual({ code: "NOT_FOUND", field: "id" });
    expect(await refused(listen("eve", "g:none"))).toStrictEqual({ code: "NOT_FOUND", field: "id" });
    expect(await refused(listen("eve", "d:ann~bob"))).toStrictEqual({ code: "NOT_FOUND", field: "id" });
    expect(await refused(listen("eve", "d:eve~nobody"))).toStrictEqual({ code: "NOT_FOUND", field: "id" });
    expect(await refused(listen("eve", "eve"))).toStrictEqual({ code: "BAD_INPUT", field: "id" });
    const open = await group("ann", [], { public: true });
    const stream = await listen("eve", open);
    await upTo(stream, "InboxCaughtUp");
    await send("ann", open, "for all");
    expect(texts(await upTo(stream, "received for all"))).toStrictEqual(["received for all"]);
    await stream.return?.();
  });

  test("tells those outside who come to a message late nothing of what it says since it is not for them", async () => {
    const { listen, group, send, services } = await begin("ann", "eve");
    const id = await group("ann", [], { public: true });
    for (const text of ["one", "two"]) await send("ann", id, text);
    await here.caughtUp();
    const stream = await listen("eve", id, services.log.origin);
    await upTo(stream, "received one");
    await update(id, { public: false });
    await edit(id, 2, "secret");
    await here.caughtUp();
    expect(texts(await upTo(stream, "InboxCaughtUp"))).toStrictEqual(["InboxCaughtUp"]);
    await expect(stream.next()).rejects.toMatchObject({ code: "NOT_FOUND", field: "id" });
  });

  test("of two people waits for their first message", async () => {
    const { listen, send } = await begin("ann", "bob");
    const stream = await listen("ann", "d:ann~bob");
    await upTo(stream, "InboxCaughtUp");
    await send("bob", "ann", "first");
    expect(texts(await upTo(stream, "received first"))).toStrictEqual(["received first"]);
    await stream.return?.();
  });
});

test("an entry whose message the views do not have is left out", async () => {
  const { record, sync, services, send } = await begin("ann", "bob");
  const lost = "d:ann~bob";
  // An edit of nothing: the timelines park it, the inboxes tell of it.
  await send("bob", "ann", "one");
  await record(streams.annotation(lost, 7), "bob", [
    { type: "MessageEdited", data: { conversationId: lost, seq: 7, senderId: "bob", text: "?" } },
  ]);
  await here.caughtUp();
  expect(synced(await sync("ann", services.log.origin)).map(({ text }) => text)).toStrictEqual(["received one"]);
});

test("what every entry has is shared, whatever kinds of entries there are", () => {
  const entry = schema.getType("InboxEntry");
  if (!isInterfaceType(entry)) throw new Error("InboxEntry is no interface");
  for (const { name } of schema.getPossibleTypes(entry))
    for (const field of Object.keys(entry.getFields())) expect([...SHARED_FIELDS]).toContain(`${name}.${field}`);
});

test("fields that viewers share are fields of the schema", async () => {
  await begin("ann");
  for (const name of SHARED_FIELDS) {
    const [type = "", field = ""] = name.split(".");
    expect(schema.getType(type), name).toMatchObject({ name: type });
    expect(Object.keys((schema.getType(type) as { getFields(): object }).getFields()), name).toContain(field);
  }
});
