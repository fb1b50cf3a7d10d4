import fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import { factsOf } from "../../../src/commandline/exporting.ts";
import { type Fact, readFact, type Scope, type WrittenFact, type WrittenOf } from "../../../src/domain/archive.ts";
import { Refusal } from "../../../src/domain/refusal.ts";
import type { RecordedEvent } from "../../../src/ports/eventStore.ts";
import { archiveFiles, firstLines, madeUp } from "../../support/archives.ts";
import { admin, caller, group, newKey, profile, text } from "../../support/cast.ts";
import { type Played, play, program } from "../../support/programs.ts";
import { runs, seed } from "../../support/property.ts";
import { refused } from "../../support/refused.ts";
import { type World, world } from "../../support/world.ts";

async function exported({ log }: Pick<World, "log">, scope: Scope = { all: true }): Promise<WrittenFact[]> {
  const facts: WrittenFact[] = [];
  for await (const fact of factsOf(log, await log.end(), scope)) facts.push(fact);
  return facts;
}

/** As they come through a file. */
function read(facts: readonly WrittenFact[]): Fact[] {
  return facts.map((written) => {
    const told = readFact(JSON.parse(JSON.stringify(written)));
    if ("fault" in told) throw new Error(`${told.fault}: ${JSON.stringify(written)}`);
    return told.fact;
  });
}

/** Imports facts, so many in a call. */
async function imported(target: World, facts: readonly WrittenFact[], size = 100) {
  const all = read(facts);
  const totals = { stored: 0, alreadyThere: 0, loose: 0, refused: [] as string[] };
  for (let from = 0; from < all.length; from += size) {
    const call = all.slice(from, from + size);
    const done = await target.commands.importFacts(admin, { clientMutationId: newKey(), facts: call });
    totals.stored += done.stored;
    totals.alreadyThere += done.alreadyThere;
    totals.loose += done.loose;
    totals.refused.push(...done.refused.map(({ index, message }) => `${call[index]?.fact}: ${message}`));
    await target.catchUp();
  }
  return totals;
}

/** Facts by their streams, whose order with each other is another one: a mark that raises nothing is not imported. */
const sorted = (facts: readonly WrittenFact[]) =>
  facts
    .filter(({ fact }) => fact !== "ReadUpTo")
    .map((fact) => JSON.stringify(fact))
    .sort();

/**
 * The rows that must be the same, but for the places in the log. Whom a message named is told no more once it is recalled, so
 * that it is not known which was the newest one that named everyone.
 */
const isCompared = (table: string): boolean =>
  !/^mentions@.*\/newest$/.test(table) &&
  (/^(directory|relations|timelines|annotations|threads|receipts|mentions|preferences|friends)@/.test(table) ||
    /^readMarks@.*\/marks$/.test(table));

/** The rows, with each place in the log as the event that is there. */
function rowsOf({ store }: World, events: readonly RecordedEvent[]): string[] {
  const ids = new Map(events.map(({ position, id }) => [position, id]));
  const inWords = (row: string) => row.replaceAll(/[a-z0-9]{8}\.[0-9a-z]{11,40}/g, (position) => ids.get(position) ?? "before");
  return store
    .dump((table) => !isCompared(table))
    .map(inWords)
    .sort();
}

const said = ({ fact, data }: WrittenFact) => (fact === "MessageSent" ? (data.text ?? null) : fact);

/** What else people do with each other, and with what was sent. */
const deed = fc.record({
  do: fc.constantFrom(
    "react",
    "unreact",
    "pin",
    "prefer",
    "befriend",
    "alias",
    "block",
    "unblock",
    "rename",
    "silence",
    "follow",
    "present",
  ),
  by: fc.nat({ max: 7 }),
  other: fc.nat({ max: 7 }),
  of: fc.nat({ max: 1_000 }),
});
type Deed = typeof deed extends fc.Arbitrary<infer D> ? D : never;

/** Does them, each by somebody; what is refused is not done. */
async function doAll(deeds: readonly Deed[], { commands, catchUp }: World, { users, groups, messages }: Played): Promise<void> {
  const channel = await commands
    .createConversation(caller("u0"), group({ kind: "CHANNEL", joinPolicy: "OPEN", public: true, historyVisible: true }))
    .then(({ conversationId }) => conversationId);
  await catchUp();
  for (const { do: what, by: one, other, of } of deeds) {
    const by = caller(users[one % users.length] ?? "");
    const userId = users[other % users.length] ?? "";
    const message = messages[of % Math.max(1, messages.length)];
    const key = { clientMutationId: newKey() };
    const on = { ...key, conversationId: message?.conversation ?? "", seq: message?.seq ?? 1 };
    const conversationId = groups[of % Math.max(1, groups.length)] ?? "";
    const doing: Readonly<Record<Deed["do"], () => Promise<unknown>>> = {
      react: () => commands.react(by, { ...on, emoji: of % 2 === 0 ? "👍" : "🎉", on: true }),
      unreact: () => commands.react(by, { ...on, emoji: "👍", on: false }),
      pin: () => commands.pinMessage(by, { ...on, on: of % 3 > 0 }),
      prefer: () => commands.setPreferences(by, { ...key, conversationId, muted: of % 2 === 0, pinned: of % 3 === 0 }),
      befriend: () => commands.requestFriendship(by, { ...key, userId, note: "hello", alias: of % 2 === 0 ? "friend" : null }),
      alias: () => commands.setAlias(by, { ...key, userId, alias: `alias ${of}` }),
      block: () => commands.block(by, { ...key, userId, on: true }),
      unblock: () => commands.block(by, { ...key, userId, on: false }),
      rename: () =>
        commands.updateConversation(by, { ...key, conversationId, change: { title: `title ${of}`, public: of % 2 === 0 } }),
      silence: () => commands.silence(by, { ...key, conversationId, userId, until: "2999-01-01T00:00:00.000Z" }),
      present: () =>
        commands.updateProfile(by, { ...key, name: `name ${of}`, ...(of % 2 === 0 ? { handle: `handle.${of % 6}` } : {}) }),
      follow: () =>
        of % 2 === 0
          ? commands.join(by, { ...key, conversationId: channel })
          : commands.leave(by, { ...key, conversationId: channel }),
    };
    // Whoever made the channel stays, to write there.
    if (what === "follow" && by.userId === "u0") continue;
    await doing[what]().catch((error: unknown) => {
      if (!(error instanceof Refusal)) throw error;
    });
    await catchUp();
  }
  await commands.sendMessage(caller("u0"), text({ conversationId: channel }, { text: "to all who follow" }));
}

describe("what was exported and imported into an empty server", () => {
  test("is equal, whatever was done: the facts, and the rows of the views", async () => {
    await fc.assert(
      fc.asyncProperty(
        program(60),
        fc.array(deed, { maxLength: 40 }),
        fc.integer({ min: 1, max: 40 }),
        async ({ users, steps }, deeds, size) => {
          const source = world();
          // Of an import line by line, it is not known who had read what.
          const own = steps.filter((step) => step.do !== "importRoom" && step.do !== "importInto");
          const played = await play({ users, steps: own }, source);
          await source.catchUp();
          await doAll(deeds, source, played);
          await source.catchUp();
          const facts = await exported(source);
          const target = world();
          const first = await imported(target, facts, size);
          expect(first).toMatchObject({ refused: [], loose: 0 });
          expect(sorted(await exported(target))).toEqual(sorted(facts));
          expect(rowsOf(target, await target.events())).toEqual(rowsOf(source, await source.events()));
          // Nobody is told of anything.
          const end = await target.log.end();
          for (let user = 0; user < users; user++)
            expect(await target.views.inboxes.entries(`u${user}`, target.log.origin, end, 100)).toMatchObject({ entries: [] });
          // The rows are those of the log, whenever it is folded.
          const anew = world({ log: target.log });
          await anew.catchUp();
          const isOfLog = (table: string) => table === "checkpoints";
          expect(anew.store.dump(isOfLog)).toEqual(target.store.dump(isOfLog));
          // And the same again, there or where it came from, changes nothing.
          for (const again of [target, source]) {
            const before = await again.log.end();
            expect(await imported(again, facts, size + 7)).toMatchObject({ stored: 0, refused: [] });
            expect(await again.log.end()).toBe(before);
          }
        },
      ),
      { numRuns: runs(60), seed: seed("export and import") },
    );
  });

  const archives = archiveFiles();
  it.each([["made-up lines", undefined], ...archives.map((file) => [file.replace(/^.*\//, ""), file])] as [string, string?][])(
    "is equal: %s",
    async (_, file) => {
      const source = world();
      const { lines } = file === undefined ? madeUp(600) : await firstLines(file, 3_000);
      for (let from = 0; from < lines.length; from += 500) {
        const messages = lines.slice(from, from + 500).map(({ conversation, sender, text: words, sentAt, topic }, index) => ({
          key: `${from + index}`,
          conversation,
          sender,
          text: words,
          sentAt: sentAt === null ? null : new Date(sentAt).toISOString(),
          topic: topic === undefined || topic === null || topic.trim() === "" ? null : topic,
        }));
        await source.commands.importMessages(admin, { clientMutationId: newKey(), messages });
        await source.catchUp();
      }
      const facts = await exported(source);
      expect(facts.filter(({ fact }) => fact === "MessageSent").length).toBeGreaterThan(lines.length / 2);
      const target = world();
      expect(await imported(target, facts, 500)).toMatchObject({ alreadyThere: 0, loose: 0, refused: [] });
      expect(sorted(await exported(target))).toEqual(sorted(facts));
    },
  );
});

describe("an archive", () => {
  /** Ann and Bob are friends, and in a group of Ann's with Cat; Dan joins later. Cat blocks Bob. */
  async function story(): Promise<World & { group: string }> {
    const here = world();
    const { commands, catchUp } = here;
    for (const user of ["ann", "bob", "cat", "dan"])
      await commands.register(caller(user), { ...profile(user), birthday: "2000-01-02" });
    await catchUp();
    await commands.requestFriendship(caller("ann"), { clientMutationId: newKey(), userId: "bob", note: null, alias: "Bobby" });
    await commands.requestFriendship(caller("bob"), { clientMutationId: newKey(), userId: "ann", note: null, alias: "Annie" });
    await commands.block(caller("cat"), { clientMutationId: newKey(), userId: "bob", on: true });
    const { conversationId } = await commands.createConversation(
      caller("ann"),
      group({ title: "Walks", announcement: "at noon", memberIds: ["bob", "cat"] }),
    );
    await catchUp();
    const send = (user: string, words: string, more = {}) =>
      commands.sendMessage(caller(user), text({ conversationId }, { text: words, ...more }));
    await send("ann", "first");
    await send("bob", "second", { replyTo: 1, mentions: ["ann"] });
    await send("cat", "regretted");
    await send("cat", "before");
    await catchUp();
    const on = (seq: number) => ({ clientMutationId: newKey(), conversationId, seq });
    await commands.recallMessage(caller("cat"), on(3));
    await commands.editMessage(caller("cat"), { ...on(4), text: "between" });
    await commands.editMessage(caller("cat"), { ...on(4), text: "after" });
    await commands.react(caller("bob"), { ...on(1), emoji: "👍", on: true });
    await commands.pinMessage(caller("ann"), { ...on(1), on: true });
    await commands.markRead(caller("bob"), on(4));
    await commands.setPreferences(caller("bob"), { clientMutationId: newKey(), conversationId, muted: true, nickname: "B" });
    await commands.join(caller("dan"), { clientMutationId: newKey(), conversationId });
    await catchUp();
    await send("dan", "hello from dan");
    await commands.sendMessage(caller("ann"), text({ userId: "bob" }, { text: "between us" }));
    await commands.sendMessage(caller("ann"), text({ userId: "cat" }, { text: "not for bob" }));
    await catchUp();
    return { ...here, group: conversationId };
  }

  test("of everything holds no words of what was recalled, and makes the same of the rest elsewhere", async () => {
    const source = await story();
    const facts = await exported(source);
    expect(JSON.stringify(facts)).not.toContain("regretted");
    const target = world();
    expect(await imported(target, facts)).toMatchObject({ refused: [] });
    const timeline = async ({ views }: World) =>
      (await views.timelines.page(source.group, { limit: 100, fromEnd: false })).map(
        ({ position: _, version: __, ...message }) => message,
      );
    expect(await timeline(target)).toEqual(await timeline(source));
    expect(await target.views.directory.group(source.group)).toEqual(await source.views.directory.group(source.group));
    expect(await target.views.preferences.of("bob", source.group)).toMatchObject({ muted: true, nickname: "B" });
    expect(await target.views.readMarks.mark("bob", source.group)).toBe(4);
    expect(await target.views.annotations.reactions({ conversation: source.group, seq: 1 })).toEqual([{ emoji: "👍", count: 1 }]);
    // Cat has blocked Bob there too.
    await refused(target.commands.sendMessage(caller("bob"), text({ userId: "cat" })), "FORBIDDEN");
    // Whoever has not read it finds nothing unread.
    const membership = await target.views.relations.membership("cat", source.group);
    expect(await target.views.readMarks.unread("cat", source.group, membership?.joinedSeq ?? 0)).toMatchObject({
      unreadCount: 0,
    });
  });

  test("holds files at addresses, and of those that were uploaded the names", async () => {
    const source = world({ lazy: true });
    for (const user of ["ann", "bob"]) await source.commands.register(caller(user), profile(user));
    await source.catchUp();
    const uploadId = async () => {
      const given = { clientMutationId: newKey(), name: "a.png", mediaType: "image/png", size: 7 };
      const { upload } = await source.commands.createUpload(caller("ann"), given);
      source.files.arrive(upload.key, "png 4x3");
      return upload.id;
    };
    const send = async (more: object) => source.commands.sendMessage(caller("ann"), text({ userId: "bob" }, more));
    await send({ kind: "IMAGE", text: null, attachments: [{ uploadId: await uploadId() }] });
    const elsewhere = {
      url: "https://files.example.org/b.pdf",
      name: "b.pdf",
      mediaType: "application/pdf",
      size: 9,
      width: null,
      height: null,
    };
    await send({ kind: "FILE", text: "both", attachments: [elsewhere, { uploadId: await uploadId() }] });

    const facts = await exported(source);
    const sent = facts.flatMap(({ fact, data }) => (fact === "MessageSent" ? [data] : []));
    expect(sent[0]).toMatchObject({ text: "[a.png]" });
    expect(sent[0]).not.toHaveProperty("kind");
    expect(sent[0]).not.toHaveProperty("attachments");
    expect(sent[1]).toMatchObject({ kind: "FILE", text: "both\n[a.png]", attachments: [{ url: elsewhere.url, name: "b.pdf" }] });

    const target = world({ lazy: true });
    expect(await imported(target, facts)).toMatchObject({ stored: facts.length, refused: [] });
    const uploadedFile = {
      ...sent[1],
      attachments: [{ file: { id: newKey(), thumbnail: null }, name: "a", mediaType: "a/b", size: 1, width: null, height: null }],
    };
    const [, last] = facts.filter(({ fact }) => fact === "MessageSent");
    expect(readFact({ ...last, data: uploadedFile })).toHaveProperty("fault");
  });

  test("of a conversation holds that one, and who is in it", async () => {
    const source = await story();
    const facts = await exported(source, { conversation: source.group });
    const words = JSON.stringify(facts);
    for (const other of ["between us", "not for bob", "Bobby", "muted"]) expect(words).not.toContain(other);
    expect(facts.flatMap(({ fact, data }) => (fact === "UserRegistered" ? [data.userId] : [])).sort()).toEqual([
      "ann",
      "bob",
      "cat",
      "dan",
    ]);
    const target = world();
    expect(await imported(target, facts)).toMatchObject({ refused: [] });
    expect(
      (await target.views.timelines.page(source.group, { limit: 100, fromEnd: false })).map((message) => message.text),
    ).toEqual(["first", "second", null, "after", "hello from dan"]);
  });

  test("of a user holds what they did and may see, and nothing else", async () => {
    const source = await story();
    const ofBob = await exported(source, { user: "bob" });
    expect(ofBob.map(said)).toContain("between us");
    expect(ofBob.map(said)).toContain("after");
    const words = JSON.stringify(ofBob);
    // Neither what others keep to themselves, nor what was said before an edit.
    for (const other of ["not for bob", "Bobby", "before", 'between"', "UserBlocked", "regretted"])
      expect(words).not.toContain(other);
    expect(words.match(/2000-01-02/g)).toHaveLength(1);
    // Dan came later, and the group shows no history.
    const ofDan = await exported(source, { user: "dan" });
    expect(ofDan.filter(({ fact }) => fact === "MessageSent").map(said)).toEqual(["hello from dan"]);
    const target = world();
    expect(await imported(target, ofDan)).toMatchObject({ refused: [] });
  });

  test("of a user holds what others say of themselves now, and not what they said before", async () => {
    const source = await story();
    await source.commands.updateProfile(caller("ann"), { clientMutationId: newKey(), name: "Anna", signature: "of late" });
    await source.commands.updateProfile(caller("bob"), { clientMutationId: newKey(), name: "Robert" });
    await source.commands.updateProfile(caller("ann"), { clientMutationId: newKey(), signature: null });
    await source.catchUp();
    const ofBob = await exported(source, { user: "bob" });
    const of = (user: string) => ofBob.filter(({ data }) => "name" in data && data.userId === user);
    expect(of("ann")).toMatchObject([{ fact: "UserRegistered", data: { name: "Anna", signature: null, birthday: null } }]);
    expect(of("bob")).toMatchObject([{ fact: "UserRegistered" }, { fact: "ProfileUpdated", data: { name: "Robert" } }]);
    expect(JSON.stringify(ofBob)).not.toContain("of late");
    const target = world();
    expect(await imported(target, ofBob)).toMatchObject({ refused: [] });
    expect(await target.views.directory.user("ann")).toMatchObject({ name: "Anna", handle: "ann" });
  });

  test("leaves unread what was written here, and behind which it lies", async () => {
    const source = await story();
    const facts = await exported(source);
    const [before, after] = [facts.filter(({ fact }) => fact !== "ReadUpTo"), facts];
    const cut = before.findIndex(({ data }) => "text" in data && data.text === "between us");
    const target = world();
    await imported(target, before.slice(0, cut));
    const sent = { conversationId: source.group };
    await target.commands.sendMessage(caller("dan"), text(sent, { text: "have you seen this?" }));
    await target.catchUp();
    const unread = async (user: string) => (await target.views.readMarks.unread(user, source.group, 0)).unreadCount;
    expect([await unread("ann"), await unread("bob")]).toEqual([1, 1]);
    const late = (user: string): WrittenFact => ({
      fact: "MessageSent",
      id: crypto.randomUUID(),
      at: "2024-03-01T00:00:00.000Z",
      by: user,
      data: { conversationId: source.group, senderId: user, text: "of long ago" },
    });
    const ofAnn = late("ann");
    const mark: WrittenFact = {
      fact: "ReadUpTo",
      id: crypto.randomUUID(),
      at: "2024-03-01T00:00:00.000Z",
      by: "bob",
      data: { conversationId: source.group, userId: "bob", message: ofAnn.id },
    };
    expect(await imported(target, [ofAnn, mark])).toMatchObject({ refused: [] });
    expect([await unread("ann"), await unread("bob"), await unread("dan")]).toEqual([1, 1, 0]);
    // Whoever has read it has read what lies behind it, too.
    await imported(target, [late("dan")]);
    expect(await target.views.readMarks.mark("dan", source.group)).toBe(8);
    expect(await imported(target, after)).toMatchObject({ refused: [] });
  });

  test("of which an import ended before a former handle was free gives it free when it comes again", async () => {
    const source = world();
    await source.commands.register(caller("ann"), profile("ann"));
    await source.commands.updateProfile(caller("ann"), { clientMutationId: newKey(), handle: "anna" });
    await source.catchUp();
    const facts = await exported(source);
    const [, updated] = facts;
    const target = world();
    await imported(target, facts.slice(0, 1));
    // As far as it came: the profile names the new handle already.
    const metadata = {
      $correlationId: "x",
      $causationId: updated?.id ?? "",
      actorId: "ann",
      at: new Date(0).toISOString(),
      schema: 1,
    };
    const event = {
      id: updated?.id ?? "",
      type: "ProfileUpdated",
      data: updated?.data,
      metadata: { ...metadata, imported: { at: metadata.at } },
    };
    await target.log.append("user-ann", [event], 0);
    await target.catchUp();
    expect(await imported(target, facts)).toMatchObject({ stored: 0, refused: [] });
    await target.commands.register(caller("other"), profile("ann"));
    await target.catchUp();
    expect(await target.views.directory.userIdByHandle("ann")).toBe("other");
  });

  test("keeps people apart who are called the same: the one who is here keeps the handle and the profile", async () => {
    const source = await story();
    const facts = await exported(source);
    const target = world();
    await target.commands.register(caller("other"), { ...profile("ann"), name: "Another Ann" });
    await target.commands.register(caller("bob"), { ...profile("bob"), name: "Bob of here" });
    await target.catchUp();
    expect(await imported(target, facts)).toMatchObject({ refused: [] });
    expect(await target.views.directory.userIdByHandle("ann")).toBe("other");
    expect(await target.views.directory.user("ann")).toMatchObject({
      name: "ann",
      handle: expect.stringMatching(/^ann-/) as string,
    });
    expect(await target.views.directory.user("bob")).toMatchObject({ name: "Bob of here", handle: "bob" });
  });

  test("gives handles that went from one to another to who has them now", async () => {
    const source = world();
    const present = (user: string, handle: string) =>
      source.commands.updateProfile(caller(user), { clientMutationId: newKey(), handle });
    for (const user of ["ann", "bob", "cat"]) await source.commands.register(caller(user), profile(user));
    for (const [user, handle] of [
      ["ann", "other"],
      ["bob", "ann"],
      ["cat", "bob"],
      ["ann", "cat"],
    ] as const)
      await present(user, handle);
    await source.catchUp();
    const target = world();
    expect(await imported(target, await exported(source))).toMatchObject({ refused: [] });
    for (const handle of ["ann", "bob", "cat", "other"])
      expect([handle, await target.views.directory.userIdByHandle(handle)]).toEqual([
        handle,
        await source.views.directory.userIdByHandle(handle),
      ]);
  });

  test("whose messages answer what is not there keeps them, and says how many", async () => {
    const target = world();
    const [register, message] = await (async () => {
      const facts = await exported(await story());
      return [
        facts.filter(({ fact }) => fact === "UserRegistered" || fact === "GroupCreated" || fact === "MemberAdded"),
        facts.filter(({ fact, data }) => fact === "MessageSent" && data.replyTo != null && data.text === "second"),
      ] as const;
    })();
    const reaction: WrittenFact = {
      fact: "ReactionAdded",
      id: crypto.randomUUID(),
      at: "2024-01-01T00:00:00.000Z",
      by: "ann",
      data: { conversationId: "d:ann~bob", message: crypto.randomUUID(), userId: "ann", emoji: "👍" },
    };
    expect(await imported(target, [...register, ...message, reaction])).toMatchObject({
      loose: 1,
      refused: ["ReactionAdded: the message that it is about is not there"],
    });
  });

  test("that comes again changes nothing that was done here since", async () => {
    const source = await story();
    const facts = await exported(source);
    const target = world();
    await imported(target, facts);
    const on = { clientMutationId: newKey(), conversationId: source.group };
    await target.commands.leave(caller("cat"), on);
    await target.commands.updateConversation(caller("ann"), { ...on, change: { title: "Runs" } });
    await target.commands.react(caller("bob"), { ...on, seq: 1, emoji: "👍", on: false });
    await target.catchUp();
    const before = await target.log.end();
    expect(await imported(target, facts)).toMatchObject({ stored: 0, alreadyThere: facts.length, refused: [] });
    expect(await target.log.end()).toBe(before);
  });

  test("with more than is allowed here is imported but for that", async () => {
    const target = world();
    const facts = await exported(await story());
    const first = facts.find(({ fact, data }) => fact === "MessageSent" && data.text === "first");
    const reactions = ["😀", "😁", "😂", "😃", "😄", "😅", "😆", "😇", "😈", "😉", "😊"].map((emoji): WrittenFact => ({
      fact: "ReactionAdded",
      id: crypto.randomUUID(),
      at: "2024-03-01T00:00:00.000Z",
      by: "ann",
      data: {
        conversationId: (first as WrittenOf<"MessageSent">).data.conversationId,
        message: first?.id ?? "",
        userId: "ann",
        emoji,
      },
    }));
    const { refused: not, stored } = await imported(target, [...facts, ...reactions]);
    expect(stored).toBe(facts.length + 10);
    expect(not).toEqual([expect.stringMatching(/^ReactionAdded: you can react to a message with 10 emoji/)]);
  });

  test("is imported by nobody without the right to", async () => {
    const target = world();
    await target.commands.register(caller("ann"), profile("ann"));
    const facts = read(await exported(target));
    await refused(target.commands.importFacts(caller("ann"), { clientMutationId: newKey(), facts }), "FORBIDDEN");
  });
});
