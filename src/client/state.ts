import { createConversationList } from "./conversationList.ts";
import { countsOf, type InboxEntry, peopleIn, peopleOf } from "./entries.ts";
import type { ConversationCountsFragment } from "./operations.ts";
import { NOBODY, peopleAfter, peopleOfAll, peopleWith } from "./people.ts";
import { createTimeline, messageOf, type Page, type Timeline, withPerson } from "./timeline.ts";
import type { ConversationState, Me, Message, PeopleState, Person, Unread } from "./types.ts";

/** All that is fetched at first. It is true as of `cursor`, or of a moment later. */
export type Start = {
  me: Me;
  cursor: string;
  conversations: readonly ConversationState[];
  /** Where the next page of conversations begins; null where there is none. */
  nextPage: string | null;
  unreadTotal: number;
};

/**
 * What changes the state, in the order in which it came: entries, and what was fetched. All tabs go the same steps. `asOf`: the
 * cursor of the state when it was asked for. Entries after it are applied again, since what was fetched may lack them.
 */
export type Step =
  | { type: "start"; start: Start }
  | { type: "entry"; entry: InboxEntry }
  | { type: "conversations"; conversations: readonly ConversationState[]; gone: readonly string[]; asOf: string }
  | { type: "page"; conversations: readonly ConversationState[]; nextPage: string | null; asOf: string }
  | { type: "total"; total: number }
  | { type: "people"; people: PeopleState; asOf: string }
  | { type: "me"; me: Me }
  | { type: "read"; conversationId: string; seq: number }
  | { type: "settled"; settled: Settled };

/** The server knows how far the viewer has read (`counts`, true as of `cursor` or later), or refused it. */
export type Settled = { conversationId: string; seq: number; counts?: ConversationCountsFragment; cursor?: string };

/** The state as another tab, or this one after a restart, goes on from it. `reading`: what the server does not know yet. */
export type Snapshot = Start & {
  people: PeopleState;
  /** The last one that is listed, as it was when it was loaded: the list ends where it stood then. */
  boundary: ConversationState | undefined;
  reading: readonly (readonly [conversationId: string, seq: number])[];
  /** What was to be fetched, and is not there yet. */
  wanted: Wanted;
};

/** What is to be fetched. */
export type Wanted = { readonly conversations: readonly string[]; readonly total: boolean; readonly people: boolean };

const NOTHING: Wanted = { conversations: [], total: false, people: false };

/** What happens with the state. */
export type StateListener = {
  /** From now on it is another user's. */
  another(): void;
  me(): void;
  conversations(): void;
  conversation(id: string): void;
  unread(): void;
  people(): void;
  messages(id: string): void;
  /** A conversation's messages must be loaded again: around `place` (a seq), or else the newest ones. */
  cleared(id: string, place: number | undefined): void;
  /** A message came, as an entry. */
  received(message: Message): void;
  /** Conversations, what is unread in all, or people must be fetched: entries do not say it. */
  wanted(): void;
};

/** So many entries are kept, to be applied again to what was fetched meanwhile. */
const RECENT = 1_000;

/** So many people are remembered as they are shown. Whoever was forgotten and comes again may be called otherwise by now. */
const MET = 10_000;

/** When something was asked for: what comes of it is brought up to date from there. */
export type Moment = { readonly cursor: string | undefined; readonly starts: number };

export type State = ReturnType<typeof createState>;

/** The state: what was fetched, and entries in order. It asks nobody; `wanted` says what somebody should fetch. */
export function createState(listener: StateListener) {
  let me: Me | undefined;
  let cursor: string | undefined;
  let nextPage: string | null = null;
  let people: PeopleState = NOBODY;
  /** What is unread in all, where not all conversations are loaded. */
  let total = 0;
  /** The same over those that are loaded, and the mentions in them. */
  const sums = { unread: 0, mentions: 0 };
  let recent: InboxEntry[] = [];
  /** Entries after this place of the log are all in `recent`. */
  let since = "";
  /** How often the state was replaced by another one. */
  let starts = 0;
  const list = createConversationList();
  const timelines = new Map<string, Timeline>();
  /** How far the viewer has read, where the server has not said it yet. */
  const reading = new Map<string, number>();
  const wanted = { conversations: new Set<string>(), total: false, people: false };
  /** What is being fetched. */
  let taken: Wanted = NOTHING;

  const put = (conversation: ConversationState): void => {
    const before = list.get(conversation.id);
    const now = withReading(conversation, reading.get(conversation.id));
    // What is fetched is nearly always known: whoever shows it need not draw it anew.
    if (before && holdsSame(before, now)) return;
    list.put(now);
    const unread = unreadIn(now) - unreadIn(before);
    sums.unread += unread;
    total += unread;
    sums.mentions += mentionsIn(now) - mentionsIn(before);
    // What one that was not known had unread is in the total, too.
    if ((unread !== 0 || !before) && nextPage !== null) wanted.total = true;
    changed(before, now);
    listener.conversations();
    listener.unread();
  };

  const changed = (before: ConversationState | undefined, now: ConversationState): void => {
    listener.conversation(now.id);
    if (before && sightOf(before) !== sightOf(now)) clear(now.id);
  };

  /** What the viewer may see of it has changed, or nobody knows what became of it. Who reads back keeps their place. */
  const clear = (id: string): void => {
    const timeline = timelines.get(id);
    if (!timeline) return;
    const { view, isFollowing } = timeline;
    timeline.clear();
    listener.cleared(id, view && !isFollowing ? Math.floor((view.from + view.to) / 2) : undefined);
  };

  const summed = (): void => {
    sums.unread = 0;
    sums.mentions = 0;
    for (const conversation of list.all()) {
      sums.unread += unreadIn(conversation);
      sums.mentions += mentionsIn(conversation);
    }
  };

  /** Those who are called otherwise, or look otherwise, than they are shown. */
  const meet = (met: readonly Person[]): void => {
    for (const full of met) {
      const person = personOf(full);
      const before = persons.get(person.id);
      if (before && sameAs(before, person)) continue;
      persons.set(person.id, person);
      if (before || hasForgotten) renamed(person);
      const [oldest] = persons.keys();
      if (persons.size <= MET || oldest === undefined) continue;
      persons.delete(oldest);
      hasForgotten = true;
    }
  };
  const persons = new Map<string, Person>();
  let hasForgotten = false;

  const renamed = (person: Person): void => {
    for (const [id, timeline] of timelines) if (timeline.renamed(person)) listener.messages(id);
    for (const conversation of [...list.all()]) {
      const { peer, lastMessage } = conversation;
      const message = lastMessage && withPerson(lastMessage, person);
      if (peer?.id !== person.id && message === lastMessage) continue;
      const isPeer = peer?.id === person.id;
      put({
        ...conversation,
        lastMessage: message,
        ...(isPeer ? { peer: { ...peer, ...person }, title: person.name } : {}),
      });
    }
    if (me?.id === person.id) {
      me = { ...me, ...person };
      listener.me();
    }
    if (people.loaded) {
      people = peopleWith(people, person);
      listener.people();
    }
  };

  const counted = (counts: ConversationCountsFragment, newest?: Message): void => {
    const before = list.get(counts.id);
    // One that was not in the list may be in it now.
    if (!before || before.membership === null || (newest && before.membership.hidden)) {
      wanted.conversations.add(counts.id);
      if (!before) return;
    }
    const isNewest = newest !== undefined && newest.seq >= (before.lastMessage?.seq ?? 0);
    put({ ...before, ...counts, ...(isNewest ? { lastMessage: plain(newest) } : {}) });
  };

  /** Applies an entry. The same one again changes nothing. */
  const fold = (entry: InboxEntry): void => {
    meet(peopleOf(entry));
    switch (entry.__typename) {
      case "MessageReceived": {
        const { conversation, answered, ...fields } = entry.message;
        const message = messageOf(conversation.id, fields);
        listener.received(message);
        counted(conversation, message);
        const timeline = timelines.get(conversation.id);
        if (timeline) {
          timeline.received(message);
          if (answered) timeline.answered(answered);
          listener.messages(conversation.id);
        }
        break;
      }
      case "MessageChanged": {
        const { conversation, ...fields } = entry.message;
        const message = messageOf(conversation.id, fields);
        const before = list.get(conversation.id);
        counted(conversation, before?.lastMessage?.seq === message.seq ? message : undefined);
        if (timelines.get(conversation.id)?.replace(message)) listener.messages(conversation.id);
        quotedIn(conversation.id, message);
        break;
      }
      case "ReadMoved":
        if ((reading.get(entry.conversation.id) ?? 0) <= entry.conversation.readSeq) reading.delete(entry.conversation.id);
        counted(entry.conversation);
        break;
      case "MembershipChanged": {
        // Whoever answers requests to join is told of all that wait.
        const [before, after] = [list.get(entry.conversation.id), entry.conversation];
        if (people.loaded && entry.user.id === me?.id && isStaff(before) !== isStaff(after)) wanted.people = true;
        put(after);
        break;
      }
      case "ConversationChanged":
        put(entry.conversation);
        break;
      case "FriendshipChanged": {
        const { user } = entry;
        const direct = list.get(user.directConversationId);
        const { alias } = user.friendship;
        if (direct?.peer && direct.peer.friendship.alias !== alias)
          put({ ...direct, peer: { ...direct.peer, friendship: { alias } } });
        break;
      }
      default:
        break;
    }
    if (people.loaded && me) {
      const after = peopleAfter(people, me.id, entry);
      if (after !== people) {
        people = after;
        listener.people();
      }
    }
  };

  /** The newest message of the list may quote the one that was changed. */
  const quotedIn = (id: string, message: Message): void => {
    const conversation = list.get(id);
    const last = conversation?.lastMessage;
    if (!conversation || !last?.replyTo || last.replyTo.seq !== message.seq) return;
    const { kind, text, recalledAt, sender } = message;
    const replyTo = { ...last.replyTo, kind, text, recalledAt, sender };
    put({ ...conversation, lastMessage: { ...last, replyTo } });
  };

  /** What was fetched may lack what came meanwhile. */
  const again = (asOf: string, isMeant: (entry: InboxEntry) => boolean): void => {
    for (const entry of recent) if (entry.cursor > asOf && isMeant(entry)) fold(entry);
  };

  const start = (
    { me: user, cursor: from, conversations: given, nextPage: next, unreadTotal }: Start,
    { boundary, isSame = false }: { boundary?: ConversationState | undefined; isSame?: boolean } = {},
  ): void => {
    if (me && me.id !== user.id) {
      // What was read is the viewer's own.
      reading.clear();
      listener.another();
    }
    const conversations = given.map((conversation) => withReading(conversation, reading.get(conversation.id)));
    me = user;
    cursor = from;
    nextPage = next;
    total = unreadTotal;
    if (!isSame) {
      recent = [];
      since = from;
      starts += 1;
      persons.clear();
      hasForgotten = false;
    }
    wanted.conversations.clear();
    wanted.total = wanted.people = false;
    list.clear();
    list.load(conversations, next === null ? undefined : (boundary ?? conversations.at(-1)));
    for (const conversation of conversations) meet(peopleShown(conversation));
    meet([user]);
    summed();
    for (const id of timelines.keys()) {
      if (!isSame) clear(id);
      listener.messages(id);
      listener.conversation(id);
    }
    listener.me();
    listener.conversations();
    listener.unread();
  };

  /** The viewer has read so far: it is shown before the server knows it. False: they had already. */
  const read = (id: string, seq: number): boolean => {
    const conversation = list.get(id);
    if (Math.max(conversation?.readSeq ?? 0, reading.get(id) ?? 0) >= seq) return false;
    reading.set(id, seq);
    if (conversation) put(conversation);
    return true;
  };

  const settled = ({ conversationId: id, seq, counts, cursor: asOf }: Settled): void => {
    if ((reading.get(id) ?? 0) <= seq) reading.delete(id);
    if (nextPage !== null) wanted.total = true;
    const conversation = list.get(id);
    // The state may be newer than the answer, where it was replaced meanwhile.
    if (!conversation || !counts || asOf === undefined || asOf < since) {
      wanted.conversations.add(id);
      return;
    }
    put({ ...conversation, ...counts });
    // The answer may be late: entries that came before it know more, also the one that tells of it.
    for (const entry of recent) if (entry.cursor >= asOf && conversationOf(entry) === id) fold(entry);
  };

  const want = ({ conversations, total: isTotal, people: isPeople }: Wanted): void => {
    for (const id of conversations) wanted.conversations.add(id);
    wanted.total ||= isTotal;
    wanted.people ||= isPeople;
  };
  const isWanting = (): boolean => wanted.conversations.size > 0 || wanted.total || wanted.people;

  const tell = (): void => {
    if (isWanting()) listener.wanted();
  };

  return {
    get me() {
      return me;
    },
    get cursor() {
      return cursor;
    },
    get nextPage() {
      return nextPage;
    },
    get people() {
      return people;
    },
    get conversations() {
      return list.items;
    },
    conversation: (id: string): ConversationState | undefined => list.get(id),

    get unread(): Unread {
      return { total: Math.max(0, nextPage === null ? sums.unread : total), mentions: sums.mentions };
    },

    get moment(): Moment {
      return { cursor, starts };
    },
    /** Whether what was asked for then can be brought up to now. */
    reaches: (then: Moment): boolean => then.starts === starts && (then.cursor ?? "") >= since,
    /** The same of what another tab asked for. */
    mayTake(step: Step): boolean {
      const asOf = step.type === "settled" ? step.settled.cursor : "asOf" in step ? step.asOf : undefined;
      return asOf === undefined || asOf >= since;
    },

    apply(step: Step): void {
      switch (step.type) {
        case "start":
          people = NOBODY;
          start(step.start);
          listener.people();
          break;
        case "entry": {
          const { entry } = step;
          // It came before: over another connection, or from another tab.
          if (cursor !== undefined && entry.cursor <= cursor) break;
          cursor = entry.cursor;
          if (entry.__typename !== "InboxCaughtUp" && entry.__typename !== "InboxReset") {
            recent.push(entry);
            if (recent.length > 2 * RECENT) {
              since = recent.at(-RECENT - 1)?.cursor ?? since;
              recent = recent.slice(-RECENT);
            }
            fold(entry);
          }
          break;
        }
        case "conversations": {
          const ids = new Set(step.conversations.map(({ id }) => id));
          for (const conversation of step.conversations) {
            meet(peopleShown(conversation));
            put(conversation);
          }
          for (const id of step.gone) {
            const known = list.get(id);
            if (known?.membership) put({ ...known, membership: null });
          }
          for (const id of step.gone) ids.add(id);
          again(step.asOf, (entry) => ids.has(conversationOf(entry) ?? ""));
          break;
        }
        case "page": {
          const conversations = step.conversations.map((one) => withReading(one, reading.get(one.id)));
          const before = conversations.map(({ id }) => list.get(id));
          const ids = new Set(conversations.map(({ id }) => id));
          nextPage = step.nextPage;
          list.load(conversations, nextPage === null ? undefined : (conversations.at(-1) ?? list.boundary));
          summed();
          for (const [index, conversation] of conversations.entries()) {
            const known = before[index];
            if (!known || !holdsSame(known, conversation)) changed(known, conversation);
            meet(peopleShown(conversation));
          }
          again(step.asOf, (entry) => ids.has(conversationOf(entry) ?? ""));
          listener.conversations();
          listener.unread();
          break;
        }
        case "total":
          total = step.total;
          listener.unread();
          break;
        case "people":
          people = step.people;
          meet(peopleOfAll(people));
          for (const entry of recent) {
            if (entry.cursor <= step.asOf || !me) continue;
            meet(peopleOf(entry));
            people = peopleAfter(people, me.id, entry);
            // Whoever answers requests to join since then is told of all that wait.
            if (entry.__typename === "MembershipChanged" && entry.user.id === me.id) wanted.people = true;
          }
          listener.people();
          break;
        case "me":
          me = step.me;
          meet([me]);
          listener.me();
          break;
        case "read":
          read(step.conversationId, step.seq);
          break;
        case "settled":
          settled(step.settled);
          break;
        default:
          untold(step);
      }
      tell();
    },

    snapshot(): Snapshot | undefined {
      if (!me || cursor === undefined) return undefined;
      return {
        me,
        cursor,
        conversations: [...list.all()],
        nextPage,
        unreadTotal: total,
        people,
        boundary: list.boundary,
        reading: [...reading],
        wanted: {
          conversations: [...new Set([...wanted.conversations, ...taken.conversations])],
          total: wanted.total || taken.total,
          people: wanted.people || taken.people,
        },
      };
    },

    /** Goes on from a snapshot. Messages that are loaded are loaded again, unless it is of the cursor that this state has. */
    restore(snapshot: Snapshot): void {
      reading.clear();
      start(snapshot, {
        boundary: snapshot.boundary,
        isSame: me?.id === snapshot.me.id && cursor === snapshot.cursor,
      });
      // Its conversations show it already.
      for (const [id, seq] of snapshot.reading) reading.set(id, seq);
      people = snapshot.people;
      meet(peopleOfAll(people));
      listener.people();
      want(snapshot.wanted);
      tell();
    },

    /** What is to be fetched now. Then `notFetched` is told what of it was not. */
    takeWanted(): { conversations: string[]; total: boolean; people: boolean } {
      taken = { ...wanted, conversations: [...wanted.conversations] };
      wanted.conversations.clear();
      wanted.total = wanted.people = false;
      return { ...taken, conversations: [...taken.conversations] };
    },
    want,

    get isWanting(): boolean {
      return isWanting();
    },
    get isWantingOnlyTotal(): boolean {
      return wanted.total && !wanted.people && wanted.conversations.size === 0;
    },
    /** Another tab has fetched it: this step comes next. */
    fetchedElsewhere(step: Step): void {
      if (step.type === "total") wanted.total = false;
      if (step.type === "people") wanted.people = false;
      if (step.type !== "conversations") return;
      for (const { id } of step.conversations) wanted.conversations.delete(id);
      for (const id of step.gone) wanted.conversations.delete(id);
    },
    /** What was taken is there, but for this. */
    notFetched(left: Wanted): void {
      taken = NOTHING;
      want(left);
    },

    /** The messages of a conversation that somebody looks at. Of any other there are none, and none are kept. */
    timeline: (id: string): Timeline => timelines.get(id) ?? createTimeline(id),
    open(id: string): void {
      if (!timelines.has(id)) timelines.set(id, createTimeline(id));
    },
    forget: (id: string): void => void timelines.delete(id),

    /** A page of messages, and its conversation, as they were fetched. */
    loaded(conversation: ConversationState, page: Page, asOf: string): void {
      const timeline = timelines.get(conversation.id);
      meet([...peopleShown(conversation), ...page.messages.flatMap(peopleIn)]);
      // First: it may say that what was loaded before is not to be seen any more.
      put(conversation);
      timeline?.merge(page);
      again(asOf, (entry) => conversationOf(entry) === conversation.id);
      listener.messages(conversation.id);
      tell();
    },

    read,

    /** How far was read that the server does not know yet, by conversation. */
    get reading(): readonly (readonly [string, number])[] {
      return [...reading];
    },
  };
}

/** The conversation that an entry tells of. */
export function conversationOf(entry: InboxEntry): string | undefined {
  if (entry.__typename === "MembershipChanged" || entry.__typename === "ConversationChanged") return entry.conversation.id;
  return countsOf(entry)?.id;
}

const peopleShown = ({ peer, lastMessage }: ConversationState): readonly Person[] => [
  ...(peer ? [peer] : []),
  ...(lastMessage ? peopleIn(lastMessage) : []),
];

const personOf = ({ id, handle, name, avatarUrl, bot }: Person): Person => ({ id, handle, name, avatarUrl, bot });

const sameAs = (one: Person, other: Person): boolean =>
  one.name === other.name && one.handle === other.handle && one.avatarUrl === other.avatarUrl && one.bot === other.bot;

const isStaff = (conversation: ConversationState | undefined): boolean =>
  conversation?.membership?.role === "OWNER" || conversation?.membership?.role === "ADMIN";

/** Whether two values of the API hold the same, in whatever order. */
function holdsSame(one: unknown, other: unknown): boolean {
  if (one === other) return true;
  if (typeof one !== "object" || typeof other !== "object" || one === null || other === null) return false;
  const fields = Object.entries(one);
  if (fields.length !== Object.keys(other).length) return false;
  return fields.every(([name, value]) => name in other && holdsSame(value, (other as Record<string, unknown>)[name]));
}

/** As a conversation holds its newest message. */
function plain({ type: _type, conversationId: _id, ...message }: Message): NonNullable<ConversationState["lastMessage"]> {
  return message;
}

const unreadIn = (conversation: ConversationState | undefined): number =>
  conversation?.membership && !conversation.membership.muted ? conversation.unreadCount : 0;

const mentionsIn = (conversation: ConversationState | undefined): number =>
  conversation?.membership ? conversation.unreadMentions : 0;

/** What decides which messages the viewer may see. */
const sightOf = ({ membership, historyVisible, public: isPublic }: ConversationState): string =>
  `${membership?.joinedSeq ?? ""} ${membership?.joinedAt ?? ""} ${historyVisible} ${isPublic}`;

function withReading(conversation: ConversationState, seq: number | undefined): ConversationState {
  if (seq === undefined || seq <= conversation.readSeq) return conversation;
  const left = Math.max(0, conversation.lastSeq - seq);
  const { unreadCount, unreadMentions, unreadReplies } = conversation;
  return {
    ...conversation,
    readSeq: Math.min(seq, conversation.lastSeq),
    unreadCount: Math.min(unreadCount, left),
    unreadMentions: Math.min(unreadMentions, left),
    unreadReplies: Math.min(unreadReplies, left),
  };
}

function untold(step: never): never {
  throw new Error(`there is no step such as ${JSON.stringify(step)}`);
}
