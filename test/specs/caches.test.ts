import { randomBytes } from "node:crypto";
import type { IncomingMessage } from "node:http";
import { DatabaseSync } from "@photostructure/sqlite";
import { describe, expect, test } from "vitest";
import type { MessageRow } from "../../projections/timelines.ts";
import { allowing } from "../../src/adapters/searchIndex/sqlite/allowing.ts";
import { tablesOf } from "../../src/adapters/searchIndex/sqlite/tables.ts";
import { registeredUsers } from "../../src/commands/registered.ts";
import { sign, tokens } from "../../src/transport/auth.ts";
import { recentMessages } from "../../src/api/context.ts";
import { negotiated } from "../../src/transport/mediaTypes.ts";
import { trustedProxies } from "../../src/transport/proxies.ts";
import { rateLimit } from "../../src/transport/rateLimit.ts";
import { byteCache, jsonBytes } from "../../src/ports/byteCache.ts";
import { growth } from "../support/memory.ts";

/*
 * What is kept in memory for as long as a server runs is bounded by bytes, whatever clients choose: what it makes a process grow
 * by is measured.
 */

const MIB = 1_048_576;
/** A text that no other text shares its memory with. */
const ofLength = (length: number): string => randomBytes(length).toString("latin1");

test("a cache holds so many bytes, keys included, and lets go of what was not asked for longest", async () => {
  const cache = byteCache<string>(4 * MIB, jsonBytes);
  const grown = await growth(() => {
    cache.set("first", "kept");
    for (let count = 0; count < 2_000; count += 1) {
      cache.set(ofLength(10_000), ofLength(10_000));
      cache.get("first");
    }
  });
  expect(cache.calculatedSize).toBeLessThanOrEqual(4 * MIB);
  expect(cache.get("first")).toBe("kept");
  expect(cache.size).toBeGreaterThan(50);
  expect(grown).toBeLessThan(5 * MIB);
  // Larger than all of it: not kept, and nobody else goes for it.
  const { size } = cache;
  cache.set("large", ofLength(3 * MIB));
  expect([cache.has("large"), cache.size]).toEqual([false, size]);
});

test("users who are known to have registered", async () => {
  const row = { handle: "h", name: "n", avatarUrl: null, gender: null, birthday: null, signature: null, tags: [] };
  const users = registeredUsers({ user: async () => row, users: async (ids) => ids.map(() => row) });
  const idOf = (count: number) => `${count}`.padStart(64, "u");
  for (let from = 0; from < 200_000; from += 1_000)
    await users.requireAll(
      Array.from({ length: 1_000 }, (_, index) => idOf(from + index)),
      "userIds",
    );
  expect([users.knows(idOf(0)), users.knows(idOf(199_999))]).toEqual([false, true]);
  let known = 0;
  for (let count = 0; count < 200_000; count += 1) if (users.knows(idOf(count))) known += 1;
  // An id of 64 characters takes 128 bytes at least.
  expect(known).toBeLessThan((16 * MIB) / 128);
});

test("messages of the moment, however long", async () => {
  const recent = recentMessages();
  const row = (): MessageRow => ({ ...NO_MESSAGE, text: ofLength(16_384) });
  const grown = await growth(() => {
    for (let count = 0; count < 1_500; count += 1) recent.set(`position ${count}`, row());
  });
  expect(recent.size).toBeGreaterThan(100);
  expect(grown).toBeLessThan(10 * MIB);
});

test("media types that clients say they accept", async () => {
  const grown = await growth(() => {
    for (let count = 0; count < 1_000; count += 1)
      expect(negotiated(`text/${ofLength(15_000)}, application/json`)).toBe("application/json");
  });
  expect(grown).toBeLessThan(MIB);
  for (let twice = 0; twice < 2; twice += 1) {
    expect(negotiated("text/html")).toBeUndefined();
    expect(negotiated("*/*")).toBe("application/json");
  }
});

test("addresses that a proxy forwards, with all that a client wrote before them", async () => {
  const { clientOf } = trustedProxies(["loopback"]);
  const rate = rateLimit({ operationsPerSecond: 0, burst: 0, addressOperationsPerSecond: 1, addressBurst: 10 });
  const grown = await growth(() => {
    for (let count = 0; count < 4_000; count += 1) {
      const forged = randomBytes(7_500).toString("hex");
      const header = `${forged}, 198.51.${100 + (count >> 8)}.${100 + (count & 127)}${count % 2 === 0 ? "" : ":1234"}`;
      const request = { socket: { remoteAddress: "127.0.0.1" }, headers: { "x-forwarded-for": header } };
      rate.take(clientOf(request as unknown as IncomingMessage), 1);
    }
  });
  expect(grown).toBeLessThan(4 * MIB);
});

test("tokens, however they are sent", async () => {
  const secret = "a secret of the tests, long enough for HS256";
  const { verify } = tokens({ secret });
  const grown = await growth(async () => {
    for (let count = 0; count < 1_500; count += 1) {
      const token = await sign(secret, { sub: `user${count}`, expiresInSeconds: 600 });
      expect(await verify(`Bearer${" ".repeat(15_000)}${token}`)).toMatchObject({ userId: `user${count}` });
    }
  });
  expect(grown).toBeLessThan(6 * MIB);
});

describe("what somebody may search", () => {
  const opened = (most?: number) => {
    const db = new DatabaseSync(":memory:", { returnArrays: true });
    const tables = tablesOf(1);
    db.exec(`create table ${tables.conversations} (number integer primary key, id text not null unique)`);
    db.exec(`insert into ${tables.conversations} (id) values ('g:1'), ('g:2'), ('g:3')`);
    const rows = () => (db.prepare("select count(*) from temp.allowed").get() as unknown as [number])[0];
    return { tables, rows, sets: allowing(db, most) };
  };

  test("is let go of, also where it is nothing", async () => {
    const { tables, sets, rows } = opened(MIB);
    const grown = await growth(() => {
      for (let count = 0; count < 5_000; count += 1) {
        // Of groups that the index has nothing of.
        const whole = Array.from({ length: 100 }, (_, index) => `g:${randomBytes(16).toString("hex")}${index}`);
        expect(sets.setOf(tables, { whole, windows: new Map() }, 65).conversations).toEqual([]);
      }
    });
    expect(sets.bytes()).toBeLessThanOrEqual(MIB);
    expect(grown).toBeLessThan(4 * MIB);
    expect(rows()).toBe(0);
  });

  test("is kept while there is room: the one asked for longest ago goes first, rows and all", () => {
    const { tables, sets, rows } = opened(3_500);
    const of = (...whole: string[]) => sets.setOf(tables, { whole, windows: new Map() }, 65);
    const [one, two] = [of("g:1"), of("g:1", "g:2")];
    expect(of("g:1").set).toBe(one.set);
    const three = of("g:3");
    expect(rows()).toBe(4);
    expect([of("g:1").set, of("g:3").set]).toEqual([one.set, three.set]);
    of("g:2", "g:3");
    expect(of("g:1", "g:2").set).not.toBe(two.set);
    expect(sets.bytes()).toBeLessThanOrEqual(3_500);
  });
});

const NO_MESSAGE: MessageRow = {
  senderId: "ann",
  clientMutationId: "1",
  kind: "TEXT",
  topic: null,
  text: null,
  attachments: [],
  replyTo: null,
  mentions: [],
  mentionsAll: false,
  seq: 1,
  position: "",
  sentAt: "2024-01-02T03:04:05.678Z",
  editedAt: null,
  recalledAt: null,
};
