import type { InboxEntry } from "../../../src/client/entries.ts";
import { createState, type Start, type State, type StateListener } from "../../../src/client/state.ts";
import type { ConversationState, Me, Person } from "../../../src/client/types.ts";

/* What a server would give, for specs that need none. */

export const person = (id: string, name = id): Person => ({ id, handle: id, name, avatarUrl: null, bot: false });

export const me = { ...person("me"), friendship: { alias: null } } as unknown as Me;

export const conversation = (id: string, more: Partial<ConversationState> = {}): ConversationState =>
  ({
    id,
    kind: "GROUP",
    title: id,
    lastSeq: 0,
    lastActivityAt: "2026-01-01T00:00:00.000Z",
    readSeq: 0,
    unreadCount: 0,
    unreadMentions: 0,
    unreadReplies: 0,
    peer: null,
    membership: { id: `m:${id}~me`, muted: false, pinned: false, hidden: false, joinedSeq: 0, joinedAt: "" },
    lastMessage: null,
    ...more,
  }) as unknown as ConversationState;

export const messageFields = (seq: number, sender: Person, more: object = {}): object => ({
  id: `g:1:${seq}`,
  seq,
  cursor: `c${String(seq).padStart(6, "0")}`,
  clientMutationId: `id ${seq}`,
  text: `text ${seq}`,
  sender,
  mentions: [],
  reactions: [],
  replyTo: null,
  forwardedFrom: null,
  ...more,
});

/** A message of the conversation g:1 that came; its counts are those after it. */
export const received = (seq: number, sender: Person = person("bob"), counts: object = {}): InboxEntry =>
  ({
    __typename: "MessageReceived",
    cursor: `c${String(seq).padStart(6, "0")}`,
    at: "2026-01-01T00:00:00.000Z",
    message: {
      ...messageFields(seq, sender),
      conversation: {
        id: "g:1",
        lastSeq: seq,
        lastActivityAt: "2026-01-01T00:00:00.000Z",
        readSeq: 0,
        unreadCount: seq,
        unreadMentions: 0,
        unreadReplies: 0,
        ...counts,
      },
    },
  }) as unknown as InboxEntry;

/** A state of these conversations, as of the cursor c000000. */
export function stateOf(
  conversations: readonly ConversationState[],
  { listener = {}, ...more }: Partial<Start> & { listener?: Partial<StateListener> } = {},
): State {
  const nothing = (): void => undefined;
  const state = createState({
    another: nothing,
    me: nothing,
    conversations: nothing,
    conversation: nothing,
    unread: nothing,
    people: nothing,
    messages: nothing,
    cleared: nothing,
    received: nothing,
    wanted: nothing,
    ...listener,
  });
  state.apply({ type: "start", start: { me, cursor: "c000000", conversations, nextPage: null, unreadTotal: 0, ...more } });
  return state;
}
