import { createHmac, randomBytes, randomUUID } from "node:crypto";
import { streams } from "../domain/ids.ts";
import { decider } from "../domain/logKey.ts";
import type { Handle } from "./handle.ts";

const KEY_BYTES = 32;

/**
 * A digest of texts, 32 bytes. The same texts give the same one, on any server of the log and at any time; nobody can guess it.
 */
export type Secret = (...texts: string[]) => Promise<Buffer>;

/** The digests are made with a secret that is in the log itself. The first call that needs it makes it. */
export function secretsOf({ handle, now }: { handle: Handle; now: () => Date }): Secret {
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

  return async (...texts) =>
    createHmac("sha256", await keyOfLog())
      // JSON keeps different texts from giving the same one together.
      .update(JSON.stringify(texts))
      .digest();
}
