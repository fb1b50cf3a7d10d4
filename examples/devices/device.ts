import { when, type Client, type Message, type MessageItem } from "tidings-client";

/** The topic of a device: its direct conversation with who commands it. Nobody else can read it, or write into it. */
export const topicOf = (commander: string, device: string): string => `d:${[commander, device].sort().join("~")}`;

/**
 * Does what comes into the topic of this device, in order, and answers it. Which commands are open is for the server to say:
 * those that nobody has answered. So nothing is lost while a device is away or starts anew. What was cut off is done again.
 */
export function runDevice(client: Client, topic: string, run: (command: string) => string | Promise<string>): () => void {
  const handle = client.conversation(topic);
  let done = 0;
  let isBusy = false;

  const isOpen = (item: MessageItem | undefined): item is Message =>
    item?.type === "message" &&
    item.seq > done &&
    item.replyCount === 0 &&
    item.recalledAt === null &&
    item.sender.id !== client.me.get()?.id;
  const answer = async ({ seq, text }: Message): Promise<void> => {
    const said = await Promise.resolve(text ?? "")
      .then(run)
      .catch((error: Error) => `failed: ${error.message}`);
    client.send(topic, { text: said, replyTo: seq });
    done = seq;
  };
  const work = async (): Promise<void> => {
    if (isBusy) return;
    isBusy = true;
    try {
      await Promise.all([when(client.me, Boolean), when(handle.messages, ({ reachedEnd }) => reachedEnd)]);
      const { messages } = handle;
      // After a long time away the oldest open one may be further back.
      while (!messages.get().reachedStart && isOpen(messages.get().items[0])) await handle.loadOlder();
      for (;;) {
        for (let next = messages.get().items.find(isOpen); next; next = messages.get().items.find(isOpen)) await answer(next);
        // Of very many the newest are not shown with the oldest.
        if (messages.get().reachedEnd) break;
        await handle.loadNewer();
      }
    } catch {
      // Older ones could not be loaded: once more with what comes next.
    } finally {
      isBusy = false;
    }
  };
  const end = handle.messages.subscribe(() => void work());
  void work();
  return () => {
    end();
    handle.release();
  };
}
