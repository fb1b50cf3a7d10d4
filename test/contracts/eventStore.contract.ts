import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Open } from "../../src/ports/awaitable.ts";
import {
  isOfLog,
  isPosition,
  type Appended,
  type EventStore,
  type NewEvent,
  type RecordedEvent,
} from "../../src/ports/eventStore.ts";
import { WrongExpectedRevision } from "../../src/ports/faults.ts";

/**
 * What every log must do. `open` is called once: the log of a real server is not empty, and nothing here may depend on what else
 * it holds.
 */
export function eventStoreContract(name: string, open: () => Promise<Open<EventStore>>): void {
  describe(`event store contract: ${name}`, () => {
    let store: Open<EventStore>;
    beforeAll(async () => {
      store = await open();
    });
    afterAll(() => store.close());

    const all = (stream: string): Promise<RecordedEvent[]> => Promise.resolve(store.read(stream, 0, "forwards", 1000));
    const textsOf = (events: readonly RecordedEvent[]): unknown[] => events.map((event) => (event.data as { text: string }).text);

    /** Everything after a position, page by page, until a page says that it reached the end. */
    const pages = async (after: string, limit: number): Promise<RecordedEvent[]> => {
      const events: RecordedEvent[] = [];
      for (let at = after; ;) {
        const page = await store.readAll(at, limit);
        expect(page.events.length).toBeLessThanOrEqual(limit);
        events.push(...page.events);
        at = page.next;
        if (page.isTail) return events;
        expect(page.events.length).toBeGreaterThan(0);
      }
    };

    const refusal = async (append: Promise<Appended>): Promise<WrongExpectedRevision> => {
      const error: unknown = await append.then(
        () => new Error("it was appended"),
        (reason: unknown) => reason,
      );
      expect(error).toBeInstanceOf(WrongExpectedRevision);
      return error as WrongExpectedRevision;
    };

    describe("expected revision", () => {
      it("counts revisions from 0, and -1 is the stream that is not there yet", async () => {
        const stream = newStream();
        const first = await store.append(stream, [said("a")], -1);
        const second = await store.append(stream, [said("b"), said("c")], 0);
        expect([first.revision, second.revision]).toEqual([0, 2]);
        const events = await all(stream);
        expect(events.map(({ revision }) => revision)).toEqual([0, 1, 2]);
        expect(textsOf(events)).toEqual(["a", "b", "c"]);
        expect([events[0]?.position, events[2]?.position]).toEqual([first.position, second.position]);
      });

      it("tells each event's own position, or the last one's alone: that alone when the append is repeated", async () => {
        const stream = newStream();
        const events = [said("a"), said("b"), said("c")];
        await Promise.all([store.append(stream, events, -1), store.append(newStream(), [said("x"), said("y")], -1)]);
        const more = [said("d"), said("e")];
        const { positions: own } = await store.append(stream, more, 2);
        const positions = (await all(stream)).map(({ position }) => position);
        const [first, both] = [await store.append(stream, events, -1), await store.append(stream, [...events, ...more], -1)];
        expect(own ?? positions.slice(3)).toEqual(positions.slice(3));
        expect([first.positions, both.positions]).toEqual([undefined, undefined]);
        expect([first.position, both.position]).toEqual([positions[2], positions[4]]);
      });

      it("refuses what expects another revision, tells the actual one, and stores nothing", async () => {
        const stream = newStream();
        expect(await refusal(store.append(stream, [said("x")], 0))).toMatchObject({ stream, expected: 0, actual: -1 });
        await store.append(stream, [said("a"), said("b")], -1);
        expect(await refusal(store.append(stream, [said("x")], -1))).toMatchObject({ expected: -1, actual: 1 });
        expect(await refusal(store.append(stream, [said("x")], 0))).toMatchObject({ expected: 0, actual: 1 });
        expect(await refusal(store.append(stream, [said("x")], 7))).toMatchObject({ expected: 7, actual: 1 });
        expect(textsOf(await all(stream))).toEqual(["a", "b"]);
      });

      it('appends at the end wherever that is, with "any"', async () => {
        const stream = newStream();
        expect((await store.append(stream, [said("a")], "any")).revision).toBe(0);
        expect((await store.append(stream, [said("b"), said("c")], "any")).revision).toBe(2);
        expect((await store.append(stream, [said("d")], 2)).revision).toBe(3);
        expect((await store.append(stream, [said("e")], "any")).revision).toBe(4);
        expect(textsOf(await all(stream))).toEqual(["a", "b", "c", "d", "e"]);
      });

      it("keeps streams apart, also those whose names begin alike or differ in case only", async () => {
        const stream = newStream();
        const names = [stream, `${stream}-`, `${stream}~`, `${stream}:1`, stream.toUpperCase()];
        for (const each of names) await store.append(each, [said(each)], -1);
        for (const each of names) expect(textsOf(await all(each))).toEqual([each]);
      });
    });

    describe("an append is all or nothing", () => {
      it("stores many events together, next to each other in their stream", async () => {
        const stream = newStream();
        const events = Array.from({ length: 300 }, (_, index) => said(`${index}`));
        expect((await store.append(stream, events, -1)).revision).toBe(299);
        const stored = await all(stream);
        expect(stored.map(({ id }) => id)).toEqual(events.map(({ id }) => id));
      });

      it("a refused one leaves nothing, whatever goes through beside it", async () => {
        const streams = Array.from({ length: 20 }, newStream);
        const results = await Promise.allSettled(
          streams.flatMap((stream) => [
            store.append(stream, [said("a"), said("b")], -1),
            store.append(stream, [said("x"), said("y"), said("z")], 5),
            store.append(stream, [said("c")], 1),
          ]),
        );
        expect(results.map(({ status }) => status)).toEqual(streams.flatMap(() => ["fulfilled", "rejected", "fulfilled"]));
        for (const stream of streams) expect(textsOf(await all(stream))).toEqual(["a", "b", "c"]);
      });

      it("refuses an append without events", async () => {
        await expect(store.append(newStream(), [], -1)).rejects.toThrow(TypeError);
      });

      it("refuses an event whose id is no UUID, and all that come with it", async () => {
        const stream = newStream();
        await expect(store.append(stream, [said("a"), { ...said("b"), id: "b" }], -1)).rejects.toThrow(TypeError);
        expect(await all(stream)).toEqual([]);
      });
    });

    describe("the very same append again", () => {
      /** A stream of five events that came with three appends: 0; 1, 2; 3, 4. */
      const five = async () => {
        const stream = newStream();
        const events = ["a", "b", "c", "d", "e"].map(said);
        await store.append(stream, events.slice(0, 1), -1);
        await store.append(stream, events.slice(1, 3), 0);
        await store.append(stream, events.slice(3, 5), 2);
        const stored = await all(stream);
        const resultAt = (revision: number): Appended => ({ revision, position: stored[revision]?.position ?? "" });
        return { stream, events, resultAt };
      };

      it("gives the first result at once, and much later", async () => {
        const stream = newStream();
        const events = [said("a"), said("b")];
        const first = await store.append(stream, events, -1);
        expect(await store.append(stream, events, -1)).toEqual(resultOf(first));
        for (let revision = 1; revision < 30; revision++) await store.append(stream, [said("later")], revision);
        expect(await store.append(stream, events, -1)).toEqual(resultOf(first));
        expect(await all(stream)).toHaveLength(31);
      });

      it("gives the first result while the first is still on its way", async () => {
        const stream = newStream();
        const events = [said("a"), said("b")];
        const results = await Promise.all(Array.from({ length: 5 }, () => store.append(stream, events, -1)));
        expect(new Set(results.map(({ position }) => position)).size).toBe(1);
        expect(await all(stream)).toHaveLength(2);
      });

      it("knows events by their ids: content that changed meanwhile is not looked at", async () => {
        const stream = newStream();
        const event = said("a");
        const first = await store.append(stream, [event], -1);
        expect(await store.append(stream, [{ ...event, data: { text: "other" } }], -1)).toEqual(resultOf(first));
        expect(textsOf(await all(stream))).toEqual(["a"]);
      });

      it("recognises each append in the midst of the stream", async () => {
        const { stream, events, resultAt } = await five();
        expect(await store.append(stream, events.slice(0, 1), -1)).toMatchObject(resultAt(0));
        expect(await store.append(stream, events.slice(1, 3), 0)).toMatchObject(resultAt(2));
        expect(await store.append(stream, events.slice(3, 5), 2)).toMatchObject(resultAt(4));
        expect(await all(stream)).toHaveLength(5);
      });

      it("recognises a leading part, a trailing part, and any run, also across two appends", async () => {
        const { stream, events, resultAt } = await five();
        expect(await store.append(stream, events.slice(1, 2), 0)).toMatchObject(resultAt(1));
        expect(await store.append(stream, events.slice(2, 3), 1)).toMatchObject(resultAt(2));
        expect(await store.append(stream, events.slice(2, 4), 1)).toMatchObject(resultAt(3));
        expect(await store.append(stream, events, -1)).toMatchObject(resultAt(4));
        expect(await all(stream)).toHaveLength(5);
      });

      it("refuses one event more than was stored", async () => {
        const { stream, events } = await five();
        expect(await refusal(store.append(stream, [...events.slice(3, 5), said("f")], 2))).toMatchObject({
          expected: 2,
          actual: 4,
        });
        expect(await refusal(store.append(stream, [...events, said("f")], -1))).toMatchObject({ expected: -1, actual: 4 });
        expect(await all(stream)).toHaveLength(5);
      });

      it("refuses other ids, another order, and the same ids at another revision", async () => {
        const { stream, events } = await five();
        const [a, b, c] = events as [NewEvent, NewEvent, NewEvent];
        expect(await refusal(store.append(stream, [said("b"), said("c")], 0))).toMatchObject({ actual: 4 });
        expect(await refusal(store.append(stream, [b, said("c")], 0))).toMatchObject({ actual: 4 });
        expect(await refusal(store.append(stream, [c, b], 0))).toMatchObject({ actual: 4 });
        expect(await refusal(store.append(stream, [b, c], 1))).toMatchObject({ actual: 4 });
        expect(await refusal(store.append(stream, [a], 0))).toMatchObject({ actual: 4 });
        expect(await refusal(store.append(newStream(), [a], 0))).toMatchObject({ actual: -1 });
        expect(await all(stream)).toHaveLength(5);
      });
    });

    describe("the whole log", () => {
      it("orders positions as text, and appends of one stream as they were acknowledged", async () => {
        const after = await store.end();
        const streams = Array.from({ length: 4 }, newStream);
        const acknowledged: string[] = [];
        for (let round = 0; round < 10; round++) {
          for (const stream of streams) acknowledged.push((await store.append(stream, [said(`${round}`)], round - 1)).position);
        }
        expect(acknowledged).toEqual([...acknowledged].sort());
        const ours = (await pages(after, 7)).filter(({ stream }) => streams.includes(stream));
        expect(ours.map(({ position }) => position)).toEqual(acknowledged);
      });

      it("gives every event a position of its own, of this log, after the origin", async () => {
        const after = await store.end();
        const stream = newStream();
        await store.append(stream, [said("a"), said("b")], -1);
        await store.append(newStream(), [said("c"), said("d")], -1);
        const found = (await pages(after, 100)).map(({ position }) => position);
        expect(new Set(found).size).toBe(found.length);
        expect(found).toEqual([...found].sort());
        for (const position of [store.origin, ...found]) {
          expect(isPosition(position)).toBe(true);
          expect(isOfLog(position, store.id)).toBe(true);
        }
        expect(store.origin < (found[0] ?? "")).toBe(true);
      });

      it("is the same in pages of any size", async () => {
        const after = await store.end();
        const stream = newStream();
        for (let revision = -1; revision < 20; revision += 3)
          await store.append(stream, [said("a"), said("b"), said("c")], revision);
        const whole = (await pages(after, 1000)).filter((event) => event.stream === stream);
        expect(whole).toEqual(await all(stream));
        for (const limit of [1, 2, 3, 5, 24]) {
          expect((await pages(after, limit)).filter((event) => event.stream === stream)).toEqual(whole);
        }
      });

      it("says where the next page begins, also where there is nothing", async () => {
        const stream = newStream();
        const { position } = await store.append(stream, [said("a"), said("b")], -1);
        const end = await store.end();
        expect(end >= position).toBe(true);
        const nothing = await store.readAll(end, 10);
        expect(nothing).toEqual({ events: [], next: end, isTail: true });
        const last = await store.append(stream, [said("c")], 1);
        const page = await store.readAll(position, 1000);
        expect(page.isTail).toBe(true);
        expect(page.next >= last.position).toBe(true);
        expect((await store.readAll(page.next, 10)).events.filter((event) => event.stream === stream)).toEqual([]);
      });

      describe("of some types", () => {
        const types = ["One", "Two", "One", "Two", "Two", "One", "Two"];
        let after: string;
        let own: RecordedEvent[];
        beforeAll(async () => {
          after = await store.end();
          const stream = newStream();
          const events = types.map((type, index) => ({ ...said(`${index}`), type }));
          await store.append(stream, events, -1);
          own = await all(stream);
        });

        it.each([1, 2, 3, 4, 7, 1000])("returns them, and says what it passed over, in pages of %i", async (limit) => {
          const found: RecordedEvent[] = [];
          const newest: unknown[] = [];
          let passed = 0;
          for (let at = after, isTail = false; !isTail;) {
            const page = await store.readAll(at, limit, new Set(["One", "Three"]));
            expect(page.events.length + (page.skipped?.count ?? 0)).toBeLessThanOrEqual(limit);
            expect(page.skipped?.count).not.toBe(0);
            found.push(...page.events);
            passed += page.skipped?.count ?? 0;
            if (page.skipped) newest.push(page.skipped.newest);
            expect(page.isTail || page.next > at).toBe(true);
            ({ next: at, isTail } = page);
          }
          expect(found).toEqual(own.filter(({ type }) => type === "One"));
          expect(passed).toBe(4);
          const anchors = own
            .filter(({ type }) => type === "Two")
            .map(({ position, stream, revision, id }) => ({ position, stream, revision, id }));
          if (limit === 1) expect(newest).toEqual(anchors);
          expect(newest.at(-1)).toEqual(anchors.at(-1));
        });

        it("tells of no others where there are none", async () => {
          const page = await store.readAll(after, 1000, new Set(types));
          expect(page).toEqual({ events: own, next: page.next, isTail: true });
        });
      });

      it("says whether a full page was the last", async () => {
        const after = await store.end();
        await store.append(newStream(), [said("a"), said("b"), said("c")], -1);
        const count = (await pages(after, 1000)).length;
        expect((await store.readAll(after, count)).isTail).toBe(true);
        expect((await store.readAll(after, count - 1)).isTail).toBe(false);
      });

      it("ends at or after whatever was acknowledged", async () => {
        const stream = newStream();
        for (let revision = -1; revision < 20; revision++) {
          const { position } = await store.append(stream, [said("a")], revision);
          expect((await store.end()) >= position).toBe(true);
        }
      });

      it("refuses a position of another log", async () => {
        const other = `${store.id === "otherlog" ? "anotherl" : "otherlog"}${store.origin.slice(8)}`;
        const read = async () => store.readAll(other, 10);
        await expect(read()).rejects.toThrow(RangeError);
      });
    });

    describe("reading a stream", () => {
      let stream: string;
      beforeAll(async () => {
        stream = newStream();
        await store.append(stream, ["0", "1", "2", "3", "4"].map(said), -1);
        await store.append(stream, ["5", "6", "7", "8", "9"].map(said), 4);
      });

      it.each([
        [0, 3, "012"],
        [3, 4, "3456"],
        [8, 5, "89"],
        [9, 1, "9"],
        [10, 5, ""],
        [1_000_000, 5, ""],
        [-5, 2, "01"],
      ])("forwards from %i, at most %i", async (from, limit, expected) => {
        expect(textsOf(await store.read(stream, from, "forwards", limit)).join("")).toBe(expected);
      });

      it.each([
        [9, 3, "987"],
        [4, 10, "43210"],
        [0, 5, "0"],
        [1_000_000, 2, "98"],
        [Number.MAX_SAFE_INTEGER, 2, "98"],
        [-1, 5, ""],
      ])("backwards from %i, at most %i", async (from, limit, expected) => {
        expect(textsOf(await store.read(stream, from, "backwards", limit)).join("")).toBe(expected);
      });

      it("finds nothing in a stream that is not there", async () => {
        expect(await store.read(newStream(), 0, "forwards", 10)).toEqual([]);
        expect(await store.read(newStream(), 10, "backwards", 10)).toEqual([]);
      });

      it("gives the same events as the whole log", async () => {
        const forwards = await all(stream);
        const [first] = forwards as [RecordedEvent];
        const backwards = await store.read(stream, 9, "backwards", 10);
        expect([...backwards].reverse()).toEqual(forwards);
        const fromLog = (await pages(first.position, 100)).filter((event) => event.stream === stream);
        expect(fromLog).toEqual(forwards.slice(1));
      });
    });

    describe("what was stored", () => {
      it.each([
        ["every kind of JSON", { list: [1, -2.5, 1e21, true, false, null, "", [], {}], deep: { a: { b: [{ c: null }] } } }],
        ["members in their order", { z: 1, a: 2, "10": 3, "9": 4, "": 5 }],
        [
          "texts of every script",
          { text: "héllo wörld — שלום, 你好, नमस्ते, 👩‍👩‍👧‍👦 \u{1F1E8}\u{1F1ED}, e\u0301 ≠ é, \u2028\u2029\uFEFF\u200B" },
        ],
        [
          "control characters and half characters",
          { text: "\u0000 \u0001 \b \t \n \r \u001f \u007f \\ \" ' \ud83d alone \udc00" },
        ],
        ["a long text", { text: "0123456789äöü€𝄞".repeat(5000) }],
        ["an array, a number, a text, null", [[1, 2], 0, "text", null]],
      ])("comes back as it was: %s", async (_, data) => {
        const stream = newStream();
        const event: NewEvent = { ...said(""), data, metadata: { ...metadata(), actorId: "zoë 🦊", deviceId: 'the "phone"' } };
        const { position } = await store.append(stream, [event], -1);
        const [stored] = await all(stream);
        expect(JSON.stringify(stored?.data)).toBe(JSON.stringify(event.data));
        expect(JSON.stringify(stored?.metadata)).toBe(JSON.stringify(event.metadata));
        expect(stored).toMatchObject({ id: event.id, type: event.type, stream, revision: 0, position });
      });

      it("is what the event was when it was appended, however it is changed afterwards", async () => {
        const stream = newStream();
        const data = { text: "before" };
        const appended = store.append(stream, [{ ...said(""), data }], -1);
        data.text = "after";
        await appended;
        expect(textsOf(await all(stream))).toEqual(["before"]);
      });

      it("keeps streams whose names are in any script", async () => {
        const stream = `${newStream()} 你好/🦊?a=b#c`;
        await store.append(stream, [said("a")], -1);
        expect((await all(stream))[0]?.stream).toBe(stream);
      });
    });

    describe("changed", () => {
      const never = () => new AbortController().signal;

      it("resolves at once where the log holds more already", async () => {
        const after = await store.end();
        await store.append(newStream(), [said("a")], -1);
        await store.changed(after, never());
        await store.changed(store.origin, never());
      });

      it("wakes everyone who waits, once something is appended", async () => {
        const after = await store.end();
        const waiting = Array.from({ length: 5 }, async () => {
          await store.changed(after, never());
          return (await store.readAll(after, 100)).events.length;
        });
        await store.append(newStream(), [said("a")], -1);
        for (const found of await Promise.all(waiting)) expect(found).toBeGreaterThan(0);
      });

      it("misses nothing between a read and the wait for more", async () => {
        const stream = newStream();
        const seen: unknown[] = [];
        const follow = async (): Promise<void> => {
          for (let at = start; seen.length < 100;) {
            await store.changed(at, never());
            const page = await store.readAll(at, 10);
            seen.push(...textsOf(page.events.filter((event) => event.stream === stream)));
            at = page.next;
          }
        };
        const start = await store.end();
        const following = follow();
        const texts = Array.from({ length: 100 }, (_, index) => `${index}`);
        for (const [index, text] of texts.entries()) await store.append(stream, [said(text)], index - 1);
        await following;
        expect(seen).toEqual(texts);
      });

      it("resolves when it is aborted, and when it was aborted before", async () => {
        const controller = new AbortController();
        // A real server's log may grow meanwhile; an embedded one stands still.
        const waiting = store.changed(await store.end(), controller.signal);
        controller.abort();
        await waiting;
        await store.changed(await store.end(), controller.signal);
      });
    });

    it("says of itself that it can be reached", async () => {
      expect(await store.status()).toMatchObject({ reachable: true });
    });

    describe("many at once", () => {
      it("loses nothing where they compete for one stream and try again", async () => {
        const stream = newStream();
        const writers = Array.from({ length: 16 }, (_, writer) => writer);
        await Promise.all(
          writers.map(async (writer) => {
            let expected = -1;
            for (let number = 0; number < 10;) {
              try {
                expected = (await store.append(stream, [said(`${writer}:${number}`)], expected)).revision;
                number++;
              } catch (error) {
                if (!(error instanceof WrongExpectedRevision)) throw error;
                expected = error.actual;
              }
            }
          }),
        );
        const events = await all(stream);
        expect(events.map(({ revision }) => revision)).toEqual(events.map((_, index) => index));
        for (const writer of writers) {
          const own = textsOf(events).filter((text) => String(text).startsWith(`${writer}:`));
          expect(own).toEqual(Array.from({ length: 10 }, (_, number) => `${writer}:${number}`));
        }
        expect(events).toHaveLength(160);
      });

      it('keeps the order in which one caller appends with "any"', async () => {
        const stream = newStream();
        const texts = Array.from({ length: 200 }, (_, index) => `${index}`);
        const results = await Promise.all(texts.map((text) => store.append(stream, [said(text)], "any")));
        expect(results.map(({ revision }) => revision)).toEqual(texts.map((_, index) => index));
        expect(textsOf(await all(stream))).toEqual(texts);
      });

      it("stores appends to many streams, each in its own order", async () => {
        const after = await store.end();
        const streams = Array.from({ length: 50 }, newStream);
        await Promise.all(
          streams.map(async (stream) => {
            for (let revision = -1; revision < 9; revision++) await store.append(stream, [said(`${revision + 1}`)], revision);
          }),
        );
        const events = await pages(after, 100);
        for (const stream of streams) {
          const own = events.filter((event) => event.stream === stream);
          expect(textsOf(own).join("")).toBe("0123456789");
          expect(own.map(({ revision }) => revision)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
        }
      });
    });
  });
}

/** What a repeat is told of the first result. */
const resultOf = ({ revision, position }: Appended): Appended => ({ revision, position });

/** No other run and no other test uses it. */
export const newStream = (): string => `contract-${randomUUID()}`;

/** An event with a new id. */
export function said(text: string): NewEvent {
  return { id: randomUUID(), type: "ContractSaid", data: { text }, metadata: metadata() };
}

function metadata(): NewEvent["metadata"] {
  const $correlationId = randomUUID();
  return { $correlationId, $causationId: $correlationId, actorId: "alice", at: "2024-05-06T07:08:09.123Z", schema: 1 };
}
