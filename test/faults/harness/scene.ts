import type { Server } from "../../support/server.ts";
import type { Random } from "../../support/random.ts";
import { type Group, makeGroup, register } from "./calls.ts";
import { createLedger, type Ledger } from "./ledger.ts";
import type { Client } from "../../support/client.ts";
import { people, type Repeats } from "./people.ts";

const WRITERS = 36;
const MOVERS = 6;
const SUBSCRIBERS = 18;
/** Watchers in one group. */
const WATCHING_TOGETHER = 19;
/** Of the server: members up to which each is told on write. */
export const FANOUT_LIMIT = 8;

/** Where someone writes to. */
export type Place = { conversationId: string } | { userId: string };

/** Who is there, where they write, and what they were told. */
export type Scene = {
  writers: Client[];
  /** They join and leave groups. */
  movers: Client[];
  everyone: Client[];
  /** Those who follow their inboxes. */
  subscribers: Client[];
  groups: Group[];
  places: ReadonlyMap<string, readonly Place[]>;
  /** A cursor after everything that was prepared. */
  start: string;
  ledger: Ledger;
  repeats: Repeats;
};

/**
 * Users who registered, groups of few, who are each told on write, of many, who are told on read, and of just about as many as
 * the limit. `watchers`: so many more are in some of them, follow their inboxes, and write nothing.
 */
export async function createScene(server: Pick<Server, "address" | "token">, rng: Random, watchers = 0): Promise<Scene> {
  const repeats: Repeats = { noAnswer: 0, notNow: 0 };
  const writers = await people(server, "w", WRITERS, repeats);
  const movers = await people(server, "m", MOVERS, repeats);
  const watching = await people(server, "v", watchers, repeats);
  const everyone = [...writers, ...movers, ...watching];
  await Promise.all(everyone.map(register));

  const sizes = [3, 4, 5, 6, 8, 8, FANOUT_LIMIT - 1, FANOUT_LIMIT - 1, FANOUT_LIMIT, 12, 20, WRITERS];
  const groups = await Promise.all([
    ...sizes.map((size) => makeGroup(rng.some(writers, size))),
    ...parted(watching, WATCHING_TOGETHER).map((some) => makeGroup([...rng.some(writers, 3), ...some])),
  ]);
  const start = groups.map(({ cursor }) => cursor).reduce((one, other) => (one > other ? one : other));
  const ledger = createLedger();
  for (const { id, members } of groups) for (const member of members) ledger.joined(member, id, start);

  const pairs = Array.from({ length: WRITERS * 2 }, () => rng.some(writers, 2) as [Client, Client]);
  const places = new Map<string, Place[]>(
    writers.map((writer) => [
      writer.id,
      [
        ...groups.filter(({ members }) => members.includes(writer.id)).map(({ id }) => ({ conversationId: id })),
        ...pairs.filter((pair) => pair.includes(writer)).map(([one, other]) => ({ userId: (one === writer ? other : one).id })),
      ],
    ]),
  );
  for (const list of places.values()) if (list.length === 0) list.push({ userId: rng.pick(movers).id });

  const subscribers = [...rng.some(writers, SUBSCRIBERS), ...movers, ...watching];
  return { writers, movers, everyone, subscribers, groups, places, start, ledger, repeats };
}

const parted = <T>(list: readonly T[], size: number): T[][] =>
  Array.from({ length: Math.ceil(list.length / size) }, (_, index) => list.slice(index * size, (index + 1) * size));
