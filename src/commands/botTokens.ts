import { createHash, randomBytes, timingSafeEqual } from "node:crypto";
import type { DirectoryReads } from "../../projections/directory.ts";
import { isUserId } from "../domain/ids.ts";
import { andThen, type Awaitable } from "../ports/awaitable.ts";

/*
 * A bot's token is `bot.<its id>.<32 random bytes>`, each part in base64url. The log and the rows hold only its SHA-256: as the
 * random part cannot be guessed, a slower digest would add nothing.
 */

const SECRET_BYTES = 32;
const FORM = /^bot\.([A-Za-z0-9_-]{1,256})\.[A-Za-z0-9_-]{43}$/;

export const botTokenFor = (userId: string): string =>
  `bot.${Buffer.from(userId).toString("base64url")}.${randomBytes(SECRET_BYTES).toString("base64url")}`;

export const hashOfToken = (token: string): string => createHash("sha256").update(token).digest("base64url");

/** The id of the bot whose token this is, now. Undefined: nobody's, or one that was replaced. */
export function botOfToken({ botToken }: Pick<DirectoryReads, "botToken">, token: string): Awaitable<string | undefined> {
  const [, name] = FORM.exec(token) ?? [];
  if (name === undefined) return undefined;
  const id = Buffer.from(name, "base64url").toString();
  if (!isUserId(id)) return undefined;
  return andThen(botToken(id), (hash) =>
    hash !== undefined && timingSafeEqual(Buffer.from(hash), Buffer.from(hashOfToken(token))) ? id : undefined,
  );
}
