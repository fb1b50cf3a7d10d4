import { createHmac, randomBytes, randomUUID } from "node:crypto";
import { streams } from "../domain/ids.ts";
import { decider } from "../domain/logKey.ts";
import type { Awaitable } from "../ports/awaitable.ts";
import type { EventStore } from "../ports/eventStore.ts";
import { Unavailable } from "../ports/faults.ts";
import { eventId } from "./eventId.ts";
import type { Handle } from "./handle.ts";
import { unavailable } from "./refusals.ts";

const KEY_BYTES = 32;

/** The id of the group that a user's call makes. The same call makes the same id, on any server of the log and at any time. */
export type GroupIds = (userId: string, clientMutationId: string) => Promise<string>;

/**
 * Whoever knows the id of an open group may join it, and clients choose their own `clientMutationId`s. So ids are made with a
 * secret, and nobody can guess them. The secret is in the log itself; the first call that needs it makes it. Groups that are
 * older than the secret keep their ids.
 */
export function groupIds({ log, handle, now }: { log: Pick<EventStore, "read">; handle: Handle; now: () => Date }): GroupIds {
  let key: Promise<Buffer> | undefined;

  const logKey = async (): Promise<Buffer> => {
    const { state } = await handle({
      stream: streams.key,
      decider,
      command: { type: "Make", key: randomBytes(KEY_BYTES).toString("base64url") },
      actorId: "log",
      clientMutationId: randomUUID(),
      at: now().toISOString(),
    });
    if (state.key === undefined) throw new Error("the log has no key");
    return Buffer.from(state.key, "base64url");
  };

  const keyOfLog = (): Promise<Buffer> => {
    key ??= logKey().catch((error: unknown) => {
      key = undefined;
      throw error;
    });
    return key;
  };

  /** The id that the same call got before there was a secret. Undefined if the call made no group then. */
  const formerId = async (userId: string, clientMutationId: string): Promise<string | undefined> => {
    const id = `g:${eventId("createConversation", userId, clientMutationId, 0)}`;
    const stream = streams.group(id);
    const [first] = await reading(() => log.read(stream, 0, "forwards", 1));
    return first?.id === eventId(stream, userId, clientMutationId, 0) ? id : undefined;
  };

  return async (userId, clientMutationId) => {
    const former = await formerId(userId, clientMutationId);
    if (former !== undefined) return former;
    const digest = createHmac("sha256", await keyOfLog())
      // JSON keeps different arguments from giving the same text.
      .update(JSON.stringify(["createConversation", userId, clientMutationId]))
      .digest("hex");
    return `g:${[digest.slice(0, 8), digest.slice(8, 12), digest.slice(12, 16), digest.slice(16, 20), digest.slice(20, 32)].join("-")}`;
  };
}

async function reading<T>(read: () => Awaitable<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    throw error instanceof Unavailable ? unavailable(error) : error;
  }
}
