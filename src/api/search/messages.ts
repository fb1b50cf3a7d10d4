import { isExpired } from "../../../projections/timelines.ts";
import { mayOpen, ownSight, type Sight } from "../../domain/visibility.ts";
import { marksOf, piecesOf, type TextRun } from "../../domain/words.ts";
import { andThen } from "../../ports/awaitable.ts";
import type { SearchFacets, SearchHit, SearchPlace, SearchQuery, SeqWindow, Visible } from "../../ports/searchIndex.ts";
import type { Context } from "../context.ts";
import {
  type ConversationEntity,
  conversationEntity,
  type MessageEntity,
  messageEntity,
  type MessageHitEntity,
  type MessageHitsEntity,
  sightOf,
} from "../entities.ts";
import { STAYS_SEARCHED, windowsOf } from "../keptSights.ts";
import { messageKey, type MessageSearch } from "./messageInputs.ts";
import { orNull } from "../arguments.ts";
import { type Finding, foundPage } from "./hits.ts";

/** Counting stops at so many messages. */
const COUNTED = 10_000;

/** So many keys of each facet are counted. */
const FACET_KEYS = 1_000;

/** A page of the messages that a search finds and the viewer may see. */
export async function foundMessages(context: Context, search: MessageSearch): Promise<MessageHitsEntity> {
  const { search: index } = context.services;
  const { units, order, first, after } = search;
  const visible = await visibleTo(context, search);
  const query: Omit<SearchQuery, "limit"> = { units, order, marks: true, filter: { ...search.filter, visible } };
  const finding: Finding<SearchPlace, MessageHitEntity, SearchHit> = {
    ask: (from, limit) => index.messages({ ...query, ...(from && { after: from }), limit }, context.caller.userId),
    shown: (places) => shown(context, search, places),
    key: messageKey,
  };
  let counted: Promise<SearchFacets> | undefined;
  return {
    ...(await foundPage(context, finding, first, after)),
    facets: () => (counted ??= facets(context, query)),
  };
}

async function facets({ services, caller }: Context, query: Omit<SearchQuery, "limit">): Promise<SearchFacets> {
  const counting = { ...query, order: "NEWEST", limit: 0, facets: FACET_KEYS, countUpTo: COUNTED } as const;
  const page = await services.search.messages(counting, caller.userId);
  if (!page.facets) throw new Error("the index was asked for facets and gave none");
  return page.facets;
}

/** The part of a sight that counts. Public groups that the viewer is not in count only if they were asked for. */
const counting = ({ includePublic }: MessageSearch): ((sight: Sight) => Sight) => (includePublic ? (sight) => sight : ownSight);

/** What the viewer may see now, as windows of messages. */
async function visibleTo(context: Context, search: MessageSearch): Promise<Visible> {
  const { views, search: index } = context.services;
  const { conversationId: id, includePublic } = search;
  const counts = counting(search);
  if (id !== null) {
    const sight = await orNull(context, async () => {
      const found = counts(await sightOf(context, conversationEntity(id)));
      return mayOpen(found) ? found : null;
    });
    return visibleIn(context, sight ? [{ id, sight }] : [], []);
  }
  if (!includePublic) return index.sights.visibleTo(context.caller.userId);
  return visibleIn(context, await views.relations.sightsOf(context.caller.userId), await views.relations.publicGroups());
}

async function visibleIn(
  { services }: Context,
  sights: readonly { id: string; sight: Sight }[],
  open: readonly string[],
): Promise<Visible> {
  const whole = new Set(open);
  const windows: SeqWindow[] = [];
  let left = STAYS_SEARCHED;
  for (const { id, sight } of sights) {
    const seen = await services.views.relations.rangesOf(sight, left);
    if (seen !== "all") left -= Math.max(0, seen.length - 1);
    const found = windowsOf(id, seen);
    if (found === "all") whole.add(id);
    else windows.push(...found);
  }
  return { conversationIds: [...whole], windows };
}

/** Only messages that the viewer may see now, that were not recalled, and whose current text matches the search. */
async function shown(
  context: Context,
  search: MessageSearch,
  places: readonly SearchHit[],
): Promise<(MessageHitEntity | null)[]> {
  const { units } = search;
  const counts = counting(search);
  const conversations = new Map<string, ConversationEntity>();
  const { caller, rights, services } = context;
  const entityOf = (id: string): ConversationEntity => {
    const known = conversations.get(id);
    if (known) return known;
    const sight = services.search.sights.sight(caller.userId, id);
    if (sight) rights.sees(id, sight);
    const entity = { ...conversationEntity(id), ...(sight && { sight }) };
    conversations.set(id, entity);
    return entity;
  };
  // The sights at hand come first: the rows are read after them.
  const found = places.map(({ conversationId, seq }) => ({ conversation: entityOf(conversationId), seq }));
  // Each search finds other messages. Kept, they would be most of what a collection of young garbage has to copy.
  const rows = await services.views.timelines.messages(
    found.map(({ conversation, seq }) => ({ conversation: conversation.id, seq })),
    true,
  );
  const { relations } = services.views;
  const sees = found.map(({ conversation, seq }) =>
    andThen(sightOf(context, conversation), (sight) => relations.sees(counts(sight), seq)),
  );
  const isSeen = sees.some((seen) => seen instanceof Promise) ? await Promise.all(sees.map(async (seen) => seen)) : sees;
  return found.map(({ conversation }, index) => {
    const row = rows[index];
    if (!row || isSeen[index] !== true) return null;
    const message = messageEntity(context, conversation, row);
    if (row.recalledAt !== null || isExpired(row, services.now)) return null;
    // The index says where the words are in the text that it has. If that is another one by now, they are looked for.
    const known = places[index]?.found;
    const marks = known?.version === (row.version ?? row.position) ? known.marks : marksOf(row.text ?? "", units);
    return marks ? hitEntity(message, marks) : null;
  });
}

/** One for all hits, as with the cursors of their edges. */
const hitMembers = {
  get highlights(): TextRun[] {
    const { message, marks } = this as unknown as { message: MessageEntity; marks: readonly number[] };
    return piecesOf(message.row.text ?? "", marks);
  },
};

function hitEntity(message: MessageEntity, marks: readonly number[]): MessageHitEntity {
  const hit = Object.create(hitMembers) as MessageHitEntity & { message: MessageEntity; marks: readonly number[] };
  hit.message = message;
  hit.marks = marks;
  return hit;
}
