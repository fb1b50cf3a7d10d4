import { isExpired } from "../../../projections/timelines.ts";
import { mayOpen, ownSight, type Sight } from "../../domain/visibility.ts";
import { holds, tokensOf } from "../../domain/words.ts";
import type { SearchFacets, SearchFilter, SearchPlace, SearchQuery, SeqWindow } from "../../ports/searchIndex.ts";
import type { Context } from "../context.ts";
import {
  type ConversationEntity,
  conversationEntity,
  messageAt,
  type MessageHitEntity,
  type MessageHitsEntity,
  sightOf,
} from "../entities.ts";
import { messageKey, type MessageSearch } from "./messageInputs.ts";
import { orNull } from "../arguments.ts";
import { type Finding, foundPage } from "./hits.ts";

/** Counting stops at so many messages. */
const COUNTED = 10_000;

/** So many keys of each facet are counted. */
const FACET_KEYS = 1_000;

/**
 * The newest stay in each conversation is always searched. Over all conversations, so many earlier stays are searched too; in
 * each conversation newer ones go first.
 */
const STAYS_SEARCHED = 20_000;

/** A page of the messages that a search finds and the viewer may see. */
export async function foundMessages(context: Context, search: MessageSearch): Promise<MessageHitsEntity> {
  const { search: index } = context.services;
  const { units, order, first, after } = search;
  const visible = await visibleTo(context, search);
  const query: Omit<SearchQuery, "limit"> = { units, order, filter: { ...search.filter, visible } };
  const finding: Finding<SearchPlace, MessageHitEntity> = {
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
async function visibleTo(context: Context, search: MessageSearch): Promise<NonNullable<SearchFilter["visible"]>> {
  const { relations } = context.services.views;
  const { conversationId: id, includePublic } = search;
  const counts = counting(search);
  if (id !== null) {
    const sight = await orNull(context, async () => {
      const found = counts(await sightOf(context, conversationEntity(id)));
      return mayOpen(found) ? found : null;
    });
    return visibleIn(context, sight ? [{ id, sight }] : [], []);
  }
  const own = await relations.sightsOf(context.caller.userId);
  return visibleIn(
    context,
    own.map(({ id: conversation, sight }) => ({ id: conversation, sight: counts(sight) })),
    includePublic ? await relations.publicGroups() : [],
  );
}

async function visibleIn(
  { services }: Context,
  sights: readonly { id: string; sight: Sight }[],
  open: readonly string[],
): Promise<NonNullable<SearchFilter["visible"]>> {
  const whole = new Set(open);
  const windows: SeqWindow[] = [];
  let left = STAYS_SEARCHED;
  for (const { id, sight } of sights) {
    const seen = await services.views.relations.rangesOf(sight, left);
    if (seen !== "all") left -= Math.max(0, seen.length - 1);
    // A member since the first message sees all messages. Then the index only needs the conversation's id, which is cheaper
    // than a window.
    if (seen === "all" || seen.some(({ fromSeq, toSeq }) => fromSeq === 1 && toSeq === undefined)) whole.add(id);
    else
      for (const { fromSeq, toSeq } of seen)
        if (toSeq === undefined || toSeq >= fromSeq)
          windows.push({ conversationId: id, fromSeq, ...(toSeq !== undefined && { toSeq }) });
  }
  return { conversationIds: [...whole], windows };
}

/** Only messages that the viewer may see now, that were not recalled, and whose current text matches the search. */
async function shown(
  context: Context,
  search: MessageSearch,
  places: readonly SearchPlace[],
): Promise<(MessageHitEntity | null)[]> {
  const { units } = search;
  const counts = counting(search);
  const conversations = new Map<string, ConversationEntity>();
  const entityOf = (id: string): ConversationEntity => {
    const known = conversations.get(id) ?? conversationEntity(id);
    conversations.set(id, known);
    return known;
  };
  return Promise.all(
    places.map(async ({ conversationId, seq }) => {
      const conversation = entityOf(conversationId);
      const [sight, message] = await Promise.all([sightOf(context, conversation), messageAt(context, conversation, seq)]);
      if (!message || !(await context.services.views.relations.sees(counts(sight), seq))) return null;
      if (message.row.recalledAt !== null || isExpired(message.row, context.services.now)) return null;
      const text = message.row.text ?? "";
      const tokens = units.length === 0 ? [] : tokensOf(text);
      return holds(text, units, tokens) ? { message, units, tokens } : null;
    }),
  );
}
