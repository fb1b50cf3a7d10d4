import { afterEach, expect, test } from "vitest";
import { type ApiWorld, apiWorld } from "../../support/apiWorld.ts";

let here: ApiWorld;
afterEach(() => here.close());

test("every event says who made it, by which call, and in which request", async () => {
  here = await apiWorld();
  const profile = (name: string) => `clientMutationId: "r-${name}", handle: "${name}", name: "${name}"`;
  for (const name of ["ann", "bob"]) await here.ask(name, `mutation { register(input: { ${profile(name)} }) { cursor } }`);
  const id = await here.group("ann", ["bob"]);
  await here.caughtUp();
  const before = await here.log.end();
  const calls = [
    `sendMessage(input: { clientMutationId: "send", conversationId: "${id}", text: "one" })`,
    `editMessage(input: { clientMutationId: "edit", conversationId: "${id}", seq: 1, text: "two" })`,
    `setLocation(input: { clientMutationId: "here", point: { latitude: 1, longitude: 2 } })`,
    `removeMembers(input: { clientMutationId: "remove", conversationId: "${id}", userIds: ["bob"] })`,
    `importMessages(input: { clientMutationId: "import", messages: [{ key: "k", conversation: "room", sender: "sam", text: "old" }] })`,
  ];
  for (const call of calls) await here.ask("ann", `mutation { ${call} { cursor } }`, {}, true);
  const start = await here.log.end();
  const other = await here.group("ann", ["bob"]);
  await here.send("ann", other);
  await here.ask(
    "bob",
    `mutation { markRead(input: { clientMutationId: "read", conversationId: "${other}", seq: 1 }) { cursor } }`,
  );
  const [, mark] = (await here.log.readAll(start, 100)).events.filter(
    ({ type }) => type === "MessageSent" || type === "ReadUpTo",
  );
  expect(mark?.metadata).toMatchObject({ $correlationId: "test", $causationId: "read", actorId: "bob" });
  const made = (await here.log.readAll(before, 100)).events.filter(({ position }) => position <= start);
  expect(made.every(({ metadata }) => metadata.$correlationId === "test")).toBe(true);
  const events = made.filter(
    ({ type }) => type !== "HandleClaimed" && type !== "UserRegistered" && type !== "GroupCreated" && type !== "MemberJoined",
  );
  expect(events.map(({ type, metadata: { $correlationId, $causationId } }) => [type, $correlationId, $causationId])).toEqual([
    ["MessageSent", "test", "send"],
    ["MessageEdited", "test", "edit"],
    ["LocationChanged", "test", "here"],
    ["MemberRemoved", "test", "remove"],
    ["MessageSent", "test", "k"],
  ]);
});
