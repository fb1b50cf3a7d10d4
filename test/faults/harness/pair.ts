import { randomUUID } from "node:crypto";
import { expect, onTestFinished } from "vitest";
import {
  type Connection,
  type Conversation,
  type Entry,
  type Member,
  MEMBER,
  type Message,
  type MutationName,
  type Mutations,
  mutationText,
  PAGE_INFO,
} from "../../support/answers.ts";
import { type Client, clientOf, pages } from "../../support/client.ts";
import { Refused, type Variables } from "../../support/http.ts";
import { type Server, type Settings, startServer } from "../../support/server.ts";

/** Two servers, each with its own folder, on one log. */
export type Pair = { one: Server; other: Server };

/** Someone with a client of each server. */
export type Twin = { id: string; one: Client; other: Client };

export type Payload<Name extends MutationName> = Mutations[Name] & { cursor: string };

/** Both at the same moment, on a log that neither has seen. */
export async function startPair(settings: Settings): Promise<Pair> {
  const shared = { ...settings, AUTH_SECRET: randomUUID() + randomUUID(), LOG_LEVEL: "warn" };
  const start = async () => {
    const server = await startServer({ settings: shared });
    onTestFinished(() => server.remove());
    return server;
  };
  const [one, other] = await Promise.all([start(), start()]);
  return { one, other };
}

export async function twinOf({ one, other }: Pair, id: string): Promise<Twin> {
  const patient = {};
  return { id, one: await clientOf(one, id, { patient }), other: await clientOf(other, id, { patient }) };
}

/** A call of one server, repeated until it is answered. */
export async function ask<Name extends MutationName>(client: Client, name: Name, input: Variables): Promise<Payload<Name>> {
  return (await client.ask<Record<Name, Payload<Name>>>(mutationText(name), { input }))[name];
}

/** The same call of both servers at the same time, with the same key. */
export async function askBoth<Name extends MutationName>(
  { one, other }: Twin,
  name: Name,
  input: Variables,
): Promise<[Payload<Name>, Payload<Name>]> {
  const whole = { clientMutationId: randomUUID(), ...input };
  return Promise.all([ask(one, name, whole), ask(other, name, whole)]);
}

/** The one answer that both give. */
export async function sameOfBoth<Name extends MutationName>(twin: Twin, name: Name, input: Variables): Promise<Payload<Name>> {
  const [one, other] = await askBoth(twin, name, input);
  expect(other, `${name} of ${twin.id} on the other server`).toEqual(one);
  return one;
}

/** What was refused. Fails where it was not. */
export async function codeOf(call: Promise<unknown>): Promise<string | undefined> {
  const fault: unknown = await call.then(
    (answer) => new Error(`it was not refused: ${JSON.stringify(answer)}`),
    (error: unknown) => error,
  );
  if (fault instanceof Refused) return fault.code;
  throw fault;
}

/**
 * Two inputs under one key, one for each server, at the same time: exactly one is done, the other gets CONFLICT; and both servers
 * say so of both ever after. Gives what was done and its input.
 */
export async function oneWins<Name extends MutationName>(
  twin: Twin,
  name: Name,
  inputs: readonly [Variables, Variables],
): Promise<{ input: Variables; lost: Variables; payload: Payload<Name> }> {
  const key = { clientMutationId: randomUUID() };
  const first = { ...key, ...inputs[0] };
  const second = { ...key, ...inputs[1] };
  const outcomes = await Promise.allSettled([ask(twin.one, name, first), ask(twin.other, name, second)]);
  const done = outcomes.flatMap((outcome, index) => (outcome.status === "fulfilled" ? [{ index, payload: outcome.value }] : []));
  const refused = outcomes.flatMap((outcome) => (outcome.status === "rejected" ? [outcome.reason as unknown] : []));
  for (const reason of refused) if (!(reason instanceof Refused)) throw reason;
  expect(
    { done: done.length, refused: refused.map((reason) => (reason as Refused).code) },
    `${name} with one key and two inputs: ${JSON.stringify([first, second])}`,
  ).toEqual({ done: 1, refused: ["CONFLICT"] });
  const [{ index, payload } = { index: 0, payload: undefined }] = done;
  if (payload === undefined) throw new Error("nothing was done");
  const [input, lost] = index === 0 ? [first, second] : [second, first];
  for (const client of [twin.one, twin.other]) {
    expect(await ask(client, name, input), `the ${name} that was done, again`).toEqual(payload);
    expect(await codeOf(ask(client, name, lost))).toBe("CONFLICT");
  }
  return { input, lost, payload };
}

/** All that one server says to someone. */
export type Seen = {
  conversations: Conversation[];
  messages: Record<string, Message[]>;
  members: Record<string, Member[]>;
  entries: Entry[];
};

const MEMBERS = `query ($id: ID!, $after: String, $atLeast: Cursor) { conversation(id: $id, atLeast: $atLeast) {
  members(first: 100, after: $after) { edges { cursor node { ...MemberParts } } pageInfo { ...PageParts } } } } ${MEMBER} ${PAGE_INFO}`;

/** Every view that someone has of a server which has got to `atLeast`. */
export async function seen(server: Server, user: string, atLeast: string): Promise<Seen> {
  const client = await clientOf({ address: server.url, token: (name, more) => server.token(name, more) }, user);
  const conversations = await pages((after) => client.conversations({ first: 50, after, atLeast }));
  const messages: Seen["messages"] = {};
  const members: Seen["members"] = {};
  for (const { id } of conversations) {
    messages[id] = await pages((after) => client.messages(id, { first: 100, after, atLeast }));
    members[id] = await pages(
      async (after) =>
        (
          await client.ask<{ conversation: { members: Connection<Member> } }>(MEMBERS, {
            id,
            after,
            atLeast,
          })
        ).conversation.members,
    );
  }
  return { conversations, messages, members, entries: (await client.syncAll(null, { limit: 500, atLeast })).entries };
}
