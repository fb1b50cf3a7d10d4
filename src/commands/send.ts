import { byteCache } from "../ports/byteCache.ts";
import { createWriter, type MessageLog, type Writer, type WriterOptions } from "./writer.ts";

export type MessageLogOptions = WriterOptions & {
  /** How many bytes the writers of idle conversations may take together. */
  idleBytes?: number;
};

const IDLE_BYTES = 67_108_864;
/** About how many bytes a writer takes, and each message that it remembers. */
const WRITER_BYTES = 3_072;
const KNOWN_BYTES = 320;

/** The path of messages. Each busy conversation has a writer. Idle writers are kept while there is room. */
export function messageLog(options: MessageLogOptions): MessageLog {
  const { idleBytes = IDLE_BYTES } = options;
  const idle = byteCache<Writer>(idleBytes, (writer) => WRITER_BYTES + writer.remembered() * KNOWN_BYTES);
  const busy = new Map<string, Writer>();

  const using = <T>(conversation: string, use: (writer: Writer) => Promise<T>): Promise<T> => {
    // A writer in use must not be forgotten. A second writer for the same conversation would cause needless conflicts.
    const writer = busy.get(conversation) ?? idle.get(conversation) ?? createWriter(conversation, options);
    busy.set(conversation, writer);
    writer.users++;
    const over = (): void => {
      if (--writer.users > 0) return;
      busy.delete(conversation);
      // Set it again, so that the cache weighs it again.
      idle.delete(conversation);
      idle.set(conversation, writer);
    };
    const using = use(writer);
    using.then(over, over);
    return using;
  };

  return {
    store: (outgoing, authorise) => using(outgoing.data.conversationId, (writer) => writer.store(outgoing, authorise)),
    storeAll: async (outgoing, authorise) => {
      const [first] = outgoing;
      return first ? using(first.data.conversationId, (writer) => writer.storeAll(outgoing, authorise)) : [];
    },
  };
}
