import { afterAll, beforeAll, expect, test } from "vitest";
import { type Client, registered } from "../../support/client.ts";
import { Refused } from "../../support/http.ts";
import { searchIsLive, type Server, startServer } from "../../support/server.ts";

/*
 * One user asks for the dearest that there is, as much of it at a time as the connection takes; another searches as people do.
 * What the second one asks is answered, all of it, and the first one is told what to do.
 */

const MESSAGES = 400;
/** Dear searches that are under way, or wait to be refused, at any time. */
const AT_A_TIME = 64;
const CHEAP = 60;

let server: Server;
let mallory: Client;
let ann: Client;

beforeAll(async () => {
  server = await startServer({ settings: { ELASTICSEARCH_URL: "" } });
  const reachable = { address: server.url, token: (user: string) => server.token(user) };
  mallory = await registered(reachable, "mallory");
  const { conversation } = await mallory.act("createConversation", { kind: "GROUP", title: "full of words" });
  const words = (nth: number) => Array.from({ length: 300 }, (_, place) => `a${(nth * place) % 97}b the`).join(" ");
  for (let nth = 0; nth < MESSAGES; nth++)
    await mallory.act("sendMessage", { conversationId: conversation.id, text: words(nth) });
  ann = await registered(reachable, "ann");
  const own = await ann.act("createConversation", { kind: "GROUP", title: "hers" });
  await ann.act("sendMessage", { conversationId: own.conversation.id, text: "a rare word, and the other" });
  await searchIsLive(server);
}, 240_000);
afterAll(() => server?.remove());

const SEARCH = `query ($query: MessageQuery!) { searchMessages(query: $query, first: 20) {
  totalCount bySender { key } byMonth { key } edges { node { message { id } } } } }`;

const DEAR: readonly { text: string; orderBy?: string }[] = [
  { text: "a* the", orderBy: "RELEVANCE" },
  { text: `"${"the ".repeat(200)}"` },
  { text: Array.from({ length: 32 }, (_, nth) => `a${nth}*`).join(" ") },
  { text: "a1b* a2b* the*", orderBy: "RELEVANCE" },
  { text: '"the a"* t*' },
];

/** What was answered, or why not. */
async function outcome(client: Client, query: object): Promise<number | Refused> {
  try {
    const { searchMessages } = await client.ask<{ searchMessages: { edges: object[] } }>(SEARCH, { query });
    return searchMessages.edges.length;
  } catch (error) {
    if (error instanceof Refused) return error;
    throw error;
  }
}

test("nobody's worst searches keep another's from being answered", { timeout: 240_000 }, async () => {
  const floods: (number | Refused)[] = [];
  const cheap: (number | Refused)[] = [];
  let isOver = false;
  const flood = async (nth: number): Promise<void> => {
    for (let round = nth; !isOver; round++) floods.push(await outcome(mallory, DEAR[round % DEAR.length] ?? {}));
  };
  const floodings = Array.from({ length: AT_A_TIME }, (_, nth) => flood(nth));
  try {
    for (let nth = 0; nth < CHEAP; nth++) cheap.push(await outcome(ann, { text: ["rare word", "the", "ra*"][nth % 3] }));
  } finally {
    isOver = true;
    await Promise.all(floodings);
  }
  expect(cheap).toEqual(Array(CHEAP).fill(1));
  const refused = floods.filter((each) => each instanceof Refused);
  expect(new Set(refused.map(({ code }) => code))).toContain("RATE_LIMITED");
  for (const { code, faults } of refused) {
    expect(["RATE_LIMITED", "UNAVAILABLE"]).toContain(code);
    expect(faults[0]?.extensions.retryAfterMs).toBeGreaterThan(0);
  }
  // Hers are answered too, in their turn; and afterwards as if nothing had been.
  expect(floods.some((each) => typeof each === "number")).toBe(true);
  expect(await outcome(ann, { text: "other" })).toBe(1);
});
