import { createHash } from "node:crypto";
import { sqliteEventStore } from "../../src/adapters/eventStore/sqlite/sqliteEventStore.ts";
import { streams } from "../../src/domain/ids.ts";
import type { Line } from "./searchLines.ts";
import { eachOf, messageSent, range, type SeededGroup, seedGroups, seedUsers, userName } from "./seed.ts";

/** Groups that the messages lie in, and those that one user more is in. */
export const GROUPS = 300;
export const MANY_GROUPS = 5_000;
/** Who is in all groups that hold the messages, and who is in many others besides. */
export const [MEMBER, WIDE_MEMBER] = [userName(0), userName(1)];

/** A message of the log that is made: its group, by whom, and what. */
type Message = { group: string; sender: string; line: Line; sentAt: number };

/**
 * A log of so many messages in a new folder: the lines again and again in groups of their own, by time, as if it had been written
 * so. A room is parted by topics, or where it has none by senders, so that there are about `GROUPS` of them.
 */
export async function writeSearchLog(dataDir: string, lines: readonly Line[], messages: number): Promise<void> {
  const times = Math.ceil(messages / lines.length);
  const rooms = [...new Set(lines.map(({ room }) => room))];
  const parts = Math.ceil(GROUPS / times / rooms.length);
  const senders = new Map([...new Set(lines.map(({ sender }) => sender))].map((sender, index) => [sender, userName(index + 2)]));
  const share = messages / (times * lines.length);
  const groups = new Set<string>();

  const made = function* (): Iterable<Message> {
    let count = 0;
    for (const line of lines) {
      const part = placeIn(parts, line.topic ?? line.sender);
      for (let time = 0; time < times; time++) {
        count += 1;
        if (Math.floor(count * share) === Math.floor((count - 1) * share)) continue;
        const group = `g:bench-${time}-${rooms.indexOf(line.room)}-${part}`;
        yield { group, sender: senders.get(line.sender) ?? "", line, sentAt: line.sentAt + time * 1_000 };
      }
    }
  };
  for (const { group } of made()) groups.add(group);
  const others: SeededGroup[] = range(MANY_GROUPS - groups.size).map((index) => ({
    id: `g:other-${index}`,
    members: [WIDE_MEMBER],
  }));

  const log = await sqliteEventStore(dataDir);
  try {
    await seedUsers(log, senders.size + 2);
    await seedGroups(log, [...[...groups].map((id) => ({ id, members: [MEMBER, WIDE_MEMBER] })), ...others]);
    const heads = new Map<string, number>();
    const append = ({ group, sender, line, sentAt }: Message): Promise<unknown> => {
      const head = heads.get(group) ?? -1;
      heads.set(group, head + 1);
      const more = { topic: line.topic, imported: { sentAt: new Date(sentAt).toISOString() } };
      return log.append(streams.conversation(group), [messageSent(group, sender, line.text, more)], head);
    };
    const inOthers = others.flatMap(({ id: group }, index) => {
      const line = lines[Math.floor((index * lines.length) / others.length)];
      return line ? [{ group, sender: WIDE_MEMBER, line, sentAt: line.sentAt }] : [];
    });
    await eachOf(inOthers, append);
    for (const some of chunks(made(), 10_240)) await eachOf(some, append);
  } finally {
    await log.close();
  }
}

const placeIn = (parts: number, text: string): number => createHash("sha1").update(text).digest().readUInt32BE(0) % parts;

function* chunks<T>(items: Iterable<T>, size: number): Iterable<T[]> {
  let chunk: T[] = [];
  for (const item of items) {
    if (chunk.push(item) < size) continue;
    yield chunk;
    chunk = [];
  }
  if (chunk.length > 0) yield chunk;
}
