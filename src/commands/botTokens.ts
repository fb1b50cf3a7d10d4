import { createHash, randomBytes, timingSafeEqual } from "node:crypto";
import type { DirectoryReads } from "../../projections/directory.ts";
import type { IncomingHookRow, WebhookReads } from "../../projections/webhooks.ts";
import { isUserId } from "../domain/ids.ts";
import { Refusal } from "../domain/refusal.ts";
import { andThen, type Awaitable } from "../ports/awaitable.ts";
import type { Fresh } from "./authorise.ts";

/*
 * A bot's token is `bot.<its id>.<32 random bytes>`, each part in base64url. The log and the rows hold only its SHA-256: as the
 * random part cannot be guessed, a slower digest would add nothing.
 */

const SECRET_BYTES = 32;
const INCOMING = /^([A-Za-z0-9._-]{1,64})~[A-Za-z0-9_-]{43}$/;
const FORM = /^bot\.([A-Za-z0-9_-]{1,256})\.[A-Za-z0-9_-]{43}$/;

export const botTokenFor = (userId: string): string =>
  `bot.${Buffer.from(userId).toString("base64url")}.${randomBytes(SECRET_BYTES).toString("base64url")}`;

export const hashOfToken = (token: string): string => createHash("sha256").update(token).digest("base64url");

/** Of an incoming webhook: its name, and 32 random bytes. It stands in the hook's address. */
export const incomingTokenFor = (hookId: string): string =>
  `${hookId.slice("h:".length)}~${randomBytes(SECRET_BYTES).toString("base64url")}`;

const isHashOf = (hash: string, token: string): boolean => timingSafeEqual(Buffer.from(hash), Buffer.from(hashOfToken(token)));

/** The incoming webhook whose token this is, now. Undefined: of none, or one that was replaced. */
export async function incomingHookOf(
  { incomingHook }: Pick<WebhookReads, "incomingHook">,
  token: string,
): Promise<(IncomingHookRow & { id: string }) | undefined> {
  const [, name] = INCOMING.exec(token) ?? [];
  if (name === undefined) return undefined;
  const id = `h:${name}`;
  const hook = await incomingHook(id);
  return hook && isHashOf(hook.hash, token) ? { id, ...hook } : undefined;
}

/**
 * The id of the bot whose token this is, now. Undefined: nobody's, or one that was replaced. Rejects with UNAVAILABLE where the
 * views are too far behind to tell.
 */
export function botOfToken({ botToken, fresh }: BotReads, token: string): Awaitable<string | undefined> {
  const [, name] = FORM.exec(token) ?? [];
  if (name === undefined) return undefined;
  const id = Buffer.from(name, "base64url").toString();
  if (!isUserId(id)) return undefined;
  const found = fresh(() =>
    andThen(botToken(id), (hash) => {
      if (hash === undefined || !isHashOf(hash, token)) throw NOBODY;
      return id;
    }),
  );
  if (!(found instanceof Promise)) return found;
  return found.catch((error: unknown) => {
    if (error !== NOBODY) throw error;
    return undefined;
  });
}

/** `fresh`: that a token is nobody's is never said because of old rows. */
type BotReads = Pick<DirectoryReads, "botToken"> & { fresh: Fresh };

const NOBODY = new Refusal("UNAUTHENTICATED", "this is no bot's token");
