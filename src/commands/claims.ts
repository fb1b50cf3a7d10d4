import { randomUUID } from "node:crypto";
import { decider } from "../domain/handle.ts";
import { Refusal } from "../domain/refusal.ts";
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
    if (isRefused && events.length > 0) await release(handle, look, text, userId, by);
    throw error;
  }
}

/** Releases a handle that a user held, and its look. The look is kept if the user's present handle (`current`) looks the same. */
export async function releaseHandle(
  handle: Handle,
  text: string,
  userId: string,
  by: Stamp,
  current: string | undefined,
): Promise<void> {
  const kept = current === undefined ? undefined : lookStream(current);
  // The handle itself goes first: nobody else can claim it while its look is held.
  for (const stream of new Set([handleStream(text), lookStream(text)]))
    if (stream !== kept) await release(handle, stream, text, userId, by);
}

const release = (handle: Handle, stream: string, text: string, userId: string, by: Stamp) =>
  handle({ ...once(by), stream, decider, command: { type: "Release", handle: text, userId } });

/**
 * Each claim and release gets an id of its own. Otherwise, claiming a handle again after its release would be taken for a repeat
 * of the first claim. A true repeat does no harm: nothing changes if a user claims a handle that they hold already, or releases
 * one that they do not hold.
 */
const once = (by: Stamp) => ({ ...by, clientMutationId: randomUUID(), correlationId: by.correlationId ?? by.clientMutationId });
