import type { GraphQLFieldResolver } from "graphql";
import { emptied, isExpired, type MessageRow } from "../../projections/timelines.ts";
import type { Views } from "../../projections/views.ts";
import { viewsAt } from "../commands/authorise.ts";
import { isChannel, isDirect } from "../domain/ids.ts";
import { time } from "../domain/time.ts";
import { DIRECT_STAY, ownSight, seesAll, type Sight } from "../domain/visibility.ts";
import { andThen } from "../ports/awaitable.ts";
import { orNull } from "./arguments.ts";
import { badInput } from "./badInput.ts";
import type { Context } from "./context.ts";
import { type ConversationEntity, conversationEntity, sightOf } from "./entities.ts";
import type { HeldRights } from "./heldRights.ts";
import { loadersOf } from "./loaders.ts";
import type { Past } from "./pasts.ts";

/** Clocks of clients differ: so much later than now is now. */
const AHEAD_MS = 60_000;

/** A time that has come, as events have theirs. Throws BAD_INPUT for any other. */
export function pastTime({ services }: Context, given: string): string {
  const { data: at, error } = time.safeParse(given);
  if (at === undefined) throw badInput("at", error?.issues[0]?.message ?? "a time");
  const now = services.now();
  if (Date.parse(at) > now.getTime() + AHEAD_MS) throw badInput("at", `a time that has come: it is ${now.toISOString()}`);
  return at < now.toISOString() ? at : now.toISOString();
}

/** An operator is shown all of it. */
const WHOLE: Sight = { stay: DIRECT_STAY, historyVisible: true, public: true };

/**
 * A conversation as it stood at a time, for those who were in it by then, and for operators; null for everyone else, who are
 * answered before anything is folded, as where there is none.
 */
export async function conversationAt(context: Context, id: string, at: string): Promise<ConversationEntity | null> {
  const { services, caller, pasts } = context;
  const now = caller.admin
    ? WHOLE
    : await orNull(context, async () => {
        const sight = await sightOf(context, conversationEntity(id));
        return sight.stay === undefined ? null : sight;
      });
  if (now === null) return null;
  // Who follows a channel is read in rows.
  if (isChannel(id)) await viewsAt(services.watermark, await services.log.end());
  const past = await pasts(caller.userId, id, at);
  const { relations, timelines } = past.views;
  const isThere = isDirect(id) ? await timelines.head(id) : await relations.group(id);
  if (isThere === undefined) return null;
  if (caller.admin) return pastEntity(context, id, at, past, { sight: WHOLE, isReader: true, isWhole: true });
  const then = await relations.sight(id, caller.userId);
  if (then?.stay === undefined) return null;
  // What was open to them as members, beside what was sent while they were there, is theirs only as long as it is open.
  const sight = seesAll(now) ? ownSight(then) : { ...then, historyVisible: false, public: false };
  return pastEntity(context, id, at, past, { sight });
}

type Shown = { sight: Sight; isReader?: true; isWhole?: true };

function pastEntity(context: Context, id: string, at: string, past: Past, shown: Shown): ConversationEntity {
  return { ...conversationEntity(id), ...shown, past: contextThen(context, at, past, shown.isWhole === true) };
}

const NO_RIGHTS: HeldRights = { sees: () => {}, isIn: () => {}, next: () => undefined, wereHeld: () => true };

/**
 * The context in which a conversation's fields are resolved as they were: the rows of then, by the clock of then. People are as
 * they are now: only a conversation's own events were folded. The rights of now were noted already.
 */
function contextThen(context: Context, at: string, { views, gone }: Past, isWhole: boolean): Context {
  const { services, loaders } = context;
  const { user, users } = services.views.directory;
  const moment = new Date(at);
  const rows: Views = {
    ...views,
    directory: { ...views.directory, user, users },
    ...(isWhole ? {} : { timelines: withoutGone(views.timelines, gone, services.now) }),
  };
  return {
    ...context,
    services: {
      ...services,
      views: rows,
      now: () => moment,
      fresh: (look) => look(),
      typing: { ...services.typing, in: () => [], known: () => [] },
    },
    loaders: { ...loadersOf(rows), user: loaders.user, presence: loaders.presence },
    rights: NO_RIGHTS,
    present: context,
  };
}

/** What was recalled or has expired by now is shown as that, whenever it was. */
function withoutGone(timelines: Views["timelines"], gone: Past["gone"], now: () => Date): Views["timelines"] {
  const shown = (row: MessageRow): MessageRow => {
    const how = gone.get(row.seq);
    if (how?.how === "recalled") return { ...emptied(row), recalledAt: how.at };
    return how !== undefined || isExpired(row, now) ? { ...emptied(row), expired: true } : row;
  };
  return {
    ...timelines,
    message: (conversation, seq) => andThen(timelines.message(conversation, seq), (row) => row && shown(row)),
    messages: async (ids, isOnce) => (await timelines.messages(ids, isOnce)).map((row) => row && shown(row)),
    page: async (conversation, query) => (await timelines.page(conversation, query)).map(shown),
  };
}

type Resolver = GraphQLFieldResolver<unknown, unknown>;

/** What belongs to a conversation, and leads to it. */
type Part = { conversation?: ConversationEntity; message?: { conversation: ConversationEntity } };

/** How each type whose objects belong to a conversation leads to it. */
const CONVERSATIONS: Readonly<Record<string, (source: unknown) => ConversationEntity | undefined>> = {
  Conversation: (source) => source as ConversationEntity,
  Member: (source) => (source as Part).conversation,
  Message: (source) => (source as Part).conversation,
  Reaction: (source) => (source as Part).message?.conversation,
};

/** The resolver of a type's field, which is asked in the context of then where its object is of a conversation as it was. */
export function inItsTime(type: string, resolve: Resolver): Resolver {
  const conversationOf = CONVERSATIONS[type];
  if (conversationOf === undefined) return resolve;
  return (source, given, context, info) => resolve(source, given, conversationOf(source)?.past ?? context, info);
}
