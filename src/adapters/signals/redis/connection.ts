import { createClient } from "@redis/client";
import { backoffMs } from "../../../ports/backoff.ts";
import { explained, Unavailable } from "../../../ports/faults.ts";

/** All in milliseconds. A server that answers nothing for `SILENCE_MS` is connected to anew. */
const CONNECT_MS = 5_000;
const PING_MS = 2_000;
const SILENCE_MS = 6_000;
/** How long the end waits for what was said last. */
const END_MS = 1_000;
/** Commands that wait for their answer. More are not sent: what they say is lost, as if the server were away. */
const WAITING_MAX = 20_000;
/** How often channels that nobody hears any more are given up: whoever comes back soon finds them still there. */
const SWEEP_MS = 10_000;

type Heard = (text: string, channel: string) => void;

/** What is known of the server. `trouble`: a sentence that names neither address nor user. */
export type RedisStatus = { version?: string; trouble?: string };

/** One connection to a Redis, which comes back by itself. */
export type Redis = {
  /** Whether the server is there, and all channels are heard. */
  isUp(): boolean;
  /** Calls `up` each time when it is there again, after all channels are heard. The returned function ends that. */
  onUp(up: () => void): () => void;
  /** Sends a command, and waits for nothing. It is lost where the server is away: nothing is kept for later. */
  say(...command: string[]): void;
  /** Sends a command. Rejects with `Unavailable`. */
  ask(...command: string[]): Promise<unknown>;
  /**
   * Hears a channel: once the promise resolves, or, where the server is away, once it is back. The returned function ends it. The
   * same `heard` is called once for each text, however often it asked for the channel.
   */
  hear(channel: string, heard: Heard): Promise<() => void> | (() => void);
  status(): RedisStatus;
  close(): Promise<void>;
};

/** Who hears it, and how often they asked for it. `coming`: the server was told to send it, and has not answered yet. */
type Channel = { hearing: Map<Heard, number>; coming: Promise<void> | undefined };

export type RedisOptions = {
  warn: (message: string) => void;
  info: (message: string) => void;
  /** Called with what a listener threw. The others still hear. */
  onError: (error: unknown) => void;
};

/**
 * Connects to a Redis. It does not wait for it: what listens and what is told go on without. Rejects with an `Error` if the
 * address cannot be used.
 */
export function redisAt(url: string, { warn, info, onError }: RedisOptions): Redis {
  const name = nameOf(url);
  const channels = new Map<string, Channel>();
  const ups = new Set<() => void>();
  /** Since when there is trouble, and whether it was told. */
  let trouble: string | undefined = "it is not connected yet";
  let isTold = false;
  let isClosed = false;
  let version: string | undefined;
  let epoch = 0;
  let down = (): void => {};
  let isDown = new Promise<void>((resolve) => (down = resolve));

  const client = createClient({
    url,
    RESP: 3,
    disableOfflineQueue: true,
    commandsQueueMaxLength: WAITING_MAX,
    pingInterval: PING_MS,
    maintNotifications: "disabled",
    socket: { connectTimeout: CONNECT_MS, socketTimeout: SILENCE_MS, reconnectStrategy: (retries) => backoffMs(retries) },
  });

  const called = (call: () => void): void => {
    try {
      call();
    } catch (error) {
      onError(error);
    }
  };

  const onMessage = (text: string, channel: string): void => {
    // A call may end a listener or begin another. One that has ended meanwhile hears nothing.
    const hearing = channels.get(channel)?.hearing;
    for (const heard of [...(hearing?.keys() ?? [])]) if (hearing?.has(heard)) called(() => heard(text, channel));
  };

  const failed = (error: unknown): void => {
    epoch++;
    down();
    trouble = `it cannot be reached (${codeOf(error)})`;
    if (isTold || isClosed) return;
    isTold = true;
    warn(`waiting for Redis at ${name}, what is new is told more slowly meanwhile: ${explained(error)}`);
  };

  const unknownTo = (known: ReadonlySet<string>): string[] => [...channels.keys()].filter((channel) => !known.has(channel));

  /** All channels are heard again: those that were asked for while the server was away, too. */
  const arrived = async (): Promise<void> => {
    const own = ++epoch;
    // Whoever may not ask that may do all else.
    const said: unknown = await client.sendCommand(["INFO", "server"]).catch(() => undefined);
    version = typeof said === "string" ? /^redis_version:(\S+)/m.exec(said)?.[1] : undefined;
    const known = new Set<string>();
    // More are asked for meanwhile.
    for (let asked = unknownTo(known); asked.length > 0; asked = unknownTo(known)) {
      await client.subscribe(asked, onMessage);
      for (const channel of asked) known.add(channel);
    }
    if (own !== epoch || isClosed) return;
    if (isTold) info(`Redis at ${name} is there`);
    [trouble, isTold] = [undefined, false];
    isDown = new Promise((resolve) => (down = resolve));
    for (const up of [...ups]) called(up);
  };

  client.on("error", failed);
  client.on("ready", () => void arrived().catch(failed));
  client.connect().catch(failed);

  /** What the server was told to send no more. The client forgets a channel only once that is answered. */
  let givingUp: Promise<unknown> = Promise.resolve();
  const sweep = setInterval(() => {
    const unheard = [...channels].filter(([, { hearing }]) => hearing.size === 0).map(([channel]) => channel);
    for (const channel of unheard) channels.delete(channel);
    if (unheard.length > 0 && client.isReady) givingUp = quietly(async () => client.unsubscribe(unheard, onMessage));
  }, SWEEP_MS).unref();

  /** Tells the server to send a channel. Resolves once it does, or is away: then it is told when it is back. */
  const come = async (channel: string): Promise<void> => {
    await Promise.race([givingUp, isDown]);
    await Promise.race([quietly(async () => client.subscribe(channel, onMessage)), isDown]);
  };

  const isUp = (): boolean => trouble === undefined && client.isReady;

  return {
    isUp,
    onUp: (up) => {
      const own = () => up();
      ups.add(own);
      return () => void ups.delete(own);
    },
    say: (...command) => {
      if (isUp()) client.sendCommand(command).catch(() => undefined);
    },
    ask: async (...command) => {
      if (!client.isReady) throw new Unavailable("Redis is away");
      try {
        return await client.sendCommand(command);
      } catch (error) {
        throw new Unavailable("Redis did not answer", "unknown", { cause: error });
      }
    },
    hear: (channel, heard) => {
      const entry = channels.get(channel) ?? { hearing: new Map<Heard, number>(), coming: undefined };
      const isNew = !channels.has(channel);
      channels.set(channel, entry);
      entry.hearing.set(heard, (entry.hearing.get(heard) ?? 0) + 1);
      let isOver = false;
      const end = (): void => {
        if (isOver) return;
        isOver = true;
        const left = (entry.hearing.get(heard) ?? 0) - 1;
        if (left > 0) entry.hearing.set(heard, left);
        else entry.hearing.delete(heard);
      };
      if (isNew && isUp()) {
        const coming = come(channel).then(() => void (entry.coming = undefined));
        entry.coming = coming;
      }
      return entry.coming ? entry.coming.then(() => end) : end;
    },
    status: () => ({ ...(version === undefined ? {} : { version }), ...(trouble === undefined ? {} : { trouble }) }),
    close: async () => {
      isClosed = true;
      clearInterval(sweep);
      down();
      if (client.isReady) {
        const late = new Promise<void>((resolve) => setTimeout(resolve, END_MS).unref());
        await Promise.race([client.close().catch(() => undefined), late]);
      }
      if (client.isOpen) client.destroy();
    },
  };
}

/** What fails with the connection is done again when that is back. */
const quietly = (work: () => Promise<unknown>): Promise<unknown> => work().catch(() => undefined);

/** Where it is, without a password. */
function nameOf(url: string): string {
  if (!URL.canParse(url) || !/^rediss?:$/.test(new URL(url).protocol))
    throw new Error("REDIS_URL cannot be used: it must be an address such as redis://user:password@host:6379");
  return new URL(url).host;
}

/** Names no address: `/ready` shows it to anyone. */
const codeOf = (error: unknown): string =>
  (error as NodeJS.ErrnoException).code ??
  (error instanceof Error ? (/^[A-Z]{3,}/.exec(error.message)?.[0] ?? error.name) : "unknown");
