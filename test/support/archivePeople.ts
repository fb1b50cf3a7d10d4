import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { importedGroupId, importedUserId } from "../../src/commands/imports.ts";
import type { SearchDocument, SearchFilter, SeqWindow } from "../../src/ports/searchIndex.ts";
import type { Random } from "./random.ts";
import { type Message } from "./answers.ts";
import { type Client, clientOf, pages, type Reachable, refusal, registered } from "./client.ts";
import type { Archive } from "./archives.ts";
import { runTidings, type Settings } from "./server.ts";

/*
 * Archives in a server, and beside them people who may see more or less of it: what they may see is read through the API, from
 * their own timelines.
 */

/** Messages that are sent to each private group while nobody comes or goes. */
const STRETCH = 30;
const PRIVATE_GROUPS = ["closed", "historyVisible"] as const;
const OUTSIDERS = ["keeper", "early", "late", "back", "gone", "wanderer", "stranger"] as const;

export type ArchivePeople = {
  /** More of everything: sends, edits, recalls, someone who comes and goes. */
  goOn(): Promise<void>;
  /** All messages that anyone may see, and what each viewer may see, as their timelines say now. */
  read(): Promise<{ documents: SearchDocument[]; viewers: Viewer[]; atLeast: string }>;
};

export type Viewer = {
  name: string;
  client: Client;
  /** Without what is public and not theirs; and with it. */
  own: NonNullable<SearchFilter["visible"]>;
  withPublic: NonNullable<SearchFilter["visible"]>;
};

/** Imports archives, and makes the rest with texts of theirs. */
export async function peopleOfArchives(
  server: Reachable,
  settings: Settings,
  archives: readonly Archive[],
  rng: Random,
): Promise<ArchivePeople> {
  const file = join(settings["DATA_DIR"] ?? "", "..", "archive.jsonl");
  for (const { lines } of archives) {
    await writeFile(file, lines.map((line) => `${JSON.stringify(line)}\n`).join(""));
    const { code, out, err } = await runTidings(["import", file], settings, { withinMs: 1_800_000 });
    if (code !== 0 || !out.includes(`${lines.length} stored, 0 there already, 0 refused`)) throw new Error(out + err);
  }
  const lines = archives.flatMap((archive) => archive.lines);
  const rooms = [...new Set(lines.map(({ conversation }) => conversation))];
  const publicIds = rooms.map(importedGroupId);

  const outsiders = new Map<string, Client>();
  for (const name of OUTSIDERS) outsiders.set(name, await registered(server, name));
  const of = (name: (typeof OUTSIDERS)[number]): Client => outsiders.get(name) as Client;
  /** Of the largest room whoever wrote first, who owns it; and others who wrote. */
  const insiders = await Promise.all(
    [...new Set([lines[0]?.sender, ...rng.some(lines, 3).map(({ sender }) => sender)])].map(async (sender = "") => ({
      name: `who wrote as ${sender}`,
      client: await clientOf(server, importedUserId(sender)),
    })),
  );

  let newest = "";
  const done = <T extends { cursor: string }>(payload: T): T => {
    if (payload.cursor > newest) newest = payload.cursor;
    return payload;
  };
  const text = (): string => rng.pick(lines).text.slice(0, 2_000);
  const send = async (by: Client, to: object): Promise<Message> => {
    const isImage = rng.chance(0.1);
    const attachments = [{ url: "https://example.org/a.png", name: "a.png", mediaType: "image/png", size: 1 }];
    const more = isImage ? { kind: "IMAGE", attachments } : {};
    const topic = rng.chance(0.2) ? { topic: rng.pick(["plans", "話題"]) } : {};
    return done(await by.act("sendMessage", { text: text(), ...to, ...more, ...topic })).message;
  };

  const direct = of("keeper").id < of("early").id ? "d:keeper~early" : "d:early~keeper";
  const groups: { id: string; present: Set<Client>; sent: Message[] }[] = [];
  for (const kind of PRIVATE_GROUPS) {
    const input = { kind: "GROUP", title: kind, memberIds: ["early"], historyVisible: kind === "historyVisible" };
    const { conversation } = done(await of("keeper").act("createConversation", input));
    groups.push({ id: conversation.id, present: new Set([of("keeper"), of("early")]), sent: [] });
  }
  const everyGroup = async (work: (group: (typeof groups)[number]) => Promise<unknown>): Promise<void> => {
    for (const group of groups) await work(group);
  };
  const stretch = (): Promise<void> =>
    everyGroup(async ({ id, present, sent }) => {
      const by = [...present];
      sent.push(...(await Promise.all(Array.from({ length: STRETCH }, () => send(rng.pick(by), { conversationId: id })))));
    });
  const comes = (client: Client): Promise<void> =>
    everyGroup(async ({ id, present }) => {
      done(await of("keeper").act("addMembers", { conversationId: id, userIds: [client.id] }));
      present.add(client);
    });
  const leaves = (client: Client): Promise<void> =>
    everyGroup(async ({ id, present }) => {
      done(await client.act("leave", { id }));
      present.delete(client);
    });
  const change = (): Promise<void> =>
    everyGroup(async ({ id, present, sent }) => {
      for (const { seq, sender } of rng.some(sent, STRETCH / 2)) {
        const by = [...present].find((client) => client.id === sender.id) ?? of("keeper");
        const target = { conversationId: id, seq };
        if (by.id === sender.id && rng.chance(0.7))
          await by.act("editMessage", { ...target, text: `${text()} ` }).then(done, known("CONFLICT"));
        else done(await by.act("recallMessage", target));
      }
    });
  /** Of what is public: the windows of who left again. */
  const visits: SeqWindow[] = [];
  const visit = async (): Promise<void> => {
    const id = rng.pick(publicIds);
    const { conversation } = done(await of("wanderer").act("join", { id }));
    for (let count = rng.int(1, 5); count > 0; count--) await send(of("wanderer"), { conversationId: id });
    const left = done(await of("wanderer").act("leave", { id })).conversation;
    visits.push({ conversationId: id, fromSeq: (conversation.membership?.joinedSeq ?? 0) + 1, toSeq: left.lastSeq });
  };

  await stretch();
  await comes(of("back"));
  await comes(of("gone"));
  await stretch();
  await leaves(of("back"));
  await comes(of("late"));
  await stretch();
  await comes(of("back"));
  await leaves(of("gone"));
  await stretch();
  await change();
  await visit();

  const timelineOf = (client: Client, id: string): Promise<Message[]> =>
    pages((after) => client.messages(id, { first: 100, after, atLeast: newest }));
  const documents = new Map<string, SearchDocument>();
  const note = (messages: readonly Message[]): void => {
    for (const message of messages) documents.set(message.id, documentOf(message));
  };

  return {
    goOn: async () => {
      await Promise.all(Array.from({ length: STRETCH }, () => send(of("keeper"), { userId: "early" })));
      for (const coming of [true, false]) {
        const gone = of("gone");
        if (coming) await comes(gone);
        else await leaves(gone);
        await stretch();
      }
      await change();
      await visit();
    },
    read: async () => {
      documents.clear();
      for (const id of publicIds) note(await timelineOf(of("stranger"), id));
      const viewers = await Promise.all(
        [...insiders, ...[...outsiders].map(([name, client]) => ({ name, client }))].map(async ({ name, client }) => {
          const memberships = await Promise.all(publicIds.map(async (id) => (await client.conversation(id))?.membership));
          const windows = client === of("wanderer") ? [...visits] : [];
          for (const id of [direct, ...groups.map((group) => group.id)]) {
            if (!(await client.conversation(id))) continue;
            const seen = await timelineOf(client, id);
            note(seen);
            windows.push(...runs(id, seen));
          }
          return {
            name,
            client,
            own: { conversationIds: publicIds.filter((_, place) => memberships[place] != null), windows },
            withPublic: { conversationIds: publicIds, windows },
          };
        }),
      );
      return { documents: [...documents.values()], viewers, atLeast: newest };
    },
  };
}

/** Of a call that may be refused so. */
const known =
  (code: string) =>
  async (error: unknown): Promise<void> => {
    if ((await refusal(Promise.reject(error))).code !== code) throw error;
  };

/** The seqs that someone sees, as windows. */
function runs(conversationId: string, seen: readonly Message[]): SeqWindow[] {
  const windows: { conversationId: string; fromSeq: number; toSeq: number }[] = [];
  for (const { seq } of seen) {
    const last = windows.at(-1);
    if (last?.toSeq === seq - 1) last.toSeq = seq;
    else windows.push({ conversationId, fromSeq: seq, toSeq: seq });
  }
  return windows;
}

const documentOf = ({ conversation, seq, cursor, sender, kind, topic, sentAt, text, recalledAt }: Message): SearchDocument =>
  recalledAt === null
    ? {
        conversationId: conversation.id,
        seq,
        version: cursor,
        senderId: sender.id,
        kind,
        topic,
        sentAt: Date.parse(sentAt),
        text: text ?? "",
      }
    : { conversationId: conversation.id, seq, version: cursor, recalled: true };
