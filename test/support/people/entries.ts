import { expect } from "vitest";
import type { Json } from "../apiWorld.ts";
import type { Id, Query } from "./shown.ts";

const SYNC = `query ($after: Cursor) { viewer { sync(after: $after, limit: 50) { cursor hasMore resetRequired entries {
  __typename
  ... on MessageReceived { message { id } }
  ... on MessageChanged { messageChange message { id } }
  ... on ReadMoved { readSeq conversation { id } }
  ... on MembershipChanged { membershipChange user { id } actor { id } conversation { id } }
  ... on ConversationChanged { conversation { id } }
  ... on JoinRequestChanged { request { id } }
  ... on FriendRequestChanged { request { id } }
  ... on FriendshipChanged { user { id } }
} } } }`;

type Entry = { __typename: string; messageChange: string; membershipChange: string; readSeq: number } & Record<
  "message" | "conversation" | "user" | "actor" | "request",
  Id
>;

/** What a user is told, in the words of the model. */
export async function entriesOf(query: Query, user: string): Promise<string[]> {
  const told: string[] = [];
  for (let after: string | null = null; ;) {
    const { viewer } = (await query(user, SYNC, { after })) as { viewer: { sync: Json & { entries: Entry[] } } };
    const { entries, hasMore, cursor, resetRequired } = viewer.sync;
    expect(resetRequired).toBe(false);
    told.push(...entries.map(inWords));
    if (!hasMore) return told;
    after = cursor as string;
  }
}

function inWords(entry: Entry): string {
  switch (entry.__typename) {
    case "MessageReceived":
      return `received ${entry.message.id}`;
    case "MessageChanged":
      return `${entry.messageChange} ${entry.message.id}`;
    case "ReadMoved":
      return `read ${entry.conversation.id} ${entry.readSeq}`;
    case "MembershipChanged":
      return `${entry.membershipChange} ${entry.conversation.id} ${entry.user.id} by ${entry.actor.id}`;
    case "ConversationChanged":
      return `conversation ${entry.conversation.id}`;
    case "JoinRequestChanged":
      return `asked ${entry.request.id}`;
    case "FriendRequestChanged":
      return `request ${entry.request.id}`;
    case "FriendshipChanged":
      return `friendship ${entry.user.id}`;
    default:
      throw new Error(`what is ${entry.__typename}?`);
  }
}
