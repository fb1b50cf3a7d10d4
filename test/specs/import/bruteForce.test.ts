import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { importedUserId } from "../../../src/commands/imports.ts";
import { type Connection, type Conversation, MEMBER, type Member, type Message, PAGE_INFO } from "../../support/answers.ts";
import { type Client, clientOf, pages } from "../../support/client.ts";
import { type ApiServer, apiServer } from "../../support/apiServer.ts";
import { type Archive, type ArchivedMessage, archiveFile, firstLines, madeUp } from "../../support/archives.ts";
import { runTidings } from "../../support/server.ts";
import { tempDir } from "../../support/tempDir.ts";

/*
 * An archive is imported, and then every view that is read through the API is compared with what the file itself says, folded in
 * the plainest way. IMPORT_LINES: how many lines of it, `all` for the whole.
 */

const LINES = process.env["IMPORT_LINES"] === "all" ? Number.POSITIVE_INFINITY : Number(process.env["IMPORT_LINES"] ?? 5_000);
/** Of a whole archive. */
const PATIENCE_MS = 1_800_000;

/** A message as the file has it; `sentAt` null for one that has no time of its own. */
type Expected = { seq: number; sender: string; text: string; topic: string | null; sentAt: string | null };

/** The file, folded by room. */
function roomsOf(lines: readonly ArchivedMessage[]): Map<string, Expected[]> {
  const rooms = new Map<string, Expected[]>();
  for (const { conversation, sender, text, topic, sentAt } of lines) {
    const room = rooms.get(conversation) ?? [];
    rooms.set(conversation, room);
    room.push({
      seq: room.length + 1,
      sender,
      text,
      topic: topic == null || topic.trim() === "" ? null : topic,
      sentAt: sentAt === null ? null : new Date(sentAt).toISOString(),
    });
  }
  return rooms;
}

type Named = Member & { user: { id: string; name: string } };

const MEMBERS = `query ($id: ID!, $after: String) { conversation(id: $id) { members(first: 100, after: $after) {
  edges { cursor node { ...MemberParts user { name } } } pageInfo { ...PageParts } } } } ${MEMBER} ${PAGE_INFO}`;

const membersOf = (client: Client, id: string) =>
  pages<Named>(async (after) => {
    const { conversation } = await client.ask<{ conversation: { members: Connection<Named> } }>(MEMBERS, { id, after });
    return conversation.members;
  });

/** All messages from the last to the first, in their order. */
async function backwards(client: Client, id: string): Promise<Message[]> {
  const found: Message[][] = [];
  for (let before: string | null = null; ;) {
    const { edges, pageInfo }: Connection<Message> = await client.messages(id, { last: 100, before });
    found.unshift(edges.map(({ node }) => node));
    if (!pageInfo.hasPreviousPage) return found.flat();
    before = pageInfo.startCursor;
  }
}

const file = archiveFile();
const sources: [string, () => Archive | Promise<Archive>][] = [
  ...(file === undefined ? [] : ([["an archive", () => firstLines(file, LINES)]] as [string, () => Promise<Archive>][])),
  ["made-up lines", () => madeUp(file === undefined && Number.isFinite(LINES) ? LINES : 2_000)],
];

const says = (text: string) => process.stdout.write(`brute force: ${text}\n`);

describe.each(sources)("%s, line by line", (_, read) => {
  let folder: Awaited<ReturnType<typeof tempDir>>;
  let server: ApiServer;
  let archive: Archive;
  let rooms: Map<string, Expected[]>;
  /** Conversation and members of each room, as the API has them, and a client of someone in it. */
  const imported = new Map<string, { conversation: Conversation; members: Named[]; client: Client }>();
  let importing: { from: string; to: string };

  beforeAll(async () => {
    folder = await tempDir();
    archive = await read();
    rooms = roomsOf(archive.lines);
    says(`${archive.lines.length} lines of ${archive.name}, ${rooms.size} rooms`);
    const copy = join(folder.path, "archive.jsonl");
    await writeFile(copy, archive.lines.map((line) => `${JSON.stringify(line)}\n`).join(""));
    const dataDir = join(folder.path, "data");
    const from = new Date().toISOString();
    for (const counts of [
      `${archive.lines.length} stored, 0 there already, 0 refused`,
      `0 stored, ${archive.lines.length} there already, 0 refused`,
    ]) {
      const began = performance.now();
      const { code, out, err } = await runTidings(["import", copy], { DATA_DIR: dataDir }, { withinMs: PATIENCE_MS });
      expect({ code, err }).toEqual({ code: 0, err: "" });
      expect(out).toContain(counts);
      says(`${counts}, in ${((performance.now() - began) / 1_000).toFixed(1)} s`);
      importing ??= { from, to: new Date().toISOString() };
    }
    server = await apiServer({ DATA_DIR: dataDir });
    const admin = await clientOf(server, "operator", { admin: true });
    for (const [title, [first]] of rooms) {
      const client = await clientOf(server, importedUserId(first?.sender ?? ""));
      const list = await pages((after) => client.conversations({ first: 100, after }));
      const conversation = list.find((room) => room.title === title);
      if (!conversation) throw new Error(`${first?.sender} is not in ${title}`);
      expect(await admin.conversation(conversation.id)).toMatchObject({ id: conversation.id, membership: null });
      imported.set(title, { conversation, members: await membersOf(client, conversation.id), client });
    }
  }, PATIENCE_MS);

  afterAll(async () => {
    await server?.[Symbol.asyncDispose]();
    await folder?.remove();
  }, PATIENCE_MS);

  it("has a group for each room, with its head, its newest time, and nothing unread", () => {
    expect(new Set([...imported.values()].map(({ conversation }) => conversation.id)).size).toBe(rooms.size);
    for (const [title, messages] of rooms) {
      const conversation = imported.get(title)?.conversation;
      const last = messages[messages.length - 1];
      expect(conversation).toMatchObject({
        kind: "GROUP",
        title,
        public: true,
        historyVisible: true,
        joinPolicy: "OPEN",
        memberCount: new Set(messages.map(({ sender }) => sender)).size,
        lastSeq: messages.length,
        lastMessage: { id: `${conversation?.id}:${messages.length}`, text: last?.text },
        unreadCount: 0,
        unreadMentions: 0,
      });
      expectTime(conversation?.lastActivityAt, last?.sentAt);
    }
  });

  it("has as members those who wrote in it, by the time of joining, whoever wrote first as its owner", () => {
    for (const [title, messages] of rooms) {
      const { members = [] } = imported.get(title) ?? {};
      expect(members.map(({ user }) => user.name).sort()).toEqual([...new Set(messages.map(({ sender }) => sender))].sort());
      expect(members.filter(({ role }) => role === "OWNER").map(({ user }) => user.name)).toEqual([messages[0]?.sender]);
      const joined = members.map(({ joinedAt }) => joinedAt);
      expect([...joined].sort()).toEqual(joined);
    }
  });

  it(
    "has each room's messages in the order of the file, both ways: text, topic, sender and time",
    async () => {
      const began = performance.now();
      for (const [title, messages] of rooms) {
        const room = imported.get(title);
        if (!room) throw new Error(`there is no ${title}`);
        const { id } = room.conversation;
        const nameOf = new Map(room.members.map(({ user }) => [user.id, user.name]));
        const found = await pages((after) => room.client.messages(id, { first: 100, after }));
        expect(found.length).toBe(messages.length);
        const keys = new Set<string>();
        const cursors: string[] = [];
        for (const [index, message] of found.entries()) {
          const { sentAt, ...expected } = messages[index] as Expected;
          const { seq, text, topic } = message;
          expect({ seq, sender: nameOf.get(message.sender.id), text, topic }).toEqual(expected);
          expectTime(message.sentAt, sentAt);
          expect(message).toMatchObject({
            id: `${id}:${seq}`,
            kind: "TEXT",
            attachments: [],
            replyTo: null,
            mentions: [],
            mentionsAll: false,
          });
          expect([message.editedAt, message.recalledAt]).toEqual([null, null]);
          keys.add(message.clientMutationId);
          cursors.push(message.cursor);
        }
        expect(keys.size).toBe(messages.length);
        expect([...cursors].sort()).toEqual(cursors);
        expect(await backwards(room.client, id)).toEqual(found);
      }
      says(`every message read twice in ${((performance.now() - began) / 1_000).toFixed(1)} s`);
    },
    PATIENCE_MS,
  );

  it(
    "has for each sender a list of the rooms that they wrote in, newest first, all read, and an inbox of nothing",
    async () => {
      const senders = new Set(archive.lines.map(({ sender }) => sender));
      const idOf = new Map([...imported.values()].flatMap(({ members }) => members.map(({ user }) => [user.name, user.id])));
      expect(idOf.size).toBe(senders.size);
      for (const sender of senders) {
        const client = await clientOf(server, idOf.get(sender) ?? "");
        const wrote = [...rooms]
          .filter(([, messages]) => messages.some((message) => message.sender === sender))
          .map(([title]) => title);
        const list = await pages((after) => client.conversations({ first: 100, after }));
        expect(list.map(({ title }) => title).sort()).toEqual(wrote.sort());
        const times = list.map(({ lastActivityAt }) => lastActivityAt ?? "");
        expect([...times].sort().reverse()).toEqual(times);
        for (const room of list) {
          expect(room).toMatchObject({ unreadCount: 0, unreadMentions: 0, lastSeq: rooms.get(room.title)?.length });
          expect(room.membership?.user.id).toBe(client.id);
        }
        const { viewer } = await client.ask<{
          viewer: { user: { id: string; handle: string; name: string }; unreadTotal: number };
        }>("{ viewer { user { id handle name } unreadTotal groups(first: 100) { edges { node { title } } } } }");
        expect(viewer).toMatchObject({ user: { id: client.id, name: sender }, unreadTotal: 0 });
        const byHandle = await client.ask("query ($handle: String) { user(handle: $handle) { id name } }", {
          handle: viewer.user.handle,
        });
        expect(byHandle).toEqual({ user: { id: client.id, name: sender } });
        expect(await client.sync()).toMatchObject({ entries: [], hasMore: false, resetRequired: false });
      }
      says(`${senders.size} senders compared`);
    },
    PATIENCE_MS,
  );

  /** A time of its own, or the time of the import. */
  function expectTime(actual: string | null | undefined, expected: string | null | undefined): void {
    if (expected != null) expect(actual).toBe(expected);
    else expect((actual ?? "") >= importing.from && (actual ?? "") <= importing.to).toBe(true);
  }
});
