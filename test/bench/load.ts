import { setTimeout as delay } from "node:timers/promises";
import { httpConnection } from "./httpConnection.ts";
import { clockMs, percentile } from "./measure.ts";
import { followRequest, type Sending, sendRequest, startMessage, type Writer } from "./operations.ts";
import { answer } from "./processes.ts";
import { textOf } from "./seed.ts";
import { socketConnection } from "./socketConnection.ts";
import { tokenOf } from "./token.ts";

/** A process that sends messages, or asks for something again and again, and measures how long each answer takes. */

export type Transport = { kind: "http"; connections: number } | { kind: "sockets"; sockets: number; inFlight: number };

export type SendPlan = {
  port: number;
  transport: Transport;
  sending: Sending;
  writers: readonly Writer[];
  seconds: number;
  /** Operations begun a second, whether others were answered or not; without it the next one begins when one is answered. */
  rate?: number;
};

/** Each of the requests in turn, on one connection, or on more at once. */
export type AskPlan = { port: number; user: string; requests: readonly string[]; seconds: number; connections?: number };

export type FollowPlan = { port: number; users: readonly string[]; channel: string; seconds: number };

export type Load = {
  operations: number;
  seconds: number;
  p50: number;
  p99: number;
  /** With a rate: milliseconds after which all but a hundredth of the operations had begun that were due. Else 0. */
  late: number;
  /** Operations that were refused, by their code. */
  refused: Record<string, number>;
  /** What each operation took of the processor in this process, in microseconds. */
  cpu: number;
};

/** `used`: the processor time of this process at the beginning. */
type Tally = { latencies: number[]; refused: Record<string, number>; used: NodeJS.CpuUsage; late?: number[] };
type Pipe = {
  user: string;
  ask(request: string): Promise<string>;
  close(): void;
};

async function httpPipes(port: number, connections: number, users: readonly string[]): Promise<Pipe[]> {
  return Promise.all(
    Array.from({ length: connections }, async (_, index) => {
      const user = users[index % users.length] ?? "";
      const token = await tokenOf(user);
      const { post, close } = await httpConnection(port);
      return { user, ask: (request) => post(token, request), close };
    }),
  );
}

async function socketPipe(port: number, user: string): Promise<Pipe> {
  let ids = 0;
  const waiting = new Map<string, (body: string) => void>();
  const receive = (message: Buffer): void => {
    const text = message.toString();
    const [, id = ""] = /^\{"id":"([^"]+)"/.exec(text) ?? [];
    // The `complete` that follows has nobody waiting for it.
    waiting.get(id)?.(text);
    waiting.delete(id);
  };
  const fail = (error: Error): void => {
    throw error;
  };
  const { send, close } = await socketConnection(port, await tokenOf(user), receive, fail);
  return {
    user,
    ask: (request) =>
      new Promise((resolve) => {
        ids += 1;
        const id = String(ids);
        waiting.set(id, resolve);
        send(startMessage(id, request));
      }),
    close,
  };
}

/** Counts an answer; resolves, where it was refused for a while, after that. */
async function count({ latencies, refused }: Tally, began: number, answered: string): Promise<void> {
  latencies.push(clockMs() - began);
  // A key: what people write comes with its quotes escaped.
  if (!answered.includes('"errors":[') && !answered.includes('"type":"error"')) return;
  const code = /"code":"(\w+)"/.exec(answered)?.[1] ?? answered;
  refused[code] = (refused[code] ?? 0) + 1;
  if (code !== "RATE_LIMITED" && code !== "UNAVAILABLE") throw new Error(`the load was refused: ${answered.slice(0, 1_000)}`);
  await delay(Number(/"retryAfterMs":(\d+)/.exec(answered)?.[1] ?? 100));
}

function loadOf({ latencies, refused, used, late = [] }: Tally, beganMs: number): Load {
  const seconds = (clockMs() - beganMs) / 1_000;
  const operations = latencies.length - Object.values(refused).reduce((sum, one) => sum + one, 0);
  const lateness = late.length > 0 ? percentile(late, 0.99) : 0;
  const { user, system } = process.cpuUsage(used);
  const [p50, p99] = [percentile(latencies, 0.5), percentile(latencies, 0.99)];
  return { operations, seconds, p50, p99, late: lateness, refused, cpu: (user + system) / operations };
}

async function send({ port, transport, sending, writers, seconds, rate }: SendPlan): Promise<Load> {
  const users = writers.map(({ user }) => user);
  const pipes =
    transport.kind === "http"
      ? await httpPipes(port, transport.connections, users)
      : await Promise.all(
          Array.from({ length: transport.sockets }, (_, index) => socketPipe(port, users[index % users.length] ?? "")),
        );
  const byUser = new Map(writers.map((writer) => [writer.user, writer.conversations]));
  const late: number[] = [];
  const tally: Tally = { latencies: [], refused: {}, used: process.cpuUsage(), late };
  const began = clockMs();
  const end = began + seconds * 1_000;
  let turn = 0;
  const one = async (pipe: Pipe): Promise<void> => {
    const conversations = byUser.get(pipe.user) ?? [];
    turn += 1;
    const at = clockMs();
    const text = rate === undefined ? textOf(turn) : `${at} ${textOf(turn)}`;
    const conversation = conversations[Math.floor(Math.random() * conversations.length)] ?? "";
    await count(tally, at, await pipe.ask(sendRequest(sending, conversation, text)));
  };
  const inFlight = transport.kind === "http" ? 1 : transport.inFlight;
  if (rate === undefined) {
    const lane = async (pipe: Pipe): Promise<void> => {
      while (clockMs() < end) await one(pipe);
    };
    await Promise.all(pipes.flatMap((pipe) => Array.from({ length: inFlight }, () => lane(pipe))));
  } else {
    const all: Promise<void>[] = [];
    while (clockMs() < end) {
      const passed = clockMs() - began;
      while (all.length < (passed * rate) / 1_000) {
        late.push(passed - (all.length * 1_000) / rate);
        all.push(one(pipes[all.length % pipes.length] as Pipe));
      }
      await delay(1);
    }
    await Promise.all(all);
  }
  const load = loadOf(tally, began);
  for (const pipe of pipes) pipe.close();
  return load;
}

async function ask({ port, user, requests, seconds, connections = 1 }: AskPlan): Promise<Load> {
  const pipes = await httpPipes(port, connections, [user]);
  const tally: Tally = { latencies: [], refused: {}, used: process.cpuUsage() };
  const began = clockMs();
  let turn = 0;
  const lane = async (pipe: Pipe): Promise<void> => {
    while (clockMs() < began + seconds * 1_000) {
      const at = clockMs();
      await count(tally, at, await pipe.ask(requests[turn++ % requests.length] ?? ""));
    }
  };
  await Promise.all(pipes.map(lane));
  for (const pipe of pipes) pipe.close();
  return loadOf(tally, began);
}

/** Users who follow a channel and unfollow it again and again, each on a connection of their own. */
async function follow({ port, users, channel, seconds }: FollowPlan): Promise<Load> {
  const pipes = await httpPipes(port, users.length, users);
  const tally: Tally = { latencies: [], refused: {}, used: process.cpuUsage() };
  const began = clockMs();
  const lane = async (pipe: Pipe): Promise<void> => {
    for (let turn = 0; clockMs() < began + seconds * 1_000 || turn % 2 === 1; turn++) {
      const at = clockMs();
      await count(tally, at, await pipe.ask(followRequest(turn % 2 === 0 ? "join" : "leave", channel)));
    }
  };
  await Promise.all(pipes.map(lane));
  for (const pipe of pipes) pipe.close();
  return loadOf(tally, began);
}

/** Each of the requests once, on one connection: how long each took in milliseconds, and how many found nothing. */
async function search({ port, user, requests }: Omit<AskPlan, "seconds">): Promise<{ times: number[]; empty: number }> {
  const [pipe] = await httpPipes(port, 1, [user]);
  if (!pipe) throw new Error("no connection");
  const tally: Tally = { latencies: [], refused: {}, used: process.cpuUsage() };
  let empty = 0;
  for (const request of requests) {
    const at = clockMs();
    const answered = await pipe.ask(request);
    await count(tally, at, answered);
    if (answered.includes('"edges":[]')) empty += 1;
  }
  pipe.close();
  return { times: tally.latencies, empty };
}

/** One request, and what was answered. */
async function once({ port, user, request }: { port: number; user: string; request: string }): Promise<string> {
  const [pipe] = await httpPipes(port, 1, [user]);
  if (!pipe) throw new Error("no connection");
  const answered = await pipe.ask(request);
  pipe.close();
  return answered;
}

const handlers = { send, ask, follow, search, once };
export type LoadHandlers = typeof handlers;
answer(handlers);
