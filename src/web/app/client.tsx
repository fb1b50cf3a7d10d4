import { createContext, useContext, useEffect, useState } from "react";
import type { Client, ConversationHandle, Me } from "../../client/types.ts";
import { useWatched } from "../parts/useWatched.ts";

const Context = createContext<Client | undefined>(undefined);
export const ClientProvider = Context.Provider;

export function useClient(): Client {
  const client = useContext(Context);
  if (!client) throw new Error("there is no ClientProvider");
  return client;
}

/** The one who uses the page. The shell shows nothing before this is known. */
export function useMe(): Me {
  const me = useWatched(useClient().me);
  if (!me) throw new Error("nobody has signed in");
  return me;
}

/** A conversation, held for as long as it is shown. Undefined for the very first moment. */
export function useHandle(id: string): ConversationHandle | undefined {
  const client = useClient();
  const [handle, setHandle] = useState<ConversationHandle>();
  useEffect(() => {
    const held = client.conversation(id);
    setHandle(held);
    return () => held.release();
  }, [client, id]);
  return handle?.id === id ? handle : undefined;
}

/** A random id for a call: the same call with the same id is done once. */
export function newId(): string {
  // Not `randomUUID`: a page that came without TLS from another machine has none.
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
