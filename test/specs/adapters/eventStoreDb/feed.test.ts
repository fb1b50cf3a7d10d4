import { randomUUID } from "node:crypto";
import { Readable } from "node:stream";
import { MessageChannel, type MessagePort } from "node:worker_threads";
import { expect, onTestFinished, test } from "vitest";
import { fedBy } from "../../../../src/adapters/eventStore/eventstoredb/fed.ts";
import { createFeed, type Records } from "../../../../src/adapters/eventStore/eventstoredb/feed.ts";
import type { Subscription } from "../../../../src/adapters/eventStore/eventstoredb/follower.ts";
import type { Place } from "../../../../src/adapters/eventStore/eventstoredb/position.ts";
import { recordOf } from "../../../../src/adapters/eventStore/eventstoredb/wire.ts";
import { confirmationResponse, recordResponse } from "../../../support/readResponses.ts";
import { until } from "../../../support/until.ts";

const at = (place: number): Place => ({ commit: BigInt(place), prepare: BigInt(place) });

/** A server with records at the places 1, 2, 3 …, which it sends as fast as they are taken. */
function server(count: number, bytes = 10) {
  const calls: { after: Place; sent: number; isOver: boolean; fail: () => void }[] = [];
  let end = count;
  const wake = new Set<() => void>();
  const open = (after: Place): Promise<Records> => {
    const call = { after, sent: 0, isOver: false, fail: () => {} };
    calls.push(call);
    let place = Number(after.commit);
    const next = (): void => {
      if (call.isOver) return;
      if (call.sent === 0) {
        call.sent = 1;
        stream.push(confirmationResponse());
        return;
      }
      if (place >= end) return void wake.add(next);
      wake.delete(next);
      place++;
      call.sent++;
      const data = JSON.stringify("x".repeat(bytes));
      stream.push(recordResponse({ id: randomUUID(), stream: "s", revision: place, place: at(place), data }));
    };
    const over = (): void => {
      call.isOver = true;
      wake.delete(next);
    };
    // Each in a turn of its own, as from a network.
    const read = (): void => void setImmediate(next);
    const stream = Object.assign(new Readable({ objectMode: true, highWaterMark: 4, read }), { cancel: over });
    stream.on("close", over);
    call.fail = () => stream.destroy(new Error("it breaks"));
    return Promise.resolve(stream);
  };
  const grow = (to: number): void => {
    end = to;
    for (const go of [...wake]) go();
  };
  const isLeft = (): boolean => calls.every(({ isOver }) => isOver);
  return { open, grow, calls, isLeft };
}

function feedOf({ open }: Pick<ReturnType<typeof server>, "open">, keptBytes?: number) {
  const seen: number[] = [];
  const came = (_: Buffer, { commit }: { commit: number | bigint | undefined }): void => void seen.push(Number(commit));
  const feed = createFeed({ open, came, ...(keptBytes === undefined ? {} : { keptBytes }) });
  onTestFinished(() => feed.close());
  const reader = () => {
    const { port1: own, port2: others } = new MessageChannel();
    const fed = fedBy(others, (bytes, start, end) => recordOf(bytes, () => true, start, end));
    onTestFinished(() => fed.close());
    const give = (): MessagePort => {
      const { port1, port2 } = new MessageChannel();
      feed.add(port1);
      own.postMessage(port2, [port2]);
      return port1;
    };
    const port = give();
    return { ...fed, give, port };
  };
  return { feed, reader, seen };
}

const opened = async (reader: { subscribe(after: Place): Promise<Subscription | undefined> }, after: number) => {
  const { subscription } = await until("it is opened", async () => {
    const made = await reader.subscribe(at(after));
    return made && { subscription: made };
  });
  return subscription;
};

async function places(subscription: Subscription, after: number, last: number): Promise<number[]> {
  const found: number[] = [];
  for await (const records of subscription) {
    // The first ones may lie before the place.
    found.push(...records.map(({ revision }) => Number(revision)).filter((place) => place > after));
    if ((found[found.length - 1] ?? 0) >= last) break;
  }
  return found;
}

const range = (first: number, last: number): number[] => Array.from({ length: last - first + 1 }, (_, index) => first + index);

test("all readers get all records after their places, and the server sends each once", async () => {
  const from = server(100);
  const { reader, seen } = feedOf(from);
  const [one, other] = [reader(), reader()];
  const first = await opened(one, 0);
  expect(await places(first, 0, 100)).toEqual(range(1, 100));
  const second = await opened(other, 40);
  from.grow(150);
  expect(await Promise.all([places(first, 100, 150), places(second, 40, 150)])).toEqual([range(101, 150), range(41, 150)]);
  expect(from.calls).toHaveLength(1);
  expect(seen).toEqual(range(1, 150));
});

test("who lacks what is not kept, or is ahead, cannot join", async () => {
  const from = server(100);
  const { reader } = feedOf(from);
  const [one, other] = [reader(), reader()];
  const first = await opened(one, 50);
  expect(await places(first, 50, 100)).toEqual(range(51, 100));
  for (const place of [0, 49, 101]) {
    expect(await other.has(at(place))).toBe(false);
    expect(await other.subscribe(at(place))).toBeUndefined();
  }
  for (const place of [50, 100]) expect(await other.has(at(place))).toBe(true);
});

test("whoever falls far behind another reader is told so, and the others go on", async () => {
  const from = server(1_000, 1_000);
  const { reader } = feedOf(from, 50_000);
  const [one, slow] = [reader(), reader()];
  const [first, second] = [await opened(one, 0), await opened(slow, 0)];
  expect(await places(first, 0, 1_000)).toEqual(range(1, 1_000));
  const lacking: number[] = [];
  for await (const records of second) lacking.push(...records.map(({ revision }) => Number(revision)));
  expect(lacking).toEqual(range(1, lacking.length));
  expect(await slow.has(at(lacking.length))).toBe(false);
});

test("a reader that takes nothing holds the server back", async () => {
  const from = server(100_000, 1_000);
  const { reader } = feedOf(from, 50_000);
  const subscription = await opened(reader(), 0);
  let sent = -1;
  await until("the server sends no more", () => {
    const before = sent;
    sent = from.calls[0]?.sent ?? 0;
    return sent > 1 && sent === before;
  });
  expect(sent).toBeLessThan(500);
  expect(await places(subscription, 0, 2_000)).toEqual(range(1, 2_000));
});

test("a subscription that breaks goes on where it was", async () => {
  const from = server(100);
  const { reader } = feedOf(from);
  const subscription = await opened(reader(), 0);
  const following = places(subscription, 0, 300);
  for (const end of [100, 200]) {
    await until("it has come so far", () => (from.calls[from.calls.length - 1]?.sent ?? 0) > 50);
    from.calls[from.calls.length - 1]?.fail();
    from.grow(end + 100);
  }
  expect(await following).toEqual(range(1, 300));
});

test("without a reader there is no subscription", async () => {
  const from = server(100);
  const { feed, reader } = feedOf(from);
  const [one, other] = [reader(), reader()];
  const first = await opened(one, 0);
  await opened(other, 0);
  first.cancel();
  other.port.close();
  await until("it is left", from.isLeft);
  expect(feed.isOpen()).toBe(false);
  expect(await places(await opened(one, 7), 7, 100)).toEqual(range(8, 100));
});

test("a reader whose thread with the feed has ended hears of it, and is given another one", async () => {
  const from = server(100);
  const { reader } = feedOf(from);
  const one = reader();
  const subscription = await opened(one, 0);
  const following = places(subscription, 0, 1_000);
  one.port.close();
  const found = await following;
  expect(found).toEqual(range(1, found.length));
  expect(await one.subscribe(at(0))).toBeUndefined();
  one.give();
  expect(await places(await opened(one, found.length), found.length, 100)).toEqual(range(found.length + 1, 100));
});

test("a feed that says nothing is left alone for a while, and opens its subscription anew", async () => {
  const from = server(0);
  const { reader } = feedOf(from);
  const [one, other] = [reader(), reader()];
  const [first] = [await opened(one, 0), await opened(other, 0)];
  const following = places(first, 0, 1);
  first.doubt?.();
  expect(await following).toEqual([]);
  expect(await one.has(at(0))).toBe(false);
  expect(await one.subscribe(at(0))).toBeUndefined();
  await until("it is opened anew", () => from.calls.length === 2);
  expect(from.calls[0]?.isOver).toBe(true);
  expect(await other.has(at(0))).toBe(true);
});
