import { clockMs, percentile } from "./measure.ts";
import { documents, startMessage } from "./operations.ts";
import { answer } from "./processes.ts";
import { type SocketConnection, socketConnection } from "./socketConnection.ts";
import { tokenOf } from "./token.ts";

/** A process full of subscribers to their inboxes, one socket each, that counts what they are told. */

export type SubscribePlan = {
  port: number;
  users: readonly string[];
  /** Texts begin with the time at which they were sent, and what passed since is remembered. */
  latencies?: boolean;
  /** Of one conversation alone: some look whether each seq follows the one before. */
  checked?: boolean;
};

/** Messages received since the beginning, and when the newest came. */
export type Received = { messages: number; at: number };

/** Of so many subscribers one is looked at. */
const CHECKED_EVERY = 50;
const OPENED_AT_ONCE = 100;
const REQUEST = startMessage("1", JSON.stringify({ query: documents.inbox }));

let sockets: SocketConnection[] = [];
let caughtUp = 0;
const received: Received = { messages: 0, at: 0 };
let latencies: number[] = [];
let sample = "";
let fault: Error | undefined;
let waiting: (() => void) | undefined;

const fail = (error: Error): void => {
  fault ??= error;
  waiting?.();
};

function numberAfter(message: Buffer, name: string): number {
  const at = message.indexOf(name) + name.length;
  return Number.parseFloat(message.toString("latin1", at, at + 24));
}

/** What one subscriber does with a message. */
function receiver(isChecked: boolean, withLatencies: boolean): (message: Buffer) => void {
  let seq: number | undefined;
  return (message) => {
    if (message.includes("InboxCaughtUp")) {
      caughtUp += 1;
      return;
    }
    if (!message.includes("MessageReceived")) return fail(new Error(`unexpected: ${message.toString()}`));
    received.messages += 1;
    received.at = clockMs();
    if (withLatencies) latencies.push(received.at - numberAfter(message, '"text":"'));
    if (isChecked) {
      sample = message.toString();
      const next = numberAfter(message, '"seq":');
      if (seq !== undefined && next !== seq + 1) fail(new Error(`after seq ${seq} there came ${next}`));
      seq = next;
    }
    waiting?.();
  };
}

/** Whether it held in time. */
async function until(holds: () => boolean, timeoutMs: number): Promise<boolean> {
  const end = clockMs() + timeoutMs;
  while (!holds()) {
    if (fault) throw fault;
    const left = end - clockMs();
    if (left <= 0) return false;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, Math.min(left, 20));
      waiting = () => {
        if (!holds() && fault === undefined) return;
        clearTimeout(timer);
        resolve();
      };
    });
    waiting = undefined;
  }
  return true;
}

const handlers = {
  /** Resolves once all have caught up. */
  async open({ port, users, latencies: withLatencies = false, checked = false }: SubscribePlan): Promise<void> {
    for (let from = 0; from < users.length; from += OPENED_AT_ONCE) {
      const opened = await Promise.all(
        users.slice(from, from + OPENED_AT_ONCE).map(async (user, index) => {
          const isChecked = checked && (from + index) % CHECKED_EVERY === 0;
          return socketConnection(port, await tokenOf(user), receiver(isChecked, withLatencies), fail);
        }),
      );
      sockets.push(...opened);
      for (const socket of opened) socket.send(REQUEST);
      const all = sockets.length;
      if (!(await until(() => caughtUp >= all, 20_000))) throw new Error(`of ${all} subscribers ${caughtUp} caught up`);
    }
  },

  received: (): Received => received,

  /** Resolves once so many messages came in all, or the time is over. */
  async until({ messages, timeoutMs }: { messages: number; timeoutMs: number }): Promise<Received> {
    await until(() => received.messages >= messages, timeoutMs);
    return received;
  },

  /** Since this was last asked. */
  latencies(): { p50: number; p99: number; count: number } {
    const taken = latencies;
    latencies = [];
    return { p50: percentile(taken, 0.5), p99: percentile(taken, 0.99), count: taken.length };
  },

  /** A frame's text as it came. */
  sample: (): string => sample,

  close(): void {
    for (const socket of sockets) socket.close();
    sockets = [];
    caughtUp = 0;
    received.messages = 0;
  },
};

export type SubscriberHandlers = typeof handlers;
answer(handlers);
