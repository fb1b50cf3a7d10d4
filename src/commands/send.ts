import { byteCache } from "../ports/byteCache.ts";
import { createWriter, type MessageLog, type Writer, type WriterOptions } from "./writer.ts";

export type MessageLogOptions = WriterOptions & {
  /** What the writers of conversations to which nobody is sending may take together. */
  idleBytes?: number;
};

const IDLE_BYTES = 67_108_864;
/** Of a writer, and of each message that it remembers, about. */
const WRITER_BYTES = 3_072;
const KNOWN_BYTES = 320;

/** The message path: each busy conversation has a writer, and those that are idle are kept as long as there is room. */
export function messageLog(options: MessageLogOptions): MessageLog {
  const { idleBytes = IDLE_BYTES } = options;
  const idle = byteCache<Writer>(idleBytes, (writer) => WRITER_BYTES + writer.remembered() * KNOWN_BYTES);
  const busy = new Map<string, Writer>();

  const using = async <T>(conversation: string, use: (writer: Writer) => Promise<T>): Promise<T> => {
    // A writer in use must not be forgotten: a second one beside it would conflict with it for nothing.
    const writer = busy.get(conversation) ?? idle.get(conversation) ?? createWriter(conversation, options);
    busy.set(conversation, writer);
    writer.users++;
    try {
      return await use(writer);
    } finally {
      if (--writer.users === 0) {
        busy.delete(conversation);
        // It is weighed as it is now.
        idle.delete(conversation);
        idle.set(conversation, writer);
      }
    }
  };

  return {
    store: (outgoing, authorise) => using(outgoing.data.conversationId, (writer) => writer.store(outgoing, authorise)),
    storeAll: async (outgoing) => {
      const [first] = outgoing;
      return first ? using(first.data.conversationId, (writer) => writer.storeAll(outgoing)) : [];
    },
  };
}
