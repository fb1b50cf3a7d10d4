import { execFile } from "node:child_process";
import { createServer } from "node:net";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { Browser } from "playwright-core";
import { sqliteEventStore } from "../../../src/adapters/eventStore/sqlite/sqliteEventStore.ts";
import { streams } from "../../../src/domain/ids.ts";
import { messageSent, seedGroups, seedUsers, userName } from "../../bench/seed.ts";
import { type Server, type Settings, startServer } from "../../support/server.ts";
import { tempDir } from "../../support/tempDir.ts";
import { launch } from "./browser.ts";

const ROOT = fileURLToPath(new URL("../../..", import.meta.url));

export type PageWorld = {
  server: Server;
  browser: Browser;
  address: string;
  /** What the API answers to somebody. Rejects where it says that something is wrong. */
  ask<T>(user: string, query: string, variables?: object): Promise<T>;
  /** A mutation with a call's own id; gives its field. */
  mutate<T>(user: string, field: string, type: string, input: object, selection?: string): Promise<T>;
  close(): Promise<void>;
};

/** A server with the chat page as it is now, and a browser. */
export async function pageWorld(settings: Settings = {}, dataDir?: string): Promise<PageWorld> {
  await promisify(execFile)(process.execPath, ["src/web/build.mjs"], { cwd: ROOT });
  // What a folder holds is read from there, wherever else the tests' logs are.
  const given = { NODE_ENV: "development", ...(dataDir === undefined ? {} : { EVENTSTORE_URL: "" }), ...settings };
  const [server, browser] = await Promise.all([
    startServer({ settings: given, ...(dataDir === undefined ? {} : { dataDir }) }),
    launch(),
  ]);
  let calls = 0;
  // The specs' own documents are not among those that are answered.
  const admin = settings.DOCUMENTS_ONLY === "on";
  const ask = async <T>(user: string, query: string, variables: object = {}): Promise<T> => {
    const response = await fetch(`${await server.address()}/graphql`, {
      method: "POST",
      headers: { "content-type": "application/json", authorization: `Bearer ${await server.token(user, { admin })}` },
      body: JSON.stringify({ query, variables }),
    });
    const { data, errors } = (await response.json()) as { data: T; errors?: unknown };
    if (errors) throw new Error(`${query}: ${JSON.stringify(errors)}`);
    return data;
  };
  return {
    server,
    browser,
    address: await server.address(),
    ask,
    mutate: async <T>(user: string, field: string, type: string, input: object, selection = "cursor") => {
      const query = `mutation ($input: ${type}!) { ${field}(input: $input) { ${selection} } }`;
      const variables = { input: { clientMutationId: `call ${calls++}`, ...input } };
      return (await ask<Record<string, T>>(user, query, variables))[field] as T;
    },
    close: async () => {
      await browser.close();
      await server.remove();
    },
  };
}

/** A port that is free, and below those that the system gives away by itself: it stays free while a server is started again. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = 20_000 + Math.floor(Math.random() * 10_000);
    const probe = createServer();
    const isFree = await new Promise<boolean>((resolve) => {
      probe.once("error", () => resolve(false));
      probe.listen(port, "127.0.0.1", () => resolve(true));
    });
    await new Promise((resolve) => probe.close(resolve));
    if (isFree) return port;
  }
}

/** A folder in which a group has so many messages, of `u000001` and `u000002` in turn. `u000000` is in it, and has read none. */
export async function longConversation(messages: number): Promise<{ dataDir: string; id: string; remove: () => Promise<void> }> {
  const AT_ONCE = 500;
  const { path, remove } = await tempDir();
  const id = "g:long";
  const members = [userName(0), userName(1), userName(2)];
  const log = await sqliteEventStore(path);
  await seedUsers(log, members.length);
  await seedGroups(log, [{ id, members }], { title: "The long one" });
  for (let from = 1; from <= messages; from += AT_ONCE) {
    const seqs = Array.from({ length: Math.min(AT_ONCE, messages - from + 1) }, (_, index) => from + index);
    const events = seqs.map((seq) => messageSent(id, members[1 + ((seq >> 2) % 2)] ?? "", textOf(seq)));
    await log.append(streams.conversation(id), events, from === 1 ? -1 : "any");
  }
  await log.close();
  return { dataDir: path, id, remove };
}

/** Of some lines or a few words, in Latin and in Chinese letters. */
const textOf = (seq: number): string =>
  seq % 3 === 0
    ? `第 ${seq} 条：${"我们周日去湖边走走吧。".repeat((seq % 5) + 1)}`
    : `Message ${seq}${", and what there is to say of it".repeat(seq % 7)}.`;
