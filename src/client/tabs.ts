import { errorTold, toldError, type ToldError } from "./errors.ts";
import { newId } from "./ids.ts";
import type { Outgoing } from "./outbox.ts";
import type { Snapshot, Step } from "./state.ts";
import type { ConnectionState, Me } from "./types.ts";

/** What another tab asks the leading one to do. It is asked again until that has answered. */
export type Call =
  | { do: "more" }
  | { do: "people" }
  | { do: "reconnect" }
  | { do: "read"; conversationId: string; seq: number }
  | { do: "outgoing"; id: string; message: Outgoing | undefined }
  | { do: "discard"; id: string }
  | { do: "me"; me: Me };

/** How much a tab has been told: since which one leads, and how many steps and messages on their way. */
export type Position = { readonly leader: string; readonly number: number };

type ToldConnection = Omit<ConnectionState, "error"> & { error?: ToldError };

/** What tabs say to each other. */
export type Told =
  | { type: "hello"; from: string }
  | {
      type: "welcome";
      to: string;
      at: Position;
      snapshot: Snapshot | undefined;
      outbox: readonly Outgoing[];
      connection: ToldConnection;
    }
  | { type: "lead"; leader: string; was: Position; cursor: string | undefined }
  | { type: "step"; at: Position; step: Step }
  | { type: "outgoing"; at: Position; id: string; message: Outgoing | undefined }
  /** How far the leader is: whoever missed something asks. */
  | { type: "at"; at: Position }
  | { type: "connection"; state: ToldConnection }
  | { type: "draft"; conversationId: string; text: string }
  | { type: "call"; from: string; id: string; call: Call }
  | { type: "answer"; to: string; id: string; error?: ToldError }
  | { type: "watch"; from: string; key: string; document: string; variables: unknown }
  | { type: "unwatch"; from: string; key: string }
  | { type: "watched"; key: string; data: unknown };

/** A state of the connection as it is told: an error that is cloned loses its code. */
export const toldConnection = ({ error, ...state }: ConnectionState): ToldConnection => ({
  ...state,
  ...(error ? { error: toldError(error) } : {}),
});

export const connectionTold = ({ error, ...state }: ToldConnection): ConnectionState => ({
  ...state,
  ...(error ? { error: errorTold(error) } : {}),
});

export type Tabs = {
  readonly id: string;
  readonly isLeading: boolean;
  /** There may be others. */
  readonly isShared: boolean;
  post(told: Told): void;
  /** Calls `then` once another tab is no more there: closed, or crashed. */
  whenGone(tab: string, then: () => void): void;
  close(): Promise<void>;
};

export type TabsOptions = {
  name: string;
  /** This tab leads from now on: it alone has a connection, sends and keeps. */
  lead: () => void;
  /** It does so no more, since another one took the lock away. It leads again when its turn comes. */
  lost: () => void;
  took: (told: Told) => void;
  /** Told of what `lead`, `lost` and `took` threw. */
  report: (error: unknown) => void;
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
    isShared: false,
    post: () => undefined,
    whenGone: () => undefined,
    close: async () => undefined,
  };
}

/** Tabs of one browser that have the same name: the one that holds the lock leads, and another one as soon as it is gone. */
export function sharedTabs({ name, lead, lost, took, report }: TabsOptions): Tabs {
  const id = newId();
  const { locks } = navigator;
  const channel = new BroadcastChannel(name);
  const ended = new AbortController();
  const { signal } = ended;
  let isLeading = false;
  let leave: () => void = () => undefined;
  const safely = (work: () => void): void => {
    try {
      work();
    } catch (error) {
      report(error);
    }
  };
  channel.addEventListener("message", ({ data }: MessageEvent<Told>) => {
    if (!signal.aborted) safely(() => took(data));
  });
  const begin = (): void => {
    isLeading = true;
    safely(lead);
  };

  const hold = async (): Promise<void> => {
    while (!signal.aborted) {
      let isHeld = false;
      try {
        await locks.request(name, { signal }, () => {
          if (signal.aborted) return undefined;
          isHeld = true;
          begin();
          return new Promise<void>((resolve) => {
            leave = resolve;
          });
        });
      } catch (error) {
        // Closed while it waited; or its lock was taken away; or a page that may have none leads by itself.
        if (signal.aborted) return;
        if (!isHeld) {
          report(error);
          begin();
          return;
        }
        isLeading = false;
        safely(lost);
      }
    }
  };
  // Held for as long as the tab lives. So others notice its end, however it comes.
  const present = locks
    .request(`${name} ${id}`, { signal }, () => new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve())))
    .catch(() => undefined);
  const holding = hold();
  return {
    id,
    get isLeading() {
      return isLeading;
    },
    isShared: true,
    post: (told) => {
      if (!signal.aborted) channel.postMessage(told);
    },
    whenGone: (tab, then) => {
      locks.request(`${name} ${tab}`, { signal }, () => safely(then)).catch(() => undefined);
    },
    close: async () => {
      if (signal.aborted) return;
      ended.abort();
      isLeading = false;
      channel.close();
      leave();
      await Promise.all([holding, present]);
    },
  };
}
