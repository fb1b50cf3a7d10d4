import { randomUUID } from "node:crypto";
import { decider } from "../domain/handle.ts";
import { Refusal } from "../domain/refusal.ts";
import { laterOf, type Position } from "../ports/eventStore.ts";
import type { Stamp } from "./append.ts";
import type { Handle } from "./handle.ts";
import { handleStream, lookStream } from "./handleStream.ts";

/**
 * Claims a handle for a user. The handle's look is claimed first, so that nobody else holds a handle that looks the same; then
 * the handle itself. If the handle is refused (CONFLICT, BAD_INPUT), the claim on the look is released, unless the user held it
 * before. It is kept if the outcome is unknown: the handle may be the user's by then, and a look that is free beside it would let
 * others look the same. A user who holds both may claim them again: nothing changes.
 */
export async function claimHandle(handle: Handle, text: string, userId: string, by: Stamp): Promise<void> {
  const claim = (stream: string) => handle({ ...once(by), stream, decider, command: { type: "Claim", handle: text, userId } });
  const [look, own] = [lookStream(text), handleStream(text)];
  if (look === own) return void (await claim(own));
  const { events } = await claim(look);
  try {
    await claim(own);
  } catch (error) {
    const isRefused = error instanceof Refusal && error.code !== "UNAVAILABLE";
    if (isRefused && events.length > 0) await release(handle, look, text, userId, once(by));
    throw error;
  }
}

/** Claims the first of these handles that is no one else's. The last one must be free. Resolves with it. */
export async function claimFirst(handle: Handle, candidates: readonly string[], userId: string, by: Stamp): Promise<string> {
  for (const [index, candidate] of candidates.entries()) {
    try {
      await claimHandle(handle, candidate, userId, by);
      return candidate;
    } catch (error) {
      if (!(error instanceof Refusal) || index === candidates.length - 1) throw error;
      if (error.code !== "CONFLICT" && error.code !== "BAD_INPUT") throw error;
    }
  }
  throw new Error("no handle was left");
}

/** Why a handle is released: a claim that came to nothing, or a command that gave the user another one. */
export type Reason = "claimed in vain" | "replaced";

/**
 * Releases a handle that a user held, and its look. The look is kept if the user's present handle (`current`) looks the same.
 * Resolves with the position from which on they are free; undefined if the user held neither. A repeat of a command that replaced
 * the handle is told the same.
 */
export async function releaseHandle(
  handle: Handle,
  text: string,
  userId: string,
  by: Stamp,
  { reason, current }: { reason: Reason; current: string | undefined },
): Promise<Position | undefined> {
  const kept = current === undefined ? undefined : lookStream(current);
  let free: Position | undefined;
  // The handle itself goes first: nobody else can claim it while its look is held.
  for (const stream of new Set([handleStream(text), lookStream(text)])) {
    if (stream === kept) continue;
    const own = reason === "replaced" ? ofUser(by, userId) : once(by);
    const { events, position } = await release(handle, stream, text, userId, own);
    if (events.length > 0) free = laterOf(position, free);
  }
  return free;
}

const release = (handle: Handle, stream: string, text: string, userId: string, by: Stamp) =>
  handle({ ...by, stream, decider, command: { type: "Release", handle: text, userId } });

/**
 * Each claim gets an id of its own, and so does its release if it came to nothing. Otherwise, claiming a handle again after its
 * release would be taken for a repeat of the first claim. A true repeat does no harm: nothing changes if a user claims a handle
 * that they hold already, or releases one that they do not hold.
 */
const once = (by: Stamp) => ({ ...by, ...correlated(by), clientMutationId: randomUUID() });

/** One admin may give handles to several users under one id. */
const ofUser = (by: Stamp, userId: string) => ({
  ...by,
  ...correlated(by),
  clientMutationId: `${userId}/${by.clientMutationId}`,
});

const correlated = (by: Stamp) => ({ correlationId: by.correlationId ?? by.clientMutationId });
