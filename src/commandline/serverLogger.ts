import { type DestinationStream, type Level, pino } from "pino";

/** Of lines that could not be written yet; more are lost. */
const WAITING_BYTES = 1_048_576;

/**
 * The server's log: a line of JSON for each entry on standard output, written at once. Where that cannot be (a full disk, nobody who reads it) the server
 * goes on: `failed` is told why, once each time, lines wait, and those for which there is no room are lost.
 */
export function serverLogger(level: Level | "silent", failed: (why: string) => void) {
  const lines = pino.destination({
    dest: 1,
    sync: true,
    maxLength: WAITING_BYTES,
    // A reader that is slow is waited for by the lines, not by the server.
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
      // As before.
    }
  });
  return pino({ level, base: null, timestamp: pino.stdTimeFunctions.isoTime }, lines as DestinationStream);
}
