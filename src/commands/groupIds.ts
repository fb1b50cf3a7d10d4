import { streams } from "../domain/ids.ts";
import { Refusal } from "../domain/refusal.ts";
import type { Awaitable } from "../ports/awaitable.ts";
import type { EventStore } from "../ports/eventStore.ts";
import { Unavailable } from "../ports/faults.ts";
import { eventId } from "./eventId.ts";
import type { Handle } from "./handle.ts";
import { secretsOf } from "./logKey.ts";
import { unavailable } from "./refusals.ts";

/**
 * The id of the group or channel that a user's call makes. The same call makes the same id, on any server of the log and at any
 * time. Throws CONFLICT if it made one of the other kind.
 */
export type GroupIds = (kind: Kind, userId: string, clientMutationId: string) => Promise<string>;

type Kind = "GROUP" | "CHANNEL";
const PREFIX = { GROUP: "g:", CHANNEL: "c:" } as const;

/**
 * Whoever knows the id of an open group may join it, and clients choose their own `clientMutationId`s. So ids are made with a
 * secret, and nobody can guess them. Groups that are older than the secret keep their ids.
 */
export function groupIds(context: { log: Pick<EventStore, "read">; handle: Handle; now: () => Date }): GroupIds {
  const { log } = context;
  const secret = secretsOf(context);

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
    const digest = (await secret("createConversation", userId, clientMutationId)).toString("hex");
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
    if (!(error instanceof Unavailable)) throw error;
    throw unavailable(error);
  }
}
