import type { StreamingRead } from "@eventstore/db-client";
import pLimit from "p-limit";
import { Unavailable } from "../../../ports/faults.ts";
import { faultOf } from "./faults.ts";

export type Requests = {
  /** All items of a call. Empty if the stream does not exist. Rejects with `Unavailable`. */
  all<Item>(open: () => StreamingRead<Item>): Promise<Item[]>;
};

/** How many calls run at a time. An HTTP/2 connection carries 100 streams, and any further call would wait silently. */
const AT_A_TIME = 64;

/**
 * Limits calls in number and in time. For reads, the client has no time limit of its own. Waiting for a turn counts as part of
 * the time. Otherwise, with a silent server, the last of many calls would wait many times as long.
 */
export function requests(timeoutMs: number): Requests {
  const limit = pLimit(AT_A_TIME);
  return {
    all: (open) => {
      const askedAt = performance.now();
      return limit(() => {
        const left = timeoutMs - (performance.now() - askedAt);
        if (left <= 0) throw noAnswer(timeoutMs);
        return gather(open, left, timeoutMs);
      });
    },
  };
}

/** A server that is silent. */
export const noAnswer = (timeoutMs: number) => new Unavailable(`EventStoreDB gave no answer in ${timeoutMs} ms`);

function gather<Item>(open: () => StreamingRead<Item>, leftMs: number, timeoutMs: number): Promise<Item[]> {
  return new Promise((resolve, reject) => {
    const call = open();
    const items: Item[] = [];
    const timer = setTimeout(() => {
      reject(noAnswer(timeoutMs));
      call.cancel().catch(() => {});
    }, leftMs);
    call.on("data", (item: Item) => items.push(item));
    call.on("end", () => {
      clearTimeout(timer);
      resolve(items);
    });
    // This listener stays: an unhandled error after the end would end the process.
    call.on("error", (error) => {
      clearTimeout(timer);
      const fault = faultOf(error);
      if (fault.kind === "missing") resolve([]);
      else reject(readFault(fault, error));
    });
  });
}

/** The error of a failed read. A read changes nothing, so it may always be tried again. */
export function readFault(fault: ReturnType<typeof faultOf>, cause: unknown): Error {
  const message = "message" in fault ? fault.message : "a read met a conflict";
  if (fault.kind === "away" || fault.kind === "refused")
    return new Unavailable("EventStoreDB cannot be read now", "nothing", { cause: new Error(message) });
  return new Error(`EventStoreDB cannot be read: ${message}`, { cause });
}
