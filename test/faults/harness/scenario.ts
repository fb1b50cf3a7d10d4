import { randomUUID } from "node:crypto";
import { expect, onTestFinished } from "vitest";
import { readConfig } from "../../../src/config.ts";
import type { RecordedEvent } from "../../../src/ports/eventStore.ts";
import { followInbox, type InboxReader } from "../../support/followedInbox.ts";
import { seed } from "../../support/property.ts";
import { type Server, type Settings, startServer } from "../../support/server.ts";
import { type Random, randomOf } from "../../support/random.ts";
import { busy } from "./busy.ts";
import { checkStays, checkSubscribers, checkTimelines, checkUnread, readTimelines, type Timelines } from "./checks.ts";
import { LANES, load, sendAndNote } from "./load.ts";
import { createOutages } from "./outages.ts";
import type { Client } from "../../support/client.ts";
import { ENTRY, type Entry, sync, toldAnew } from "./reads.ts";
import { checkMessages, checkOrder, wholeLog } from "./wholeLog.ts";
import { createScene, FANOUT_LIMIT, type Scene } from "./scene.ts";

/** At least so many sends, and so many outages where a scenario has a number of its own unless told. */
export const SENDS = Number(process.env.FAULT_SENDS ?? 20_000);
export const outagesOr = (usual: number): number => Number(process.env.FAULT_KILLS ?? usual);
/** Processes beside it that do nothing but keep the processors busy. */
const LOAD = Number(process.env.FAULT_LOAD ?? 0);

/** Connections of subscribers that are cut, by acknowledgements. */
const CUTS = 0.02;

/** What a load is put on: one server, or several that are reached at one address. */
export type Subject = Pick<Server, "address" | "token" | "readiness" | "environment" | "faults" | "stop" | "start">;

export type Scenario<On extends Subject = Server> = {
  /** What the report calls it. */
  name: string;
  sends: number;
  outages: number;
  /** Of the server; among them which log it has. */
  settings: Settings;
  /** Makes the nth outage, from 1, with sends in flight. Resolves once all is up again, if not yet ready. */
  outage: (server: On, nth: number) => Promise<void>;
  /** Whether a line of level error is one that the outages bring about: without it, there must be none. */
  isExpectedFault?: (line: string) => boolean;
  /** Events that the outages may bring about twice: without it, none. */
  mayBeTwice?: (event: RecordedEvent) => boolean;
  /** Whether subscribers may be told to reset, and to read everything anew. Default: they are not. */
  resets?: boolean;
  /** How many messages it had sent by itself once the load is over. Default: none. */
  sentBeside?: () => number;
  /** More people who follow their inboxes, and write nothing. Default: 0. */
  watchers?: number;
  /** Makes a past, before the people of the load come. */
  before?: (server: On) => Promise<void>;
  /** Goes on beside the load until it is over; then the signal is aborted, and this ends. */
  meanwhile?: (server: On, scene: Scene, rng: Random, over: AbortSignal) => Promise<void>;
  /** Looks at what was left, once the server has been ended in order and started again. */
  afterwards?: (server: On, left: { events: readonly RecordedEvent[]; timelines: Timelines; end: string }) => Promise<void>;
};

/** A run that hangs ends, too. `outageMs`: what an outage may take. */
export const atMostMs = (sends: number, outages: number, outageMs: number): number => 240_000 + sends * 15 + outages * outageMs;

/**
 * Many write, read, edit, recall, join and leave, and many follow their inboxes over connections that are cut as well, while
 * outages come. What is then read must be what its users were told, and what a second look says: nothing lost, nothing twice,
 * nothing out of order.
 */
export const play = (scenario: Scenario): Promise<void> =>
  playOn(async (settings) => {
    const server = await startServer({ settings, ready: false });
    onTestFinished(() => server.remove());
    return server;
  }, scenario);

/** The same on whatever `begin` starts with these settings. */
export async function playOn<On extends Subject>(
  begin: (settings: Settings) => Promise<On>,
  scenario: Scenario<On>,
): Promise<void> {
  const { name, sends, outages: count, settings, outage, meanwhile, afterwards } = scenario;
  const { isExpectedFault, mayBeTwice, sentBeside, resets } = scenario;
  const began = performance.now();
  const rng = randomOf(seed(name));
  onTestFinished(busy(LOAD));
  const all: Settings = { FANOUT_LIMIT: String(FANOUT_LIMIT), LOG_LEVEL: "warn", ...settings };
  const server = await begin(all);
  await scenario.before?.(server);
  const scene = await createScene(server, rng, scenario.watchers ?? 0);
  const { writers, subscribers, start, ledger, repeats } = scene;

  const readers = new Map<string, InboxReader<Entry>>(
    subscribers.map(({ id, token }) => [
      id,
      followInbox<Entry>({
        address: server.address,
        token,
        after: start,
        selection: ENTRY,
        keepCaughtUp: () => rng.chance(0.3),
      }),
    ]),
  );
  onTestFinished(async () => void (await Promise.all([...readers.values()].map((reader) => reader.close()))));

  const outages = createOutages({ sends, count, inFlight: LANES + 1, rng, happen: (nth) => outage(server, nth) });
  const over = new AbortController();
  const beside = meanwhile?.(server, scene, rng, over.signal);
  beside?.catch(() => undefined);
  const counts = await load({
    scene,
    rng,
    sends,
    outages,
    acknowledged: () => {
      if (rng.chance(CUTS)) readers.get(rng.pick(subscribers).id)?.cut();
    },
  }).finally(() => over.abort());
  await beside;
  expect(outages.happened).toBe(count);
  expect(ledger.sends.size).toBe(counts.sends + (sentBeside?.() ?? 0));
  const wrote = performance.now();

  // A last word to each: all before it is in the views once it is.
  const say = async (person: Client): Promise<string> => {
    const by = writers.find((writer) => writer !== person) as Client;
    const answer = await sendAndNote(scene, { by, userId: person.id, clientMutationId: randomUUID(), text: "the last word" });
    return answer.message.cursor;
  };
  const end = (await Promise.all(subscribers.map(say))).reduce((one, other) => (one > other ? one : other));

  const timelines = await readTimelines(scene, end, rng);
  checkTimelines(scene, timelines);
  await checkStays(scene, timelines, end, rng);
  const entriesOf = (person: Client): Promise<Entry[]> =>
    resets ? toldAnew(server, person, start, end) : sync(person, start, end, rng);
  const told = await checkSubscribers(scene, readers, timelines, entriesOf);
  const counted = await checkUnread(scene, timelines, end);
  expect((await server.readiness()).status).toBe(200);

  // The same after an orderly end.
  const some = subscribers[0] as Client;
  const before = await entriesOf(some);
  expect(await server.stop()).toBe(0);
  const events = await wholeLog(readConfig({ ...server.environment }));
  checkOrder(events, mayBeTwice);
  checkMessages(
    events.filter(({ position }) => position > start),
    ledger,
  );
  await server.start();
  expect(await entriesOf(some)).toEqual(before);
  await afterwards?.(server, { events, timelines, end });
  expect(server.faults().filter((line) => !isExpectedFault?.(line))).toEqual([]);

  const seconds = (ms: number) => `${(ms / 1_000).toFixed(1)} s`;
  const connections = [...readers.values()].reduce((sum, reader) => sum + reader.counts.connections, 0);
  process.stdout.write(
    [
      `${name}: ${ledger.sends.size} messages in ${timelines.size} conversations, ${counts.repeated} repeated, ${count} outages,`,
      `${counts.moves} joins and leaves;`,
      `${repeats.noAnswer} calls without an answer and ${repeats.notNow} told to wait, all made again;`,
      `${told} entries to ${subscribers.length} subscribers over ${connections} connections; ${counted} unread counts;`,
      `${events.length} events in the log; ${seconds(wrote - began)} writing, ${seconds(performance.now() - began)} in all\n`,
    ].join(" "),
  );
}

/**
 * Ends the server, every fourth time in order, else by SIGKILL, and starts it again; every third time it is killed while it
 * starts, too.
 */
export async function endAndStart(server: Server, nth: number): Promise<void> {
  if (nth % 4 === 0) expect(await server.stop(), "the exit code of an orderly end with sends in flight").toBe(0);
  else await server.kill();
  if (nth % 3 === 0) {
    await server.start();
    await server.kill();
  }
  await server.start();
}
