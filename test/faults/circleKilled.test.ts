import { randomUUID } from "node:crypto";
import { expect, onTestFinished, test } from "vitest";
import { decider as group } from "../../src/domain/group.ts";
import { type Event as GroupEvent, membersOf, type State } from "../../src/domain/groupState.ts";
import { circleConversationOf, streams } from "../../src/domain/ids.ts";
import { parseEvent } from "../../src/domain/recorded.ts";
import { readConfig } from "../../src/config.ts";
import { clientOf, registeredAll } from "../support/client.ts";
import { seed } from "../support/property.ts";
import { randomOf } from "../support/random.ts";
import { startServer } from "../support/server.ts";
import { until } from "../support/until.ts";
import { wholeLog } from "./harness/wholeLog.ts";

/*
 * A server that is killed while circles are put: each circle that is in the log has its conversation after the restart, though
 * nobody puts it again.
 */

const ROUNDS = Number(process.env.FAULT_KILLS ?? 4);
const PEOPLE = 60;
/** Circles that are put at once in one round, each twice. */
const CIRCLES = 20;

type Circle = { id: string; members: { edges: unknown[] }; conversation: { memberCount: number } | null };

test(`${ROUNDS} kills while circles are put`, { timeout: 120_000 + ROUNDS * 60_000 }, async () => {
  const rng = randomOf(seed("circles"));
  const server = await startServer({ settings: { EVENTSTORE_URL: "", LOG_LEVEL: "warn" } });
  onTestFinished(() => server.remove());
  const reachable = { address: () => server.address(), token: server.token };
  const people = Array.from({ length: PEOPLE }, (_, index) => `p${index}`);
  const [first] = await registeredAll(reachable, "p0", ...people.slice(1));
  const business = await clientOf(reachable, "business", { admin: true });
  const put = (id: string, memberIds: string[]) =>
    business.ask(`mutation ($input: PutCircleInput!) { putCircle(input: $input) { cursor } }`, {
      input: { clientMutationId: randomUUID(), id, kind: "company", name: id, memberIds, withConversation: true },
    });
  const circles = async () =>
    (
      await first.ask<{ viewer: { circles: Circle[] } }>(
        `{ viewer { circles { id members(first: 100) { edges { cursor } } conversation { memberCount } } } }`,
      )
    ).viewer.circles;

  for (let round = 0; round < ROUNDS; round++) {
    let answered = 0;
    const enough = 1 + rng.below(CIRCLES);
    const puts = Promise.allSettled(
      Array.from({ length: CIRCLES }, async (_, index) => {
        const id = `c${round}-${index}`;
        await put(id, people);
        answered++;
        await put(id, people.slice(0, PEOPLE / 2));
        answered++;
      }),
    );
    await until("some are put, and others are not yet", () => answered >= enough);
    await server.kill();
    await puts;
    await server.start();
    await until(
      "every circle has its conversation",
      async () => (await circles()).every(({ members, conversation }) => conversation?.memberCount === members.edges.length),
      60_000,
    );
  }

  expect(await server.stop()).toBe(0);
  const events = (await wholeLog(readConfig({ ...server.environment }))).map((stored) => parseEvent(stored));
  const ids = new Set(events.flatMap((event) => (event?.type === "CirclePut" ? [event.data.circleId] : [])));
  for (const id of ids) {
    const own = events.filter((event) => event?.stream === streams.circle(id) && event.type !== "NothingChanged");
    const last = own.findLast((event) => event?.type === "CirclePut");
    expect(own.at(-1)?.type).toBe("CircleEqualised");
    const state = events
      .filter((event) => event?.stream === streams.group(circleConversationOf(id)))
      .reduce<State>((before, event) => group.evolve(before, event as unknown as GroupEvent), undefined);
    const wanted = last?.type === "CirclePut" ? last.data.memberIds : [];
    expect([...membersOf(state)].map(([user]) => user).sort()).toEqual([...wanted].sort());
  }
  expect(ids.size).toBeGreaterThan(0);
  expect(server.faults()).toEqual([]);
});
