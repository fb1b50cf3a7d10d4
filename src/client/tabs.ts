import type { Outgoing } from "./outbox.ts";
import type { Snapshot, Step } from "./state.ts";
import type { ClientError, ConnectionState, Me } from "./types.ts";

/** What another tab asks the leading one to do. */
export type Call = { do: "more" } | { do: "people" } | { do: "reconnect" } | { do: "discard"; id: string } | { do: "me"; me: Me };

/** What tabs say to each other. */
export type Told =
  | { type: "hello"; from: string }
  | { type: "welcome"; to: string; leader: string; step: number; snapshot: Snapshot | undefined; connection: ConnectionState }
  | { type: "lead"; leader: string; cursor: string | undefined }
  | { type: "step"; leader: string; number: number; step: Step }
  | { type: "connection"; state: ConnectionState }
  | { type: "outgoing"; id: string; message: Outgoing | undefined }
  | { type: "draft"; conversationId: string; text: string }
  | { type: "call"; from: string; id: string; call: Call }
  | { type: "answer"; to: string; id: string; error?: { code: ClientError["code"]; message: string } }
  | { type: "watch"; from: string; key: string; document: string; variables: unknown }
  | { type: "unwatch"; from: string; key: string }
  | { type: "watched"; key: string; data: unknown };

export type Tabs = {
  readonly id: string;
  readonly isLeading: boolean;
  post(told: Told): void;
  close(): Promise<void>;
};

export type TabsOptions = {
  name: string;
  /** This tab leads from now on: it alone has a connection, sends and keeps. */
  lead: () => void;
  took: (told: Told) => void;
};

/** One tab alone: it leads. */
export function aloneTab({ lead }: Pick<TabsOptions, "lead">): Tabs {
  let isLeading = false;
  queueMicrotask(() => {
    isLeading = true;
    lead();
  });
  return {
    id: "alone",
    get isLeading() {
      return isLeading;
    },
    post: () => undefined,
    close: async () => undefined,
  };
}

/** Tabs of one browser that have the same name: the one that holds the lock leads, and another one as soon as it is gone. */
export function sharedTabs({ name, lead, took }: TabsOptions): Tabs {
  const id = crypto.randomUUID();
  const channel = new BroadcastChannel(name);
  const ended = new AbortController();
  let isLeading = false;
  let leave: () => void = () => undefined;
  channel.addEventListener("message", ({ data }: MessageEvent<Told>) => {
    if (!ended.signal.aborted) took(data);
  });
  const holding = navigator.locks
    .request(name, { signal: ended.signal }, () => {
      if (ended.signal.aborted) return undefined;
      isLeading = true;
      lead();
      return new Promise<void>((resolve) => {
        leave = resolve;
      });
    })
    // It was closed before it led.
    .catch(() => undefined);
  channel.postMessage({ type: "hello", from: id } satisfies Told);
  return {
    id,
    get isLeading() {
      return isLeading;
    },
    post: (told) => {
      if (!ended.signal.aborted) channel.postMessage(told);
    },
    close: async () => {
      if (ended.signal.aborted) return;
      ended.abort();
      isLeading = false;
      channel.close();
      leave();
      await holding;
    },
  };
}
