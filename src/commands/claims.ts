import { randomUUID } from "node:crypto";
import { decider } from "../domain/handle.ts";
import type { Stamp } from "./append.ts";
import type { Handle } from "./handle.ts";
import { handleStream, lookStream } from "./handleStream.ts";

/**
 * Claims a handle for a user: its look first, so that nobody else holds one that looks the same, and then the handle itself. Where that is refused
 * (CONFLICT, BAD_INPUT), nothing new is held. Whoever holds both claims them again for nothing.
 */
export async function claimHandle(handle: Handle, text: string, userId: string, by: Stamp): Promise<void> {
  const claim = (stream: string) => handle({ ...once(by), stream, decider, command: { type: "Claim", handle: text, userId } });
  const [look, own] = [lookStream(text), handleStream(text)];
  if (look === own) return void (await claim(own));
  const { events } = await claim(look);
  try {
    await claim(own);
  } catch (error) {
    if (events.length > 0) await release(handle, look, text, userId, by);
    throw error;
  }
}

/** Lets go of a handle that a user held, and of its look, unless the handle that they have (`current`) looks the same. */
export async function releaseHandle(
  handle: Handle,
  text: string,
  userId: string,
  by: Stamp,
  current: string | undefined,
): Promise<void> {
  const kept = current === undefined ? undefined : lookStream(current);
  // The handle's own first: while its look is held nobody else has it.
  for (const stream of new Set([handleStream(text), lookStream(text)]))
    if (stream !== kept) await release(handle, stream, text, userId, by);
}

const release = (handle: Handle, stream: string, text: string, userId: string, by: Stamp) =>
  handle({ ...once(by), stream, decider, command: { type: "Release", handle: text, userId } });

/**
 * Both are done once by what they ask for. So each has an id of its own, and one that was claimed, released and is claimed again is not taken for a
 * repeat.
 */
const once = (by: Stamp) => ({ ...by, clientMutationId: randomUUID(), correlationId: by.correlationId ?? by.clientMutationId });
