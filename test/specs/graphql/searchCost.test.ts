import { parse } from "graphql";
import { expect, test } from "vitest";
import { transportDefaults } from "../../../src/graphql/limits.ts";
import { pricing } from "../../../src/graphql/rules.ts";
import { schema } from "./world.ts";

const MESSAGE = `id seq sentAt text kind topic editedAt sender { id name handle avatarUrl } conversation { id title kind avatarUrl }
  attachments { url name mediaType size } replyTo { id text sender { id name } } mentions { id name }`;
const FACETS = "totalCount bySender { key count } byConversation { key count } byMonth { key count }";
const PAGE = "pageInfo { hasNextPage hasPreviousPage startCursor endCursor }";

const documents = {
  messages: `query ($q: MessageQuery!, $first: Int) { searchMessages(query: $q, first: $first) {
    edges { cursor node { message { ${MESSAGE} } highlights { text hit } } } ${PAGE} ${FACETS} } }`,
  people: `query ($q: UserQuery!, $first: Int) { searchUsers(query: $q, first: $first) {
    edges { cursor node { user { id name handle avatarUrl signature code tags { name score } } score distance } } ${PAGE} } }`,
  groups: `query ($q: ConversationQuery!, $first: Int) { searchConversations(query: $q, first: $first) {
    edges { cursor node { conversation { id title avatarUrl memberCount code tags { name score } lastMessage { id text } } score } } ${PAGE} } }`,
};

test.each(Object.entries(documents))("a usual page of %s, and the largest, may be asked for", (_, text) => {
  const price = pricing(schema, parse(text), transportDefaults);
  for (const first of [undefined, 20, 100]) expect(price({ first })).toEqual([]);
  const dear = pricing(schema, parse(text), { ...transportDefaults, maxCost: 1_000 });
  expect(dear({ first: 100 })).not.toEqual([]);
});
