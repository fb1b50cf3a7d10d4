import { readlinkSync } from "node:fs";
import { constants, getPriority, setPriority } from "node:os";
import { basename } from "node:path";

/**
 * A third of what each of the others gets of a core that all want. Not less: beside a server that is busy for long, an index must
 * still keep up.
 */
const NICE = 5;

/**
 * Gives this thread a lower priority than the others of the process, for good. Only Linux has one for each thread; elsewhere
 * nothing happens. For threads that hold no lock that others wait for.
 */
export function yieldToOthers(): void {
  try {
    // `<process>/task/<thread>`
    const thread = Number(basename(readlinkSync("/proc/thread-self")));
    if (!Number.isSafeInteger(thread) || thread === process.pid) return;
    // The process may have been started with a lower priority itself.
    setPriority(thread, Math.min(constants.priority.PRIORITY_LOW, getPriority(process.pid) + NICE));
  } catch {
    // It is no Linux, or it is forbidden here: the thread works on as the others do.
  }
}
