import { expect } from "vitest";
import { Unavailable } from "../../../src/ports/faults.ts";
import type { SearchGeneration } from "../../../src/ports/searchIndex.ts";
import { searchIsLive, type Server } from "../../support/server.ts";
import { until } from "../../support/until.ts";
import { UP_MS } from "./restart.ts";
import { generationsOf, openIndex, operatorOf } from "./searching.ts";

const END = "{ admin { projections { name cursor } } }";

/** A replay of a short log may be over before anything can be done to it: then there is another. */
const TRIES = 5;

/** Replays search and does something to the server in the middle of that. Whether it was in the middle. */
export async function replayThrough(server: Server, work: () => Promise<unknown>): Promise<boolean> {
  for (let attempt = 0; attempt < TRIES; attempt++) if (await oneReplay(server, work)) return true;
  return false;
}

/**
 * Begins a replay of search, does something to the server once the new index has something in it, and waits until that very one,
 * and no other, is what is searched. Whether it was still being built then.
 */
async function oneReplay(server: Server, work: () => Promise<unknown>): Promise<boolean> {
  const operator = await operatorOf(server);
  const { admin } = await operator.ask<{ admin: { projections: { cursor: string }[] } }>(END);
  const index = await openIndex(server, admin.projections[0]?.cursor ?? "");
  try {
    const known = new Set((await generationsOf(index)).map(({ name }) => name));
    // What is made just now, or has just been started again, cannot always be asked.
    const newer = async () => (await generationsOf(index).catch(unlessUnavailable)).filter(({ name }) => !known.has(name));
    await operator.ask(`mutation { replayProjection(name: "search") { name } }`);
    const { name, active } = await until("another index has something in it", async () =>
      (await newer()).find(({ checkpoint }) => checkpoint !== null),
    );
    await work();
    const taken = await until(
      "another index is searched",
      async () => (await newer()).find((generation) => generation.active),
      UP_MS,
    );
    expect(taken.name, "the index that is searched after the replay").toBe(name);
    await searchIsLive(server);
    return !active;
  } finally {
    await index.close();
  }
}

function unlessUnavailable(error: unknown): SearchGeneration[] {
  if (error instanceof Unavailable) return [];
  throw error;
}
