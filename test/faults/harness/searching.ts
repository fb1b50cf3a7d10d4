import { randomUUID } from "node:crypto";
import { isDeepStrictEqual } from "node:util";
import { expect } from "vitest";
import { openIndexForWriting, placeOfSearch } from "../../../src/server/searchIndex.ts";
import { readConfig } from "../../../src/config.ts";
import { messageIdOf } from "../../../src/domain/ids.ts";
import { snapped } from "../../../src/domain/place.ts";
import { parseEvent } from "../../../src/domain/recorded.ts";
import { holds, parseQuery } from "../../../src/domain/words.ts";
import type { Open } from "../../../src/ports/awaitable.ts";
import type { RecordedEvent } from "../../../src/ports/eventStore.ts";
import type { DirectoryEntry, SearchDocument, SearchIndex } from "../../../src/ports/searchIndex.ts";
import { httpCalls, type Variables } from "../../support/http.ts";
import { searchIsLive, type Server } from "../../support/server.ts";
import { until } from "../../support/until.ts";
import type { Random } from "../../support/random.ts";
import type { Timelines } from "./checks.ts";
import { difference, NONE } from "./difference.ts";
import type { Client } from "../../support/client.ts";
import { UP_MS } from "./restart.ts";
import type { Scenario } from "./scenario.ts";
import type { Scene } from "./scene.ts";

/*
 * Search beside a load: people who search all the time and change who they are, and at the end every document of the index held
 * against the log, the timelines and what people were told.
 */

const VIEW = "search@4";
const PAGE = 1_000;

export type Searching = Required<Pick<Scenario, "meanwhile" | "afterwards">> & {
  /** Only while such work goes on may search be UNAVAILABLE; all else is a fault of its own. */
  mayBeAway<T>(work: () => Promise<T>): Promise<T>;
  readonly counts: { answered: number; away: number; noAnswer: number; changes: number };
};

type Told = { name: string; place: DirectoryEntry["place"] };

export function createSearching(): Searching {
  const counts = { answered: 0, away: 0, noAnswer: 0, changes: 0 };
  /** Outages that began, and those that go on. */
  const outages = { begun: 0, now: 0 };
  /** What everyone was told last of themselves. */
  const told = new Map<string, Told>();
  let registered: Scene["everyone"] = [];

  const ask = async (by: Client, { query, variables, check }: Question): Promise<void> => {
    const before = outages.now > 0 ? -1 : outages.begun;
    const answer = await by.post<unknown>(query, variables).catch(() => undefined);
    if (answer === undefined) {
      // The server itself was away, which is for the load to see to.
      counts.noAnswer++;
      return;
    }
    const code = answer.errors?.[0]?.extensions.code;
    if (code === "UNAVAILABLE" && before !== outages.begun) {
      counts.away++;
      return;
    }
    expect(answer.errors, `${query} ${JSON.stringify(variables)}`).toBeUndefined();
    check?.(answer.data);
    counts.answered++;
  };

  const change = async (by: Client, rng: Random): Promise<void> => {
    const now = told.get(by.id) ?? { name: by.id, place: null };
    const nth = ++counts.changes;
    if (rng.chance(0.7)) {
      const name = `${by.id} the ${nth}th`;
      await mutate(by, "updateProfile", "UpdateProfileInput", { name, tags: [{ name: "changes", score: nth }] });
      told.set(by.id, { ...now, name });
    } else {
      const place = rng.chance(0.1) ? null : { latitude: rng.int(-89, 89), longitude: rng.int(-179, 179) };
      await mutate(by, "setLocation", "SetLocationInput", { point: place });
      told.set(by.id, { ...now, place: place && snapped(place) });
    }
  };

  return {
    counts,
    mayBeAway: async (work) => {
      outages.begun++;
      outages.now++;
      try {
        return await work();
      } finally {
        outages.now--;
      }
    },
    meanwhile: async (server, { writers, everyone }, rng, over) => {
      registered = everyone;
      // It is killed again and again meanwhile.
      await searchIsLive(server, 180_000);
      const searching = async (): Promise<void> => {
        // Where the load is short it may be over before search is live.
        do await ask(rng.pick(writers), question(rng));
        while (!over.aborted || counts.answered === 0);
      };
      const changing = async (): Promise<void> => {
        while (!over.aborted) {
          await change(rng.pick(everyone), rng);
          await ask(rng.pick(writers), question(rng));
        }
      };
      await Promise.all([searching(), changing()]);
      expect(counts.answered).toBeGreaterThan(0);
    },
    afterwards: async (server, { events, timelines, end }) => {
      await searchIsLive(server);
      expect(await verified(server), "differences that a verification finds").toBe(0);
      const index = await openIndex(server, end);
      try {
        const generation = await activeGeneration(index);
        const documents = await every<SearchDocument, SearchDocument | null>(null, (after) =>
          index.messages(generation, after, PAGE),
        );
        checkDocuments(documents, events, timelines);
        const entries = await every<DirectoryEntry, DirectoryEntry | null>(null, (after) =>
          index.entries(generation, after?.id ?? "", PAGE),
        );
        checkEntries(entries, registered, told);
        process.stdout.write(
          [
            `search: ${counts.answered} searches answered, ${counts.away} told that it is away, ${counts.noAnswer} without an answer,`,
            `${counts.changes} profiles changed; ${documents.length} messages and ${entries.length} people and groups in ${generation}, all right\n`,
          ].join(" "),
        );
      } finally {
        await index.close();
      }
    },
  };
}

type Question = { query: string; variables?: Variables; check?: (data: unknown) => void };

function question(rng: Random): Question {
  const text = rng.pick(["of", `"${rng.int(1, 2_000)} of"`, "edited", "1*", `w${rng.int(10, 35)}`]);
  switch (rng.int(0, 5)) {
    case 0:
      return { query: `{ searchUsers(query: { name: "w*" }) { edges { node { user { id name } } } } }` };
    case 1:
      return {
        query: `{ searchUsers(query: { near: { latitude: 10, longitude: 10, radius: 5000000 }, tags: ["changes"] }) { edges { node { distance } } } }`,
      };
    case 2:
      return { query: `{ searchConversations(query: { name: "of" }) { edges { node { conversation { id } } } } }` };
    default:
      return {
        query: `query ($text: String) { searchMessages(query: { text: $text }) { totalCount edges { node { message { id text } } } } }`,
        variables: { text },
        check: (data) => {
          const { edges } = (data as { searchMessages: { edges: { node: { message: { text: string | null } } }[] } })
            .searchMessages;
          for (const { node } of edges)
            expect(holds(node.message.text ?? "", parseQuery(text)), node.message.text ?? "").toBe(true);
        },
      };
  }
}

async function mutate(by: Client, name: string, input: string, variables: object): Promise<void> {
  await by.ask(`mutation ($input: ${input}!) { ${name}(input: $input) { cursor } }`, {
    input: { clientMutationId: randomUUID(), ...variables },
  });
}

/** The index of a server, opened beside it. `position`: any of its log. */
export async function openIndex({ environment }: Server, position: string): Promise<Open<SearchIndex>> {
  const [id = ""] = position.split(".");
  const never = new AbortController().signal;
  const index = await openIndexForWriting(placeOfSearch(readConfig({ ...environment }), { id }), never, (error) => {
    throw error;
  });
  return index as Open<SearchIndex>;
}

export async function activeGeneration(index: SearchIndex): Promise<string> {
  const [active, ...others] = (await index.generations(VIEW)).filter((generation) => generation.active);
  expect(others).toEqual([]);
  if (!active) throw new Error("no generation is active");
  return active.name;
}

export const generationsOf = (index: SearchIndex) => index.generations(VIEW);

export const operatorOf = async (server: Server) =>
  httpCalls({ address: server.address, token: await server.token("operator", { admin: true }) });

type Status = { name: string; state: string; differences: number | null };

/** The differences that a verification over the API finds. */
async function verified(server: Server): Promise<number | null> {
  const operator = await operatorOf(server);
  await operator.ask(`mutation { verifyProjection(name: "search") { name } }`);
  const done = await until(
    "the index is compared",
    async () => {
      const { admin } = await operator.ask<{ admin: { projections: Status[] } }>(
        "{ admin { projections { name state differences } } }",
      );
      return admin.projections.find(
        ({ name, state, differences }) => name === "search" && state === "LIVE" && differences !== null,
      );
    },
    UP_MS,
  );
  return done.differences;
}

async function every<T, After>(from: After, read: (after: After | T) => Promise<T[]>): Promise<T[]> {
  const all: T[] = [];
  for (let after: After | T = from; ;) {
    const page = await read(after);
    all.push(...page);
    const last = page.at(-1);
    if (last === undefined) return all;
    after = last;
  }
}

/** Every message of the log is there as its last event left it, as the timelines have it too, and no other. */
function checkDocuments(documents: readonly SearchDocument[], events: readonly RecordedEvent[], timelines: Timelines): void {
  const expected = foldMessages(events);
  const idOf = ({ conversationId, seq }: SearchDocument) => messageIdOf(conversationId, seq);
  expect(difference(expected.keys(), documents.map(idOf)), "messages of the log, and of the index").toEqual(NONE);
  const unlike = documents.filter((document) => !isDeepStrictEqual(document, expected.get(idOf(document))));
  expect(
    unlike.slice(0, 10).map((document) => [document, expected.get(idOf(document))]),
    `${unlike.length} documents that are not as the log says`,
  ).toEqual([]);
  for (const [conversation, list] of timelines)
    for (const { seq, text, sentAt, sender, recalledAt } of list) {
      const document = expected.get(messageIdOf(conversation, seq));
      if (recalledAt !== null) expect(document).toMatchObject({ recalled: true });
      else expect(document).toMatchObject({ text: text ?? "", senderId: sender.id, sentAt: Date.parse(sentAt) });
    }
}

function foldMessages(events: readonly RecordedEvent[]): Map<string, SearchDocument> {
  const documents = new Map<string, SearchDocument>();
  for (const stored of events) {
    const event = parseEvent(stored);
    const version = stored.position;
    if (event?.type === "MessageSent") {
      const { conversationId, senderId, kind, topic, text } = event.data;
      const seq = event.revision + 1;
      const sentAt = Date.parse(event.at);
      documents.set(messageIdOf(conversationId, seq), {
        conversationId,
        seq,
        version,
        senderId,
        kind,
        topic,
        sentAt,
        text: text ?? "",
      });
    } else if (event?.type === "MessageEdited" || event?.type === "MessageRecalled") {
      const { conversationId, seq } = event.data;
      const id = messageIdOf(conversationId, seq);
      const before = documents.get(id) as Exclude<SearchDocument, { recalled: true }>;
      documents.set(
        id,
        event.type === "MessageEdited"
          ? { ...before, version, text: event.data.text }
          : { conversationId, seq, version, recalled: true },
      );
    }
  }
  return documents;
}

/** Everyone is there as they were told last that they are. */
function checkEntries(entries: readonly DirectoryEntry[], everyone: readonly Client[], told: ReadonlyMap<string, Told>): void {
  const people = entries.filter(({ entry }) => entry === "USER");
  expect(
    difference(
      everyone.map(({ id }) => id),
      people.map(({ id }) => id),
    ),
    "people of the scene, and of the index",
  ).toEqual(NONE);
  for (const { id, name, place } of people) {
    const { name: expected, place: where } = told.get(id) ?? { name: id, place: null };
    expect({ id, name, place }).toEqual({ id, name: expected, place: where });
  }
}
