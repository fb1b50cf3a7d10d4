import { type DestinationStream, type Level, pino } from "pino";

/** The size of the lines that wait to be written. Further lines are lost. */
const WAITING_BYTES = 1_048_576;

/**
 * The server's log: one line of JSON for each entry, written at once to standard output. If writing fails (a full disk, or
 * nobody reads), the server goes on. `failed` gets the reason, once for each failure. Lines wait, and lines without room are
 * lost.
 */
export function serverLogger(level: Level | "silent", failed: (why: string) => void) {
  const lines = pino.destination({
    dest: 1,
    sync: true,
    maxLength: WAITING_BYTES,
    // With a slow reader, lines wait but the server does not.
    retryEAGAIN: () => false,
  });
  let isFailing = false;
  lines.on("error", ({ message }: Error) => {
    if (isFailing) return;
    isFailing = true;
    failed(message);
  });
  lines.on("drain", () => (isFailing = false));
  lines.on("drop", () => {
    try {
      lines.flushSync();
    } catch {
      // It fails again, so the line is lost.
    }
  });
  return pino({ level, base: null, timestamp: pino.stdTimeFunctions.isoTime }, lines as DestinationStream);
}
