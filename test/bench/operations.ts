import { randomUUID } from "node:crypto";
import { directConversationOf } from "../../src/domain/ids.ts";
import { userName } from "./seed.ts";

/** Texts that the load is made of. The server knows them after the first time, as it does those of real clients. */
export const documents = {
  send: "mutation Send($input: SendMessageInput!) { sendMessage(input: $input) { cursor message { id seq } } }",
  noop: "mutation Noop($input: SendMessageInput!) { noop(input: $input) { cursor message { id seq } } }",
  join: "mutation Join($input: JoinInput!) { join(input: $input) { cursor } }",
  leave: "mutation Leave($input: NodeInput!) { leave(input: $input) { cursor } }",
  inbox:
    "subscription { inbox { __typename cursor ... on MessageReceived { message { id seq text sender { id } conversation { id } } } } }",
} as const;

export type Sending = "send" | "noop";

const run = randomUUID().slice(0, 8);
let sent = 0;

/** One request to send a text, as it goes over either transport. */
export function sendRequest(kind: Sending, conversationId: string, text: string): string {
  sent += 1;
  const input = { clientMutationId: `${run}-${sent}`, conversationId, text };
  return JSON.stringify({ query: documents[kind], variables: { input } });
}

/** One request to follow a channel, or to unfollow it. */
export function followRequest(kind: "join" | "leave", id: string): string {
  sent += 1;
  return JSON.stringify({ query: documents[kind], variables: { input: { clientMutationId: `${run}-${sent}`, id } } });
}

/** The message that starts an operation on a WebSocket. */
export const startMessage = (id: string, request: string): string => `{"id":"${id}","type":"subscribe","payload":${request}}`;

/** Someone who writes, and the conversations that they write to, in turn. */
export type Writer = { user: string; conversations: readonly string[] };

/** Writers who each have so many direct conversations, among the first `users` users. */
export function directWriters(count: number, conversations: number, users: number): Writer[] {
  return Array.from({ length: count }, (_, index) => {
    const user = userName(index);
    const peers = Array.from({ length: conversations }, (_, peer) => userName((index + 1 + peer) % users));
    return { user, conversations: peers.map((peer) => directConversationOf(user, peer)) };
  });
}
