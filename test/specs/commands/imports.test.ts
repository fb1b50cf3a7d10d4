import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import type { ImportedLine } from "../../../src/commands/commands.ts";
import { eventId } from "../../../src/commands/eventId.ts";
import { handlesFor, importedGroupId, importedUserId } from "../../../src/commands/imports.ts";
import { streams, userId } from "../../../src/domain/ids.ts";
import { refused } from "../../support/refused.ts";
import { admin, caller, newKey, profile, text } from "../../support/cast.ts";
import { nodeOver, type World, world } from "../../support/world.ts";

let lines = 0;
const line = (sender: string, words: string, more: Partial<ImportedLine> = {}): ImportedLine => ({
  key: `line ${++lines}`,
  conversation: "The Salon",
  sender,
  sentAt: "1999-12-31T23:59:59.999Z",
  text: words,
  topic: null,
  ...more,
});
const batch = (...messages: ImportedLine[]) => ({ clientMutationId: newKey(), messages });
const salon = importedGroupId("The Salon");

const timeline = async ({ views, catchUp }: World, id = salon) => {
  await catchUp();
  return (await views.timelines.page(id, { limit: 1_000, fromEnd: false })).map(({ text: words, senderId, sentAt }) => [
    words,
    senderId,
    sentAt,
  ]);
};

describe("an import", () => {
  test("becomes messages with their own times, of users who are members of a public group", async () => {
    const target = world();
    const { commands, views, catchUp, log } = target;
    const [anna, bert] = [importedUserId("Anna K."), importedUserId("bert")];
    const done = await commands.importMessages(
      admin,
      batch(
        line("Anna K.", "hello", { topic: "greetings" }),
        line("bert", "hi", { sentAt: "2000-01-01T00:00:00.000Z" }),
        line("Anna K.", "bye"),
      ),
    );
    expect(done).toMatchObject({ stored: 3, alreadyThere: 0, refused: [] });
    await catchUp();
    expect(done.position).toBe(await log.end());
    expect(await timeline(target)).toEqual([
      ["hello", anna, "1999-12-31T23:59:59.999Z"],
      ["hi", bert, "2000-01-01T00:00:00.000Z"],
      ["bye", anna, "1999-12-31T23:59:59.999Z"],
    ]);
    expect(await views.timelines.message(salon, 1)).toMatchObject({
      topic: "greetings",
      clientMutationId: expect.any(String) as string,
    });
    expect(await views.relations.group(salon)).toEqual({ memberCount: 2, public: true, historyVisible: true });
    expect(await views.directory.group(salon)).toMatchObject({ title: "The Salon", joinPolicy: "OPEN", ownerId: anna });
    expect(await views.directory.user(anna)).toMatchObject({ name: "Anna K.", handle: "anna.k" });
    expect(await views.directory.userIdByHandle("anna.k")).toBe(anna);
  });

  test("tells nobody, and everyone has read it", async () => {
    const target = world();
    const { commands, views, catchUp } = target;
    await commands.importMessages(admin, batch(line("anna", "one"), line("bert", "two")));
    await commands.register(caller("cat"), profile("cat"));
    await commands.join(caller("cat"), { clientMutationId: "j", conversationId: salon });
    await commands.sendMessage(caller("cat"), text({ conversationId: salon }));
    await commands.importMessages(admin, batch(line("anna", "three"), line("carl", "four")));
    await catchUp();
    const end = await target.log.end();
    const told = async (user: string) =>
      (await views.inboxes.entries(user, target.log.origin, end, 100)).entries.map(({ entry }) => entry);
    for (const name of ["anna", "bert"])
      expect(await told(importedUserId(name))).toMatchObject([
        { kind: "membership", user: "cat" },
        { kind: "received", seq: 3 },
      ]);
    expect(await told(importedUserId("carl"))).toEqual([]);
    expect(await told("cat")).toMatchObject([
      { kind: "membership", user: "cat" },
      { kind: "received", seq: 3 },
    ]);
    for (const [user, unread] of [
      [importedUserId("anna"), 1],
      [importedUserId("bert"), 1],
      [importedUserId("carl"), 0],
      ["cat", 0],
    ] as const) {
      const membership = await views.relations.membership(user, salon);
      expect((await views.readMarks.unread(user, salon, membership?.joinedSeq ?? 0)).unreadCount, user).toBe(unread);
    }
  });

  test("names no actor who is not a user", async () => {
    const { commands, views, catchUp, log } = world();
    await commands.importMessages(admin, batch(line("anna", "one"), line("bert", "two")));
    await catchUp();
    const sight = await views.relations.sight(salon, "anyone");
    if (!sight) throw new Error("the group is public");
    const { entries } = await views.inboxes.changes(salon, sight, log.origin, await log.end(), 100);
    for (const { entry } of entries)
      if (entry.kind === "membership") expect(await views.directory.user(entry.actor)).toBeDefined();
  });

  test("needs the right to", async () => {
    const { commands, log } = world();
    await commands.register(caller("ann"), profile("ann"));
    const end = await log.end();
    await refused(commands.importMessages(caller("ann"), batch(line("anna", "one"))), "FORBIDDEN");
    expect(await log.end()).toBe(end);
  });

  test("cannot be mistaken for what a user sends, whatever the user is called", async () => {
    const target = world();
    const { commands } = target;
    const imported = line("anna", "imported", { key: "k" });
    await commands.importMessages(admin, batch(imported));
    for (const name of ["import", "operator", "archive"]) {
      expect(userId.safeParse(name).success).toBe(true);
      await commands.register(caller(name), profile(name));
      await commands.join(caller(name), { clientMutationId: "j", conversationId: salon });
      const { message } = await commands.sendMessage(
        caller(name),
        text({ conversationId: salon }, { clientMutationId: "k", text: name }),
      );
      expect(message.text).toBe(name);
    }
    expect(await commands.importMessages(admin, batch(imported))).toMatchObject({ stored: 0, alreadyThere: 1, refused: [] });
  });
});

describe("names that are encoded in two ways", () => {
  const [composed, decomposed] = ["Café 한글 ぱ".normalize("NFC"), "Café 한글 ぱ".normalize("NFD")];
  const encoded = [composed, decomposed];

  test("are one room and one sender, whose lines keep their order", async () => {
    const target = world();
    const lines = Array.from({ length: 8 }, (_, index) =>
      line(encoded[index % 2] as string, `words ${index}`, { conversation: encoded[(index >> 1) % 2] as string }),
    );
    for (const call of [lines.slice(0, 5), lines.slice(5)])
      expect(await target.commands.importMessages(admin, batch(...call))).toMatchObject({ stored: call.length, refused: [] });
    const [room, user] = [importedGroupId(composed), importedUserId(decomposed)];
    expect([importedGroupId(decomposed), importedUserId(composed)]).toEqual([room, user]);
    expect(await timeline(target, room)).toEqual(lines.map(({ text: words, sentAt }) => [words, user, sentAt]));
    expect(await target.views.directory.group(room)).toMatchObject({ title: composed });
    expect(await target.views.directory.user(user)).toMatchObject({ name: composed });
    expect(await target.views.relations.group(room)).toMatchObject({ memberCount: 1 });
  });

  /** Ids as they were made when each encoding had its own. */
  const idOf = (name: string) => {
    const digits = BigInt(`0x${createHash("sha256").update(name, "utf8").digest("hex")}`);
    const alphabet = "abcdefghijklmnopqrstuvwxyz234567";
    return `i-${Array.from({ length: 26 }, (_, place) => alphabet[Number((digits >> BigInt(5 * place)) % 32n)]).join("")}`;
  };

  test("and were imported when they were two are found again where they are, and what is new goes there", async () => {
    const target = world();
    const [room, user] = [`g:${idOf(decomposed)}`, idOf(decomposed)];
    expect(room).not.toBe(importedGroupId(decomposed));
    expect(`g:${idOf(composed)}`).toBe(importedGroupId(composed));
    // The log as an import of that time left it.
    const old = world();
    const lines = [line("Ann", "one", { conversation: "Room" }), line("Ann", "two", { conversation: "Room" })];
    await old.commands.importMessages(admin, batch(...lines));
    const { events } = await old.log.readAll(old.log.origin, 100);
    for (const { stream, type, data, metadata } of events) {
      const then = (text: string) =>
        text
          .replaceAll(importedGroupId("Room"), room)
          .replaceAll(importedUserId("Ann"), user)
          .replaceAll('"Room"', `"${decomposed}"`);
      const key = (data as { clientMutationId?: string }).clientMutationId;
      await target.log.append(
        then(stream),
        [
          {
            id: eventId(then(stream), key === undefined ? then(metadata.actorId) : "~import", key ?? metadata.$causationId, 0),
            type,
            data: JSON.parse(then(JSON.stringify(data))) as object,
            metadata: { ...metadata, actorId: then(metadata.actorId) },
          },
        ],
        "any",
      );
    }
    const again = lines.map((given) => ({ ...given, conversation: decomposed, sender: decomposed }));
    await target.catchUp();
    expect(await target.commands.importMessages(admin, batch(...again))).toMatchObject({
      stored: 0,
      alreadyThere: 2,
      refused: [],
    });
    const other = nodeOver(target.log, target.store, { watermark: target.watermark });
    const more = line(composed, "three", { conversation: composed });
    expect(await other.commands.importMessages(admin, batch(more))).toMatchObject({ stored: 1, refused: [] });
    expect((await timeline(target, room)).map(([words, by]) => [words, by])).toEqual([
      ["one", user],
      ["two", user],
      ["three", user],
    ]);
    expect(await timeline(target, importedGroupId(composed))).toEqual([]);
  });
});

describe("lines that come again", () => {
  test("are stored once, by their keys, however the lines are grouped, here and elsewhere", async () => {
    const target = world();
    const other = nodeOver(target.log, target.store, { watermark: target.watermark });
    const all = Array.from({ length: 30 }, (_, index) => line(`sender ${index % 4}`, `words ${index}`));
    expect(await target.commands.importMessages(admin, batch(...all.slice(0, 20)))).toMatchObject({
      stored: 20,
      alreadyThere: 0,
    });
    const end = await target.log.end();
    for (const { commands } of [target, other]) {
      expect(await commands.importMessages(admin, batch(...all.slice(0, 20)))).toMatchObject({
        stored: 0,
        alreadyThere: 20,
        refused: [],
      });
      expect(await target.log.end()).toBe(end);
    }
    await target.catchUp();
    expect(await other.commands.importMessages(admin, batch(...all.slice(10)))).toMatchObject({ stored: 10, alreadyThere: 10 });
    expect(await target.commands.importMessages(admin, batch(...all))).toMatchObject({ stored: 0, alreadyThere: 30 });
    expect((await timeline(target)).map(([words]) => words)).toEqual(all.map(({ text: words }) => words));
  });

  test("and say no time of their own are the same ones at any time", async () => {
    const target = world();
    const untimed = line("anna", "when?", { sentAt: null });
    await target.commands.importMessages(admin, batch(untimed));
    const [[, , first] = []] = await timeline(target);
    expect(await target.commands.importMessages(admin, batch(untimed))).toMatchObject({
      stored: 0,
      alreadyThere: 1,
      refused: [],
    });
    expect(await timeline(target)).toEqual([["when?", importedUserId("anna"), first]]);
  });

  test("with other words, another sender or another topic are refused one by one, and the others are stored", async () => {
    const target = world();
    const old = line("anna", "as it was");
    await target.commands.importMessages(admin, batch(old));
    const done = await target.commands.importMessages(
      admin,
      batch(
        line("bert", "new"),
        { ...old, text: "otherwise" },
        { ...old, sender: "bert" },
        { ...old, topic: "another" },
        old,
        line("carl", "newer"),
      ),
    );
    expect(done).toMatchObject({ stored: 2, alreadyThere: 1 });
    expect(done.refused.map(({ index, code }) => [index, code])).toEqual([
      [1, "CONFLICT"],
      [2, "CONFLICT"],
      [3, "CONFLICT"],
    ]);
    expect((await timeline(target)).map(([words]) => words)).toEqual(["as it was", "new", "newer"]);
  });

  test("twice in one call are stored once", async () => {
    const target = world();
    const twice = line("anna", "again");
    const done = await target.commands.importMessages(admin, batch(twice, twice, { ...twice, text: "else" }));
    expect(done).toMatchObject({ stored: 1, alreadyThere: 1, refused: [{ index: 2, code: "CONFLICT" }] });
  });

  test("of the same key in another room are others", async () => {
    const target = world();
    const here = line("anna", "here");
    const done = await target.commands.importMessages(admin, batch(here, { ...here, conversation: "The Garden" }));
    expect(done).toMatchObject({ stored: 2, alreadyThere: 0, refused: [] });
  });

  test("at two nodes at the same moment make each user, group and message once", async () => {
    const target = world();
    const nodes = [target, nodeOver(target.log, target.store), nodeOver(target.log, target.store)];
    const all = Array.from({ length: 40 }, (_, index) =>
      line(`sender ${index % 5}`, `words ${index}`, { conversation: `room ${index % 2}` }),
    );
    const done = await Promise.all(nodes.map(({ commands }) => commands.importMessages(admin, batch(...all))));
    for (const { refused: none, stored, alreadyThere } of done) {
      expect(none).toEqual([]);
      expect(stored + alreadyThere).toBe(40);
    }
    const events = await target.events();
    const count = (type: string) => events.filter((event) => event.type === type).length;
    expect([count("MessageSent"), count("UserRegistered"), count("GroupCreated"), count("HandleClaimed")]).toEqual([40, 5, 2, 5]);
    await target.catchUp();
    expect(target.runner().state().parked).toMatchObject({ relations: 0, inboxes: 0 });
    for (const room of ["room 0", "room 1"])
      expect((await target.views.relations.group(importedGroupId(room)))?.memberCount).toBe(5);
  });

  test("after the log broke the first call off are stored once", async () => {
    for (let after = 0; after < 8; after++) {
      const target = world();
      const all = [line("anna", "one"), line("bert", "two", { conversation: "The Garden" }), line("anna", "three")];
      let left = after;
      const broken = {
        ...target.log,
        append: (...of: Parameters<typeof target.log.append>) => {
          if (left-- === 0) target.log.failAppends("nothing");
          return target.log.append(...of);
        },
      };
      const outcome = await nodeOver(broken, target.store)
        .commands.importMessages(admin, batch(...all))
        .then(
          () => "done",
          (error: { code?: string }) => error.code,
        );
      if (outcome !== "done") expect(outcome).toBe("UNAVAILABLE");
      const done = await target.commands.importMessages(admin, batch(...all));
      expect(done.stored + done.alreadyThere).toBe(3);
      expect((await target.events()).filter(({ type }) => type === "MessageSent")).toHaveLength(3);
    }
  });
});

describe("a line that cannot be", () => {
  test.each<[string, Partial<ImportedLine>]>([
    ["is blank", { text: " " }],
    ["is too long", { text: "x".repeat(16_385) }],
    ["has half a character", { text: "\ud83d" }],
    ["has a topic that is too long", { topic: "t".repeat(129) }],
    ["has a key with half a character", { key: "\ud83d" }],
    ["has a sender with half a character", { sender: "anna \ud83d" }],
    ["has a sender with U+0000", { sender: "an\0na" }],
    ["has a room with half a character", { conversation: "room \ud83d" }],
    ["has a time that no event can hold", { sentAt: "+010000-01-01T09:59:59.000Z" }],
  ])("%s: it is refused by its place, and the others are stored", async (_, change) => {
    const target = world();
    const done = await target.commands.importMessages(
      admin,
      batch(line("bert", "before"), line("anna", "wrong", change), line("carl", "after", { conversation: "The Garden" })),
    );
    expect(done).toMatchObject({ stored: 2, alreadyThere: 0, refused: [{ index: 1, code: "BAD_INPUT" }] });
    expect(done.refused[0]?.message).not.toBe("");
    await target.catchUp();
    expect(Object.values(target.runner().state().parked).every((count) => count === 0)).toBe(true);
    expect(await timeline(target)).toHaveLength(1);
  });

  test("because everyone has left its room is refused, and the others are stored", async () => {
    const target = world();
    const { commands } = target;
    await commands.importMessages(admin, batch(line("anna", "one")));
    await commands.leave(caller(importedUserId("anna")), { clientMutationId: "l", conversationId: salon });
    const fresh = nodeOver(target.log, target.store, { watermark: target.watermark, waited: target.catchUp });
    const done = await fresh.commands.importMessages(
      admin,
      batch(line("bert", "late"), line("bert", "there", { conversation: "The Garden" })),
    );
    expect(done).toMatchObject({ stored: 1, refused: [{ index: 0, code: "CONFLICT" }] });
  });
});

describe("names", () => {
  test("of any kind become users and groups, each one of its own", async () => {
    const names = [
      "",
      " ",
      "...",
      "a".repeat(500),
      "😀".repeat(200),
      `${"x".repeat(127)}😀`,
      `${"y".repeat(126)}😀😀`,
      "李小龍",
      "İ",
      "a\u200bb",
      "Anna",
      "anna",
      "@anna",
      "anna ",
    ];
    const target = world();
    const done = await target.commands.importMessages(
      admin,
      batch(...names.map((name) => line(name, "said", { conversation: name }))),
    );
    expect(done).toMatchObject({ stored: names.length, refused: [] });
    await target.catchUp();
    const ids = names.map(importedUserId);
    expect(new Set(ids).size).toBe(names.length);
    const users = await target.views.directory.users(ids);
    expect(users.every((user) => user !== undefined)).toBe(true);
    expect(new Set(users.map((user) => user?.handle)).size).toBe(names.length);
    for (const [index, user] of users.entries())
      expect(await target.views.directory.userIdByHandle(user?.handle ?? "")).toBe(ids[index]);
    expect(Object.values(target.runner().state().parked).every((count) => count === 0)).toBe(true);
  });

  test("leave handles that others have, and come back to their own", async () => {
    const target = world();
    await target.commands.register(caller("real"), profile("anna"));
    await target.commands.importMessages(admin, batch(line("anna", "one"), line("Anna", "two")));
    await target.catchUp();
    expect(await target.views.directory.userIdByHandle("anna")).toBe("real");
    const handles = (await target.views.directory.users([importedUserId("anna"), importedUserId("Anna")])).map(
      (user) => user?.handle,
    );
    expect(new Set([...handles, "anna", undefined]).size).toBe(4);
    for (const handle of handles) expect(handle).toMatch(/^anna-/);
    expect(handlesFor("anna")[0]).toBe("anna");
  });

  test("of streams are those of the ids", async () => {
    const target = world();
    await target.commands.importMessages(admin, batch(line("anna", "one")));
    expect(await target.log.read(streams.conversation(salon), 0, "forwards", 10)).toHaveLength(1);
    expect(await target.log.read(streams.user(importedUserId("anna")), 0, "forwards", 10)).toHaveLength(1);
  });
});
