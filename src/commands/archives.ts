import { decider as annotationDecider } from "../domain/annotation.ts";
import { type AboutMessage, type Fact, type FactOf, type FactType, isAboutMessage } from "../domain/archive.ts";
import { checked } from "../domain/checked.ts";
import type { Decider } from "../domain/decider.ts";
import type { Event as DomainEvent } from "../domain/events.ts";
import { decider as friendshipDecider } from "../domain/friendship.ts";
import { decider as groupDecider } from "../domain/group.ts";
import { normaliseHandle } from "../domain/handleForm.ts";
import { streams } from "../domain/ids.ts";
import { decider as preferencesDecider } from "../domain/preferences.ts";
import { Refusal } from "../domain/refusal.ts";
import { decider as subscriptionDecider } from "../domain/subscription.ts";
import { decider as userDecider } from "../domain/user.ts";
import type { Awaitable } from "../ports/awaitable.ts";
import { byteCache } from "../ports/byteCache.ts";
import { laterOf, type Position } from "../ports/eventStore.ts";
import { Unavailable } from "../ports/faults.ts";
import { newEvent, type Stamp } from "./append.ts";
import type { Attachment } from "./attachments.ts";
import { claimFirst, releaseHandle } from "./claims.ts";
import type { Commands, ImportedFacts, ImportFault } from "./commands.ts";
import type { CommandContext } from "./context.ts";
import { handlesFor, IMPORT } from "./imports.ts";
import type { Outgoing } from "./outgoing.ts";
import { unavailable } from "./refusals.ts";
import { fileImport } from "./uploads.ts";

/** Memory for the seqs of messages that were stored a moment ago. */
const SEQS_BYTES = 33_554_432;
/** How long to wait until the views hold what is in the log, before a message counts as not there; in milliseconds. */
const CAUGHT_UP_MS = 10_000;

/** A fact of a call, and its place there. */
type Placed<Type extends FactType = FactType> = { index: number; fact: FactOf<Type> };
type Sent = Placed<"MessageSent">;
type OfUser = FactOf<"UserRegistered" | "ProfileUpdated" | "UserDeactivated" | "UserReactivated">;
type OfMessage = FactOf<AboutMessage>;
const isOfMessage = (fact: Fact): fact is OfMessage => isAboutMessage(fact.fact);

/** What became of a fact: `stored` is false if it is there already. `loose`: without the message that it answers. */
type Outcome = { stored: boolean; position?: Position; loose?: true };

/** The stream that a fact belongs to, and what it is imported after: its conversation, its two users, or people. */
type Home = { stream: string; kind: string; key: string };

/** People come before all else of a call: whatever follows may name them. */
const PEOPLE = "people";

/**
 * Imports archives of Tidings (src/domain/archive.ts): each fact becomes the event that it was, with its id and its time, and
 * nobody is told of it. The facts of a conversation keep their order.
 */
export function archiveCommands(context: CommandContext): Pick<Commands, "importFacts" | "importFile"> {
  const files = fileImport(context);
  const { append, backpressure, handle, log, messages, views, watermark, now } = context;
  /** Of messages, by conversation and id. */
  const seqs = byteCache<number>(SEQS_BYTES);
  const seqKey = (conversation: string, id: string) => `${conversation} ${id}`;

  type Importing = { request: Pick<Stamp, "correlationId"> | Record<string, never>; caughtUp: () => Promise<void> };

  const stampOf = ({ id, at, by }: Fact, { request }: Importing): Stamp => ({
    actorId: by ?? IMPORT,
    clientMutationId: id,
    at: now().toISOString(),
    imported: { at },
    ...request,
  });

  /** The seqs of messages, by their ids. The views may lack those of a moment ago, so they are waited for once in a call. */
  const seqsOf = async (conversation: string, ids: readonly string[], importing: Importing): Promise<Map<string, number>> => {
    const found = new Map<string, number>();
    const look = async (): Promise<void> => {
      const missing: string[] = [];
      for (const id of ids) {
        const known = found.get(id) ?? seqs.get(seqKey(conversation, id));
        if (known === undefined) missing.push(id);
        else found.set(id, known);
      }
      if (missing.length === 0) return;
      const rows = await views.timelines.seqsOfEvents(conversation, missing);
      for (const [index, id] of missing.entries()) {
        const seq = rows[index];
        if (seq === undefined) continue;
        found.set(id, seq);
        seqs.set(seqKey(conversation, id), seq);
      }
    };
    await look();
    if (found.size < new Set(ids).size) {
      await importing.caughtUp();
      await look();
    }
    return found;
  };

  const seqOf = async (conversation: string, id: string, importing: Importing): Promise<number> => {
    const seq = (await seqsOf(conversation, [id], importing)).get(id);
    if (seq !== undefined) return seq;
    throw new Refusal("BAD_INPUT", "the message that it is about is not there", { field: "message" });
  };

  /**
   * Those of them who have not read the newest message that was sent here, and that is not above `upTo`. What an archive tells
   * lies behind it, and does not say that they have.
   */
  const withUnread = async (conversation: string, users: readonly string[], upTo: number): Promise<ReadonlySet<string>> => {
    const [newest = 0] = await views.readMarks.newestSent([conversation]);
    if (newest === 0 || newest > upTo) return new Set();
    const marks = await views.readMarks.marks(users.map((user) => ({ conversation, user })));
    return new Set(users.filter((_, index) => (marks[index] ?? 0) < newest));
  };

  /** Messages of one conversation, in their order. None of them answers another one. */
  const store = async (placed: readonly Sent[], importing: Importing): Promise<Settled[]> => {
    const [first] = placed;
    if (!first) return [];
    const { conversationId } = first.fact.data;
    const known = await views.timelines.seqsOfEvents(
      conversationId,
      placed.map(({ fact }) => fact.id),
    );
    const isKnown = (index: number, { id }: Sent["fact"]) => known[index] !== undefined || seqs.has(seqKey(conversationId, id));
    const fresh = placed.filter(({ fact }, index) => !isKnown(index, fact));
    const answered = fresh.flatMap(({ fact: { data } }) => (data.replyTo === null ? [] : [data.replyTo]));
    const roots = answered.length === 0 ? new Map<string, number>() : await seqsOf(conversationId, answered, importing);
    const senders = [...new Set(fresh.map(({ fact }) => fact.data.senderId))];
    const behind = await withUnread(conversationId, senders, Number.POSITIVE_INFINITY);
    const settled = placed
      .filter(({ fact }, index) => isKnown(index, fact))
      .map(({ index }): Settled => ({ index, outcome: { stored: false } }));
    const outgoing: { index: number; loose: boolean; message: Outgoing }[] = [];
    for (const { index, fact } of fresh) {
      try {
        const { id, at, data } = fact;
        const replyTo = data.replyTo === null ? null : (roots.get(data.replyTo) ?? null);
        const { clientMutationId = id, attachments: given, ...others } = data;
        const attachments: Attachment[] = [];
        for (const each of given) attachments.push("file" in each ? await files.attached(each) : each);
        // What is no picture, sound or film after all makes its message one with a file.
        const isOther = attachments.some(({ file, mediaType }, at) => file && mediaType !== given[at]?.mediaType);
        if (isOther && !attachments.every(({ mediaType }) => mediaType.startsWith(`${data.kind.toLowerCase()}/`)))
          others.kind = "FILE";
        // Nothing else that a message says leaves its sender's mark where it is.
        if (behind.has(data.senderId)) others.scheduled = true;
        const sent = checked("MessageSent", { ...others, attachments, clientMutationId, replyTo, imported: { sentAt: at } });
        const message = { id, data: sent.data, stamp: stampOf(fact, importing) };
        outgoing.push({ index, loose: data.replyTo !== null && replyTo === null, message });
      } catch (error) {
        settled.push({ index, fault: refusalOf(index, error) });
      }
    }
    const outcomes = await messages.storeAll(outgoing.map(({ message }) => message));
    for (const [at, outcome] of outcomes.entries()) {
      const { index = 0, loose = false, message } = outgoing[at] ?? {};
      if (outcome.status === "rejected") {
        settled.push({ index, fault: refusalOf(index, outcome.reason) });
        continue;
      }
      const { position, repeated, message: row } = outcome.value;
      seqs.set(seqKey(conversationId, message?.id ?? ""), row.seq);
      settled.push({ index, outcome: { stored: !repeated, position, ...(loose && !repeated && { loose }) } });
      for (const { file } of message?.data.attachments ?? []) if (file) await files.held(file.id);
    }
    return settled;
  };

  /**
   * A fact that a decider takes. It is there already if its event is, wherever in its stream, or if all is as it says. The rows
   * are asked for the event, since only the first one of a command is known to the command's stream by its id.
   */
  const restore = async <State, Command, Event extends DomainEvent>(
    fact: Fact,
    stream: string,
    decider: Decider<State, Command, Event>,
    commandOf: (state: State) => Awaitable<NoInfer<Command>>,
    importing: Importing,
    /** `always`: the state is asked for, also where it is there already. */
    { always = false }: { always?: boolean } = {},
  ): Promise<Outcome & { state?: State }> => {
    if (!always && (await views.folds.revisionOf(stream, fact.id)) !== undefined) return { stored: false };
    const { position, events, repeated, state } = await handle({
      ...stampOf(fact, importing),
      id: fact.id,
      stream,
      decider,
      commandOf,
      // So that the same archive again changes nothing, also after somebody here has changed what it says.
      reversible: true,
    });
    return { stored: !repeated && events.length > 0, position, state };
  };

  /** Whoever is here already keeps what they say of themselves: only those who came with an archive are changed by one. */
  const isImported = async (userId: string): Promise<boolean> => {
    const [first] = await log.read(streams.user(userId), 0, "forwards", 1);
    return first === undefined || first.metadata.imported !== undefined;
  };

  const restoreUser = async (fact: OfUser, importing: Importing): Promise<Outcome> => {
    const { userId } = fact.data;
    const stamp = { ...stampOf(fact, importing), actorId: userId };
    if (!(await isImported(userId))) return { stored: false };
    const givesUp = fact.fact === "ProfileUpdated" && fact.data.handle !== undefined;
    const { state: after, ...outcome } = await restore(
      fact,
      streams.user(userId),
      userDecider,
      async (state) => {
        if (fact.fact === "UserRegistered") {
          if (state) return { type: "Restore" as const, event: { type: fact.fact, data: fact.data } };
          const candidates = [fact.data.handle, ...handlesFor(fact.data.name), ...handlesFor(userId)];
          const claimed = await claimFirst(handle, candidates, userId, stamp);
          return {
            type: "Restore" as const,
            event: { type: fact.fact, data: { ...fact.data, handle: normaliseHandle(claimed) } },
          };
        }
        if (fact.fact !== "ProfileUpdated") return { type: "Restore" as const, event: { type: fact.fact, data: fact.data } };
        const { handle: wanted, ...data } = fact.data;
        if (wanted === undefined || !state || normaliseHandle(wanted) === state.handle)
          return { type: "Restore" as const, event: { type: fact.fact, data } };
        const claimed = await claimFirst(handle, [wanted, state.handle], userId, stamp);
        return { type: "Restore" as const, event: { type: fact.fact, data: { ...data, handle: normaliseHandle(claimed) } } };
      },
      importing,
      // Whoever was interrupted before a former handle was released does that now.
      { always: givesUp },
    );
    for (const former of givesUp ? (after?.formerHandles ?? []) : [])
      if (former !== after?.handle)
        await releaseHandle(handle, former, userId, stamp, { reason: "replaced", current: after?.handle });
    return outcome;
  };

  const restoreOfMessage = async (fact: OfMessage, stream: (seq: number) => string, importing: Importing): Promise<Outcome> => {
    const { message, ...data } = fact.data;
    const seq = await seqOf(data.conversationId, message, importing);
    const event = { type: fact.fact, data: { ...data, seq } } as Parameters<typeof annotationDecider.evolve>[1];
    return restore(fact, stream(seq), annotationDecider, () => ({ type: "Restore" as const, event }), importing);
  };

  /** A mark's stream is not loaded (reads.ts): the highest mark wins, so a mark that the rows reach already is none. */
  const mark = async (fact: FactOf<"ReadUpTo">, importing: Importing): Promise<Outcome> => {
    const { userId, conversationId, message } = fact.data;
    const seq = await seqOf(conversationId, message, importing);
    if ((await views.readMarks.mark(userId, conversationId)) >= seq) return { stored: false };
    if ((await withUnread(conversationId, [userId], seq)).size > 0) return { stored: false };
    const stream = streams.reader(userId, conversationId);
    const newest = await log.read(stream, Number.MAX_SAFE_INTEGER, "backwards", 1);
    if (newest.some(({ data }) => (data as { seq: number }).seq >= seq)) return { stored: false };
    const event = newEvent(fact.id, "ReadUpTo", { userId, conversationId, seq }, stampOf(fact, importing));
    try {
      const { position } = await backpressure.held(() => append(stream, [event], "any"));
      return { stored: true, position };
    } catch (error) {
      throw error instanceof Unavailable ? unavailable(error) : error;
    }
  };

  const restoreOther = (fact: Exclude<Fact, { fact: "MessageSent" }>, importing: Importing): Promise<Outcome> => {
    if (isOfMessage(fact)) return restoreOfMessage(fact, (seq) => streams.annotation(fact.data.conversationId, seq), importing);
    const event = { type: fact.fact, data: fact.data };
    switch (fact.fact) {
      case "UserRegistered":
      case "ProfileUpdated":
      case "UserDeactivated":
      case "UserReactivated":
        return context.inUserTurn(fact.data.userId, () => restoreUser(fact, importing));
      case "ReadUpTo":
        return mark(fact, importing);
      case "PreferencesChanged":
        return restore(fact, homeOf(fact).stream, preferencesDecider, () => ({ type: "Set" as const, ...fact.data }), importing);
      case "ChannelFollowed":
        return restore(
          fact,
          homeOf(fact).stream,
          subscriptionDecider,
          () => ({ type: "Follow" as const, isIn: false, ...fact.data }),
          importing,
        );
      case "ChannelUnfollowed":
        return restore(
          fact,
          homeOf(fact).stream,
          subscriptionDecider,
          () => ({ type: "Unfollow" as const, isFollower: true, ...fact.data }),
          importing,
        );
      case "FriendshipRequested":
      case "FriendRequestAccepted":
      case "FriendRequestDeclined":
      case "FriendRequestWithdrawn":
      case "FriendshipBegan":
      case "FriendshipEnded":
      case "FriendAliasChanged":
      case "UserBlocked":
      case "UserUnblocked": {
        const restored = event as Parameters<typeof friendshipDecider.evolve>[1];
        return restore(
          fact,
          homeOf(fact).stream,
          friendshipDecider,
          () => ({ type: "Restore" as const, event: restored }),
          importing,
        );
      }
      default: {
        const restored = event as Extract<Parameters<typeof groupDecider.decide>[1], { type: "Restore" }>["event"];
        return restore(fact, homeOf(fact).stream, groupDecider, () => ({ type: "Restore" as const, event: restored }), importing);
      }
    }
  };

  /** The facts of one stream, one after the other. */
  const inOrder = async (placed: readonly Placed[], importing: Importing): Promise<Settled[]> => {
    const settled: Settled[] = [];
    for (const { index, fact } of placed) {
      try {
        settled.push({ index, outcome: await restoreOther(fact as Exclude<Fact, { fact: "MessageSent" }>, importing) });
      } catch (error) {
        settled.push({ index, fault: refusalOf(index, error) });
      }
    }
    return settled;
  };

  /** All of one key, in their order: runs of messages, and of facts of one kind, where different streams go together. */
  const importOf = async (placed: readonly Placed[], importing: Importing): Promise<Settled[]> => {
    const settled: Settled[] = [];
    for (const run of runsOf(placed)) {
      if (run[0]?.fact.fact === "MessageSent") settled.push(...(await store(run as Sent[], importing)));
      else {
        const byStream = grouped(run, ({ fact }) => homeOf(fact).stream).values();
        settled.push(...(await Promise.all([...byStream].map((each) => inOrder(each, importing)))).flat());
      }
    }
    return settled;
  };

  return {
    importFile: files.importFile,

    importFacts: async (caller, { facts }): Promise<ImportedFacts> => {
      if (!caller.admin) throw new Refusal("FORBIDDEN", "an import needs a token with the scope admin");
      let caught: Promise<void> | undefined;
      const importing: Importing = {
        request: caller.correlationId === undefined ? {} : { correlationId: caller.correlationId },
        caughtUp: () =>
          (caught ??= (async () => {
            if (!(await watermark.reached(await log.end(), CAUGHT_UP_MS)))
              throw new Refusal("UNAVAILABLE", "the views have not caught up with the log yet: try again", {
                retryAfterMs: 1_000,
              });
          })().finally(() => (caught = undefined))),
      };
      const placed = facts.map((fact, index): Placed => ({ index, fact }));
      const byKey = grouped(placed, ({ fact }) => homeOf(fact).key);
      const people = byKey.get(PEOPLE) ?? [];
      byKey.delete(PEOPLE);
      const settled = await importOf(people, importing);
      settled.push(...(await Promise.all([...byKey.values()].map((each) => importOf(each, importing)))).flat());
      const outcomes = settled.flatMap((each) => ("outcome" in each ? [each.outcome] : []));
      return {
        position: outcomes.reduce<Position>((last, { position }) => laterOf(last, position), log.origin),
        stored: outcomes.filter(({ stored }) => stored).length,
        alreadyThere: outcomes.filter(({ stored }) => !stored).length,
        loose: outcomes.filter(({ loose }) => loose).length,
        refused: settled.flatMap((each) => ("fault" in each ? [each.fault] : [])).sort((one, other) => one.index - other.index),
      };
    },
  };
}

function grouped<T>(all: readonly T[], keyOf: (each: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const each of all) {
    const group = groups.get(keyOf(each));
    if (group) group.push(each);
    else groups.set(keyOf(each), [each]);
  }
  return groups;
}

/** Why a single fact is refused. Any other error (the log is away) fails the whole call, and the caller repeats it. */
function refusalOf(index: number, error: unknown): ImportFault {
  if (!(error instanceof Refusal) || error.code === "UNAVAILABLE" || error.code === "RATE_LIMITED") throw error;
  return { index, code: error.code === "CONFLICT" ? "CONFLICT" : "BAD_INPUT", message: error.message };
}

type Settled = { index: number } & ({ outcome: Outcome } | { fault: ImportFault });

/** Of a fact about a message, the stream is not known before the message is: its id stands for it. */
function homeOf(given: Fact): Home {
  if (isOfMessage(given)) return { stream: given.data.message, kind: "annotation", key: given.data.conversationId };
  const { fact, data, id } = given;
  switch (fact) {
    case "UserRegistered":
    case "UserDeactivated":
    case "UserReactivated":
      return { stream: streams.user(data.userId), kind: "user", key: PEOPLE };
    case "ProfileUpdated": {
      // A handle that one gives up may be another's next: one after the other.
      const kind = data.handle === undefined ? "user" : `handle ${id}`;
      return { stream: streams.user(data.userId), kind, key: PEOPLE };
    }
    case "FriendshipRequested":
    case "FriendRequestAccepted":
    case "FriendRequestDeclined":
    case "FriendRequestWithdrawn":
      return ofPair(data.from, data.to);
    case "FriendshipBegan":
      return ofPair(...data.userIds);
    case "FriendshipEnded":
    case "FriendAliasChanged":
      return ofPair(data.userId, data.friendId);
    case "UserBlocked":
    case "UserUnblocked":
      return ofPair(data.userId, data.blockedId);
    case "ChannelFollowed":
    case "ChannelUnfollowed":
      return { stream: streams.subscription(data.channelId, data.userId), kind: "subscription", key: data.channelId };
    case "MessageSent":
      return { stream: streams.conversation(data.conversationId), kind: "conversation", key: data.conversationId };
    case "ReadUpTo":
      return { stream: streams.reader(data.userId, data.conversationId), kind: "reader", key: data.conversationId };
    case "PreferencesChanged":
      return { stream: streams.preferences(data.userId, data.conversationId), kind: "preferences", key: data.conversationId };
    default:
      return { stream: streams.group(data.groupId), kind: "group", key: data.groupId };
  }
}

function ofPair(one: string, other: string): Home {
  const stream = streams.friendship(one, other);
  return { stream, kind: "friendship", key: stream };
}

/** Facts that may be stored together: those of one kind that follow each other. What answers one of a run begins a new one. */
function runsOf(placed: readonly Placed[]): Placed[][] {
  const runs: Placed[][] = [];
  let run: Placed[] = [];
  let kind = "";
  let ids = new Set<string>();
  for (const each of placed) {
    const { fact } = each;
    const next = homeOf(fact).kind;
    const answersRun = fact.fact === "MessageSent" && fact.data.replyTo !== null && ids.has(fact.data.replyTo);
    if (next !== kind || answersRun) {
      run = [];
      runs.push(run);
      ids = new Set();
      kind = next;
    }
    run.push(each);
    ids.add(fact.id);
  }
  return runs;
}
