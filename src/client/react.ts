import {
  createContext,
  createElement,
  type ReactNode,
  useContext,
  useEffect,
  useMemo,
  useState,
  useSyncExternalStore,
} from "react";
import type {
  Client,
  ConnectionState,
  ConversationHandle,
  ConversationList,
  ConversationState,
  Me,
  MessagesState,
  OutgoingMessage,
  PeopleState,
  Person,
  Unread,
  Watched,
} from "./types.ts";

const TidingsContext = createContext<Client | undefined>(undefined);

/** Gives the client to all below it. It is neither made nor closed here. */
export function TidingsProvider({ client, children }: { client: Client; children?: ReactNode }): ReactNode {
  return createElement(TidingsContext.Provider, { value: client }, children);
}

/** The client of the `TidingsProvider` above. Throws where there is none. */
export function useTidings(): Client {
  const client = useContext(TidingsContext);
  if (!client) throw new Error("there is no TidingsProvider above this component");
  return client;
}

/** A watched value; the component is rendered again when it changes. */
export const useWatched = <T>(watched: Watched<T>): T => useSyncExternalStore(watched.subscribe, watched.get, watched.get);

export const useConnection = (): ConnectionState => useWatched(useTidings().connection);
export const useMe = (): Me | undefined => useWatched(useTidings().me);
export const useConversations = (): ConversationList => useWatched(useTidings().conversations);
export const useUnread = (): Unread => useWatched(useTidings().unread);
export const usePeople = (): PeopleState => useWatched(useTidings().people);
export const useOutbox = (): readonly OutgoingMessage[] => useWatched(useTidings().outbox);

/**
 * The handle of a conversation for as long as the component is there; another one when `id` changes. It is released when the
 * component goes.
 */
export function useConversationHandle(id: string): ConversationHandle {
  const client = useTidings();
  // A render may come to nothing, and is not told of it. So its handle is released at once, and held from the effect on.
  const rendered = useMemo(() => {
    const handle = client.conversation(id);
    handle.release();
    return handle;
  }, [client, id]);
  const [held, setHeld] = useState({ rendered, own: rendered });
  useEffect(() => {
    const own = client.conversation(id);
    // Others took so many places meanwhile that the rendered one was forgotten.
    if (own.messages !== rendered.messages) setHeld({ rendered, own });
    return own.release;
  }, [client, id, rendered]);
  return held.rendered === rendered ? held.own : rendered;
}

/** The messages of a conversation, and what loads more of them. */
export function useMessages(id: string): MessagesState & { readonly handle: ConversationHandle } {
  const handle = useConversationHandle(id);
  const messages = useWatched(handle.messages);
  return useMemo(() => ({ ...messages, handle }), [messages, handle]);
}

export const useConversation = (id: string): ConversationState | undefined => useWatched(useConversationHandle(id).conversation);

export const useTyping = (id: string): readonly Person[] => useWatched(useConversationHandle(id).typing);

/** What was written and not sent, and what changes it. */
export function useDraft(id: string): [draft: string, setDraft: (text: string) => void] {
  const handle = useConversationHandle(id);
  return [useWatched(handle.draft), handle.setDraft];
}
