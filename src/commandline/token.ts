import { importedUserIds } from "../commands/imports.ts";
import { handleStream } from "../commands/handleStream.ts";
import { readLog } from "../server/log.ts";
import { secretOf } from "../server/secret.ts";
import type { Config } from "../config.ts";
import { normaliseHandle } from "../domain/handleForm.ts";
import { parseEvent } from "../domain/recorded.ts";
import { Refusal } from "../domain/refusal.ts";
import { readUser, readUserId, streams, userNameIn } from "../domain/ids.ts";
import { explained, Unavailable } from "../ports/faults.ts";
import { sign, tokens } from "../transport/auth.ts";

/** `expiresInSeconds`: by default a day, or an hour with the scope admin. */
export type TokenOptions = { admin: boolean; device: string | undefined; expiresInSeconds: number | undefined };

const HOUR_S = 3_600;
const DAY_S = 24 * HOUR_S;

/**
 * A bearer token for a user. The user is given by id, by their name at an identity provider (`auth0|123`), or by `@handle`. A
 * handle means the newest claim of it in the log, or else the imported sender of that name. Throws an `Error` that says what
 * to do.
 */
export async function makeToken(config: Config, who: string, { admin, device, expiresInSeconds }: TokenOptions): Promise<string> {
  const secret = await secretOf(config);
  if (secret === undefined) {
    throw new Error("AUTH_JWKS_URL is set: tokens are made by your identity provider, not here");
  }
  const { issuer, audience, userClaim } = config.auth;
  const id = who.startsWith("@") ? await userByHandle(config, who.slice(1)) : userOf(who);
  const token = await sign(secret, {
    sub: userNameIn(id) ?? id,
    admin,
    ...(device === undefined ? {} : { device }),
    expiresInSeconds: expiresInSeconds ?? (admin ? HOUR_S : DAY_S),
    issuer,
    audience,
    userClaim,
  });
  // Never gives out a token that the server would refuse.
  await tokens({ secret, issuer, audience, userClaim, userOf: readUserId }).verify(token);
  return token;
}

function userOf(who: string): string {
  const user = readUser(who);
  if ("id" in user) return user.id;
  throw new Error(`"${who}" names no user: ${user.fault} (a handle begins with @)`);
}

async function userByHandle(config: Config, handle: string): Promise<string> {
  const log = await logOf(config, handle);
  try {
    const claimant = await claimantOf(log, handle);
    if (claimant !== undefined) return claimant;
    for (const imported of importedUserIds(handle)) {
      const [registered] = await log.read(streams.user(imported), 0, "forwards", 1);
      if (registered) return imported;
    }
    throw new Error(`nobody has the handle @${handle}`);
  } finally {
    await log.close();
  }
}

async function logOf(config: Config, handle: string): ReturnType<typeof readLog> {
  try {
    return await readLog(config);
  } catch (error) {
    if (error instanceof Unavailable) throw new Error(`nobody has the handle @${handle}: ${explained(error)}`, { cause: error });
    throw error;
  }
}

async function claimantOf(log: Pick<Awaited<ReturnType<typeof readLog>>, "read">, handle: string): Promise<string | undefined> {
  let stream: string;
  try {
    stream = handleStream(handle);
  } catch (error) {
    // Not a handle, but perhaps an imported sender's name.
    if (error instanceof Refusal) return undefined;
    throw error;
  }
  const [newest] = await log.read(stream, Number.MAX_SAFE_INTEGER, "backwards", 1);
  const event = newest && parseEvent(newest);
  // The stream may hold a different handle that looks the same.
  return event?.type === "HandleClaimed" && event.data.handle === normaliseHandle(handle) ? event.data.userId : undefined;
}
