import { afterAll, beforeAll, expect, test } from "vitest";
import { madeUp } from "../../support/archives.ts";
import { apiServer } from "../../support/apiServer.ts";
import { type Client, clientOf, registered } from "../../support/client.ts";
import { followInbox } from "../../support/followedInbox.ts";
import type { Answer } from "../../support/http.ts";
import { withoutViews } from "../../support/serverViews.ts";
import { tempDir } from "../../support/tempDir.ts";
import { until } from "../../support/until.ts";

/*
 * The views are gone, and a server starts while people are connected: nobody is given what rows that lag would say. Commands and
 * questions are UNAVAILABLE until the views have caught up, and then all is as it was.
 */

const LINES = 4_000;

let folder: Awaited<ReturnType<typeof tempDir>>;
/** The group that it is about, and the places in the log before and after all that happened in it. */
let group: string;
let [start, end] = ["", ""];
let before: Record<string, unknown>;

beforeAll(async () => {
  folder = await tempDir();
  const server = await apiServer({ DATA_DIR: folder.path });
  const [ann, bob, cay, dan] = await Promise.all(["ann", "bob", "cay", "dan"].map((name) => registered(server, name)));
  if (!ann || !bob || !cay || !dan) throw new Error("they are four");
  const made = await ann.act("createConversation", {
    kind: "GROUP",
    title: "Readers",
    memberIds: ["bob", "cay", "dan"],
    joinPolicy: "APPROVAL",
  });
  group = made.conversation.id;
  start = made.cursor;
  const set = (role: string) => ann.act("setRole", { conversationId: group, userId: "cay", role });
  await set("ADMIN");
  for (let n = 0; n < 5; n++) await bob.act("sendMessage", { conversationId: group, text: `by bob ${n}` });
  await importedInto(server);
  // So it is only at the very end.
  await ann.act("removeMembers", { conversationId: group, userIds: ["bob"] });
  await set("MEMBER");
  await ann.ask('mutation { block(input: { clientMutationId: "block", userId: "dan", on: true }) { cursor } }');
  await ann.act("sendMessage", { conversationId: group, text: "after the removal" });
  await ann.act("recallMessage", { conversationId: group, seq: 6 });
  ({ cursor: end } = await ann.act("sendMessage", { conversationId: group, text: "the last" }));
  before = await everything(ann, end);
  await server.stop();
}, 120_000);
afterAll(() => folder.remove());

/** History between the rights and their loss: it takes a while to be folded. */
async function importedInto(server: Awaited<ReturnType<typeof apiServer>>): Promise<void> {
  const { lines } = madeUp(LINES);
  for (let from = 0; from < lines.length; from += 500) {
    const messages = lines.slice(from, from + 500).map((line, index) => ({
      key: `${from + index}`,
      conversation: line.conversation,
      sender: line.sender,
      sentAt: line.sentAt,
      text: line.text,
      topic: null,
    }));
    await server.tidings.commands.importMessages({ userId: "import", admin: true }, { clientMutationId: `${from}`, messages });
  }
}

const QUESTIONS = {
  list: "{ viewer { conversations(first: 50) { edges { node { id title lastSeq unreadCount memberCount } } } } }",
  group: `query ($group: ID!) { conversation(id: $group) { title memberCount members(first: 50) { edges { node { user { id name } role } } }
    messages(first: 50) { edges { node { seq text recalledAt sender { id } } } } } }`,
  user: `{ user(id: "dan") { id name friendship { status } } }`,
  blocked: "{ viewer { blocked { edges { node { id } } } } }",
  sync: `query ($start: Cursor) { viewer { sync(after: $start, limit: 100) { resetRequired hasMore entries { __typename cursor } } } }`,
} as const;

const answerTo = (client: Client, question: string): Promise<Answer<unknown>> =>
  client.post(question, {
    ...(question.includes("$group") ? { group } : {}),
    ...(question.includes("$start") ? { start } : {}),
  });

/** What ann is told of everything, once the views are there. */
async function everything(ann: Client, atLeast: string): Promise<Record<string, unknown>> {
  await ann.ask("query ($atLeast: Cursor) { viewer(atLeast: $atLeast) { user { id } } }", { atLeast });
  const told: Record<string, unknown> = {};
  for (const [name, question] of Object.entries(QUESTIONS)) {
    const { data, errors } = await answerTo(ann, question);
    expect(errors, name).toBeUndefined();
    told[name] = data;
  }
  return told;
}

/** A command that rests on a right that is lost, or that another has taken away. */
const LOST: [who: string, command: string, input: () => object][] = [
  ["bob", "sendMessage", () => ({ conversationId: group, text: "by one who was removed" })],
  ["cay", "recallMessage", () => ({ conversationId: group, seq: 7 })],
  ["dan", "sendMessage", () => ({ userId: "ann", text: "by one who is blocked" })],
  ["cay", "updateConversation", () => ({ id: group, title: "by one who was demoted" })],
];

const inputOf = (command: string): string =>
  `${command[0]?.toUpperCase()}${command.slice(1)}Input`.replace("RecallMessage", "Message");

test("until the views have caught up nothing is granted and nothing listed; then all is as it was", async () => {
  await withoutViews({ DATA_DIR: folder.path });
  await using server = await apiServer({ DATA_DIR: folder.path }, { behind: true });
  let opened = false;
  void server.tidings.opened.then(() => (opened = true));
  const clients = new Map(
    await Promise.all(["ann", "bob", "cay", "dan"].map(async (name) => [name, await clientOf(server, name)] as const)),
  );
  const client = (name: string) => clients.get(name) as Client;
  const follow = (after: string | undefined) =>
    followInbox({
      address: () => server.address,
      token: client("ann").token,
      after,
      selection: "",
      keepCaughtUp: () => true,
    });
  const [all, missed, live] = [follow(start), follow(end), follow(undefined)];

  let asked = 0;
  let refused = 0;
  /** Not now, with a time to come back; or what is right. Nothing else. */
  const check = (what: string, { data, errors }: Answer<unknown>, right: (told: Answer<unknown>) => void): void => {
    asked++;
    const [fault] = errors ?? [];
    if (fault?.extensions.code !== "UNAVAILABLE") return right({ status: 0, headers: {}, data, ...(errors ? { errors } : {}) });
    refused++;
    expect(fault.extensions.retryAfterMs, what).toBeGreaterThan(0);
  };
  const asking = async (question: keyof typeof QUESTIONS): Promise<void> => {
    do
      check(question, await answerTo(client("ann"), QUESTIONS[question]), ({ data }) =>
        expect(data, question).toEqual(before[question]),
      );
    while (!opened);
  };
  const trying = async ([who, command, input]: (typeof LOST)[number]): Promise<void> => {
    const mutation = `mutation ($input: ${inputOf(command)}!) { ${command}(input: $input) { cursor } }`;
    for (let n = 0; n === 0 || !opened; n++) {
      const answer = await client(who).post(mutation, { input: { clientMutationId: `${command} ${n}`, ...input() } });
      check(`${command} of ${who}`, answer, ({ data, errors }) => {
        expect(data, `${command} of ${who}`).toEqual({ [command]: null });
        expect(["FORBIDDEN", "NOT_FOUND"]).toContain(errors?.[0]?.extensions.code);
      });
    }
  };
  const probing = async (): Promise<void> => {
    const first = await fetch(`${server.address}/ready`);
    expect(first.status).toBe(503);
    const said = (await first.json()) as { components: { views: { ready: boolean; detail?: string } }; projections: object };
    expect(said.components.views).toMatchObject({
      ready: false,
      detail: expect.stringMatching(/^rebuilding, \d+ % done/) as string,
    });
    expect(said.projections).toMatchObject({ timelines: { state: "REBUILDING", progress: expect.any(Number) as number } });
    await until("it is ready", async () => (await fetch(`${server.address}/ready`)).status === 200);
    expect(opened).toBe(true);
  };
  await Promise.all([...(Object.keys(QUESTIONS) as (keyof typeof QUESTIONS)[]).map(asking), ...LOST.map(trying), probing()]);
  // Of each at least the first came too early.
  expect(refused).toBeGreaterThanOrEqual(Object.keys(QUESTIONS).length + LOST.length);
  expect(asked).toBeGreaterThan(refused);

  const ann = client("ann");
  expect(await everything(ann, end)).toEqual(before);
  for (const attempt of LOST) await trying(attempt);
  // Nobody is told of the past as if it happened now.
  for (const reader of [all, missed, live]) await until("it is caught up", () => reader.counts.caughtUp > 0);
  const { cursor } = await ann.act("sendMessage", { conversationId: group, text: "now" });
  for (const reader of [all, missed, live])
    await until("it is told", () => reader.entries.some((entry) => entry.cursor === cursor));
  const { viewer } = before["sync"] as { viewer: { sync: { entries: unknown[] } } };
  expect(all.entries.slice(0, -1)).toEqual(viewer.sync.entries);
  for (const reader of [missed, live]) expect(reader.entries.map((entry) => entry.cursor)).toEqual([cursor]);
  for (const reader of [all, missed, live]) {
    expect(reader.fault).toBeUndefined();
    await reader.close();
  }
}, 120_000);
