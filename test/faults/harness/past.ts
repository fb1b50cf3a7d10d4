import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, onTestFinished } from "vitest";
import { madeUp } from "../../support/archives.ts";
import type { Client } from "../../support/client.ts";
import { same } from "../../support/same.ts";
import { runTidings, type Server } from "../../support/server.ts";
import { tempDir } from "../../support/tempDir.ts";
import { until } from "../../support/until.ts";
import { editMessage, join as joinGroup, leave, makeGroup, markRead, recallMessage, register, sendMessage } from "./calls.ts";
import { people, type Repeats } from "./people.ts";
import { ENTRY } from "./reads.ts";

/*
 * What happened before a load begins, and is changed by nobody since: imported history, people who left and came back, edits,
 * recalls, and a horizon of the inboxes that has moved past all of that but the last.
 */

export type Past = {
  /** Asks everything again, and compares. Gives how many answers were compared. */
  ask(): Promise<number>;
};

const PEOPLE = 6;
const SAID = 40;
/** Entries a page, so that a cursor is walked. */
const PAGE = 7;

const EVERYTHING = /* GraphQL */ `
  query ($group: ID!) {
    conversation(id: $group) {
      title
      memberCount
      lastSeq
      readSeq
      unreadCount
      members(first: 50) {
        edges {
          node {
            role
            joinedAt
            joinedSeq
            user {
              id
              name
            }
          }
        }
      }
      messages(last: 100) {
        edges {
          cursor
          node {
            id
            seq
            cursor
            text
            sentAt
            editedAt
            recalledAt
            sender {
              id
            }
          }
        }
        pageInfo {
          hasPreviousPage
          startCursor
        }
      }
    }
    viewer {
      unreadTotal
      conversations(first: 50) {
        edges {
          node {
            id
            lastSeq
            readSeq
            unreadCount
          }
        }
      }
    }
  }
`;

const SYNC = `query ($after: Cursor!) {
  viewer { sync(after: $after, limit: ${PAGE}) { entries { __typename cursor ${ENTRY} } cursor hasMore resetRequired } }
}`;

type Page = { entries: unknown[]; cursor: string; hasMore: boolean; resetRequired: boolean };

/** Makes it on a server, which is restarted for it. `lines`: of the archive that is imported. */
export async function makePast(server: Server, lines: number): Promise<Past> {
  const repeats: Repeats = { noAnswer: 0, notNow: 0 };
  const all = await people(server, "p", PEOPLE, repeats);
  const [one, two, mover] = all as [Client, Client, Client];
  await Promise.all(all.map(register));
  const group = await makeGroup([one, two, ...all.slice(3)]);
  const say = async (from: number, to: number): Promise<string> => {
    let cursor = "";
    for (let n = from; n < to; n++) {
      const by = n % 3 === 0 ? two : one;
      ({ cursor } = await sendMessage({ by, conversationId: group.id, clientMutationId: `past ${n}`, text: `said ${n}` }));
    }
    return cursor;
  };
  const start = await joinGroup(mover, group.id);
  await say(0, SAID);
  await leave(mover, group.id);
  await importMadeUp(server, lines);
  await say(SAID, 2 * SAID);

  await moveHorizon(server, one, start);

  await joinGroup(mover, group.id);
  const kept = await say(2 * SAID, 3 * SAID);
  await recallMessage(two, group.id, 1);
  await editMessage(one, group.id, 2, "edited 2");
  await recallMessage(one, group.id, 2 * SAID + 3);
  const { cursor: sent } = await sendMessage({ by: one, userId: two.id, clientMutationId: "to two", text: "for you" });
  const read = await markRead(two, group.id, SAID);
  // They had read further by then: the answer may be of an earlier place.
  const last = read > sent ? read : sent;
  for (const person of all)
    await person.ask("query ($atLeast: Cursor) { viewer(atLeast: $atLeast) { user { id } } }", { atLeast: last });

  /** What one is told from the middle of what is kept on, page by page, and all that they see. */
  const seenBy = async (person: Client): Promise<unknown> => {
    const pages: Omit<Page, "cursor">[] = [];
    for (let after = kept; ;) {
      const { cursor, ...page } = (await person.ask<{ viewer: { sync: Page } }>(SYNC, { after })).viewer.sync;
      pages.push(page);
      after = cursor;
      if (!page.hasMore) break;
    }
    return { pages, seen: await person.ask(EVERYTHING, { group: group.id }) };
  };
  const before = await Promise.all(all.map(seenBy));
  return {
    ask: async () => {
      for (const [index, person] of all.entries()) same(await seenBy(person), before[index], `what ${person.id} sees`);
      return all.length;
    },
  };
}

async function importMadeUp(server: Server, lines: number): Promise<void> {
  const { path, remove } = await tempDir();
  onTestFinished(remove);
  const file = join(path, "archive.jsonl");
  await writeFile(
    file,
    `${madeUp(lines)
      .lines.map((line) => JSON.stringify(line))
      .join("\n")}\n`,
  );
  const { code, err } = await runTidings(["import", file], server.environment, { withinMs: 600_000 });
  expect({ code, err }).toEqual({ code: 0, err: "" });
}

/** Keeps entries for no time, for as long as it takes until a cursor is too old. */
async function moveHorizon(server: Server, person: Client, cursor: string): Promise<void> {
  expect(await server.stop()).toBe(0);
  await server.start({ INBOX_TTL: "1s", INBOX_SWEEP: "50ms" });
  await until("the horizon is past all of it", async () => {
    const { viewer } = await person.ask<{ viewer: { sync: Page } }>(SYNC, { after: cursor });
    return viewer.sync.resetRequired && viewer.sync.entries.length === 0;
  });
  expect(await server.stop()).toBe(0);
  await server.start();
}
