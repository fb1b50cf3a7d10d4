import { createWriteStream } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGzip } from "node:zlib";
import { pack } from "tar-stream";
import { randomOf } from "./random.ts";
import { zipOf } from "./zips.ts";

/*
 * Archives of other messengers of any size, as their programs would write them, with what they tell: how many messages each
 * person sent on each day in each room. It is counted from what is made up, and not by what reads archives.
 */

export const LARGE = ["slack", "mattermost", "zulip", "rocketChat", "element", "synapse", "tidings"] as const;
export type LargeKind = (typeof LARGE)[number];

/** How many messages by room, sender and day. */
export type Tally = Record<string, number>;
export const tallyKey = (room: string, sender: string, day: string): string => `${room} | ${sender} | ${day}`;

type Made = {
  number: number;
  room: number;
  sender: number;
  at: number;
  text: string;
  answers: number | undefined;
  liked: boolean;
};

const PEOPLE = 60;
const ROOMS = 30;
const STEP_MS = 31_000;
const BEGIN = Date.UTC(2019, 0, 1);
const person = (number: number): string => `person${number}`;
const dayOf = (at: number): string => new Date(at).toISOString().slice(0, 10);
const all = (count: number): number[] => Array.from({ length: count }, (_, index) => index);

/** The same messages every time, in the order of time: few rooms with many, and many with few. */
function* messagesOf(count: number, rooms: number): Generator<Made, void, void> {
  const { below, chance } = randomOf(count);
  const newest = new Map<number, number>();
  for (let number = 0; number < count; number++) {
    const room = Math.min(below(rooms), below(rooms));
    const last = newest.get(room);
    const answers = last !== undefined && chance(0.1) ? last : undefined;
    yield {
      number,
      room,
      sender: Math.min(below(PEOPLE), below(PEOPLE)),
      at: BEGIN + number * STEP_MS,
      text: `number ${number}: ${"words and more words ".repeat(1 + below(6)).trim()}`,
      answers,
      liked: chance(0.1),
    };
    // What answers something is answered nowhere.
    if (answers === undefined) newest.set(room, number);
  }
}

/** Writes such an archive to a file, or a folder, that is not there yet. */
export async function largeArchive(kind: LargeKind, count: number, file: string): Promise<{ tally: Tally; likes: number }> {
  const isOneRoom = kind === "element";
  const rooms = isOneRoom ? 1 : ROOMS;
  const roomName = (room: number): string => (kind === "mattermost" ? `Room ${room}` : `room-${room}`);
  const tally: Tally = {};
  let likes = 0;
  const messages = function* (wanted: (message: Made) => boolean = () => true): Generator<Made, void, void> {
    for (const message of messagesOf(count, rooms)) {
      if (!wanted(message)) continue;
      const key = tallyKey(roomName(message.room), person(message.sender), dayOf(message.at));
      tally[key] = (tally[key] ?? 0) + 1;
      if (message.liked && kind !== "rocketChat") likes++;
      yield message;
    }
  };
  await WRITERS[kind](file, messages, rooms);
  return { tally, likes };
}

/** What was asked for is counted: so each message is asked for once. */
type Messages = (wanted?: (message: Made) => boolean) => Generator<Made, void, void>;
type Writer = (file: string, messages: Messages, rooms: number) => Promise<void>;

async function written(file: string, chunks: Iterable<string> | AsyncIterable<string>): Promise<void> {
  await pipeline(Readable.from(inLarger(chunks)), createWriteStream(file));
}

async function* inLarger(chunks: Iterable<string> | AsyncIterable<string>): AsyncGenerator<string, void> {
  let held = "";
  for await (const chunk of chunks) {
    held += chunk;
    if (held.length < 65_536) continue;
    yield held;
    held = "";
  }
  yield held;
}

const seconds = (at: number): string => `${Math.floor(at / 1_000)}.${String(at % 1_000).padStart(3, "0")}000`;
const timeOf = (number: number): number => BEGIN + number * STEP_MS;

const slack: Writer = async (file, messages, rooms) => {
  const days = new Map<string, string[]>();
  for (const { room, sender, at, text, answers, liked } of messages()) {
    const name = `room-${room}/${dayOf(at)}.json`;
    const line = JSON.stringify({
      type: "message",
      user: `U${sender}`,
      ts: seconds(at),
      text,
      ...(answers !== undefined && { thread_ts: seconds(timeOf(answers)) }),
      ...(liked && { reactions: [{ name: "thumbsup", users: ["U0"] }] }),
    });
    const day = days.get(name);
    if (day) day.push(line);
    else days.set(name, [line]);
  }
  const users = all(PEOPLE).map((id) => ({ id: `U${id}`, name: person(id) }));
  const channels = all(rooms).map((room) => ({
    id: `C${room}`,
    name: `room-${room}`,
    creator: "U0",
    members: users.map(({ id }) => id),
  }));
  const files = [
    { name: "users.json", content: JSON.stringify(users) },
    { name: "channels.json", content: JSON.stringify(channels) },
    ...[...days].map(([name, lines]) => ({ name, content: `[${lines.join(",\n")}]` })),
  ];
  await writeFile(file, zipOf(files));
};

const mattermost: Writer = (file, messages, rooms) =>
  written(
    file,
    (function* () {
      const line = (value: object) => `${JSON.stringify(value)}\n`;
      yield line({ type: "version", version: 1 });
      for (const room of all(rooms))
        yield line({ type: "channel", channel: { team: "t", name: `room-${room}`, display_name: `Room ${room}`, type: "O" } });
      const channels = all(rooms).map((room) => ({ name: `room-${room}` }));
      for (const id of all(PEOPLE))
        yield line({ type: "user", user: { username: person(id), teams: [{ name: "t", channels }] } });
      // In no order, as the export has them: every other one first.
      for (const half of [0, 1])
        for (const { room, sender, at, text, liked } of messages((each) => each.number % 2 === half)) {
          const reactions = liked ? [{ user: person(0), emoji_name: "thumbsup", create_at: at + 1 }] : [];
          yield line({
            type: "post",
            post: { team: "t", channel: `room-${room}`, user: person(sender), message: text, create_at: at, reactions },
          });
        }
    })(),
  );

const zulip: Writer = async (file, messages, rooms) => {
  const tar = pack();
  const done = pipeline(tar, createGzip({ level: 1 }), createWriteStream(file));
  const reactions: object[] = [];
  let part: object[] = [];
  let parts = 0;
  const flush = async (): Promise<void> => {
    const content = JSON.stringify({ zerver_message: part, zerver_usermessage: [] });
    part = [];
    const name = `zulip-export/messages-${String(++parts).padStart(6, "0")}.json`;
    await new Promise<void>((resolve, reject) => tar.entry({ name }, content, (error) => (error ? reject(error) : resolve())));
  };
  for (const { number, room, sender, at, text, liked } of messages()) {
    part.push({
      id: number + 1,
      sender: sender + 1,
      recipient: room + 1,
      subject: "topic",
      content: text,
      date_sent: at / 1_000,
    });
    if (liked)
      reactions.push({
        user_profile: 1,
        message: number + 1,
        emoji_name: "+1",
        emoji_code: "1f44d",
        reaction_type: "unicode_emoji",
      });
    if (part.length === 1_000) await flush();
  }
  if (part.length > 0) await flush();
  const realm = {
    zerver_realm: [{ string_id: "acme" }],
    zerver_userprofile: all(PEOPLE).map((id) => ({ id: id + 1, full_name: person(id) })),
    zerver_stream: all(rooms).map((room) => ({ id: room + 1, name: `room-${room}` })),
    zerver_recipient: all(rooms).map((room) => ({ id: room + 1, type: 2, type_id: room + 1 })),
    zerver_subscription: all(rooms).flatMap((room) =>
      all(PEOPLE).map((id) => ({ user_profile: id + 1, recipient: room + 1, active: true })),
    ),
    zerver_reaction: reactions,
  };
  tar.entry({ name: "zulip-export/realm.json" }, JSON.stringify(realm));
  tar.finalize();
  await done;
};

const rocketChat: Writer = async (file, messages, rooms) => {
  const rows = new Map<string, string[]>();
  for (const { room, sender, at, text } of messages()) {
    const name = `room-${room}/messages.csv`;
    const row = `"${person(sender)}","${at}","${text}"\r\n`;
    const known = rows.get(name);
    if (known) known.push(row);
    else rows.set(name, [row]);
  }
  const people = all(PEOPLE).map((id) => `"${person(id)}","","${person(id)}"\r\n`);
  const members = all(PEOPLE).map(person).join(";");
  const files = [
    { name: "users.csv", content: people.join("") },
    {
      name: "channels.csv",
      content: all(rooms)
        .map((room) => `"room-${room}","${person(0)}","public","${members}"\r\n`)
        .join(""),
    },
    ...[...rows].map(([name, lines]) => ({ name, content: lines.join("") })),
  ];
  await writeFile(file, zipOf(files));
};

const eventId = (number: number): string => `$event-${number}:a.org`;
const userId = (id: number): string => `@${person(id)}:a.org`;

/** The events of a room of Matrix: those who come, then what they say. */
function* eventsOf(room: number, messages: Iterable<Made>): Generator<object, void, void> {
  const on = { room_id: `!room-${room}:a.org`, origin_server_ts: BEGIN };
  const state = (type: string, key: string, sender: number, content: object) => ({
    ...{ ...on, type, event_id: `$${type}-${key}-${room}:a.org`, state_key: key, sender: userId(sender), content },
  });
  yield state("m.room.create", "", 0, { creator: userId(0) });
  yield state("m.room.name", "", 0, { name: `room-${room}` });
  for (const id of all(PEOPLE)) yield state("m.room.member", userId(id), id, { membership: "join", displayname: person(id) });
  for (const { number, sender, at, text, answers, liked } of messages) {
    const about = { ...on, origin_server_ts: at };
    const reply = answers === undefined ? {} : { "m.relates_to": { "m.in_reply_to": { event_id: eventId(answers) } } };
    const content = { msgtype: "m.text", body: text, ...reply };
    yield { ...about, type: "m.room.message", event_id: eventId(number), sender: userId(sender), content };
    if (liked)
      yield {
        ...{ ...about, type: "m.reaction", event_id: `$like-${number}:a.org`, sender: userId(0) },
        content: { "m.relates_to": { rel_type: "m.annotation", event_id: eventId(number), key: "👍" } },
      };
  }
}

const element: Writer = (file, messages) =>
  written(
    file,
    (function* () {
      yield `{"room_name":"room-0","room_creator":"${userId(0)}","messages":[\n`;
      let comma = "";
      for (const event of eventsOf(0, messages())) {
        yield `${comma}${JSON.stringify(event)}`;
        comma = ",\n";
      }
      yield "\n]}";
    })(),
  );

const synapse: Writer = async (folder, messages, rooms) => {
  const byRoom = new Map<number, Made[]>(all(rooms).map((room) => [room, []]));
  for (const message of messages()) byRoom.get(message.room)?.push(message);
  for (const [room, some] of byRoom) {
    const inside = join(folder, "rooms", `!room-${room}:a.org`);
    await mkdir(inside, { recursive: true });
    await written(
      join(inside, "events"),
      (function* () {
        for (const event of eventsOf(room, some)) yield JSON.stringify(event);
      })(),
    );
  }
};

const uuid = (kind: number, number: number): string =>
  `${String(kind).padStart(8, "0")}-0000-4000-8000-${String(number).padStart(12, "0")}`;

const tidings: Writer = (file, messages, rooms) =>
  written(
    file,
    (function* () {
      let facts = 0;
      const line = (fact: string, id: string, at: number, by: string, data: object): string => {
        facts++;
        return `${JSON.stringify({ fact, id, at: new Date(at).toISOString(), by, data })}\n`;
      };
      yield `${JSON.stringify({ tidings: "archive", version: 2, scope: { all: true } })}\n`;
      const nothing = { avatarUrl: null, tags: [] };
      for (const id of all(PEOPLE)) {
        const about = { userId: person(id), handle: person(id), name: person(id), ...nothing };
        yield line("UserRegistered", uuid(1, id), BEGIN, person(id), { ...about, gender: null, birthday: null, signature: null });
      }
      for (const room of all(rooms)) {
        const about = { groupId: `g:room-${room}`, ownerId: person(0), title: `room-${room}`, ...nothing };
        const more = { description: null, announcement: null, category: null, joinPolicy: "OPEN" };
        yield line("GroupCreated", uuid(2, room), BEGIN, person(0), { ...about, ...more, public: true, historyVisible: true });
        const userIds = all(PEOPLE).slice(1).map(person);
        yield line("MembersImported", uuid(3, room), BEGIN, person(0), { groupId: `g:room-${room}`, userIds });
      }
      for (const { number, room, sender, at, text, answers, liked } of messages()) {
        const conversationId = `g:room-${room}`;
        const reply = answers === undefined ? {} : { replyTo: uuid(4, answers) };
        yield line("MessageSent", uuid(4, number), at, person(sender), {
          ...{ conversationId, senderId: person(sender), text, ...reply },
        });
        if (liked) {
          const about = { conversationId, message: uuid(4, number) };
          yield line("ReactionAdded", uuid(5, number), at, person(0), { ...about, userId: person(0), emoji: "👍" });
        }
      }
      yield `${JSON.stringify({ end: { facts } })}\n`;
    })(),
  );

const WRITERS: Readonly<Record<LargeKind, Writer>> = { slack, mattermost, zulip, rocketChat, element, synapse, tidings };
