import { afterAll, beforeAll, expect, test } from "vitest";
import { type ApiServer, apiServer } from "../../support/apiServer.ts";
import { refusal, registeredAll, told } from "../../support/client.ts";
import { until } from "../../support/until.ts";

let server: ApiServer;
beforeAll(async () => {
  server = await apiServer();
});
afterAll(() => server[Symbol.asyncDispose]());

test("a message expires by itself, is told of, and counts no more", async () => {
  const [ann, bob] = await registeredAll(server, "ann", "bob");
  const stream = bob.inbox();
  await stream.until("it listens", ({ __typename }) => __typename === "InboxCaughtUp");
  await ann.act("sendMessage", { userId: "bob", text: "stays" });
  const { message } = await ann.act("sendMessage", { userId: "bob", text: "ephemeral", expiresAfterSeconds: 5 });
  expect(Date.parse(message.expiresAt ?? "") - Date.parse(message.sentAt)).toBe(5_000);
  await stream.until("it comes", (entry) => told(entry) === "received d:ann~bob:2 ephemeral");
  expect((await bob.conversation("d:ann~bob"))?.unreadCount).toBe(2);

  const entry = await stream.until("it expires", ({ __typename }) => __typename === "MessageChanged");
  expect(told(entry)).toBe("EXPIRED d:ann~bob:2 null");
  expect(entry.at >= (message.expiresAt ?? "")).toBe(true);
  expect((await bob.conversation("d:ann~bob", entry.cursor))?.unreadCount).toBe(1);
  const search = async () =>
    (
      await bob.ask<{ searchMessages: { totalCount: number } }>(
        `query ($at: Cursor) { searchMessages(query: { text: "ephemeral" }, atLeast: $at) { totalCount } }`,
        { at: entry.cursor },
      )
    ).searchMessages.totalCount;
  await until("no search finds it", async () => (await search()) === 0);
  expect(await refusal(ann.act("editMessage", { conversationId: "d:ann~bob", seq: 2, text: "back" }))).toEqual({
    code: "CONFLICT",
    field: "seq",
  });
  expect(stream.entries.filter(({ __typename }) => __typename === "MessageChanged")).toHaveLength(1);
  await stream.close();
});

test("it lasts from five seconds to a year", async () => {
  const [cat] = await registeredAll(server, "cat", "dan");
  for (const expiresAfterSeconds of [-1, 0, 4, 366 * 86_400 + 1])
    expect(await refusal(cat.act("sendMessage", { userId: "dan", text: "when?", expiresAfterSeconds }))).toEqual({
      code: "BAD_INPUT",
      field: "expiresAfterSeconds",
    });
  const { message } = await cat.act("sendMessage", { userId: "dan", text: "for ever", expiresAfterSeconds: null });
  expect(message.expiresAt).toBeNull();
});
