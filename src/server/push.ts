import { createPrivateKey, type KeyObject, randomUUID } from "node:crypto";
import { readFile } from "node:fs/promises";
import { setTimeout as delay } from "node:timers/promises";
import { join } from "node:path";
import { z } from "zod";
import type { Views } from "../../projections/views.ts";
import { apns } from "../adapters/push/apns.ts";
import { fcm } from "../adapters/push/fcm.ts";
import { newServerKey, type ServerKeys, serverKeysOf, webPush } from "../adapters/push/webPush.ts";
import { sqliteOutbox } from "../adapters/pushOutbox/sqlite.ts";
import type { PushSteps } from "../commands/commands.ts";
import type { Config } from "../config.ts";
import type { PushService } from "../domain/pushTokens.ts";
import type { Open } from "../ports/awaitable.ts";
import type { EventStore } from "../ports/eventStore.ts";
import type { PushOutbox } from "../ports/pushOutbox.ts";
import type { PushSender } from "../ports/pushService.ts";
import type { Presence } from "../presence/presence.ts";
import { createPusher, type PushState } from "../processes/push/pusher.ts";
import type { Watermark } from "../projecting/watermark.ts";
import { keyOfPushes } from "./secret.ts";

/** In DATA_DIR. If it is deleted while no server runs, what waited is not pushed, and pushes begin anew. */
export const OUTBOX = "pushes.db";

/** How long the end waits for what is on its way, in milliseconds. What is not noted then is pushed again. */
const END_MS = 5_000;
/** Whom services are told to write to, if nobody says. */
const NOBODY = "https://example.org";

export type PushParts = {
  log: EventStore;
  watermark: Watermark;
  views: Views;
  presence: Pick<Presence, "statesOf">;
  commands: PushSteps;
  opened: Promise<unknown>;
  now: () => Date;
  warn: (message: string, detail: string) => void;
};

export type RunningPushes = { state(): PushState; close(): Promise<void> };

/** What pushes need, before anything runs. */
export type Pushes = {
  /** The services, in words. */
  kind: string;
  webPushKey: string | undefined;
  start(parts: PushParts): RunningPushes;
  close(): Promise<void>;
};

/** See `CommandContext`. A name that begins with `*.` has all below it, without being one of them. */
export function webPushHostsOf({ push }: Pick<Config, "push">): ReadonlySet<string> | undefined {
  const { hosts } = push.webPush;
  if (hosts.length === 0) return undefined;
  const named = new Set(hosts);
  const below = hosts.filter((host) => host.startsWith("*.")).map((host) => host.slice(1));
  const has = (host: string): boolean => named.has(host) || below.some((end) => host.endsWith(end) && host !== end);
  return Object.assign(new Set(hosts), { has });
}

/**
 * Opens the services that are configured. Undefined: there are none here. The outbox is in PostgreSQL where the views are, and
 * then one of all servers sends; else in DATA_DIR. Rejects with an `Error` that says which setting is wrong.
 */
export async function openPushes(config: Config): Promise<Pushes | undefined> {
  const keys = await webPushKeys(config);
  const senders: Partial<Record<PushService, PushSender>> = {
    ...(await apnsOf(config)),
    ...(await fcmOf(config)),
    ...(keys
      ? {
          WEB_PUSH: webPush({
            keys,
            contact: config.push.webPush.contact ?? httpsOr(config.publicUrl, NOBODY),
            hosts: webPushHostsOf(config),
          }),
        }
      : {}),
  };
  const services = Object.keys(senders);
  if (services.length === 0) return undefined;
  const outbox = await openOutbox(config);
  return {
    kind: services.map((service) => service.toLowerCase()).join(", "),
    webPushKey: keys?.publicKey,
    start: ({ presence, views, ...parts }) => {
      const pusher = createPusher({
        ...parts,
        views,
        outbox,
        senders,
        rules: config.push,
        holder: randomUUID(),
        areOnline: async (users) => {
          const states = await presence.statesOf(users.map((user) => ({ user, devices: [] })));
          return states.map(({ others }) => others.online);
        },
      });
      const stop = new AbortController();
      const ended = pusher.run(stop.signal);
      return {
        state: pusher.state,
        close: async () => {
          stop.abort();
          await Promise.race([ended, delay(END_MS, undefined, { ref: false })]);
        },
      };
    },
    close: async () => {
      await Promise.all([...Object.values(senders).map((sender) => sender.close()), outbox.close()]);
    },
  };
}

async function openOutbox({ databaseUrl, databaseSchema = "tidings", dataDir }: Config): Promise<Open<PushOutbox>> {
  if (databaseUrl === undefined) return sqliteOutbox(join(dataDir, OUTBOX));
  // The client of PostgreSQL is loaded only where it is used.
  return (await import("../adapters/pushOutbox/postgres.ts")).postgresOutbox(databaseUrl, databaseSchema);
}

/** Processes that share the work must have the same key, and an `api` process has no directory to keep one in. */
async function webPushKeys({ push, role, redisUrl, dataDir }: Config): Promise<ServerKeys | undefined> {
  const given = push.webPush.privateKey;
  if (given === undefined && (role !== "all" || redisUrl !== undefined)) return undefined;
  const text = given ?? (await keyOfPushes(dataDir, newServerKey));
  try {
    return serverKeysOf(text);
  } catch (error) {
    const where = given === undefined ? join(dataDir, "web-push-key") : "WEB_PUSH_PRIVATE_KEY";
    throw new Error(`${where} holds no private key of Web Push: ${(error as Error).message}`, { cause: error });
  }
}

async function apnsOf({ push }: Config): Promise<{ APNS?: PushSender }> {
  if (push.apns === undefined) return {};
  const { keyFile, ...more } = push.apns;
  return { APNS: apns({ ...more, key: keyIn(await fileOf("APNS_KEY_FILE", keyFile), "APNS_KEY_FILE", "ec") }) };
}

const account = z.object({
  project_id: z.string().min(1),
  client_email: z.string().min(1),
  private_key: z.string().min(1),
  token_uri: z.url().default("https://oauth2.googleapis.com/token"),
});

async function fcmOf({ push }: Config): Promise<{ FCM?: PushSender }> {
  if (push.fcm === undefined) return {};
  const text = await fileOf("FCM_ACCOUNT_FILE", push.fcm.accountFile);
  let read: ReturnType<typeof account.safeParse> | undefined;
  try {
    read = account.safeParse(JSON.parse(text));
  } catch {
    // It is no JSON.
  }
  if (read?.success !== true)
    throw new Error(`FCM_ACCOUNT_FILE ${push.fcm.accountFile} is no key of a service account, as Firebase gives it out as JSON`);
  const { project_id: project, client_email: email, private_key: pem, token_uri: tokenUrl } = read.data;
  return { FCM: fcm({ url: push.fcm.url, project, email, key: keyIn(pem, "FCM_ACCOUNT_FILE", "rsa"), tokenUrl }) };
}

async function fileOf(setting: string, path: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    throw new Error(`${setting} ${path} cannot be read: ${(error as Error).message}`, { cause: error });
  }
}

/** The cause is left out: it may hold a part of the key. */
function keyIn(pem: string, setting: string, type: "ec" | "rsa"): KeyObject {
  let key: KeyObject | undefined;
  try {
    key = createPrivateKey(pem);
  } catch {
    // Told below.
  }
  if (key?.asymmetricKeyType !== type) throw new Error(`${setting} holds no private key (PEM) of the kind ${type}`);
  return key;
}

const httpsOr = (url: string | undefined, other: string): string => (url?.startsWith("https:") === true ? url : other);
