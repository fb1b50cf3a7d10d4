import type { Mention } from "../../../projections/mentions.ts";
import { isExpired } from "../../../projections/timelines.ts";
import type { Awaitable } from "../../ports/awaitable.ts";
import { edgeCursor } from "../arguments.ts";
import { type Connection, edged } from "../connections.ts";
import type { Context } from "../context.ts";
import { type ConversationEntity, conversationEntity, messageEntity, type MessageEntity } from "../entities.ts";

/** So many mentions are looked at for a page: some may be in conversations that the viewer does not see. */
const MOST = 500;
/** Mentions of everyone that are read at a time, of one conversation. */
const AT_ONCE = 8;

/** Mentions in order, the newest first. None that is still to come is above `bound`; `before`: where reading goes on. */
type Source = {
  bound: string;
  before: string | undefined;
  ready: Mention[];
  more: (before: string | undefined) => Promise<Mention[]>;
  /** Whether the viewer is named by it, and may see it. */
  isFor: (mention: Mention) => Awaitable<boolean>;
};

/**
 * Messages that name the viewer, and those that name everyone where the viewer was a member then, the newest first. A page may be
 * shorter: then its `endCursor` says where to go on.
 */
export async function mentionsOf(context: Context, first: number, after: string | undefined): Promise<Connection<MessageEntity>> {
  const found: Mention[] = [];
  let last: string | undefined;
  let looked = 0;
  for await (const { mention, isFor } of merged(await sourcesOf(context, first, after))) {
    if (found.length > first || looked === MOST) break;
    looked++;
    last = mention.position;
    // One that names both the viewer and everyone comes twice.
    const isKnown = found[found.length - 1]?.position === mention.position;
    if (!isKnown && (await isFor(mention))) found.push(mention);
  }
  const page = found.slice(0, first);
  const rows = page.length === 0 ? [] : await context.services.views.timelines.messages(page);
  const known = new Map<string, ConversationEntity>();
  const edges = page.flatMap(({ conversation: id, position }, index) => {
    const row = rows[index];
    const conversation = known.get(id) ?? conversationEntity(id);
    known.set(id, conversation);
    return row && !isExpired(row, context.services.now)
      ? [{ cursor: edgeCursor(position), node: messageEntity(context, conversation, row) }]
      : [];
  });
  const isFull = found.length > first;
  const { pageInfo } = edged(edges, isFull || looked === MOST, after !== undefined);
  if (isFull || looked < MOST || last === undefined) return { edges, pageInfo };
  return { edges, pageInfo: { ...pageInfo, endCursor: edgeCursor(last) } };
}

/** What names the viewer, and what names everyone in each of their conversations, the present and the former ones. */
async function sourcesOf(context: Context, first: number, after: string | undefined): Promise<Source[]> {
  const { services, caller, loaders, rights } = context;
  const { mentions, relations } = services.views;
  const user = caller.userId;
  const source = (bound: string, more: Source["more"], isFor: Source["isFor"]): Source => ({
    bound: after !== undefined && after < bound ? after : bound,
    before: after,
    ready: [],
    more,
    isFor,
  });
  const sights = await relations.sightsOf(user);
  const newest = await mentions.newestOfEveryone(sights.map(({ id }) => id));
  const everyone = sights.flatMap(({ id, sight }, index) => {
    const bound = newest[index];
    const more: Source["more"] = (before) => mentions.ofEveryone(id, before, AT_ONCE);
    const isHeld: Source["isFor"] = ({ seq }) => {
      rights.sees(id, sight);
      return relations.isHeld(sight.stay, seq);
    };
    return bound === undefined ? [] : [source(bound, more, isHeld)];
  });
  const isSeen = async ({ conversation, seq }: Mention): Promise<boolean> => {
    const sight = await loaders.sight({ conversation, user });
    if (sight === undefined) return false;
    rights.sees(conversation, sight);
    return relations.sees(sight, seq);
  };
  return [source("~", (before) => mentions.mentionsOf(user, before, first + 1), isSeen), ...everyone];
}

/** All mentions of these sources, the newest first. A source is read when it may have the next one, and not before. */
async function* merged(all: readonly Source[]): AsyncGenerator<{ mention: Mention; isFor: Source["isFor"] }> {
  let sources = [...all];
  while (sources.length > 0) {
    const source = sources.reduce((one, other) => (other.bound > one.bound ? other : one));
    const mention = source.ready.shift();
    if (mention) {
      source.bound = source.ready[0]?.position ?? mention.position;
      yield { mention, isFor: source.isFor };
      continue;
    }
    source.ready = await source.more(source.before);
    const [top] = source.ready;
    source.bound = top?.position ?? "";
    source.before = source.ready[source.ready.length - 1]?.position ?? source.before;
    if (top === undefined) sources = sources.filter((other) => other !== source);
  }
}
