import type { Random } from "../random.ts";
import { noise } from "./requests.ts";

const IDS = [
  "1",
  "1",
  "2",
  "3",
  "",
  " ",
  "__proto__",
  "constructor",
  "toString",
  "\u0000",
  "x".repeat(3_000),
  "🙂",
  1,
  null,
  true,
  [],
  {},
] as const;
const QUERIES = [
  // Those that run are more than one.
  "{ __typename }",
  "{ viewer { unreadTotal } }",
  "subscription { inbox { __typename cursor at } }",
  "subscription { inbox { ... on MessageReceived { message { text } } cursor } }",
  'mutation { markRead(input: {clientMutationId: "2", conversationId: "d:bystander~mallory", seq: 1}) { cursor } }',
  "{ __typename }",
  "{ viewer { user { id } } }",
  "subscription { inbox { __typename cursor } }",
  "subscription { inbox { cursor } }",
  'subscription { inbox(after: "x") { cursor } }',
  'subscription { conversation(id: "x") { cursor } }',
  "subscription { nothing }",
  "subscription { a: inbox { cursor } b: inbox { cursor } }",
  "query A { __typename } query B { __typename }",
  "mutation { nothing }",
  'mutation { markRead(input: {clientMutationId: "1", conversationId: "d:a~b", seq: -1}) { cursor } }',
  "{",
  "",
  "\u0000",
  "{ __schema { types { name fields { name } } } }",
  `{ ${"a".repeat(5_000)} }`,
  "fragment F on Query { ...F } { ...F }",
  "{ viewer { sync(limit: 999999) { cursor } } }",
  "query Q($a: Cursor) { viewer(atLeast: $a) { user { id } } }",
  "subscription S($a: Cursor) { inbox(after: $a) { cursor } }",
  '{ node(id: "\\u0000") { id } }',
] as const;
const VALUES = [
  null,
  1,
  -1,
  1e308,
  "",
  "x",
  "\u0000",
  true,
  [],
  {},
  [[]],
  { a: null },
  { a: "zz" },
  { a: { b: 1 } },
  { __proto__: 1 },
  "x".repeat(2_000),
] as const;

/** A message of graphql-transport-ws, or nearly one. */
function message(random: Random, token: string): string {
  const kinds: (() => unknown)[] = [
    () => ({ type: "connection_init", payload: { authorization: `Bearer ${token}` } }),
    () => ({ type: "connection_init", payload: random.pick(VALUES) }),
    () => ({
      type: random.pick(["ping", "pong", "connection_ack", "next", "error", "start", "", 1, null]),
      id: random.pick(IDS),
      payload: random.pick(VALUES),
    }),
    () => ({ id: random.pick(IDS), type: "subscribe", payload: { query: random.pick(QUERIES), variables: random.pick(VALUES) } }),
    () => ({ id: random.pick(["1", "2", "3"]), type: "subscribe", payload: { query: random.pick(QUERIES) } }),
    () => ({
      id: random.pick(["1", "2", "3"]),
      type: "subscribe",
      payload: { query: random.pick(QUERIES), operationName: random.pick(["A", "B", "", 1, null]) },
    }),
    () => ({ id: random.pick(IDS), type: "subscribe", payload: random.pick(VALUES) }),
    () => ({ id: random.pick(IDS), type: "complete" }),
    () => random.pick(VALUES),
  ];
  const text = JSON.stringify(random.pick(kinds)()) ?? "";
  const at = random.below(text.length + 1);
  if (random.below(200) === 0)
    return JSON.stringify({
      id: "1",
      type: "subscribe",
      payload: { query: "x".repeat(random.pick([100_000, 140_000, 1_300_000])) },
    });
  return random.below(8) === 0
    ? random.pick([text.slice(0, at), text.slice(0, at) + noise(random, 3) + text.slice(at), "[".repeat(2_000)])
    : text;
}

/** A message that keeps to the protocol, whatever it asks for. */
function properMessage(random: Random): string {
  const id = `op ${random.below(60)}`;
  const payload = random.pick([undefined, {}, { a: "zz" }]);
  const variables = random.pick([undefined, null, {}, { a: "zz" }, { a: { b: [1] } }]);
  return JSON.stringify(
    random.pick([
      { type: random.pick(["ping", "pong"]), payload },
      { id, type: "complete" },
      { id, type: "subscribe", payload: { query: random.pick(QUERIES), variables } },
      { id, type: "subscribe", payload: { query: random.pick(QUERIES) } },
    ]),
  );
}

/** A frame or more of one message that keeps to the protocol. */
export function properFrames(random: Random): Buffer[] {
  const text = Buffer.from(properMessage(random));
  if (random.below(6) > 0) return [frame(random, text, { opcode: random.below(6) === 0 ? 2 : 1 })];
  const at = random.below(text.length + 1);
  return [
    frame(random, text.subarray(0, at), { opcode: 1, fin: false }),
    frame(random, Buffer.from("still here"), { opcode: random.pick([9, 10]) }),
    frame(random, text.subarray(at), { opcode: 0 }),
  ];
}

type FrameOptions = { opcode: number; fin?: boolean; bits?: number; masked?: boolean; length?: number };

function frame(
  random: Random,
  payload: Buffer,
  { opcode, fin = true, bits = 0, masked = true, length = payload.length }: FrameOptions,
): Buffer {
  const long = random.below(20) === 0;
  const size = !long && length < 126 ? 0 : !long && length < 65_536 ? 2 : 8;
  const head = Buffer.alloc(2 + size);
  head[0] = (fin ? 0x80 : 0) | bits | opcode;
  head[1] = (masked ? 0x80 : 0) | (size === 0 ? length : size === 2 ? 126 : 127);
  if (size === 2) head.writeUInt16BE(length, 2);
  if (size === 8) head.writeBigUInt64BE(BigInt(length), 2);
  if (!masked) return Buffer.concat([head, payload]);
  const mask = Buffer.from([random.below(256), random.below(256), random.below(256), random.below(256)]);
  return Buffer.concat([head, mask, payload.map((byte, index) => byte ^ (mask[index % 4] ?? 0))]);
}

/** Frames of one message, or of something that is none. */
export function oddFrames(random: Random, token: string): Buffer[] {
  const text = Buffer.from(message(random, token), random.below(10) === 0 ? "latin1" : "utf8");
  const whole = () => [frame(random, text, { opcode: random.below(6) === 0 ? 2 : 1 })];
  const small = Buffer.from(noise(random, random.below(126)), "latin1");
  const choice = random.below(26);
  if (choice < 14) return whole();
  const odd: (() => Buffer[])[] = [
    () => [frame(random, small, { opcode: random.pick([9, 10]) })],
    () => [frame(random, text, { opcode: 1, masked: false })],
    () => [frame(random, text, { opcode: 1, bits: random.pick([0x10, 0x20, 0x40, 0x70]) })],
    () => [frame(random, text, { opcode: random.pick([3, 4, 5, 6, 7, 11, 12, 15, 0]) })],
    () => [frame(random, text, { opcode: random.pick([8, 9, 10]), fin: random.below(2) === 0 })],
    () => [
      frame(random, small, {
        opcode: 1,
        length: random.pick([small.length + 10, 70_000, 2_000_000, 2 ** 40, Number.MAX_SAFE_INTEGER]),
      }),
    ],
    () => {
      const code = Buffer.alloc(2);
      code.writeUInt16BE(random.pick([1_000, 1_001, 1_005, 1_006, 999, 0, 5_000, 4_400, 65_535]));
      return [frame(random, Buffer.concat([code, small.subarray(0, 100)]), { opcode: 8 })];
    },
    () => [frame(random, Buffer.alloc(random.below(2)), { opcode: 8 })],
    () => {
      // In parts, with a ping between them, some of them without an end.
      const at = random.below(text.length + 1);
      const parts = [frame(random, text.subarray(0, at), { opcode: 1, fin: false })];
      for (let empty = random.below(5); empty > 0; empty -= 1)
        parts.push(frame(random, Buffer.alloc(0), { opcode: 0, fin: false }));
      if (random.below(2) === 0) parts.push(frame(random, small, { opcode: 9 }));
      if (random.below(4) > 0) parts.push(frame(random, text.subarray(at), { opcode: random.below(8) === 0 ? 1 : 0 }));
      return parts;
    },
    () => [frame(random, Buffer.from(noise(random, 20), "latin1"), { opcode: 1 })],
    () => [Buffer.from(noise(random, 1 + random.below(60)), "latin1")],
    () => {
      const [only = Buffer.alloc(0)] = whole();
      return [only.subarray(0, random.below(only.length + 1))];
    },
  ];
  return random.pick(odd)();
}
