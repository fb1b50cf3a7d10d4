import { randomUUID } from "node:crypto";
import { beforeEach, describe, expect, it } from "vitest";
import { copyLog } from "../../../src/commandline/logCopy.ts";
import type { EventType } from "../../../src/domain/events.ts";
import { streams } from "../../../src/domain/ids.ts";
import { ERASED, SEALED } from "../../../src/domain/personal.ts";
import { parseEvent, Unreadable } from "../../../src/domain/recorded.ts";
import type { NewEvent, RecordedEvent } from "../../../src/ports/eventStore.ts";
import { Unavailable } from "../../../src/ports/faults.ts";
import { mastersIn, newMaster } from "../../../src/sealing/master.ts";
import { readThrough, sealedLog } from "../../../src/sealing/sealedLog.ts";
import { createVault, type Vault } from "../../../src/sealing/vault.ts";
import { memoryKeys } from "../../support/memoryKeys.ts";
import { type MemoryLog, memoryLog } from "../../support/memoryLog.ts";

const AT = "2026-12-01T10:00:00.000Z";
const DIRECT = "d:ann~bob";

let stored: MemoryLog;
let store: ReturnType<typeof memoryKeys>;
let vault: Vault;
let log: MemoryLog;
let seals: boolean;

beforeEach(() => {
  stored = memoryLog();
  store = memoryKeys();
  const masters = mastersIn(newMaster());
  if (!masters) throw new Error("no master key");
  vault = createVault({ store: () => store, masters: () => masters });
  seals = true;
  log = sealedLog(stored, vault, () => seals);
});

const event = (type: EventType, data: unknown, at = AT): NewEvent => ({
  id: randomUUID(),
  type,
  data,
  metadata: { $correlationId: "c", $causationId: "c", actorId: "ann", at, schema: 1 },
});
const message = (text: string | null, more: Record<string, unknown> = {}, at = AT): NewEvent =>
  event(
    "MessageSent",
    {
      conversationId: DIRECT,
      senderId: "ann",
      clientMutationId: randomUUID(),
      kind: "TEXT",
      topic: null,
      text,
      attachments: [],
      replyTo: null,
      mentions: ["bob"],
      mentionsAll: false,
      ...more,
    },
    at,
  );
const send = (...events: NewEvent[]) => log.append(streams.conversation(DIRECT), events, "any");
const texts = async () =>
  (await log.read(streams.conversation(DIRECT), 0, "forwards", 100)).map((each) => (each.data as { text: unknown }).text);
const owners = async (): Promise<string[]> => {
  const { events } = await stored.readAll(stored.origin, 100);
  const ids = events.flatMap(({ data }) => ((data as { [SEALED]?: string })[SEALED] ?? "").split(".")[1]?.split("~") ?? []);
  return [...new Set((await store.find(ids)).map(({ owner, month }) => `${owner} ${month}`))].sort();
};

describe("a sealed log", () => {
  it("gives back what was appended, by stream and as a whole, and stores no word of it", async () => {
    const sent = [message("Hello Bob"), message("and more", { topic: "greetings" })];
    await send(...sent);
    await log.append(
      streams.user("ann"),
      [event("LocationChanged", { userId: "ann", point: { latitude: 48.2, longitude: 16.4 } })],
      "any",
    );
    const page = await log.readAll(log.origin, 100);
    expect(page.events.map(({ data }) => data)).toEqual([
      ...sent.map(({ data }) => data),
      { userId: "ann", point: { latitude: 48.2, longitude: 16.4 } },
    ]);
    expect(await texts()).toEqual(["Hello Bob", "and more"]);
    for (const each of page.events) expect(parseEvent(each)?.data).toEqual(each.data);
    const raw = JSON.stringify((await stored.readAll(stored.origin, 100)).events);
    for (const word of ["Hello", "greetings", "48.2"]) expect(raw).not.toContain(word);
    // What is routed and decided by is there.
    for (const word of ["ann", "bob", DIRECT, AT, "TEXT"]) expect(raw).toContain(word);
  });

  it("seals under keys of the person and of the conversation, by month", async () => {
    await send(message("now"), message("then", { imported: { sentAt: "2015-03-01T00:00:00.000Z" } }));
    expect(await owners()).toEqual(["ann 2015-03", "ann 2026-12", "d:ann~bob 2015-03", "d:ann~bob 2026-12"]);
  });

  it("leaves alone what says nothing, and everything while it does not seal", async () => {
    await log.append(
      streams.annotation(DIRECT, 1),
      [event("MessageRecalled", { conversationId: DIRECT, seq: 1, senderId: "ann" })],
      "any",
    );
    await send(message(null));
    seals = false;
    await send(message("plain"));
    seals = true;
    await send(message("sealed"));
    const raw = (await stored.readAll(stored.origin, 100)).events.map(({ data }) => SEALED in (data as object));
    expect(raw).toEqual([false, false, false, true]);
    expect(await texts()).toEqual([null, "plain", "sealed"]);
  });

  it("reads what is erased as erased, and what others wrote as it was", async () => {
    await send(message("by ann"), message("by bob", { senderId: "bob" }));
    await log.append(streams.user("ann"), [event("HandleClaimed", { handle: "annie", userId: "ann" })], "any");
    await vault.destroy({ owner: "ann" });
    expect(await texts()).toEqual([ERASED, "by bob"]);
    const { events } = await log.readAll(log.origin, 100);
    for (const each of events) expect(parseEvent(each)).toBeTruthy();
    expect(events[0]?.data).toMatchObject({ senderId: "ann", mentions: ["bob"], text: ERASED, attachments: [] });
    expect(JSON.stringify(events)).not.toContain("annie");
    expect(JSON.stringify(events)).not.toContain(SEALED);
  });

  it("forgets a month of a conversation, and what the person wrote elsewhere stays", async () => {
    await send(message("old", {}, "2026-11-30T23:59:59.999Z"), message("new"));
    const elsewhere = message("elsewhere", { conversationId: "d:ann~carol" }, "2026-11-01T00:00:00.000Z");
    await log.append(streams.conversation("d:ann~carol"), [elsewhere], "any");
    await vault.destroy({ owner: DIRECT, month: "2026-11" });
    expect(await texts()).toEqual([ERASED, "new"]);
    const [kept] = await log.read(streams.conversation("d:ann~carol"), 0, "forwards", 1);
    expect(kept?.data).toMatchObject({ text: "elsewhere" });
  });

  it("forgets copies with whoever wrote first, also copies of copies, and copies of what was plain", async () => {
    const copy = (from: string, seq: number, by: string, to: string, text: string) =>
      log.append(
        streams.conversation(to),
        [
          message(
            text,
            { conversationId: to, senderId: by, forwardedFrom: { conversationId: from, seq, count: 1 } },
            "2027-01-01T00:00:00.000Z",
          ),
        ],
        "any",
      );
    seals = false;
    await send(message("plain one"));
    seals = true;
    await send(message("sealed one"));
    await copy(DIRECT, 1, "bob", "d:bob~carol", "plain one");
    await copy(DIRECT, 2, "bob", "d:bob~carol", "sealed one");
    await copy("d:bob~carol", 2, "carol", "d:carol~dave", "sealed one");
    await copy("d:bob~carol", 1, "carol", "d:carol~dave", "plain one");
    const all = async () =>
      (await log.readAll(log.origin, 100)).events.slice(2).map(({ data }) => (data as { text: unknown }).text);
    // A rule of the conversation that it comes from does not reach into another one.
    await vault.destroy({ owner: DIRECT });
    expect(await all()).toEqual(["plain one", "sealed one", "sealed one", "plain one"]);
    await vault.destroy({ owner: "ann" });
    expect(await all()).toEqual([ERASED, ERASED, ERASED, ERASED]);
    await expect(copy(DIRECT, 2, "bob", "d:bob~carol", "sealed one")).rejects.toThrow(Unavailable);
  });

  it("goes by one writer, however often something is passed on", async () => {
    await send(message("passed on"));
    let [from, seq] = [DIRECT, 1];
    for (let index = 0; index < 40; index++) {
      const by = index % 3 === 0 ? "ann" : `user${index}`;
      const to = `g:group${index}`;
      const copied = { conversationId: to, senderId: by, forwardedFrom: { conversationId: from, seq, count: 1 } };
      await log.append(streams.conversation(to), [message("passed on", copied)], "any");
      [from, seq] = [to, 1];
    }
    const all = async () => (await log.readAll(log.origin, 100)).events.map(({ data }) => (data as { text: unknown }).text);
    expect(await all()).toEqual(Array.from({ length: 41 }, () => "passed on"));
    for (const { data } of (await stored.readAll(stored.origin, 100)).events)
      expect(
        String((data as Record<string, unknown>)[SEALED])
          .split(".")[1]
          ?.split("~").length,
      ).toBeLessThanOrEqual(3);
    await vault.destroy({ owner: "user1" });
    expect((await all()).filter((text) => text === ERASED)).toHaveLength(1);
    await vault.destroy({ owner: "ann" });
    expect(await all()).toEqual(Array.from({ length: 41 }, () => ERASED));
  });

  it("refuses what was changed, moved to another event, or sealed with an unknown key: that event alone", async () => {
    await send(message("one"), message("two", { senderId: "bob" }));
    const [one, two] = (await stored.readAll(stored.origin, 100)).events as unknown as [RecordedEvent, RecordedEvent];
    const of = (each: NewEvent) => each.data as Record<string, unknown>;
    const read = async (forged: NewEvent): Promise<unknown> => {
      const other = memoryLog();
      await other.append(streams.conversation(DIRECT), [forged], "any");
      const [found] = await sealedLog(other, vault, () => true).read(streams.conversation(DIRECT), 0, "forwards", 1);
      try {
        return (found && (parseEvent(found)?.data as { text?: unknown }))?.text;
      } catch (error) {
        return (error as Error).name;
      }
    };
    const text = String(of(one)[SEALED]);
    for (const data of [
      { ...of(one), [SEALED]: of(two)[SEALED] },
      { ...of(one), [SEALED]: `${text.slice(0, -4)}AAAA` },
      { ...of(one), [SEALED]: text.replace(/\.[^.]{4}/, ".AAAA") },
      { ...of(one), [SEALED]: 7 },
      { ...of(one), [SEALED]: "nonsense" },
    ])
      expect(await read({ ...one, data })).toBe(Unreadable.name);
    expect(await read({ ...one, type: "ProfileUpdated", data: { userId: "ann", [SEALED]: text } })).toBe(Unreadable.name);
    expect(await read({ ...one, id: two.id })).toBe(Unreadable.name);
    expect(await read(one)).toBe("one");
    // The others of a page are opened.
    const forged = memoryLog();
    await forged.append(streams.conversation(DIRECT), [{ ...one, data: two.data }, two], "any");
    const { events } = await sealedLog(forged, vault, () => true).readAll(forged.origin, 100);
    const outcomes = events.map((each) => {
      try {
        return (parseEvent(each)?.data as { text?: unknown } | undefined)?.text;
      } catch (error) {
        return (error as Error).name;
      }
    });
    const refused = Unreadable.name;
    expect(outcomes).toEqual([refused, "two"]);
  });

  it("stores nothing while the keys are away, and says so", async () => {
    const away = createVault({ store: () => undefined, masters: () => mastersIn(newMaster()) as never });
    const sealed = sealedLog(stored, away, () => true);
    await expect(sealed.append(streams.conversation(DIRECT), [message("one"), message("two")], "any")).rejects.toThrow(
      Unavailable,
    );
    expect((await stored.readAll(stored.origin, 10)).events).toEqual([]);
  });

  it("stores a repeated append once", async () => {
    const sent = message("once");
    const first = await log.append(streams.conversation(DIRECT), [sent], -1);
    expect(await log.append(streams.conversation(DIRECT), [sent], -1)).toMatchObject({
      revision: first.revision,
      position: first.position,
    });
    expect(await texts()).toEqual(["once"]);
  });

  it("is made by copying a plain one, as often as one likes, and what is erased stays as it is stored", async () => {
    seals = false;
    await send(message("plain by ann"), message("plain by bob", { senderId: "bob" }));
    seals = true;
    await send(message("sealed by ann"), message("by carol", { senderId: "carol" }));
    await vault.destroy({ owner: "carol" });
    const target = memoryLog("memory01");
    const copy = () =>
      copyLog(
        readThrough(stored, vault, "what is there"),
        sealedLog(target, vault, () => true, "what is there"),
        { anyOrder: true },
      );
    expect(await copy()).toEqual({ copied: 4, thereAlready: 0 });
    expect(await copy()).toEqual({ copied: 0, thereAlready: 4 });
    const raw = JSON.stringify((await target.readAll(target.origin, 10)).events);
    for (const word of ["plain by", "sealed by", "by carol"]) expect(raw).not.toContain(word);
    const { events } = await readThrough(target, vault).readAll(target.origin, 10);
    expect(events.map(({ data }) => (data as { text: unknown }).text)).toEqual([
      "plain by ann",
      "plain by bob",
      "sealed by ann",
      ERASED,
    ]);
    expect(events.map(({ id }) => id)).toEqual((await stored.readAll(stored.origin, 10)).events.map(({ id }) => id));
  });

  it("says what it passed over as the log does", async () => {
    await send(message("one"), message("two"));
    await log.append(streams.user("ann"), [event("UserDeactivated", { userId: "ann" })], "any");
    const types = new Set(["MessageSent"]);
    const page = await log.readAll(log.origin, 100, types);
    expect(page.events.map(({ type }) => type)).toEqual(["MessageSent", "MessageSent"]);
    expect(page.skipped?.count).toBe(1);
  });
});
