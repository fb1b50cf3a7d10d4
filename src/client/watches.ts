import type { Connection } from "./connection.ts";
import type { Told } from "./tabs.ts";
import type { TypedDocument } from "./types.ts";

type Sink = (data: unknown) => void;
type Watched = {
  document: TypedDocument<unknown, unknown>;
  variables: unknown;
  sinks: Set<Sink>;
  /** Other tabs that watch it too; known where this tab leads. */
  others: Set<string>;
  end: (() => void) | undefined;
};

export type WatchesOptions = {
  tab: () => string;
  post: (told: Told) => void;
  /** Calls `then` once another tab is no more there. */
  whenGone: (tab: string, then: () => void) => void;
  /** Told of what listeners threw. */
  report: (error: unknown) => void;
};

/**
 * Subscriptions beside the inbox, by tabs that have one connection: the leading tab makes each once, and tells the others what it
 * gives.
 */
export function createWatches({ tab, post, whenGone, report }: WatchesOptions) {
  const watched = new Map<string, Watched>();
  /** Other tabs whose end is waited for. */
  const present = new Set<string>();
  let connection: Connection | undefined;

  const of = (key: string, document: TypedDocument<unknown, unknown>, variables: unknown): Watched => {
    const known = watched.get(key) ?? { document, variables, sinks: new Set(), others: new Set(), end: undefined };
    watched.set(key, known);
    return known;
  };
  const deliver = (key: string, data: unknown): void => {
    const sinks = watched.get(key)?.sinks;
    for (const sink of [...(sinks ?? [])]) {
      if (!sinks?.has(sink)) continue;
      try {
        sink(data);
      } catch (error) {
        report(error);
      }
    }
  };
  /** From the beginning: whoever came last gets what was told first too. */
  const begin = (key: string, one: Watched): void => {
    one.end?.();
    one.end = connection?.watch(one.document, one.variables, (data) => {
      if (one.others.size > 0) post({ type: "watched", key, data });
      deliver(key, data);
    });
  };
  const endUnused = (key: string, one: Watched): void => {
    if (one.sinks.size > 0 || one.others.size > 0) return;
    one.end?.();
    watched.delete(key);
    if (!connection) post({ type: "unwatch", from: tab(), key });
  };
  const ask = (key: string, { document, variables }: Watched): void =>
    post({ type: "watch", from: tab(), key, document, variables });
  const unwatch = (key: string, one: Watched | undefined, from: string): void => {
    if (one?.others.delete(from)) endUnused(key, one);
  };
  /** A tab may crash: then it ends nothing. */
  const awaitEnd = (from: string): void => {
    if (present.has(from)) return;
    present.add(from);
    whenGone(from, () => {
      present.delete(from);
      for (const [key, one] of [...watched]) unwatch(key, one, from);
    });
  };

  return {
    watch<Result, Variables>(
      document: TypedDocument<Result, Variables>,
      variables: Variables,
      sink: (data: Result) => void,
    ): () => void {
      const key = `${JSON.stringify(variables)} ${document}`;
      const one = of(key, document as TypedDocument<unknown, unknown>, variables);
      const own: Sink = (data) => sink(data as Result);
      one.sinks.add(own);
      if (connection) begin(key, one);
      else ask(key, one);
      return () => {
        if (one.sinks.delete(own)) endUnused(key, one);
      };
    },

    /** This tab leads from now on. */
    lead(by: Connection): void {
      connection = by;
      for (const [key, one] of watched) begin(key, one);
    },
    /** It does so no more. */
    follow(): void {
      connection = undefined;
      for (const [key, one] of [...watched]) {
        one.end?.();
        one.end = undefined;
        one.others.clear();
        if (one.sinks.size === 0) watched.delete(key);
      }
    },
    /** Another tab leads: it is told what is watched here. */
    led(): void {
      for (const [key, one] of watched) ask(key, one);
    },
    took(told: Extract<Told, { type: "watch" | "unwatch" | "watched" }>): void {
      if (told.type === "watched") {
        if (!connection) deliver(told.key, told.data);
      } else if (connection && told.type === "watch") {
        const one = of(told.key, told.document, told.variables);
        one.others.add(told.from);
        awaitEnd(told.from);
        begin(told.key, one);
      } else if (connection) unwatch(told.key, watched.get(told.key), told.from);
    },
  };
}
