/** An event as a client sends it. `data` and `metadata` are bytes. */
export type Proposed = { id: string; type: string; contentType: string; data: Uint8Array; metadata: Uint8Array };

/** An event as it lies in the log: `position` is its offset, `end` the offset behind it. */
export type Stored = Proposed & { stream: string; revision: number; position: bigint; end: bigint; created: number };

export type Expected = number | "no_stream" | "any" | "stream_exists";

/** What became of an append; `current` is the stream's last revision, -1 for none. */
export type Outcome = { kind: "stored"; revision: number; position: bigint } | { kind: "wrong revision"; current: number };

/** The events of one database: what all nodes of a cluster share. */
export type EventLog = {
  /** In log order. */
  readonly events: readonly Stored[];
  append(stream: string, expected: Expected, proposed: readonly Proposed[]): Outcome;
  /** The events of a stream, in their order. */
  stream(name: string): readonly Stored[];
  /** What a server does when it restarts: it no longer knows which ids were appended at "any". */
  forget(): void;
  /** `wake` is called after every append. The function returned ends it. */
  listen(wake: () => void): () => void;
};

/** What EventStoreDB adds to an event's own bytes, more or less: offsets are to be taken as they are. */
const OVERHEAD = 97n;

/** Events in memory, by EventStoreDB's rules for revisions and repeated appends. `first`: the offset of the first record. */
export function eventLog(first = 4_096n): EventLog {
  const events: Stored[] = [];
  const streams = new Map<string, Stored[]>();
  const listeners = new Set<() => void>();
  const recent = new Map<string, Stored>();
  let free = first;

  const store = (stream: string, proposed: readonly Proposed[]): void => {
    const own = streams.get(stream) ?? [];
    streams.set(stream, own);
    for (const event of proposed) {
      const size = OVERHEAD + BigInt(event.data.length + event.metadata.length + 2 * event.type.length);
      const stored = { ...event, stream, revision: own.length, position: free, end: free + size, created: Date.now() };
      own.push(stored);
      events.push(stored);
      recent.set(event.id, stored);
      free += size;
    }
    // Other records lie in between: commits, checkpoints, epochs.
    free += 53n * BigInt(events.length % 7);
  };

  const log: EventLog = {
    events,
    append(stream, expected, proposed) {
      const own = log.stream(stream);
      const current = own.length - 1;
      const wrong: Outcome = { kind: "wrong revision", current };
      const at = (revision: number): Outcome => {
        const event = log.stream(stream)[revision];
        return event ? { kind: "stored", revision, position: event.position } : wrong;
      };
      if (expected === "stream_exists" && current < 0) return wrong;
      if (typeof expected === "string" && expected !== "no_stream") {
        const known = proposed.map(({ id }) => recent.get(id)).map((event) => (event?.stream === stream ? event : undefined));
        const last = known[known.length - 1];
        if (known.every((event) => event !== undefined) && last) return at(last.revision);
        if (known[0]) return wrong;
      } else {
        const after = expected === "no_stream" ? -1 : expected;
        if (after > current) return wrong;
        if (after < current) {
          const repeated = proposed.length > 0 && proposed.every(({ id }, index) => own[after + 1 + index]?.id === id);
          return repeated ? at(after + proposed.length) : wrong;
        }
      }
      store(stream, proposed);
      for (const wake of [...listeners]) wake();
      return at(current + proposed.length);
    },
    stream: (name) => streams.get(name) ?? [],
    forget: () => recent.clear(),
    listen(wake) {
      listeners.add(wake);
      return () => listeners.delete(wake);
    },
  };
  log.append("$stand-in-statistics", "any", [systemEvent()]);
  return log;
}

/** What every server has in its log beside what clients append. */
export function systemEvent(): Proposed {
  const data = Buffer.from(JSON.stringify({ "proc-cpu": 0.5 }));
  const id = crypto.randomUUID();
  return { id, type: "$statsCollected", contentType: "application/json", data, metadata: new Uint8Array() };
}
