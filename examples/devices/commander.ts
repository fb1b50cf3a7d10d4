import { onFailed, type Client } from "tidings-client";
import { topicOf } from "./device.ts";

type Waiting = { resolve: (answer: string) => void; reject: (error: Error) => void };

export type Commander = ReturnType<typeof createCommander>;

/** Sends commands to devices as the user `name`, and waits for their answers: all of them over one subscription. */
export function createCommander(client: Client, name: string) {
  /** By the `clientMutationId` of the command; once it has come back as a message, by the id of that. */
  const waiting = new Map<string, Waiting>();

  const ends = [
    client.onMessage(({ id, clientMutationId, replyTo, text }) => {
      const sent = waiting.get(clientMutationId);
      if (sent) waiting.set(id, sent);
      waiting.delete(clientMutationId);
      waiting.get(replyTo?.id ?? "")?.resolve(text ?? "");
      waiting.delete(replyTo?.id ?? "");
    }),
    onFailed(client, ({ id, error }) => {
      waiting.get(id)?.reject(new Error(error?.message));
      waiting.delete(id);
      client.discard(id);
    }),
  ];

  return {
    /**
     * The answer of a device. It rejects where the server refuses the command, and where no answer has come in time (in
     * milliseconds): then the command stays in the topic, and is done when the device comes back.
     */
    ask: (device: string, command: string, timeout = 60_000): Promise<string> =>
      new Promise((resolve, reject) => {
        const { id } = client.send(topicOf(name, device), command);
        const timer = setTimeout(() => {
          for (const [key, one] of waiting) if (one === asked) waiting.delete(key);
          reject(new Error(`${device} has not answered yet`));
        }, timeout);
        const settled =
          <T>(settle: (value: T) => void) =>
          (value: T): void => {
            clearTimeout(timer);
            settle(value);
          };
        const asked = { resolve: settled(resolve), reject: settled(reject) };
        waiting.set(id, asked);
      }),
    close: (): void => ends.forEach((end) => end()),
  };
}
