import { randomUUID } from "node:crypto";
import type { Client } from "../../support/client.ts";
import { directOf } from "./people.ts";

/** A message to send, to a conversation or to a peer. The same call again has the same `clientMutationId`. */
export type Call = { by: Client; conversationId?: string; userId?: string; clientMutationId: string; text: string };
/** The whole answer to it. */
export type Sent = {
  cursor: string;
  message: { id: string; seq: number; cursor: string; clientMutationId: string; sentAt: string };
};
/** `cursor`: once everyone of `members` (ids) was in it. */
export type Group = { id: string; cursor: string; members: string[] };

export const conversationOf = ({ by, conversationId, userId = "" }: Call): string => conversationId ?? directOf(by.id, userId);

const SEND = /* GraphQL */ `
  mutation Send($input: SendMessageInput!) {
    sendMessage(input: $input) {
      cursor
      message {
        id
        seq
        cursor
        clientMutationId
        sentAt
      }
    }
  }
`;

export async function sendMessage({ by, ...input }: Call): Promise<Sent> {
  return (await by.ask<{ sendMessage: Sent }>(SEND, { input })).sendMessage;
}

/** Any mutation, with an id of its own; only its cursor is asked for. */
export async function act(by: Client, name: string, input: string, variables: object): Promise<string> {
  const answer = await by.ask<Record<string, { cursor: string }>>(
    `mutation ($input: ${input}!) { ${name}(input: $input) { cursor } }`,
    { input: { clientMutationId: randomUUID(), ...variables } },
  );
  return answer[name]?.cursor ?? "";
}

export const register = (by: Client) => act(by, "register", "RegisterInput", { handle: by.id, name: by.id });
export const join = (by: Client, id: string) => act(by, "join", "JoinInput", { id });
export const leave = (by: Client, id: string) => act(by, "leave", "NodeInput", { id });
export const markRead = (by: Client, conversationId: string, seq: number) =>
  act(by, "markRead", "MarkReadInput", { conversationId, seq });
export const editMessage = (by: Client, conversationId: string, seq: number, text: string) =>
  act(by, "editMessage", "EditMessageInput", { conversationId, seq, text });
export const recallMessage = (by: Client, conversationId: string, seq: number) =>
  act(by, "recallMessage", "MessageInput", { conversationId, seq });

/** An open group; the first makes it. */
export async function makeGroup(members: readonly Client[]): Promise<Group> {
  const [owner, ...others] = members as [Client, ...Client[]];
  const { createConversation } = await owner.ask<{ createConversation: { cursor: string; conversation: { id: string } } }>(
    /* GraphQL */ `
      mutation Create($input: CreateConversationInput!) {
        createConversation(input: $input) {
          cursor
          conversation {
            id
          }
        }
      }
    `,
    {
      input: {
        clientMutationId: randomUUID(),
        kind: "GROUP",
        title: `Of ${members.length}`,
        joinPolicy: "OPEN",
        memberIds: others.map(({ id }) => id),
      },
    },
  );
  const { cursor, conversation } = createConversation;
  return { id: conversation.id, cursor, members: members.map(({ id }) => id) };
}
