import { createHash, randomUUID } from "node:crypto";
import type { EventData } from "../domain/events.ts";
import { streams } from "../domain/ids.ts";
import { decider } from "../domain/pushToken.ts";
import { addressOf, type PushService, readSubscription } from "../domain/pushTokens.ts";
import { Refusal } from "../domain/refusal.ts";
import { mayBePublic } from "../ports/publicAddress.ts";
import type { Stamp } from "./append.ts";
import type { PushSteps } from "./commands.ts";
import type { CommandContext } from "./context.ts";

/** By what a token is known where it must not be read. */
export const pushTokenHash = (service: PushService, token: string): string =>
  createHash("sha256").update(addressOf(service, token), "utf8").digest("base64url");

type Added = Pick<EventData<"DeviceAdded">, "userId" | "deviceId" | "pushService" | "pushToken">;

/** Makes a token that of this device alone. A repeat changes nothing. */
export async function claimPushToken(
  { handle, webPushHosts }: Pick<CommandContext, "handle" | "webPushHosts">,
  by: Stamp,
  { userId, deviceId, pushService: service, pushToken }: Added,
): Promise<void> {
  if (service === null || pushToken === null) return;
  if (service === "WEB_PUSH" && !isAllowed(pushToken, webPushHosts))
    throw new Refusal(
      "BAD_INPUT",
      webPushHosts
        ? "the endpoint is of no push service that is used here (WEB_PUSH_HOSTS)"
        : "the endpoint must be a push service of the internet, at its usual port",
      { field: "pushToken" },
    );
  const token = pushTokenHash(service, pushToken);
  await handle({
    ...by,
    correlationId: by.correlationId ?? by.clientMutationId,
    // Claiming it again after it was released must not be taken for a repeat.
    clientMutationId: randomUUID(),
    stream: streams.pushtoken(token),
    decider,
    command: { type: "Claim", token, userId, deviceId },
  });
}

/** Whether the server may ask where a subscription leads to, as far as its address tells. */
function isAllowed(token: string, hosts: ReadonlySet<string> | undefined): boolean {
  const read = readSubscription(token);
  if ("fault" in read) return true;
  const { host, hostname, port } = new URL(read.endpoint);
  return hosts ? hosts.has(host) : port === "" && mayBePublic(hostname);
}

/** What becomes of tokens later. */
export const pushTokenCommands = ({ handle, now }: Pick<CommandContext, "handle" | "now">): PushSteps => ({
  releasePushToken: async (dead) => {
    const { position } = await handle({
      actorId: dead.userId,
      clientMutationId: randomUUID(),
      at: now().toISOString(),
      stream: streams.pushtoken(dead.token),
      decider,
      command: { type: "Release", ...dead },
    });
    return { position };
  },
});
