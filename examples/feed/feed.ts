import { onChange, when, type Client, type ConversationHandle, type ConversationState, type Message } from "tidings-client";

/** So many posts are held at most: the library shows no more than 500 of each conversation. */
const MOST = 400;
/** Later than every time. */
const NOW = "~";

/** What is missing of a channel, or of the list of channels: nothing of it is newer than `until`. */
type Rest = { until: string; load: () => Promise<void> };

export type Feed = ReturnType<typeof createFeed>;

/**
 * The posts of all channels that somebody follows, the newest first. They are merged when they are read: no post is copied. A
 * channel is opened once the feed has come down to its newest post. `changed` is told when there are others than before.
 */
export function createFeed(client: Client, changed: () => void) {
  const opened = new Map<string, ConversationHandle>();
  let posts: readonly Message[] = [];
  let wanted = 0;
  let merging = Promise.resolve();

  const open = async (id: string): Promise<void> => {
    const handle = client.conversation(id);
    opened.set(id, handle);
    const { error } = await when(handle.messages, (state) => state.reachedEnd || state.error);
    if (error) throw error;
  };
  const close = (id: string): void => {
    opened.get(id)?.release();
    opened.delete(id);
  };
  const postsOf = (id: string): readonly Message[] =>
    opened
      .get(id)
      ?.messages.get()
      .items.filter((item) => item.type === "message") ?? [];
  const restOf = ({ id, lastMessage }: ConversationState): Rest[] => {
    const handle = opened.get(id);
    if (!handle) return lastMessage ? [{ until: lastMessage.sentAt, load: () => open(id) }] : [];
    if (handle.messages.get().reachedStart) return [];
    return [{ until: postsOf(id)[0]?.sentAt ?? NOW, load: () => handle.loadOlder() }];
  };

  /** Loads the newest of what is missing until enough posts stand above it. */
  const merge = async (): Promise<void> => {
    const { items, complete } = client.conversations.get();
    const channels = items.filter(({ kind }) => kind === "CHANNEL");
    for (const id of opened.keys()) if (!channels.some((channel) => channel.id === id)) close(id);
    // Pinned ones stand above newer ones.
    const last = items.at(-1)?.membership?.pinned ? undefined : items.at(-1);
    const unlisted = complete ? [] : [{ until: last?.lastActivityAt ?? NOW, load: client.loadMoreConversations }];
    const [next] = [...unlisted, ...channels.flatMap(restOf)].sort((one, other) => newer(one.until, other.until));
    const sure = channels
      .flatMap(({ id }) => postsOf(id))
      .filter(({ sentAt, recalledAt }) => recalledAt === null && sentAt > (next?.until ?? ""))
      .sort((one, other) => newer(one.sentAt, other.sentAt) || newer(one.cursor, other.cursor));
    if (next && sure.length < wanted) return next.load().then(merge);
    posts = sure;
    return changed();
  };
  /** One after the other. What cannot be loaded now is loaded with the next change, such as that of the connection. */
  const update = (): Promise<void> => (merging = merging.then(merge, merge));
  const follow = (): void => void update().catch(() => undefined);
  const ends = [onChange([client.conversations, client.connection], follow), client.onEntry(follow)];

  return {
    /** None is missing between them. */
    posts: () => posts,
    /** Adds at least so many older posts, where there are as many. Rejects with a `ClientError`. */
    more: async (count = 20): Promise<void> => {
      await when(client.me, Boolean);
      wanted = Math.min(MOST, posts.length + count);
      await update();
    },
    close: (): void => {
      for (const end of ends) end();
      for (const id of opened.keys()) close(id);
    },
  };
}

const newer = (one: string, other: string): number => (one === other ? 0 : one > other ? -1 : 1);
