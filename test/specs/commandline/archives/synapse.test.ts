import { expect, test } from "vitest";
import { jsonObjects } from "../../../../src/commandline/archives/json.ts";
import { matrixEventId } from "../../../../src/commandline/archives/matrixEventId.ts";
import { isSynapse, synapseLines } from "../../../../src/commandline/archives/synapse.ts";
import { dataOf, readAll } from "../../../support/readArchive.ts";

const [ANN, BOB, CAY] = ["@ann:a.org", "@bob:a.org", "@cay:a.org"];
const VERSION = "10";

type Event = Readonly<Record<string, unknown>>;
let depth = 0;
/** As Synapse writes events: without their ids. */
const event = (type: string, sender: string, content: object, more: object = {}): Event => ({
  auth_events: [],
  prev_events: [],
  depth: ++depth,
  type,
  sender,
  content,
  room_id: "!r:a.org",
  origin_server_ts: 1_500_000_000_000 + depth * 1_000,
  hashes: { sha256: `hash of ${depth}` },
  signatures: { "a.org": { "ed25519:1": "x" } },
  unsigned: { age_ts: depth },
  ...more,
});
const idOf = (given: Event) => matrixEventId(given, VERSION);
const joins = (user: string, displayname: string) =>
  event("m.room.member", user, { membership: "join", displayname }, { state_key: user });

const created = event("m.room.create", ANN, { creator: ANN, room_version: VERSION }, { state_key: "" });
const named = event("m.room.name", ANN, { name: "Town" }, { state_key: "" });
const open = event("m.room.join_rules", ANN, { join_rule: "public" }, { state_key: "" });
const before = [created, joins(ANN, "Ann"), joins(CAY, "Cay"), named, open];
const bob = joins(BOB, "Bob");
const first = event("m.room.message", ANN, { msgtype: "m.text", body: "hello" });
const answer = event("m.room.message", BOB, {
  msgtype: "m.text",
  body: "hi",
  "m.relates_to": { "m.in_reply_to": { event_id: idOf(first) } },
});
const like = event("m.reaction", ANN, { "m.relates_to": { rel_type: "m.annotation", event_id: idOf(answer), key: "👍" } });
const secret = event("m.room.message", CAY, { msgtype: "m.text", body: "a secret" });
const redaction = event("m.room.redaction", CAY, {}, { redacts: idOf(secret) });

/** One behind the other, with nothing between: as Synapse writes them. */
const row = (...events: Event[]) => events.map((each) => JSON.stringify(each)).join("");
const filesOf = (files: Readonly<Record<string, string>>) => ({
  names: Object.keys(files),
  read: async function* (name: string) {
    yield Buffer.from(files[name] ?? "");
  },
});

test("a room is told with those who were there before, and events by the ids that others name", async () => {
  const files = filesOf({
    "x/rooms/!r:a.org/events": row(bob, first, answer, like, secret, redaction),
    "x/rooms/!r:a.org/state/$gap": row(...before),
    "x/user_data/profile": JSON.stringify({ name: CAY, displayname: "Cay", deactivated: true }),
  });
  expect(isSynapse(files.names)).toBe(true);
  const { facts, notes } = await readAll(synapseLines(files));
  expect(dataOf(facts, "UserRegistered").map(({ name }) => name)).toEqual(expect.arrayContaining(["Bob", "Cay"]));
  expect(dataOf(facts, "GroupCreated")).toMatchObject([{ title: "Town", public: true }]);
  const messages = facts.filter(({ fact }) => fact === "MessageSent");
  expect(messages.map(({ data }) => data)).toMatchObject([
    { text: "hello" },
    { text: "hi", replyTo: messages[0]?.id },
    { senderId: expect.any(String) as string },
  ]);
  expect(JSON.stringify(facts)).not.toContain("a secret");
  expect(dataOf(facts, "ReactionAdded")).toMatchObject([{ emoji: "👍", message: messages[1]?.id }]);
  expect(dataOf(facts, "MessageRecalled")).toMatchObject([{ message: messages[2]?.id }]);
  expect(dataOf(facts, "MembersImported")).toHaveLength(2);
  const [deactivated] = dataOf(facts, "UserDeactivated");
  expect(dataOf(facts, "UserRegistered").find(({ userId }) => userId === deactivated?.userId)).toMatchObject({ name: "Cay" });
  expect(notes).toEqual({});
});

test("what two users have seen is told by the same facts", async () => {
  const events = row(...before, bob, first, answer);
  const ids = async (folder: string) => {
    const { facts } = await readAll(synapseLines(filesOf({ [`${folder}rooms/!r:a.org/events`]: events })));
    return facts.map(({ id }) => id);
  };
  expect(await ids("ann/")).toEqual(await ids("bob/"));
});

test("the hash of an event is that of what a redaction leaves", () => {
  const redacted = { ...first, content: {}, unsigned: { redacted_because: {} } };
  expect(idOf(redacted)).toBe(idOf(first));
  expect(idOf({ ...first, depth: 99 })).not.toBe(idOf(first));
  expect(matrixEventId({ ...first, event_id: "$1:a.org" }, "1")).toBe("$1:a.org");
  expect(idOf(first)).toMatch(/^\$[\w-]{43}$/);
});

test("objects of JSON are found one behind the other, wherever the text is cut", async () => {
  const wanted = [{ a: '}{"' }, { b: [{ c: "\\" }] }, {}];
  const bytes = Buffer.from(wanted.map((each) => JSON.stringify(each)).join(" "));
  for (let size = 1; size < bytes.length; size++) {
    const chunks = (async function* () {
      for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
    })();
    const found: unknown[] = [];
    for await (const { value } of jsonObjects(chunks)) found.push(value);
    expect(found).toEqual(wanted);
  }
  const broken = jsonObjects(
    (async function* () {
      yield Buffer.from('{"a": 1}{"b"');
    })(),
  );
  await expect(
    (async () => {
      for await (const _ of broken);
    })(),
  ).rejects.toThrow("breaks off");
});
