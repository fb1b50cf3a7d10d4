import type { Ask } from "./asking.ts";
import { ConversationPage, Conversations, FriendPage, Myself, People, Start, UnreadTotal } from "./operations.ts";
import type { Start as StartFacts, State, Step } from "./state.ts";
import type { ConversationState, KnownPerson, PeopleState } from "./types.ts";

/** How many conversations are loaded at first, and with each page. */
const PAGE = 50;
/** How many of a user's people are loaded with each page, and how many friends at most. */
const PEOPLE_PAGE = 100;
const FRIENDS = 5_000;

/** What the state is made of, as the server has it now: each gives the step that brings it into the state. */
export function createFetching({ state, ask }: { state: State; ask: Ask }) {
  /**
   * Asks with the cursor that the answer is to have at least. Again, where so much came meanwhile that it can no more be told
   * what the answer lacks.
   */
  const asOf = async <T>(fetched: (from: string) => Promise<T>): Promise<T> => {
    for (;;) {
      const { moment } = state;
      const made = await fetched(moment.cursor ?? "");
      if (state.reaches(moment)) return made;
    }
  };

  return {
    async start(): Promise<Step & { type: "start" }> {
      const { viewer } = await ask(Start, { first: PAGE });
      const { edges, pageInfo, cursor } = viewer.conversations;
      const start: StartFacts = {
        me: viewer.user,
        cursor,
        conversations: edges.map(({ node }) => node),
        nextPage: pageInfo.hasNextPage ? pageInfo.endCursor : null,
        unreadTotal: viewer.unreadTotal,
      };
      return { type: "start", start };
    },

    async me(): Promise<Step & { type: "me" }> {
      const { viewer } = await ask(Myself, {});
      return { type: "me", me: viewer.user };
    },

    /** The next page of conversations; undefined where there is none. */
    page: (): Promise<Step | undefined> =>
      asOf(async (from) => {
        const { nextPage } = state;
        if (nextPage === null) return undefined;
        const { viewer } = await ask(ConversationPage, { first: PAGE, after: nextPage, atLeast: from });
        const { edges, pageInfo } = viewer.conversations;
        // All was fetched anew meanwhile.
        if (state.nextPage !== nextPage) return undefined;
        const conversations = edges.map(({ node }) => node);
        return { type: "page", conversations, nextPage: pageInfo.hasNextPage ? pageInfo.endCursor : null, asOf: from };
      }),

    conversations: (ids: readonly string[]): Promise<Step> =>
      asOf(async (from) => {
        const { nodes } = await ask(Conversations, { ids: [...ids], atLeast: from });
        const conversations = nodes.flatMap((node): ConversationState[] => {
          if (node?.__typename !== "Conversation") return [];
          const { __typename, ...conversation } = node;
          return [conversation];
        });
        const found = new Set(conversations.map(({ id }) => id));
        return { type: "conversations", conversations, gone: ids.filter((id) => !found.has(id)), asOf: from };
      }),

    async total(): Promise<Step> {
      const { viewer } = await ask(UnreadTotal, { atLeast: state.cursor ?? "" });
      return { type: "total", total: viewer.unreadTotal };
    },

    people: (): Promise<Step> =>
      asOf(async (from) => {
        const { viewer } = await ask(People, { first: PEOPLE_PAGE, atLeast: from });
        const friends: KnownPerson[] = viewer.friends.edges.map(({ node }) => node.user);
        for (let { hasNextPage, endCursor } = viewer.friends.pageInfo; hasNextPage && friends.length < FRIENDS;) {
          const more = (await ask(FriendPage, { first: PEOPLE_PAGE, after: endCursor, atLeast: from })).viewer.friends;
          friends.push(...more.edges.map(({ node }) => node.user));
          ({ hasNextPage, endCursor } = more.pageInfo);
        }
        const people: PeopleState = {
          loaded: true,
          friends,
          incomingRequests: viewer.incoming.edges.map(({ node }) => node),
          outgoingRequests: viewer.outgoing.edges.map(({ node }) => node),
          incomingJoinRequests: viewer.incomingJoins.edges.map(({ node }) => node),
          outgoingJoinRequests: viewer.outgoingJoins.edges.map(({ node }) => node),
          blocked: viewer.blocked.edges.map(({ node }) => node),
        };
        return { type: "people", people, asOf: from };
      }),
  };
}
