import { createHmac, randomBytes, randomUUID } from "node:crypto";
import { streams } from "../domain/ids.ts";
import { decider } from "../domain/logKey.ts";
import { Refusal } from "../domain/refusal.ts";
import type { Awaitable } from "../ports/awaitable.ts";
import type { EventStore } from "../ports/eventStore.ts";
import { Unavailable } from "../ports/faults.ts";
import { eventId } from "./eventId.ts";
import type { Handle } from "./handle.ts";
import { unavailable } from "./refusals.ts";

const KEY_BYTES = 32;

/**
 * The id of the group or channel that a user's call makes. The same call makes the same id, on any server of the log and at any
 * time. Throws CONFLICT if it made one of the other kind.
 */
export type GroupIds = (kind: Kind, userId: string, clientMutationId: string) => Promise<string>;

type Kind = "GROUP" | "CHANNEL";
const PREFIX = { GROUP: "g:", CHANNEL: "c:" } as const;

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

  /** Whether the call made the group or channel of this id. */
  const isMade = async (id: string, userId: string, clientMutationId: string): Promise<boolean> => {
    const stream = streams.group(id);
    const [first] = await reading(() => log.read(stream, 0, "forwards", 1));
    return first?.id === eventId(stream, userId, clientMutationId, 0);
  };

  return async (kind, userId, clientMutationId) => {
    // The id that the same call got before there was a secret. There were no channels then.
    const former = `g:${eventId("createConversation", userId, clientMutationId, 0)}`;
    const isFormer = await isMade(former, userId, clientMutationId);
    if (isFormer && kind === "GROUP") return former;
    const digest = createHmac("sha256", await keyOfLog())
      // JSON keeps different arguments from giving the same text.
      .update(JSON.stringify(["createConversation", userId, clientMutationId]))
      .digest("hex");
    const name = [digest.slice(0, 8), digest.slice(8, 12), digest.slice(12, 16), digest.slice(16, 20), digest.slice(20, 32)].join(
      "-",
    );
    const other = `${PREFIX[kind === "GROUP" ? "CHANNEL" : "GROUP"]}${name}`;
    if (isFormer || (await isMade(other, userId, clientMutationId)))
      throw new Refusal("CONFLICT", "this clientMutationId was used with other input", { field: "clientMutationId" });
    return `${PREFIX[kind]}${name}`;
  };
}

async function reading<T>(read: () => Awaitable<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    throw error instanceof Unavailable ? unavailable(error) : error;
  }
}
