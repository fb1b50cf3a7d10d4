import { expect } from "vitest";
import type { Client } from "../../support/client.ts";
import { until } from "../../support/until.ts";
import { type InboxReader } from "../../support/followedInbox.ts";
import { same } from "../../support/same.ts";
import type { Random } from "../../support/random.ts";
import { difference, NONE } from "./difference.ts";
import type { Acknowledged } from "./ledger.ts";
import { conversations, type Entry, type Message, timeline } from "./reads.ts";
import type { Scene } from "./scene.ts";

/* What users read, held against what they were told. `end`: a cursor after the last thing that anyone did. */

export type Timelines = ReadonlyMap<string, readonly Message[]>;

/** How long subscribers may take to be told of what is left: they connect again, and read what they missed. */
const PATIENCE_MS = 60_000;

/** How one message is named in a difference. */
const named = (conversation: string, seq: number, clientMutationId: string): string =>
  `${conversation} ${seq} ${clientMutationId}`;

/** Each conversation as one reads it who saw all of it. */
export async function readTimelines({ ledger, groups, writers }: Scene, end: string, rng: Random): Promise<Timelines> {
  const timelines = new Map<string, Message[]>();
  for (const conversation of ledger.conversations()) {
    // A mover sees only what was sent while they were there.
    const owner = groups.find(({ id }) => id === conversation)?.members[0];
    const reader = writers.find(({ id }) => id === owner) ?? ledger.of(conversation)[0]?.call.by;
    if (reader) timelines.set(conversation, await timeline(reader, conversation, end, rng));
  }
  return timelines;
}

/** Conversations are dense, in the order of their cursors, and hold what was acknowledged, once, and nothing else. */
export function checkTimelines({ ledger }: Scene, timelines: Timelines): void {
  for (const [conversation, list] of timelines) {
    expect(
      list.map(({ seq }) => seq),
      `seqs of ${conversation}`,
    ).toEqual(list.map((_, index) => index + 1));
    expect(
      [...list].sort((one, other) => (one.cursor < other.cursor ? -1 : 1)).map(({ seq }) => seq),
      `order of ${conversation}`,
    ).toEqual(list.map(({ seq }) => seq));
  }
  const stored = [...timelines].flatMap(([conversation, list]) => list.map((message) => ({ conversation, ...message })));
  expect(
    difference(
      ledger.sends.keys(),
      stored.map(({ clientMutationId }) => clientMutationId),
    ),
    "what was acknowledged, and what is stored",
  ).toEqual(NONE);
  expect(
    difference(
      acknowledgedNames(ledger.sends.values()),
      stored.map(({ conversation, seq, clientMutationId }) => named(conversation, seq, clientMutationId)),
    ),
    "what was acknowledged where, and what is stored where",
  ).toEqual(NONE);
  for (const { conversation, ...message } of stored) {
    const { answer, call } = ledger.sends.get(message.clientMutationId) as Acknowledged;
    const { id, seq, cursor, clientMutationId, sentAt } = message;
    const isRecalled = ledger.isRecalled(conversation, seq);
    const found = {
      message: { id, seq, cursor, clientMutationId, sentAt },
      sender: message.sender.id,
      isRecalled: message.recalledAt !== null,
      text: isRecalled ? null : message.text,
    };
    const text = ledger.isChanged(conversation, seq) ? `edited ${conversation}:${seq}` : call.text;
    const wanted = { message: answer.message, sender: call.by.id, isRecalled, text: isRecalled ? null : text };
    same(found, wanted, id);
  }
}

export const acknowledgedNames = (sends: Iterable<Acknowledged>): string[] =>
  [...sends].map(({ conversation, answer: { message } }) => named(conversation, message.seq, message.clientMutationId));

/** Who came and went sees what was sent while they were there, and nothing else. */
export async function checkStays(scene: Scene, timelines: Timelines, end: string, rng: Random): Promise<void> {
  const { movers, groups, ledger } = scene;
  for (const mover of movers) {
    for (const { id } of groups) {
      if (ledger.joinedAt(mover.id, id) === undefined) continue;
      const seen = (timelines.get(id) ?? []).filter(({ cursor }) => ledger.wasThere(mover.id, id, cursor));
      same<readonly Message[]>(await timeline(mover, id, end, rng), seen, `what ${mover.id} sees of ${id}`);
    }
  }
}

/**
 * Every subscriber gets to the last entry of their `sync`, was told its entries in its order, each once, and of messages those
 * that were sent while they were there; who is told to reset reads anew what was before. `entriesOf`: what somebody finds who
 * reads everything again. Closes the readers; gives how many entries were told.
 */
export async function checkSubscribers(
  scene: Scene,
  readers: ReadonlyMap<string, InboxReader<Entry>>,
  timelines: Timelines,
  entriesOf: (person: Client) => Promise<Entry[]>,
): Promise<number> {
  const everyMessage = [...timelines]
    .flatMap(([conversation, list]) => list.map(({ id, cursor }) => ({ conversation, id, cursor })))
    .sort((one, other) => (one.cursor < other.cursor ? -1 : 1));
  let told = 0;
  for (const person of scene.subscribers) {
    const reader = readers.get(person.id) as InboxReader<Entry>;
    const synced = await entriesOf(person);
    const last = synced.at(-1)?.cursor ?? "";
    expect(last, `${person.id} has been told something`).not.toBe("");
    await until(
      `${person.id} is told of ${last}, the last of ${synced.length} entries`,
      () => reader.fault !== undefined || (reader.entries.at(-1)?.cursor ?? "") >= last,
      PATIENCE_MS,
    );
    expect(reader.fault).toBeUndefined();
    await reader.close();
    const heard = heldBy(reader.entries, synced, person.id);
    expect(difference(cursors(synced), cursors(heard)), `what ${person.id} has in sync, and was told`).toEqual(NONE);
    same(cursors(heard), cursors(synced), `cursors of ${person.id}`);
    same(heard, synced, `entries of ${person.id}`);
    const messages = everyMessage.filter(({ conversation, cursor }) => scene.ledger.wasThere(person.id, conversation, cursor));
    expect(
      heard.flatMap(({ __typename, message }) => (__typename === "MessageReceived" ? (message?.id ?? "?") : [])),
      `messages of ${person.id}`,
    ).toEqual(messages.map(({ id }) => id));
    told += heard.length;
  }
  return told;
}

/**
 * What someone holds who was told these entries: at an InboxReset they forget all of them, and read everything up to its cursor.
 * Until then they had been told all that they have in `sync`, but for what `late` says was told later.
 */
export function heldBy(
  heard: readonly Entry[],
  synced: readonly Entry[],
  who: string,
  late: (entry: Entry) => boolean = () => false,
): Entry[] {
  let held: Entry[] = [];
  for (const entry of heard) {
    if (entry.__typename !== "InboxReset") {
      held.push(entry);
      continue;
    }
    const last = held.at(-1)?.cursor ?? "";
    const due = synced.filter((known) => known.cursor <= last && !late(known));
    expect(cursors(held.filter((known) => !late(known))), `what ${who} was told before a reset`).toEqual(cursors(due));
    held = synced.filter(({ cursor }) => cursor <= entry.cursor);
  }
  return held;
}

/** An entry's cursor does not name it where two entries have one: its type does, too. */
const cursors = (entries: readonly Entry[]): string[] => entries.map(({ __typename, cursor }) => `${cursor} ${__typename}`);

/** What is unread, of everyone everywhere. Gives how many counts there were. */
export async function checkUnread({ everyone, ledger }: Scene, timelines: Timelines, end: string): Promise<number> {
  let counted = 0;
  for (const { id: user, ...person } of everyone) {
    for (const conversation of await conversations({ id: user, ...person }, end)) {
      const { id } = conversation;
      const list = timelines.get(id) ?? [];
      const from = ledger.joinedAt(user, id) ?? "";
      const mark = ledger.markOf(user, id);
      const unread = list.filter(({ seq, cursor }) => seq > mark && cursor > from && !ledger.isRecalled(id, seq));
      expect(conversation, `${id} of ${user}`).toMatchObject({
        lastSeq: list.length,
        readSeq: mark,
        unreadCount: unread.length,
      });
      counted++;
    }
  }
  return counted;
}
